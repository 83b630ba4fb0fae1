"""The exchange with 1C over the real box: goods in, orders out, and what 1C says about them."""

import base64
import hashlib
import io
import zipfile
import zlib
from pathlib import Path
from typing import Any

import pytest

from appliance.actions import orders, products
from appliance.domain.plugin_rows import Shape
from appliance.plugin_api.core import Core
from appliance.plugin_api.manifest import read_manifest
from appliance.plugin_api.messages import Account
from appliance.storage.products import GoodsFilter
from plugins.exchange_1c import protocol
from plugins.exchange_1c.exchange import Bases, Connection
from plugins.exchange_1c.runs import Shown
from plugins.exchange_1c.shelves import File
from tests.house_fixture import TestHouse
from tests.integration.orders.drafts import draft
from tests.integration.plugins.asking import plugin

ROOT = Path(__file__).resolve().parents[3]
SAMPLES = ROOT / "tests" / "data" / "commerceml"
MANIFEST = read_manifest((ROOT / "plugins" / "exchange_1c" / "plugin.toml").read_bytes())
LOGIN, PASSWORD = "exchange", "k7fW3mQp9xTz4bNvR2sL"


class Base:
    """A 1C base that asks a connection of the box, or all of them by its login."""

    def __init__(self, connection: Any, login: str = LOGIN) -> None:
        self.connection, self._login = connection, login
        self._session = ""

    async def ask(self, query: str, body: bytes = b"") -> protocol.Answer:
        coded = base64.b64encode(f"{self._login}:{PASSWORD}".encode()).decode()
        headers = {"authorization": f"Basic {coded}", "cookie": self._session}
        command = protocol.command(query.encode(), headers, body)
        made = await self.connection.answer(command)
        if "mode=checkauth" in query and made.first_line == "success":
            lines = made.body.decode().split("\n")
            self._session = f"{lines[1]}={lines[2]}"
        return made

    async def send(self, kind: str, name: str, body: bytes) -> str:
        for query in (f"type={kind}&mode=checkauth", f"type={kind}&mode=init"):
            await self.ask(query)
        await self.ask(f"type={kind}&mode=file&filename={name}", body)
        answer = b"progress"
        while answer.startswith(b"progress"):
            answer = (await self.ask(f"type={kind}&mode=import&filename={name}")).body
        return answer.decode()


def core_of(accounts: tuple[Account, ...] | None = None, folder: str = "", **settings: Any) -> Core:
    return plugin(
        "exchange_1c",
        accounts=accounts,
        folder=folder,
        permissions=MANIFEST.permissions,
        personal=tuple((one.field, one.purpose) for one in MANIFEST.personal),
        tables={
            name: Shape(columns=table.columns, key=table.key)
            for name, table in MANIFEST.tables.items()
        },
        settings={"login": LOGIN, "password": PASSWORD, **settings},
    )


async def base(folder: Path, **settings: Any) -> Base:
    made = Connection(core_of(**settings), folder)
    await made.load()
    return Base(made)


@pytest.mark.checklist(55)
async def test_a_base_brings_its_catalogue_with_prices_and_stock(
    house: TestHouse, tmp_path: Path
) -> None:
    one = await base(tmp_path)
    for name in ("import.xml", "offers.xml"):
        answer = await one.send("catalog", name, (SAMPLES / "carono" / name).read_bytes())
        assert answer.startswith("success"), answer
    found = await products.list_page(house.system, GoodsFilter(), limit=50)
    mine = [good for good in found.products if good.external_id]
    boots = next(good for good in mine if good.name == "Женские ботфорты коричневые")
    assert boots.group
    assert all("#" in str(variant.external_id) for variant in boots.variants)
    assert all(variant.prices["base"] > 0 for variant in boots.variants)
    assert sum(variant.free_milli for variant in boots.variants) != 0
    again = await one.send("catalog", "x.xml", (SAMPLES / "carono" / "import.xml").read_bytes())
    assert "Новых 0, изменено 0, без изменений 2" in again


