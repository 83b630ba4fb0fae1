"""The exchange as a client sees it: exact answers, portions, polls, restarts."""

import io
import zipfile
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from plugins.exchange_1c.guards import GuardSettings
from tests.unit.exchange_1c.house import House

SAMPLES = Path(__file__).resolve().parents[2] / "data" / "commerceml"
GOODS = (SAMPLES / "carono/import.xml").read_bytes()
OFFERS = (SAMPLES / "carono/offers.xml").read_bytes()
ROOT = "<КоммерческаяИнформация>{}</КоммерческаяИнформация>"


@pytest.fixture
async def house(tmp_path: Path) -> House:
    return await House(tmp_path).start()


def goods(*ids: str, name: str = "Чай", more: str = "") -> bytes:
    found = "".join(
        f"<Товар><Ид>{one}</Ид><Наименование>{name}</Наименование>{more}</Товар>" for one in ids
    )
    return ROOT.format(f"<Каталог><Ид>K</Ид><Товары>{found}</Товары></Каталог>").encode()


def stock(figure: int, *ids: str) -> bytes:
    found = "".join(
        f"<Предложение><Ид>{one}</Ид><Количество>{figure}</Количество></Предложение>" for one in ids
    )
    section = "ИзмененияПакетаПредложений"
    return ROOT.format(f"<{section}><Предложения>{found}</Предложения></{section}>").encode()


def archive(**files: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, data in files.items():
            opened.writestr(name + ".xml", data)
    return made.getvalue()


async def send(house: House, name: str, data: bytes) -> str:
    client = await house.session()
    await client.upload(name, data)
    return await client.imported(name)


@pytest.mark.checklist(55)
async def test_checkauth_has_five_lines_and_init_exactly_two(house: House) -> None:
    lines = (await house.call("type=catalog&mode=checkauth")).split("\n")
    assert lines[:2] == ["success", "korobka1c"]
    assert len(lines) == 5
    assert lines[3].startswith("sessid=") and lines[4] == "timestamp=1800000000"
    assert lines[2] not in lines[3]
    client = await house.session()
    assert await client.call("mode=init") == "zip=yes\nfile_limit=10485760"
    assert (await client.call("mode=init&version=2.09")).count("\n") == 3


async def test_a_wrong_password_and_a_missing_header_are_told_apart(house: House) -> None:
    wrong = await house.call("type=catalog&mode=checkauth", headers={"authorization": "Basic YTpi"})
    missing = await house.call("type=catalog&mode=checkauth", headers={"authorization": ""})
    assert wrong == "failure\nНеверное имя пользователя или пароль обмена"
    assert missing.startswith("failure\nЗаголовок Authorization не дошёл")


async def test_who_guesses_passwords_has_to_wait(house: House) -> None:
    for _ in range(5):
        await house.call("type=catalog&mode=checkauth", headers={"authorization": "Basic YTpi"})
    assert "через минуту" in await house.call("type=catalog&mode=checkauth")
    house.now += 61
    assert (await house.call("type=catalog&mode=checkauth")).startswith("success")


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("type=nonsense&mode=init", "failure\nUnknown command type."),
        ("type=catalog&mode=nonsense", "failure\nНеизвестная команда (mode)"),
        ("mode=checkauth", "success"),
        ("type=crm&mode=query", "failure\nЭтот вид обмена здесь не поддерживается"),
        ("type=catalog&mode=init", "failure\nСеанс не найден"),
    ],
)
async def test_what_is_not_served_is_said_in_words(house: House, query: str, said: str) -> None:
    assert (await house.call(query)).startswith(said)


async def test_only_a_wrong_sessid_is_refused(house: House) -> None:
    client = await house.session()
    for sessid, first in (("sessid=", "zip=yes"), ("x=1", "zip=yes"), ("sessid=bad", "failure")):
        client.sessid = sessid
        assert (await client.call("mode=init")).startswith(first)


async def test_a_client_that_drops_cookies_keeps_its_session(house: House) -> None:
    await house.session()
    assert (await house.call("type=catalog&mode=init")).startswith("zip=yes")
    assert (await house.call("type=sale&mode=init")).startswith("failure")


