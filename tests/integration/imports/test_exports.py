"""A table goes out by right only, confirmed anew, with a reason, marked and written down."""

import io
import zipfile
from typing import Any

import pytest

from appliance.actions import customers, export_rows, exports, fields
from appliance.domain import sheet_files
from appliance.domain.access import Actor
from appliance.domain.client_lists import ClientList
from appliance.domain.customers import CustomerChange
from appliance.domain.deals import DealFilter
from appliance.domain.exports import ExportForm, ExportKind, ExportState, Wanted
from appliance.domain.fields import CustomField, FieldType, Form, Given, Owner
from appliance.domain.ids import uuid7
from appliance.domain.import_fields import guess
from appliance.domain.imports import ImportKind
from appliance.domain.orders import OrderFilter
from appliance.domain.personal import Personal
from appliance.domain.tasks import TaskFilter
from appliance.errors import Conflict, Denied, Invalid, NotFound
from appliance.jobs.exports import Exporter
from appliance.roles import PRESETS, Permission
from tests.house_fixture import SHOP, TestHouse
from tests.integration.clients.people import ref
from tests.integration.imports.files import ZONE, people, whole

pytestmark = pytest.mark.checklist(136)
REASON = Personal("Сверка с бухгалтером, для Дины")


def _head(house: TestHouse) -> Actor:
    return house.actor_for("head")._replace(step_up=True)


async def _made(
    house: TestHouse,
    kind: ExportKind = ExportKind.CLIENTS,
    form: ExportForm = ExportForm.XLSX,
    wanted: Wanted | None = None,
) -> bytes:
    head = _head(house)
    number = await exports.ask(head, kind, form, REASON, wanted)
    await Exporter(house.system, ZONE).run()
    await exports.take(head, number)
    data, position = b"", 0
    while piece := await exports.piece(head, number, position):
        data, position = data + piece, position + 1
    return data


@pytest.mark.checklist(160)
async def test_what_is_masked_stays_masked_in_the_file(house: TestHouse) -> None:
    await whole(house, people(3))
    rows = [row.cells for row in sheet_files.rows(io.BytesIO(await _made(house)))]
    assert len(rows) == 4 and rows[0][2] == "Фамилия"
    assert rows[1][2] == "Придуманов2"
    assert "•" in rows[1][6] and "+79120000002" not in rows[1]
    view = (await exports.page(_head(house))).rows[0]
    assert (view.state, view.done, view.people) == (ExportState.TAKEN, 3, 3)


async def test_the_file_says_who_took_it_and_when(house: TestHouse) -> None:
    with zipfile.ZipFile(io.BytesIO(await _made(house))) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
        core = archive.read("docProps/core.xml").decode()
    for text in (sheet, core):
        assert "Выгрузка № 1, Егор Начальник" in text


async def test_a_formula_in_a_name_is_only_a_name(house: TestHouse) -> None:
    rows = [("Фамилия", "Телефон"), ("=CMD()", "+7 912 000-00-01")]
    await whole(house, rows)
    text = (await _made(house, form=ExportForm.CSV)).decode("utf-8-sig")
    assert "'=CMD()" in text and ";=CMD()" not in text


@pytest.mark.checklist(182)
@pytest.mark.parametrize("name", ["seller", "operator", "accountant", "administrator"])
async def test_only_the_head_may_export(house: TestHouse, name: str) -> None:
    actor = house.actor_for(name)._replace(step_up=True)
    with pytest.raises(Denied):
        await exports.ask(actor, ExportKind.CLIENTS, ExportForm.XLSX, REASON)
    with pytest.raises(Denied):
        await exports.page(actor)
    with pytest.raises(Denied):
        await exports.clients(actor, 10)
    holders = {role for role, grants in PRESETS.items() if Permission.DATA_EXPORT in grants}
    assert holders == {"head"}


async def test_an_export_is_confirmed_anew_and_has_a_reason(house: TestHouse) -> None:
    with pytest.raises(Denied) as unconfirmed:
        await exports.ask(house.actor_for("head"), ExportKind.CLIENTS, ExportForm.XLSX, REASON)
    assert unconfirmed.value.code == "step_up_needed"
    with pytest.raises(Invalid) as short:
        await exports.ask(_head(house), ExportKind.CLIENTS, ExportForm.XLSX, Personal("надо"))
    assert short.value.fields == {"reason": "export_reason_short"}


async def test_a_file_is_its_makers_and_gone_after_a_day(house: TestHouse) -> None:
    await _made(house)
    other = _head(house)._replace(id=house.users["seller"])
    with pytest.raises(Denied):
        await exports.take(other, 1)
    with pytest.raises(NotFound):
        await exports.piece(other, 1, 0)
    house.clock.pass_(days=2)
    await exports.sweep(house.system)
    with pytest.raises(Conflict):
        await exports.take(_head(house), 1)
    assert await house.rows("SELECT COUNT(*) FROM export_piece") == [(0,)]


async def test_every_export_is_in_the_log_with_its_count(house: TestHouse) -> None:
    await whole(house, people(2))
    await _made(house)
    leaves = [bytes(row[0]).decode() for row in await house.rows("SELECT leaf FROM audit_outbox")]  # type: ignore[arg-type]
    for name in ("exports.ask", "exports.clients", "exports.finish", "exports.take"):
        assert any(name in leaf for leaf in leaves)
    assert ("export.done",) in await house.rows("SELECT kind FROM notice")


