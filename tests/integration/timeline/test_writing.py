"""Writing into a stream: who may, who sees it, what is refused, what comes back."""

from datetime import timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from appliance.actions import deals, orders, tasks, timeline
from appliance.domain.access import NOBODY
from appliance.domain.customers import CustomerKind
from appliance.domain.deals import DealDraft
from appliance.domain.ids import uuid7
from appliance.domain.personal import Personal
from appliance.domain.tasks import NewTask, Result
from appliance.domain.timeline import EntryDraft, EntryView, Kind, Place, Progress, Tab
from appliance.errors import Conflict, Denied, Invalid, NotFound
from appliance.storage.statements import insert
from appliance.storage.tables import CompanyContactRow
from tests.house_fixture import TestHouse
from tests.integration.clients import people
from tests.integration.orders.drafts import draft
from tests.integration.timeline.scenes import client_of

SECRET = "Просила звонить Веще Сухостоевой"
pytestmark = pytest.mark.checklist(128)


async def client(house: TestHouse, by: str = "seller") -> int:
    """A client of this colleague."""
    return (await people.added(house, house.actor_for(by))).number


def note(text: str = SECRET, **changes: Any) -> EntryDraft:
    return EntryDraft(text=Personal(text), **changes)


async def write(
    house: TestHouse, number: int, entry: EntryDraft, by: str = "seller"
) -> timeline.Written:
    return await timeline.write(house.actor_for(by), Place(client=number), entry)


async def seen(
    house: TestHouse, number: int, by: str = "seller", tab: Tab = Tab.ALL
) -> list[EntryView]:
    found = await timeline.of_client(house.actor_for(by), number, tab)
    return [one for one in found.stream.entries if one.kind is not Kind.CREATED]


def words(entry: EntryView) -> str:
    assert entry.said is not None
    return entry.said.reveal().text


@pytest.mark.checklist(112)
@pytest.mark.checklist(167)
async def test_a_note_shows_with_its_author_and_calls_whoever_it_mentions(
    house: TestHouse,
) -> None:
    number = await client(house)
    await write(house, number, note("@head, @nobody и mail@head.example: посмотрите"))
    entry = (await seen(house, number, "head"))[0]
    assert (entry.author_number, entry.data["mentions"]) == (1, [6])
    told = await house.rows("SELECT user_id, kind, entity, entity_number FROM notice")
    assert told == [(house.users["head"], "mention", "customer", number)]


@pytest.mark.checklist(167)
async def test_a_private_note_is_seen_by_its_author_and_by_the_right_to_it_alone(
    house: TestHouse,
) -> None:
    number = await client(house)
    entry = await write(house, number, note(private=True))
    assert [len(await seen(house, number, by)) for by in ("seller", "head", "data_officer")] == [
        1,
        1,
        0,
    ]
    with pytest.raises(NotFound):
        await timeline.entry(house.actor_for("operator"), entry.id)


async def test_a_role_without_comments_sees_that_something_was_said_and_not_what(
    house: TestHouse,
) -> None:
    number = await client(house)
    await write(house, number, note())
    entry = (await seen(house, number, "accountant"))[0]
    assert (entry.said, entry.hidden) == (None, True)


async def test_a_stranger_neither_reads_nor_writes(house: TestHouse) -> None:
    number = await client(house)
    entry = await write(house, number, note())
    rival = house.actor_for("rival")
    with pytest.raises(NotFound):
        await timeline.of_client(rival, number)
    with pytest.raises(NotFound):
        await timeline.write(rival, Place(client=number), note())
    for deed in (timeline.remove, timeline.restore, timeline.history, timeline.entry):
        with pytest.raises(NotFound):
            await deed(rival, entry.id)
    with pytest.raises(Denied):
        await timeline.write(house.actor_for("accountant"), Place(client=number), note())


