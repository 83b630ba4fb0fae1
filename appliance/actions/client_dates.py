"""Days of a client to be reminded of."""

from datetime import date
from uuid import UUID
from zoneinfo import ZoneInfo

from appliance.actions import _client_checks
from appliance.actions._client_checks import reached
from appliance.actions._gate import action
from appliance.domain.client_dates import (
    LONGEST_TITLE,
    MOST_AHEAD,
    MOST_DATES,
    DateDraft,
    DateKind,
    DateWords,
)
from appliance.domain.events import CustomerChanged
from appliance.domain.grants import Access
from appliance.errors import Denied, NotFound
from appliance.roles import Permission
from appliance.storage import client_dates, customer_edits, feed
from appliance.storage.customers import Known
from appliance.storage.tx import Tx


@action(Permission.CUSTOMER_EDIT)
async def add(tx: Tx, number: int, draft: DateDraft) -> UUID:
    """Keep a day of a client; one of the person's own takes the place of the one before.

    Raises:
        NotFound: `customer_not_found`.
        Denied: `field_hidden`: the actor does not see birthdays.
        Invalid: `date_missing`, `remind_days_range`, `dates_enough`, `title_long` at their fields.
    """
    known = await reached(tx, number)
    _seen(tx)
    fields: dict[str, str] = {}
    day = await _day(tx, known, draft)
    if day is None:
        fields["day"] = "date_missing"
    if not 0 <= draft.remind_days <= MOST_AHEAD:
        fields["remind_days"] = "remind_days_range"
    if len(draft.title.reveal()) > LONGEST_TITLE:
        fields["title"] = "title_long"
    if await client_dates.how_many(known.id) >= MOST_DATES:
        fields.setdefault("day", "dates_enough")
    _client_checks.refuse(fields)
    assert day is not None  # noqa: S101  refused above
    words = DateWords(month=day.month, day=day.day, title=draft.title.reveal().strip())
    made = await client_dates.add(tx, known, draft.kind, words, draft.remind_days)
    await _note(tx, known, feed.Change(field="date", new=_said(words), personal=True))
    return made


async def _day(tx: Tx, known: Known, draft: DateDraft) -> date | None:
    if draft.day is not None:
        return draft.day.reveal()
    if draft.kind not in {DateKind.BIRTHDAY, DateKind.FOUNDED}:
        return None
    return (await customer_edits.open_person(tx, known)).birthday


def _seen(tx: Tx) -> None:
    if tx.may("birthday") is not Access.VISIBLE:
        raise Denied("field_hidden", field="birthday")


def _said(words: DateWords) -> str:
    return f"{words.day:02}.{words.month:02} {words.title}".strip()


async def _note(tx: Tx, known: Known, change: feed.Change) -> None:
    await customer_edits.touch(tx, known, [change])
    tx.emit(CustomerChanged(customer_id=known.id))


@action(Permission.CUSTOMER_EDIT)
async def drop(tx: Tx, number: int, date_id: UUID) -> None:
    """Forget a day of a client; tasks that were made of it stay.

    Raises:
        NotFound: `customer_not_found`; `date_not_found`.
        Denied: `field_hidden`: the actor does not see birthdays.
    """
    known = await reached(tx, number)
    _seen(tx)
    words = await client_dates.remove(tx, known, date_id)
    if words is None:
        raise NotFound("date_not_found")
    await _note(tx, known, feed.Change(field="date", old=_said(words), personal=True))


@action(Permission.HOUSE, quiet=True)
async def remind(tx: Tx, zone: ZoneInfo) -> int:
    """Make the tasks that are due; return how many."""
    return await client_dates.remind(tx, zone)