async def test_an_order_is_given_until_1c_took_it_and_its_word_is_heard(
    house: TestHouse, tmp_path: Path
) -> None:
    one = await base(tmp_path, status_cancelled="cancel-other", status_paid="prepayed")
    made = await orders.place(house.shop_key(), draft("1044"))
    await one.connection.changed(made.order_id)

    (accepts, waits) = await one.connection.diagnose()
    assert (accepts.code, waits.code, waits.numbers) == ("accepts", "queue_waits", {"count": 1})
    for _ in range(2):  # the first session ends without `success`
        await one.ask("type=sale&mode=checkauth")
        body = (await one.ask("type=sale&mode=query")).body.decode()
        assert f"<Номер>{made.number}</Номер>" in body
        assert "Сухова" in body and body.startswith("<?xml")
    assert "<Документ>" not in (await one.ask("type=sale&mode=query")).body.decode()
    await one.ask("type=sale&mode=success")
    await one.ask("type=sale&mode=checkauth")
    assert "<Документ>" not in (await one.ask("type=sale&mode=query")).body.decode()

    paid = (
        f"<КоммерческаяИнформация><Документ><Ид>guid</Ид><Номер>{made.number}</Номер>"
        "<ХозОперация>Заказ товара</ХозОперация><ЗначенияРеквизитов><ЗначениеРеквизита>"
        "<Наименование>Номер оплаты по 1С</Наименование><Значение>17</Значение>"
        "</ЗначениеРеквизита></ЗначенияРеквизитов></Документ></КоммерческаяИнформация>"
    )
    assert (await one.send("sale", "orders-1_1.xml", paid.encode())).startswith("success")
    view = await orders.open_card(house.system, made.order_id)
    assert view.status.code == "prepayed"
    await one.connection.changed(made.order_id)  # the event of 1C's own change
    await one.ask("type=sale&mode=checkauth")
    assert "<Документ>" not in (await one.ask("type=sale&mode=query")).body.decode()


def _told(number: int, inside: str, under: str = "", lines: str = "") -> bytes:
    requisites = "".join(
        f"<ЗначениеРеквизита><Наименование>{name}</Наименование><Значение>{value}</Значение>"
        "</ЗначениеРеквизита>"
        for name, value in (one.split("=") for one in inside.split(";") if one)
    )
    return (
        f"<КоммерческаяИнформация><Документ><Ид>guid</Ид><Номер>{number}</Номер>"
        f"<ХозОперация>Заказ товара</ХозОперация><Товары>{lines}</Товары><ЗначенияРеквизитов>"
        f"{requisites}</ЗначенияРеквизитов><ПодчиненныеДокументы>{under}</ПодчиненныеДокументы>"
        "</Документ></КоммерческаяИнформация>"
    ).encode()


def _back(ident: str, *lines: tuple[str, int]) -> str:
    goods = "".join(
        f"<Товар><Наименование>{name}</Наименование><Количество>{count}</Количество></Товар>"
        for name, count in lines
    )
    return (
        f"<ПодчиненныйДокумент><Ид>{ident}</Ид><Номер>{ident}</Номер><Дата>2026-02-03</Дата>"
        f"<ХозОперация>Возврат товара</ХозОперация><Товары>{goods}</Товары></ПодчиненныйДокумент>"
    )


def _money(amount: str, more: str = "") -> str:
    return (
        "<ПодчиненныйДокумент><Ид>p</Ид><Номер>0000-7</Номер><Дата>2026-02-01</Дата><ХозОперация>"
        f"Выплата безналичных денег</ХозОперация><Сумма>{amount}</Сумма>{more}"
        "</ПодчиненныйДокумент>"
    )