async def test_a_warehouse_that_writes_to_orders_reads_and_writes_no_clients_stream(
    house: TestHouse,
) -> None:
    order = await orders.place(house.actor_for("seller"), draft())
    number = (await house.rows("SELECT number FROM customer"))[0][0]
    entry = await write(house, int(str(number)), note())
    keeper = house.actor_for("storekeeper")
    with pytest.raises(NotFound):
        await timeline.entry(keeper, entry.id)
    with pytest.raises(NotFound):
        await timeline.write(keeper, Place(client=int(str(number))), note())
    assert not await house.rows("SELECT id FROM timeline_entry WHERE author_number = 4")
    await timeline.write(keeper, Place(order=order.number), note("Коробка помята"))


async def test_ones_own_note_is_changed_taken_back_and_brought_back_with_its_history(
    house: TestHouse,
) -> None:
    number = await client(house)
    seller = house.actor_for("seller")
    entry = await write(house, number, note())
    await timeline.edit(seller, entry.id, Personal("Звонить после шести"), 1)
    with pytest.raises(Conflict):
        await timeline.edit(seller, entry.id, Personal("Иначе"), 1)
    await timeline.remove(seller, entry.id)
    await timeline.remove(seller, entry.id)
    assert (await seen(house, number))[0].deleted_at is not None
    assert await seen(house, number, "head") == []
    await timeline.restore(seller, entry.id)
    assert words((await seen(house, number, "head"))[0]) == "Звонить после шести"
    changes, _ = await timeline.history(seller, entry.id)
    assert [one.field for one in changes] == ["deleted", "deleted", "text"]
    assert changes[-1].old == Personal(SECRET)
    with pytest.raises(NotFound):
        await timeline.remove(house.actor_for("head"), entry.id)


async def test_what_the_box_told_itself_cannot_be_taken_back(house: TestHouse) -> None:
    number = await client(house)
    found = await timeline.of_client(house.actor_for("seller"), number)
    with pytest.raises(NotFound):
        await timeline.remove(house.actor_for("seller"), found.stream.entries[0].id)


@pytest.mark.checklist(111)
@pytest.mark.checklist(138)
async def test_a_call_in_vain_counts_its_attempts_and_leaves_one_task_for_the_next(
    house: TestHouse,
) -> None:
    number = await client(house)
    later = house.clock() + timedelta(hours=1)
    call = EntryDraft(kind=Kind.NO_ANSWER, planned_at=later, task=Personal("Перезвонить"))
    first = await write(house, number, call)
    house.clock.pass_(minutes=10)
    second = await write(house, number, call)
    assert (first.attempt, second.attempt) == (1, 2)
    stream = (await timeline.of_client(house.actor_for("seller"), number)).stream
    assert [(one.kind, one.due_at) for one in stream.tasks] == [("call", later)]
    kinds = [one.kind for one in stream.entries]
    assert kinds.count(Kind.NO_ANSWER) == 2
    assert kinds.count(Kind.TASK) == 1  # the first call-back was made
    await write(house, number, note("О цене", kind=Kind.MEETING))
    house.clock.pass_(minutes=1)
    assert (await write(house, number, EntryDraft(kind=Kind.NO_ANSWER))).attempt == 1


@pytest.mark.checklist(39)
@pytest.mark.checklist(59)
async def test_a_complaint_has_a_deadline_a_state_and_is_told_to_whom_it_concerns(
    house: TestHouse,
) -> None:
    key = house.shop_key()
    placed = await orders.place(key, draft(manager_number=1))
    seller, head = house.actor_for("seller"), house.actor_for("head")
    due = house.clock() + timedelta(days=3)
    wrong = note(kind=Kind.VIOLATION, sort="late", planned_at=due, concerns=3, private=True)
    entry = await timeline.write(seller, Place(order=placed.number), wrong)
    page = (await timeline.of_order(head, placed.number)).stream
    assert [(one.kind, one.concerns, one.planned_at) for one in page.planned] == [
        (Kind.VIOLATION, 3, due)
    ]
    rows = await house.rows("SELECT user_id, kind FROM notice WHERE kind = 'complaint'")
    assert rows == [(house.users["operator"], "complaint")]
    with pytest.raises(NotFound):
        await timeline.progress(house.actor_for("courier"), entry.id, Progress.SOLVED)
    await timeline.progress(head, entry.id, Progress.SOLVED)
    page = (await timeline.of_order(head, placed.number)).stream
    assert page.planned == ()
    assert page.entries[0].data["state"] == "solved"
    counted = await house.rows("SELECT COUNT(*) FROM timeline_entry WHERE concerns = 3")
    assert counted == [(1,)]