DEALS = [
    ("Название сделки", "Бюджет", "Контакт", "Рабочий телефон", "Ответственный"),
    ("Поставка фильтров", "120 000", "Сухова Анна", "8 912 000-12-34", "Анна Продавцова"),
    ("Ещё поставка", "5 000", "Сухова Анна", "8 912 000-12-34", ""),
]
TASKS = [
    ("Задача", "Срок", "Исполнитель", "Телефон клиента", "Заметка"),
    ("Перезвонить", "05.02.2026 14:00", "Анна Продавцова", "8 912 000-12-34", "про фильтр"),
    ("Отправить счёт", "06.02.2026", "Борис Соседов", "", ""),
]


async def _table(house: TestHouse, kind: ExportKind, wanted: Wanted | None = None) -> list[Any]:
    data = await _made(house, kind, wanted=wanted)
    return [row.cells for row in sheet_files.rows(io.BytesIO(data))]


async def test_deals_and_tasks_go_out_as_an_import_knows_them(house: TestHouse) -> None:
    await whole(house, DEALS, ImportKind.DEALS)
    await whole(house, TASKS, ImportKind.TASKS)
    head, *deals = await _table(house, ExportKind.DEALS)
    assert [row[1:6] for row in deals] == [
        ["Ещё поставка", "Сухова Анна", "Продажи", deals[0][4], "5000"],
        ["Поставка фильтров", "Сухова Анна", "Продажи", deals[0][4], "120000"],
    ]
    assert deals[1][7] == "Анна Продавцова"
    assert {"name", "full_name", "stage", "amount", "due", "manager"} <= set(
        guess(ImportKind.DEALS, head)
    )
    head, *tasks = await _table(house, ExportKind.TASKS)
    assert [row[1] for row in tasks] == ["Отправить счёт", "Перезвонить"]
    assert tasks[1][3:6] == ["открыта", "2026-02-05 11:00", "Анна Продавцова"]
    assert (tasks[0][4], tasks[1][7], tasks[1][9]) == ("2026-02-06", "Сухова Анна", "про фильтр")
    assert {"title", "due", "performer", "note"} <= set(guess(ImportKind.TASKS, head))
    for rows_of in (export_rows.deals, export_rows.tasks):
        with pytest.raises(Denied):
            await rows_of(house.actor_for("seller"), 2**62)


@pytest.mark.checklist(176)
async def test_a_list_goes_out_by_its_own_conditions(house: TestHouse) -> None:
    await whole(house, DEALS, ImportKind.DEALS)
    await whole(house, TASKS, ImportKind.TASKS)
    rows = [
        ("Номер заказа", "ФИО", "Телефон", "Товар", "Цена"),
        ("A-1", "Сухова Анна", "8 912 000-12-34", "Фильтр", "100"),
        ("A-2", "Придуманов Пётр", "8 912 000-12-35", "Фильтр", "900"),
    ]
    await whole(house, rows, ImportKind.ORDERS)
    dear = await _table(house, ExportKind.ORDERS, OrderFilter(min_total=50_000))
    assert [row[3] for row in dear[1:]] == ["Придуманов"]
    await whole(house, people(1))  # who owes nothing
    debtors = await _table(house, ExportKind.CLIENTS, ClientList(owes=True))
    assert [row[2] for row in debtors[1:]] == ["Придуманов", "Сухова"]
    large = await _table(house, ExportKind.DEALS, DealFilter(min_amount=1_000_000))
    assert [row[1] for row in large[1:]] == ["Поставка фильтров"]
    his = await _table(house, ExportKind.TASKS, TaskFilter(performers=(2,)))
    assert [row[1] for row in his[1:]] == ["Отправить счёт"]
    assert all(one.narrowed for one in (await exports.page(_head(house))).rows)
    with pytest.raises(Invalid):
        await exports.ask(
            _head(house), ExportKind.CLIENTS, ExportForm.CSV, REASON, OrderFilter(mine=True)
        )


async def test_orders_and_goods_go_out_too(house: TestHouse) -> None:
    for kind in (ExportKind.ORDERS, ExportKind.PRODUCTS):
        assert (await _made(house, kind))[:2] == b"PK"


@pytest.mark.checklist(176)
async def test_the_houses_own_fields_are_columns_and_a_masked_one_stays_masked(
    house: TestHouse,
) -> None:
    for field in (
        CustomField(
            id=uuid7(), owner=Owner.CUSTOMER, code="limit", name="Лимит", type=FieldType.MONEY
        ),
        CustomField(
            id=uuid7(), owner=Owner.CUSTOMER, code="second", name="Второй телефон",
            type=FieldType.PHONE, personal=True, access="phone", basis="contract",
        ),
    ):  # fmt: skip
        await fields.put(house.system, field)
    await whole(house, people(1))
    told = Given(values={"limit": "1500,50", "second": "+7 912 000-00-77"}, form=Form.TYPED)
    number = (await house.rows("SELECT number FROM customer"))[0][0]
    await customers.edit(
        house.system, SHOP, ref(int(str(number))), CustomerChange(custom=Personal(told))
    )
    head, row = [row.cells for row in sheet_files.rows(io.BytesIO(await _made(house)))]
    assert head[-2:] == ["Лимит", "Второй телефон"]
    assert row[-2] in ("1500.5", "1500,5") and "•" in row[-1] and "000-00-77" not in row[-1]