@pytest.mark.checklist(55)
async def test_money_goods_and_lines_of_1c_become_those_of_the_order(
    house: TestHouse, tmp_path: Path
) -> None:
    one = await base(tmp_path, own_lines="1c")
    made = await orders.place(house.shop_key(), draft("1044"))
    await one.connection.changed(made.order_id)
    await one.ask("type=sale&mode=checkauth")
    await one.ask("type=sale&mode=init&version=2.09&cmlVersion=2.10")
    assert 'ВерсияСхемы="2.10"' in (await one.ask("type=sale&mode=query")).body.decode()
    await one.ask("type=sale&mode=success")

    async def say(inside: str, under: str = "", lines: str = "") -> Any:
        body = _told(made.number, inside, under, lines)
        assert (await one.send("sale", "orders.xml", body)).startswith("success")
        return await orders.open_card(house.system, made.order_id)

    for _ in range(2):  # said twice, entered once
        assert (await say("", _money("1000.00"))).paid_total == 100_000
    assert (await say("", _money("1200.50"))).paid_total == 120_050
    removed = _money("1200.50", "<ПометкаУдаления>true</ПометкаУдаления>")
    assert (await say("", removed)).paid_total == 0

    lines = "".join(
        f"<Товар><Ид>{own}</Ид><Наименование>{name}</Наименование><Количество>{count}</Количество>"
        f"<Сумма>{total}</Сумма></Товар>"
        for own, name, count, total in (
            ("", "Лампа", 3, "3000.00"),
            ("C-1", "Шнур", 1, "300.50"),
            ("N-1", "Плафон", 2, "500.00"),
        )
    )
    view = await say("", lines=lines)
    shown = [(each.name, each.quantity_milli, each.total) for each in view.lines]
    assert shown == [
        ("Лампа", 3000, 300_000), ("Шнур", 1000, 30_050), ("Плафон", 2000, 50_000),
    ]  # fmt: skip
    view = await say("Отгружен=true;Оплачен=true", lines=lines)
    assert (view.shipped, view.paid_total) == (True, view.total)
    # What fits no shipment is for a person; all that went comes back to the stock at once.
    sent, asked = "SELECT state FROM shipment", "SELECT COUNT(*) FROM task"
    for name, count in (("Плафон", 5), ("Кружка", 1)):
        await say("", _back("r1", (name, count)))
    assert await house.rows(sent) == [("dispatched",)]
    assert (await house.rows(asked))[0][0] == 2
    for _ in range(2):  # said twice, entered once
        view = await say("", _back("r2", ("Лампа", 3), ("Шнур", 1), ("Плафон", 2)))
        assert (view.shipped, view.status.code) == (False, "goods-returned")
    assert await house.rows(sent) == [("cancelled",)]
    assert (await house.rows(asked))[0][0] == 2
    await one.connection.changed(made.order_id)  # the event of 1C's own change
    await one.ask("type=sale&mode=checkauth")
    assert "<Документ>" not in (await one.ask("type=sale&mode=query")).body.decode()


def _stock(figure: int, count: int) -> bytes:
    offers = "".join(
        f"<Предложение><Ид>T{n}</Ид><Количество>{figure}</Количество></Предложение>"
        for n in range(count)
    )
    section = "ИзмененияПакетаПредложений"
    inside = f"<{section}><Предложения>{offers}</Предложения></{section}>"
    return f"<КоммерческаяИнформация>{inside}</КоммерческаяИнформация>".encode()


def _goods(name: str, count: int) -> bytes:
    goods = "".join(
        f"<Товар><Ид>T{n}</Ид><Наименование>{name} {n}</Наименование></Товар>" for n in range(count)
    )
    inside = f"<Каталог><Товары>{goods}</Товары></Каталог>"
    return f"<КоммерческаяИнформация>{inside}</КоммерческаяИнформация>".encode()