@pytest.mark.parametrize(
    ("entry", "code"),
    [
        (EntryDraft(), "entry_empty"),
        (EntryDraft(text=Personal("я" * 10_001)), "entry_long"),
        (EntryDraft(kind=Kind.PAYMENT, text=Personal("1")), "entry_kind"),
        (EntryDraft(kind=Kind.COMPLAINT, text=Personal("1")), "entry_when_missing"),
    ],
)
async def test_an_entry_that_says_nothing_or_too_much_is_refused(
    house: TestHouse, entry: EntryDraft, code: str
) -> None:
    number = await client(house)
    with pytest.raises(Invalid) as refused:
        await write(house, number, entry)
    assert refused.value.code == code
    assert await seen(house, number) == []


async def test_a_time_that_has_passed_is_refused(house: TestHouse) -> None:
    number = await client(house)
    late = EntryDraft(kind=Kind.NO_ANSWER, planned_at=house.clock() - timedelta(minutes=1))
    with pytest.raises(Invalid) as refused:
        await write(house, number, late)
    assert refused.value.fields == {"when": "entry_when_past"}


async def attached(house: TestHouse, number: int) -> UUID:
    sent = timeline.Attachment(
        name=Personal("скан.pdf"), media="application/pdf", body=Personal(b"invented")
    )
    place = Place(client=number)
    return (await timeline.attach(house.actor_for("seller"), place, (sent,))).id


async def test_a_file_is_handed_out_by_right_and_every_time_is_written_down(
    house: TestHouse,
) -> None:
    number = await client(house)
    entry = await attached(house, number)
    found = await timeline.download(house.actor_for("head"), entry)
    assert (found.name.reveal(), found.body.reveal()) == ("скан.pdf", b"invented")
    log = [str(row[0]) for row in await house.rows("SELECT leaf FROM audit_outbox")]
    assert len([one for one in log if "timeline.download" in one and '"done"' in one]) == 1
    with pytest.raises(Denied):
        await timeline.download(house.actor_for("accountant"), entry)
    with pytest.raises(NotFound):
        await timeline.download(house.actor_for("rival"), entry)


async def test_nothing_of_a_note_lies_outside_its_cell(house: TestHouse) -> None:
    number = await client(house)
    seller = house.actor_for("seller")
    entry = await write(house, number, note(title=Personal("Сухостоева"), kind=Kind.MEETING))
    await timeline.edit(seller, entry.id, Personal(SECRET + "!"))
    await attached(house, number)
    for table in ("timeline_entry", "file", "change_entry", "event_delivery", "audit_outbox"):
        rows = await house.rows(f"SELECT * FROM {table}")  # noqa: S608  names of our own
        seen_there = repr(rows).encode()
        for word in ("Сухостоев", "Просила", "скан"):
            assert word.encode() not in seen_there, table
            assert repr(word.encode())[2:-1].encode() not in seen_there, table


async def test_a_destroyed_clients_stream_keeps_its_lines_without_their_words(
    house: TestHouse,
) -> None:
    number = await client(house)
    await write(house, number, note())
    _, subject = await client_of(house)
    house.vault.begin_destroy(subject)
    house.vault.destroy(subject, "request", NOBODY)
    entry = (await seen(house, number))[0]
    assert (entry.said, entry.gone) == (None, True)


async def test_pages_by_key_hold_every_line_once(house: TestHouse) -> None:
    number = await client(house)
    for place in range(65):
        await write(house, number, note(f"Заметка {place}"))
        house.clock.pass_(seconds=place % 2)  # pairs of the same moment
    seller = house.actor_for("seller")
    found: list[UUID] = []
    after: UUID | None = None
    while True:
        page = (await timeline.of_client(seller, number, Tab.ALL, after)).stream
        found += [one.id for one in page.entries]
        after = page.after
        if after is None:
            break
    assert len(found) == len(set(found)) == 66