async def test_the_goods_of_a_real_base_arrive(house: House) -> None:
    assert (await send(house, "import0_1.xml", GOODS)).startswith("success\nНовых 2,")
    assert (await send(house, "offers0_1.xml", OFFERS)).startswith("success")
    good = house.box.goods_kept["bd72d910-55bc-11d9-848a-00112f43529a"]
    assert good["name"] == "Женские ботфорты коричневые"
    assert dict(good["properties"])["Полное наименование"]
    assert any(one["prices"] for one in house.box.variants.values() if "prices" in one)


async def test_a_zip_in_pieces_is_put_together_and_asked_for_by_its_inner_names(
    house: House,
) -> None:
    packed = archive(import0_1=GOODS, offers0_1=OFFERS)
    client = await house.session()
    assert set(await client.upload("v8_1A76_155ae.zip", packed, 1000)) == {"success"}
    assert (await client.imported("import0_1.xml")).startswith("success")
    assert (await client.imported("offers0_1.xml")).startswith("success")
    assert len(house.box.goods_kept) == 2


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(pieces=st.lists(st.integers(1, 30_000), min_size=1, max_size=5))
async def test_an_upload_split_anywhere_reads_the_same(tmp_path: Path, pieces: list[int]) -> None:
    house = await House(tmp_path / "spool").start()
    client = await house.session()
    places = [0, *sorted({one % len(GOODS) for one in pieces} - {0}), len(GOODS)]
    for one, two in pairwise(places):
        await client.call("mode=file&filename=import.xml", GOODS[one:two])
    assert (await client.imported("import.xml")).startswith("success\nНовых 2,")


async def test_a_name_sent_again_after_another_call_begins_anew(house: House) -> None:
    client = await house.session()
    await client.upload("import.xml", b"<half")
    await client.call("mode=init")
    await client.upload("import.xml", GOODS)
    assert (await client.imported("import.xml")).startswith("success")


async def test_an_archive_cut_on_the_way_is_refused_and_names_what_arrived(house: House) -> None:
    client = await house.session()
    await client.upload("v8.zip", archive(import0_1=GOODS)[:900])
    assert "Архив передан не полностью, получено байт: 900" in await client.imported(
        "import0_1.xml"
    )


async def test_a_cut_file_changes_nothing(house: House) -> None:
    answer = await send(house, "import.xml", goods("A", "B", "C")[:-40])
    assert answer.startswith("failure\nФайл передан не полностью")
    assert house.box.goods_kept == {}


async def test_an_empty_upload_a_page_and_a_strange_name_are_refused(house: House) -> None:
    client = await house.session()
    assert "пустой файл" in await client.call("mode=file&filename=import.xml")
    assert "Недопустимое имя" in await client.call("mode=file&filename=../../etc/x.xml", b"1")
    assert (await client.call("mode=file&filename=run.exe", b"MZ")).startswith("failure")
    await client.upload("import.xml", b"<!DOCTYPE html><html></html>")
    assert "не похож на данные обмена" in await client.imported("import.xml")


async def test_the_same_portion_under_another_name_changes_nothing(house: House) -> None:
    await send(house, "import0_1.xml", goods("A", "B"))
    calls = house.box.calls
    answer = await send(house, "import0_29.xml", goods("B", "A"))
    assert answer.startswith("success\nНовых 0, изменено 0, без изменений 2")
    assert house.box.calls == calls


async def test_offers_before_their_goods_wait_and_are_applied(house: House) -> None:
    answer = await send(house, "offers.xml", stock(5, "A", "B"))
    assert "ждут товара 2" in answer
    await send(house, "import.xml", goods("A"))
    assert house.box.variants["A"]["stock"] == {"main": 5000}
    await send(house, "import2.xml", goods("B"))
    assert house.box.variants["B"]["stock"] == {"main": 5000}


async def test_the_classifier_may_stand_behind_the_goods(house: House) -> None:
    inside = "<Группы><Ид>G</Ид></Группы>"
    group = "<Группа><Ид>G</Ид><Наименование>Чаи</Наименование></Группа>"
    text = goods("A", more=inside).decode()
    tail = f"<Классификатор><Группы>{group}</Группы></Классификатор></Комм"
    assert (await send(house, "i.xml", text.replace("</Комм", tail).encode())).startswith("success")
    assert house.box.goods_kept["a".upper()]["group"] == 1