async def test_a_file_that_zeroes_the_stock_waits_and_a_run_can_be_taken_back(
    house: TestHouse, tmp_path: Path
) -> None:
    one = await base(tmp_path)
    await one.send("catalog", "1.xml", _goods("Чай", 150))
    await one.send("catalog", "2.xml", _stock(7, 150))

    async def free() -> set[tuple[str, int]]:
        page = await products.list_page(house.system, GoodsFilter(external_ids=("T3", "T149")))
        return {(good.name, good.variants[0].free_milli) for good in page.products}

    assert await free() == {("Чай 3", 7000), ("Чай 149", 7000)}
    answer = await one.send("catalog", "3.xml", _stock(0, 150))
    assert "ждут подтверждения" in answer
    assert await free() == {("Чай 3", 7000), ("Чай 149", 7000)}
    shown = [each async for each in one.connection.store.every("samples", Shown)]
    assert len(shown) == 20
    assert (shown[0].name, shown[0].says, shown[0].was) == ("Чай 0", "sample_stock", "7")
    await one.connection.decisions.carry_out(1, 0, 0, 0)
    assert await free() == {("Чай 3", 0), ("Чай 149", 0)}
    assert not [each async for each in one.connection.store.every("samples", Shown)]

    store = one.connection.store
    await store.drop("sessions", [(each.token,) for each in await store.sessions()])  # a new run
    await one.send("catalog", "4.xml", _goods("Кофе", 151))
    assert await free() == {("Кофе 3", 0), ("Кофе 149", 0)}
    begun = int(await store.state("run-2"))
    await one.connection.decisions.carry_out(1, 0, 2, begun + 60)
    assert await free() == {("Чай 3", 0), ("Чай 149", 0)}
    page = await products.list_page(house.system, GoodsFilter(external_ids=("T150",)))
    assert [good.active for good in page.products] == [False]
    await one.send("catalog", "5.xml", _goods("Кофе", 151))
    assert await free() == {("Кофе 3", 0), ("Кофе 149", 0)}


async def test_goods_that_a_whole_export_does_not_name_are_hidden_after_a_word(
    house: TestHouse, tmp_path: Path
) -> None:
    one = await base(tmp_path)

    async def export(count: int) -> None:
        store = one.connection.store
        await store.drop("sessions", [(each.token,) for each in await store.sessions()])
        await one.send("catalog", "1.xml", _goods("Чай", count))
        await one.ask("type=catalog&mode=deactivate&timestamp=1")
        await one.ask("type=catalog&mode=complete")
        await one.connection.tick()

    async def shown() -> int:
        page = await products.list_page(house.system, GoodsFilter(), limit=50)
        return sum(good.active for good in page.products)

    await export(5)
    assert await shown() == 5
    await export(3)
    assert await shown() == 5  # it waits
    run = int(await one.connection.store.state("run"))
    await one.connection.decisions.carry_out(run, 0, 0, 0)
    assert await shown() == 3
    begun = int(await one.connection.store.state(f"run-{run}"))
    await one.connection.decisions.carry_out(run, 0, run, begun + 60)
    assert await shown() == 5


@pytest.mark.checklist(55)
async def test_two_bases_have_rows_runs_and_orders_of_their_own(
    house: TestHouse, tmp_path: Path
) -> None:
    second = Account(
        code="spb", settings={"login": "spb", "password": PASSWORD, "takes_goods": False}
    )
    twin = Account(code="twin", settings={"login": LOGIN, "password": PASSWORD})
    every = Bases(core_of((second,), str(tmp_path)))
    await every.load()
    first, other = Base(every), Base(every, "spb")
    assert (await first.send("catalog", "1.xml", _goods("Чай", 2))).startswith("success")
    closed = await other.ask("type=catalog&mode=checkauth")
    assert closed.body.decode().startswith("failure\nЭтой базе не разрешено приносить товары")

    made = await orders.place(house.shop_key(), draft("1044"))
    await every.changed(made.order_id)
    for one in (first, other):
        await one.ask("type=sale&mode=checkauth")
        body = (await one.ask("type=sale&mode=query")).body.decode()
        assert f"<Номер>{made.number}</Номер>" in body
    await first.ask("type=sale&mode=success")
    for one, waits in ((first, False), (other, True)):  # each acknowledges its own
        await one.ask("type=sale&mode=checkauth")
        body = (await one.ask("type=sale&mode=query")).body.decode()
        assert ("<Документ>" in body) is waits
    paid = _told(made.number, "Оплачен=true")
    assert (await other.send("sale", "orders.xml", paid)).startswith("success")
    view = await orders.open_card(house.system, made.order_id)
    assert view.paid_total == view.total
    await every.tick()

    doubled = Bases(core_of((second, twin), str(tmp_path)))
    refused = await Base(doubled).ask("type=catalog&mode=checkauth")
    assert refused.body.decode().startswith("failure\nЭто имя пользователя задано у двух баз")


