"""People come in from a table: counted before, once each, to the last row."""

import asyncio

import pytest

from appliance.actions import _gate, customers, import_steps, imports
from appliance.domain.imports import ImportKind, ImportState, Match
from appliance.domain.orders import CustomerRef
from appliance.domain.personal import reveal_or_none
from appliance.errors import Conflict, Denied, Invalid
from appliance.jobs.imports import Importer
from tests.house_fixture import TestHouse
from tests.integration.imports.files import (
    PEOPLE,
    ZONE,
    csv_text,
    people,
    plan,
    upload,
    view,
    whole,
    work,
    workbook,
)

pytestmark = pytest.mark.checklist(176)


@pytest.mark.checklist(102)
async def test_every_row_is_counted_before_and_after(house: TestHouse) -> None:
    rows = [
        *people(600),
        ("Кривов", "Пётр", "восемь девятьсот", "", "", ""),
        ("Кривова", "Анна", "", "не почта", "", ""),
        ("Повторов", "Пётр", "8 (912) 000-00-05", "", "", ""),
    ]
    head = house.actor_for("head")
    number = await upload(head, workbook(rows))
    await imports.pair(head, number, plan(PEOPLE))
    await work(house)
    checked = await view(house, number)
    assert checked.state is ImportState.CHECKED and checked.total == 603
    assert (checked.tally.created, checked.tally.in_file, checked.tally.wrong) == (600, 1, 2)
    assert [(one.row, one.field, one.code) for one in checked.wrong] == [
        (602, "phone", "phone_unreadable"),
        (603, "email", "email_unreadable"),
    ]
    assert await house.rows("SELECT COUNT(*) FROM customer") == [(0,)]

    await imports.start(head, number)
    await work(house)
    done = await view(house, number)
    assert done.state is ImportState.DONE and done.done == 603
    assert (done.tally.created, done.tally.wrong) == (600, 2)
    assert done.tally.updated == 1  # the phone was there; the surname differs
    assert await house.rows("SELECT COUNT(*) FROM customer") == [(600,)]
    assert await house.rows("SELECT COUNT(*) FROM import_piece") == [(0,)]
    told = await house.rows("SELECT kind, entity_number, user_id FROM notice")
    assert told == [("import.done", number, house.users["head"])]


async def test_a_person_comes_in_whole(house: TestHouse) -> None:
    head = (*PEOPLE[:5], "Город", "Теги", "Менеджер", "ID")
    row = ("Сухова", "Анна", "8 912 000-12-34; +7 495 000-00-01", "Anna@Example.ru", "05.03.81",
           "Тверь", "опт, горожанка", "Анна Продавцова", "77")  # fmt: skip
    await whole(house, [head, row])
    found = await customers.get(house.system, "", CustomerRef(external_id="77"))
    assert reveal_or_none(found.last_name) == "Сухова"
    assert str(reveal_or_none(found.birthday)) == "1981-03-05"
    assert [reveal_or_none(one.full) for one in found.contacts] == [
        "8 912 000-12-34", "+7 495 000-00-01", "Anna@Example.ru",
    ]  # fmt: skip
    assert found.tags == ("горожанка", "опт") and found.owner_number == 1
    assert reveal_or_none(found.address).city == "Тверь"  # type: ignore[union-attr]
    assert [(one.basis, one.source) for one in found.purposes] == [
        ("contract", "import:1 выставка")
    ]


async def test_a_known_client_is_changed_and_the_change_is_told(house: TestHouse) -> None:
    await whole(house, people(3))
    rows = [("Фамилия", "Телефон", "Заметка"), ("Новая", "+7 912 000-00-01", "звонить вечером")]
    done = await whole(house, rows)
    assert (done.tally.created, done.tally.updated, done.tally.by_phone) == (0, 1, 1)
    told = await house.rows(
        "SELECT field, source, user_number FROM change_entry WHERE kind = 'change' ORDER BY number"
    )
    assert told == [("last_name", "user", 6), ("commentary", "user", 6)]
    again = await whole(house, rows)
    assert (again.tally.updated, again.tally.same) == (0, 1)


async def test_known_clients_can_be_left_alone(house: TestHouse) -> None:
    await whole(house, people(3))
    done = await whole(house, people(5), match=Match.SKIP)
    assert (done.tally.created, done.tally.skipped) == (2, 3)
    twins = await whole(house, people(2), match=Match.CREATE)
    assert twins.tally.created == 2