async def test_a_file_nobody_asks_for_is_imported_after_two_minutes(house: House) -> None:
    client = await house.session()
    await client.upload("import.xml", GOODS)
    await house.server.tick()
    assert house.box.goods_kept == {}
    house.now += 121
    await house.server.tick()
    assert len(house.box.goods_kept) == 2


async def test_a_new_session_imports_what_the_one_before_left(house: House) -> None:
    client = await house.session()
    await client.upload("import.xml", GOODS)
    await house.session()
    await house.server.settled()
    assert len(house.box.goods_kept) == 2


async def test_an_error_of_ours_ends_the_polling(house: House) -> None:
    async def broken(goods: object) -> list[str]:
        raise RuntimeError

    house.box.goods = broken  # pyright: ignore[reportAttributeAccessIssue]
    assert (await send(house, "import.xml", GOODS)).startswith("failure\nВнутренняя ошибка")


async def test_deleted_goods_are_hidden_and_come_back(house: House) -> None:
    await send(house, "1.xml", goods("A", "B"))
    await send(house, "2.xml", goods("A", more="<Статус>Удален</Статус>"))
    assert [house.box.goods_kept[one]["active"] for one in "AB"] == [False, True]
    await send(house, "3.xml", goods("A"))
    assert house.box.goods_kept["A"]["active"] is True


async def test_portions_with_only_changes_hide_nothing(house: House) -> None:
    await send(house, "1.xml", goods("A", "B"))
    await send(house, "2.xml", goods("C"))
    assert all(one["active"] for one in house.box.goods_kept.values())


async def test_a_file_that_zeroes_all_stock_is_held_and_confirmed(tmp_path: Path) -> None:
    house = await House(tmp_path, rules=GuardSettings(small=3)).start()
    ids = [f"T{number}" for number in range(20)]
    await send(house, "1.xml", goods(*ids))
    await send(house, "2.xml", stock(7, *ids))
    answer = await send(house, "3.xml", stock(0, *ids))
    assert answer.startswith("success\nПринято. Изменений необычно много")
    assert house.box.variants["T3"]["stock"] == {"main": 7000}
    held = [row for row in house.tables.rows["parts"].values() if row["state"] == "held"]
    assert [row["guards"] for row in held] == ["stock_zeroed"]


async def test_a_stock_of_nothing_is_a_figure(house: House) -> None:
    await send(house, "1.xml", goods("A"))
    await send(house, "2.xml", stock(7, "A"))
    await send(house, "3.xml", stock(0, "A"))
    assert house.box.variants["A"]["stock"] == {"main": 0}


async def test_a_preview_keeps_the_change_and_applies_nothing(tmp_path: Path) -> None:
    house = await House(tmp_path, mode="preview").start()
    assert "ждут подтверждения" in await send(house, "1.xml", goods("A"))
    assert house.box.goods_kept == {}


async def test_a_quota_is_kept_and_said(tmp_path: Path) -> None:
    house = await House(tmp_path, most=1000).start()
    client = await house.session()
    assert "Принято слишком много файлов" in (await client.upload("a.xml", b"<" * 2000))[0]


async def test_a_process_killed_at_any_call_ends_with_the_same_goods(tmp_path: Path) -> None:
    calm = await House(tmp_path / "calm").start()
    for name, data in (("import.xml", GOODS), ("offers.xml", OFFERS)):
        await send(calm, name, data)
    for point in range(1, 40, 3):
        house = await _killed_at(tmp_path / str(point), point)
        for name, data in (("import.xml", GOODS), ("offers.xml", OFFERS)):
            assert (await send(house, name, data)).startswith("success")
        assert house.box.state == calm.box.state, point


class Killed(BaseException):
    """The process is gone."""


async def _killed_at(folder: Path, point: int) -> House:
    """A house whose process died at the n-th write to its tables, and was started again."""
    house = await House(folder).start()
    left = point
    put = house.tables.put

    async def counted(table: str, rows: list) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            raise Killed
        await put(table, rows)

    house.tables.put = counted  # pyright: ignore[reportAttributeAccessIssue]
    try:
        await send(house, "import.xml", GOODS)
        await send(house, "offers.xml", OFFERS)
    except Killed:
        pass
    house.tables.put = put  # pyright: ignore[reportAttributeAccessIssue]
    return await house.start()