def _photo(shade: int) -> bytes:
    """A picture of one pixel."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        crc = zlib.crc32(kind + data)
        return len(data).to_bytes(4, "big") + kind + data + crc.to_bytes(4, "big")

    head = (1).to_bytes(4, "big") * 2 + bytes([8, 0, 0, 0, 0])
    body = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes([0, shade])))
    return b"\x89PNG\r\n\x1a\n" + body + chunk(b"IEND", b"")


async def test_pictures_come_onto_the_card_once_whatever_their_way(
    house: TestHouse, tmp_path: Path
) -> None:
    one = await base(tmp_path)

    def goods(*paths: str) -> bytes:
        shown = "".join(f"<Картинка>{path}</Картинка>" for path in paths)
        return (
            "<КоммерческаяИнформация><Каталог><Товары><Товар><Ид>T0</Ид><Наименование>Чай"
            f"</Наименование>{shown}</Товар></Товары></Каталог></КоммерческаяИнформация>"
        ).encode()

    async def shown() -> list[tuple[str, ...]]:
        for file in [each async for each in one.connection.store.every("files", File)]:
            if file.state == "receiving":  # two minutes passed since its last piece
                await one.connection.imports.seal(file)
        await one.connection.tick()
        rows = await house.rows("SELECT digest, source FROM picture ORDER BY position")
        return [tuple(str(cell) for cell in row) for row in rows]

    first, second = "import_files/aa/1.png", "import_files/aa/2.png"
    # Files of their own, before the XML that names them; one of them only looks like a picture.
    await one.ask("type=catalog&mode=checkauth")
    await one.ask(f"type=catalog&mode=file&filename={first}", _photo(1))
    await one.ask("type=catalog&mode=file&filename=import_files/aa/bad.png", b"MZ\x90 no picture")
    await one.ask("type=catalog&mode=file&filename=import.xml", goods(first, second))
    assert (await one.ask("type=catalog&mode=import&filename=import.xml")).first_line == "success"
    assert await shown() == []  # the second one is still on its way
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("goods/1/" + second, _photo(2))
        archive.writestr("goods/1/next.xml", goods(second, first).decode())
    await one.ask("type=catalog&mode=file&filename=next.zip", packed.getvalue())
    await one.ask("type=catalog&mode=import&filename=next.xml")
    digests = [hashlib.sha256(_photo(shade)).hexdigest() for shade in (2, 1)]
    assert await shown() == [(each, "exchange_1c") for each in digests]

    # The same content under another name is the same picture; the other one is gone in 1C.
    await one.ask("type=catalog&mode=file&filename=import_files/bb/9.png", _photo(2))
    await one.ask("type=catalog&mode=file&filename=last.xml", goods("import_files/bb/9.png"))
    await one.ask("type=catalog&mode=import&filename=last.xml")
    kept = await house.rows("SELECT id FROM picture ORDER BY position LIMIT 1")
    assert await shown() == [(digests[0], "exchange_1c")]
    assert await house.rows("SELECT id FROM picture") == kept