@pytest.mark.checklist(145)
async def test_people_need_a_basis_and_a_source(house: TestHouse) -> None:
    head = house.actor_for("head")
    number = await upload(head, workbook(people(1)))
    with pytest.raises(Invalid) as refused:
        await imports.pair(head, number, plan(PEOPLE, basis=None, source=" "))
    assert refused.value.fields == {"basis": "basis_missing", "source": "source_missing"}
    with pytest.raises(Invalid) as columns:
        await imports.pair(head, number, plan(("Цвет", "Вкус")))
    assert columns.value.fields == {"columns": "import_clients_needs"}


async def test_a_seller_imports_nothing(house: TestHouse) -> None:
    with pytest.raises(Denied):
        await upload(house.actor_for("seller"), workbook(people(1)))


async def test_a_run_cut_in_the_middle_goes_on_without_a_row_twice(house: TestHouse) -> None:
    head = house.actor_for("head")
    number = await upload(head, workbook(people(900)))
    await imports.pair(head, number, plan(PEOPLE))
    await work(house)
    await imports.start(head, number)
    gone_on = asyncio.Event()
    _gate.house().told = lambda _actor, _events: gone_on.set()
    run = asyncio.create_task(Importer(house.system, ZONE).run())
    await gone_on.wait()
    run.cancel()
    with pytest.raises(asyncio.CancelledError):
        await run
    assert (await view(house, number)).state is ImportState.RUNNING
    await work(house)
    assert (await view(house, number)).tally.created == 900
    assert await house.rows("SELECT COUNT(*) FROM customer") == [(900,)]
    assert await house.rows("SELECT COUNT(DISTINCT number) FROM customer") == [(900,)]


async def test_the_same_step_again_brings_nothing_twice(house: TestHouse) -> None:
    head = house.actor_for("head")
    number = await upload(head, workbook(people(10)))
    await imports.pair(head, number, plan(PEOPLE))
    await work(house)
    await imports.start(head, number)
    one = (await import_steps.work(house.system))[0]
    assert await import_steps.bring(house.system, one.id, 0, ZONE)
    assert await import_steps.bring(house.system, one.id, 0, ZONE)
    assert await house.rows("SELECT COUNT(*) FROM customer") == [(10,)]


async def test_a_paused_run_stands_until_it_is_told_to_go_on(house: TestHouse) -> None:
    head = house.actor_for("head")
    number = await upload(head, workbook(people(300)))
    await imports.pair(head, number, plan(PEOPLE))
    await work(house)
    await imports.start(head, number)
    one = (await import_steps.work(house.system))[0]
    await import_steps.bring(house.system, one.id, 0, ZONE)
    await imports.pause(head, number)
    await work(house)
    assert (await view(house, number)).done == 250
    with pytest.raises(Conflict):
        await import_steps.bring(house.system, one.id, 1, ZONE)
    await imports.start(head, number)
    await work(house)
    assert (await view(house, number)).tally.created == 300


@pytest.mark.checklist(145)
async def test_wrong_rows_come_back_as_the_file_said_them(house: TestHouse) -> None:
    rows = [*people(3), ("Кривов", "Пётр", "восемь", "", "", "жёлтый")]
    done = await whole(house, rows)
    found = await imports.wrong_rows(house.actor_for("head"), done.number, 0)
    assert found is not None
    assert [tuple(one) for one in found.reveal()] == [
        (5, ("Кривов", "Пётр", "восемь", "", "", "жёлтый"), "phone", "phone_unreadable")
    ]


async def test_nothing_of_a_file_lies_open_in_the_database(house: TestHouse) -> None:
    data = csv_text([*people(2), ("Кривов", "Пётр", "восемь", "", "", "")]).encode("cp1251")
    head = house.actor_for("head")
    number = await upload(head, data, name="Придуманов.csv")
    await imports.pair(head, number, plan(PEOPLE))
    await work(house)
    for query in (
        "SELECT * FROM data_import",
        "SELECT * FROM import_piece",
        "SELECT * FROM import_chunk",
    ):
        for row in await house.rows(query):
            for value in row:
                text = value.decode("utf-8", "ignore") if isinstance(value, bytes) else str(value)
                assert "Придуманов" not in text and "+7912" not in text


async def test_companies_are_known_by_their_inn(house: TestHouse) -> None:
    rows = [("Название", "ИНН", "КПП", "Телефон"), ("Тёплый дом", 7707083893, "773601001", "")]
    assert (await whole(house, rows, ImportKind.COMPANIES)).tally.created == 1
    again = await whole(
        house,
        [*rows, ("Кривое", "7707083894", "", "")],
        ImportKind.COMPANIES,
    )
    assert (again.tally.same, again.tally.by_inn, again.tally.wrong) == (1, 1, 1)