async def test_a_companys_stream_holds_the_lines_of_its_people_the_reader_may_see(
    house: TestHouse,
) -> None:
    mine, theirs = await client(house), await client(house, "rival")
    company = (
        await people.added(
            house,
            house.actor_for("seller"),
            kind=CustomerKind.COMPANY,
            company_name=Personal("ООО «Север»"),
            contacts=(),
        )
    ).number
    rows = await house.rows("SELECT number, id FROM customer")
    ids = {row[0]: row[1] for row in rows}

    async def tie() -> None:
        for one in (mine, theirs):
            await insert(CompanyContactRow, company_id=ids[company], customer_id=ids[one])

    await house.write(tie)
    await write(house, mine, note("О цене"))
    await write(house, theirs, note("О сроках"), "rival")
    entries = await seen(house, company)
    assert [(words(one), one.client_number) for one in entries] == [("О цене", mine)]
    assert len(await seen(house, company, "head")) == 2


async def test_a_form_delivered_twice_writes_one_line_and_plans_one_call(house: TestHouse) -> None:
    number = await client(house)
    again = note(form=uuid7())
    first, second = await write(house, number, again), await write(house, number, again)
    assert first == second
    later = house.clock.now + timedelta(hours=1)
    vain = EntryDraft(
        kind=Kind.NO_ANSWER, planned_at=later, task=Personal("Перезвонить"), form=uuid7()
    )
    assert await write(house, number, vain) == await write(house, number, vain)
    file = timeline.Attachment(name=Personal("а.txt"), media="", body=Personal(b"1"))
    form = uuid7()
    for _ in range(2):
        await timeline.attach(
            house.actor_for("seller"), Place(client=number), [file, file], form=form
        )
    kinds = [one.kind for one in await seen(house, number)]
    assert sorted(kinds) == [Kind.FILE, Kind.FILE, Kind.NO_ANSWER, Kind.NOTE]
    assert await house.rows("SELECT COUNT(*) FROM task") == [(1,)]
    with pytest.raises(Conflict):
        await write(house, number, again, by="head")


async def test_a_planned_task_is_closed_from_the_stream_by_whom_it_is_for(house: TestHouse) -> None:
    number = await client(house)
    due_at = house.clock.now + timedelta(hours=1)
    new = NewTask(title=Personal("Отправить образцы"), due_at=due_at, customer=number)
    await tasks.create(house.actor_for("seller"), new)

    async def planned(by: str) -> list[bool]:
        found = await timeline.of_client(house.actor_for(by), number)
        return [one.mine for one in found.stream.tasks]

    assert [await planned(by) for by in ("seller", "head", "accountant")] == [
        [True],
        [True],
        [False],
    ]


async def test_a_long_stream_costs_as_many_statements_as_a_short_one(
    house: TestHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = await client(house)
    seller = house.actor_for("seller")
    deal = (
        await deals.create(seller, DealDraft(title=Personal("Подносы"), customer_number=number))
    ).number
    due_at = house.clock.now + timedelta(hours=1)
    counts: list[tuple[int, int]] = []
    for many in (2, 12):
        for place in range(many):
            await write(house, number, note(f"Заметка {place}"))
            await timeline.write(seller, Place(deal=deal), note(f"О сделке {place}"))
            new = NewTask(title=Personal("Позвонить"), due_at=due_at, customer=number)
            made = await tasks.create(seller, new)
            if place % 2:
                await tasks.close(seller, made.number, Result(text=Personal("да")), ZoneInfo("UTC"))
        found: list[int] = []
        for read in (timeline.of_client, timeline.of_deal):
            where = number if read is timeline.of_client else deal
            await read(seller, where)
            with people.counted_statements(monkeypatch) as told:
                await read(seller, where)
            found.append(len(told))
        counts.append((found[0], found[1]))
    assert counts[0] == counts[1]
    assert max(counts[1]) <= 14
