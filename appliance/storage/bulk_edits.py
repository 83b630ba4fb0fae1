"""Changes of many records that go on in steps: the row says how far one is."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple
from uuid import UUID

import msgspec

from appliance.domain.bulk import BulkChange, BulkOutcome, BulkState, BulkView, Section
from appliance.domain.ids import uuid7
from appliance.errors import NotFound
from appliance.storage.statements import execute, fetch, fetch_one, insert, update_row
from appliance.storage.tables import BulkEditRow
from appliance.storage.tx import Tx

KEPT: Final = timedelta(days=90)

_COLUMNS = (
    "id, made_by, section, field, value, back, asked, numbers, state, after, total, outcome, "
    "undo_set, error"
)
_outcome = msgspec.json.Decoder(BulkOutcome)
_numbers = msgspec.json.Decoder(tuple[int, ...])


class BulkEdit(NamedTuple):
    """One of them as stored."""

    id: UUID
    made_by: UUID
    section: str
    field: str
    value: str
    back: bool
    asked: str
    numbers: str
    state: str
    after: int | None
    total: int
    outcome: str
    undo_set: UUID
    error: str

    @property
    def change(self) -> BulkChange:
        """What is changed."""
        return BulkChange(section=Section(self.section), field=self.field, value=self.value)

    @property
    def so_far(self) -> BulkOutcome:
        """What came of the records dealt with."""
        return _outcome.decode(self.outcome)

    @property
    def chosen(self) -> tuple[int, ...]:
        """Numbers of the chosen records; none where a filter chooses them."""
        return _numbers.decode(self.numbers)


async def begin(
    tx: Tx, change: BulkChange, total: int, *, asked: str = "", numbers: Sequence[int] = (),
    undo_set: UUID | None = None,
) -> UUID:  # fmt: skip
    """Keep what is to be done; the house goes on with it.

    Args:
        tx: of the actor, whose deed it is.
        change: what.
        total: how many records there are.
        asked: JSON of the filter that chooses them.
        numbers: or the records themselves.
        undo_set: the set to take back, instead of a change.
    """
    edit_id = uuid7()
    await insert(
        BulkEditRow,
        id=edit_id,
        made_by=tx.actor.id,
        made_at=tx.now,
        section=change.section.value,
        field=change.field,
        value=change.value,
        back=undo_set is not None,
        asked=asked,
        numbers=msgspec.json.encode(tuple(numbers)).decode(),
        total=total,
        undo_set=undo_set or uuid7(),
    )
    return edit_id


def view(one: BulkEdit) -> BulkView:
    """One of them for its maker."""
    return BulkView(
        id=one.id,
        change=one.change,
        state=BulkState(one.state),
        total=one.total,
        outcome=msgspec.structs.replace(one.so_far, set_id=one.undo_set),
        back=bool(one.back),
        error=one.error,
    )


async def get(edit_id: UUID) -> BulkEdit:
    """One of them, whoever made it.

    Raises:
        NotFound: `bulk_not_found`.
    """
    row = await fetch_one(f"SELECT {_COLUMNS} FROM bulk_edit WHERE id = {{}}", edit_id)
    if row is None:
        raise NotFound("bulk_not_found")
    return BulkEdit(*row)


async def mine(tx: Tx, edit_id: UUID) -> BulkEdit:
    """One that the actor made.

    Raises:
        NotFound: `bulk_not_found`.
    """
    one = await get(edit_id)
    if one.made_by != tx.actor.id:
        raise NotFound("bulk_not_found")
    return one


async def running() -> list[BulkEdit]:
    """What is to be gone on with, the oldest first."""
    rows = await fetch(
        f"SELECT {_COLUMNS} FROM bulk_edit WHERE state = 'running' ORDER BY made_at, id LIMIT 20"
    )
    return [BulkEdit(*row) for row in rows]


async def note(tx: Tx, one: BulkEdit, **columns: Any) -> None:
    """Write down how far it is."""
    outcome = columns.pop("outcome", None)
    if outcome is not None:
        columns["outcome"] = msgspec.json.encode(outcome).decode()
    if columns.get("state", one.state) != BulkState.RUNNING.value:
        columns["finished_at"] = tx.now
    await update_row(BulkEditRow, one.id, **columns)


async def sweep(now: datetime) -> int:
    """Forget those whose ninety days are over."""
    return await execute("DELETE FROM bulk_edit WHERE made_at <= {}", now - KEPT)


async def ranges(set_id: UUID, after: int | None) -> list[tuple[int, int]]:
    """Ranges of change entries of a set, the newest first, those before `after`."""
    rows = await fetch(
        "SELECT first, last FROM undo_range WHERE set_id = {} AND first < {} ORDER BY first DESC "
        "LIMIT 1",
        set_id,
        2**62 if after is None else after,
    )
    return [(row[0], row[1]) for row in rows]
