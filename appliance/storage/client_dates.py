"""Days of the year kept of clients, and the tasks they make some days before."""

from datetime import date, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from appliance.domain.client_dates import (
    MOST_AHEAD,
    TITLES,
    ClientDate,
    DateKind,
    DateWords,
    index_of,
    kept_on,
    next_on,
)
from appliance.domain.grants import Access
from appliance.domain.ids import uuid7
from appliance.domain.personal import Personal
from appliance.domain.tasks import TaskDraft, end_of_day
from appliance.errors import Damaged, Destroyed
from appliance.storage import tasks
from appliance.storage.customers import Known
from appliance.storage.statements import any_of, execute, fetch, fetch_one, fetch_value, insert
from appliance.storage.tables import CustomerDateRow
from appliance.storage.tx import Tx
from appliance.vault.blind import BlindField

AT_ONCE = 200
MOST_SHOWN = 20
_OF_THE_PERSON = (DateKind.BIRTHDAY.value, DateKind.FOUNDED.value)


async def of_client(tx: Tx, customer_id: UUID, today: date) -> tuple[ClientDate, ...]:
    """A client's days, the next one first; none where the grant hides birthdays."""
    if tx.may("birthday") is not Access.VISIBLE:
        return ()
    rows = await fetch(
        "SELECT id, subject_id, kind, value, remind_days FROM customer_date "
        "WHERE customer_id = {} ORDER BY id LIMIT {}",
        customer_id,
        MOST_SHOWN,
    )
    found: list[ClientDate] = []
    for date_id, subject_id, kind, value, remind_days in rows:
        words = _opened(tx, date_id, subject_id, value)
        if words is not None:
            found.append(
                ClientDate(
                    id=date_id,
                    kind=DateKind(kind),
                    day=Personal(next_on(words.month, words.day, today)),
                    title=Personal(words.title),
                    remind_days=remind_days,
                )
            )
    return tuple(sorted(found, key=lambda one: one.day.reveal()))


def _opened(tx: Tx, date_id: UUID, subject_id: UUID, value: bytes) -> DateWords | None:
    try:
        return tx.open("customer_date", "value", date_id, subject_id, value, DateWords, "birthday")
    except (Damaged, Destroyed):
        return None


def _token(tx: Tx, words: DateWords) -> bytes:
    return tx.vault.blind(BlindField.DAY, index_of(words.month, words.day))


async def how_many(customer_id: UUID) -> int:
    """How many days are kept of a client."""
    return await fetch_value(
        "SELECT COUNT(*) FROM customer_date WHERE customer_id = {}", customer_id
    )


async def add(tx: Tx, known: Known, kind: DateKind, words: DateWords, remind_days: int) -> UUID:
    """Keep a day; a person has one birthday, so another one takes the place of the first."""
    if kind.value in _OF_THE_PERSON:
        await execute(
            "DELETE FROM customer_date WHERE customer_id = {} AND kind = {}", known.id, kind.value
        )
    date_id = uuid7()
    await insert(
        CustomerDateRow,
        id=date_id,
        customer_id=known.id,
        subject_id=known.subject_id,
        kind=kind.value,
        value=_sealed(tx, known, date_id, words),
        day_index=_token(tx, words),
        remind_days=remind_days,
    )
    return date_id


def _sealed(tx: Tx, known: Known, date_id: UUID, words: DateWords) -> bytes:
    return tx.seal("customer_date", "value", date_id, known.subject_id, words, "birthday")


async def remove(tx: Tx, known: Known, date_id: UUID) -> DateWords | None:
    """Forget a day; give what it was, None where there is none."""
    row = await fetch_one(
        "SELECT subject_id, value FROM customer_date WHERE id = {} AND customer_id = {}",
        date_id,
        known.id,
    )
    if row is None:
        return None
    words = _opened(tx, date_id, row[0], row[1])
    await execute("DELETE FROM customer_date WHERE id = {}", date_id)
    return words or DateWords(month=1, day=1)


async def follow_birthday(tx: Tx, known: Known, day: date | None) -> None:
    """Move the reminder of a birthday with the birthday itself; without one there is none."""
    rows = await fetch(
        "SELECT id FROM customer_date WHERE customer_id = {} AND kind IN {}",
        known.id,
        any_of(_OF_THE_PERSON),
    )
    for (date_id,) in rows:
        if day is None:
            await execute("DELETE FROM customer_date WHERE id = {}", date_id)
            continue
        words = DateWords(month=day.month, day=day.day)
        await execute(
            "UPDATE customer_date SET value = {}, day_index = {}, reminded_on = NULL WHERE id = {}",
            _sealed(tx, known, date_id, words),
            _token(tx, words),
            date_id,
        )


async def remind(tx: Tx, zone: ZoneInfo) -> int:
    """Make a task of every day whose time to be reminded of has come, once; return how many.

    `reminded_on` is the occurrence it was done for. The mark is taken by the statement that finds
    the row, in the task's own transaction: a crash leaves both or neither, and a box that was off
    for a week makes up for what it missed. A client whom nobody leads waits for a colleague.
    """
    today = tx.now.astimezone(zone).date()
    made = 0
    for ahead in range(MOST_AHEAD + 1):
        day = today + timedelta(days=ahead)
        rows = await fetch(
            "UPDATE customer_date SET reminded_on = {} WHERE id IN ("
            "SELECT d.id FROM customer_date d JOIN customer c ON c.id = d.customer_id "
            "JOIN users u ON u.id = c.owner_id WHERE d.day_index IN {} AND d.remind_days > 0 "
            "AND d.remind_days >= {} AND (d.reminded_on IS NULL OR d.reminded_on < {}) "
            "AND c.state = 'live' AND u.active LIMIT {}) "
            "RETURNING id, customer_id, subject_id, kind, value",
            day,
            any_of([one for on in kept_on(day) for one in tx.vault.blinds(BlindField.DAY, on)]),
            ahead,
            day,
            AT_ONCE,
        )
        for row in rows:
            made += await _task(tx, row[0], row[1], row[2], DateKind(row[3]), row[4], day, zone)
    return made


async def _task(
    tx: Tx,
    date_id: UUID,
    customer_id: UUID,
    subject_id: UUID,
    kind: DateKind,
    value: bytes,
    day: date,
    zone: ZoneInfo,
) -> int:
    words = _opened(tx, date_id, subject_id, value)
    owner = await fetch_value("SELECT owner_id FROM customer WHERE id = {}", customer_id)
    if words is None or owner is None:
        return 0
    title = f"{TITLES[kind]}: {words.title}" if words.title else TITLES[kind]
    draft = TaskDraft(
        title=Personal(title),
        performer_id=owner,
        due_at=end_of_day(day, zone),
        all_day=True,
        customer_id=customer_id,
    )
    await tasks.add(tx, draft)
    return 1
