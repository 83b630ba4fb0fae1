"""Runs of shops' catalogues as rows."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from appliance.domain.catalogue_runs import (
    MOST_NOTES,
    OPEN_STATES,
    SHOWN_NOTES,
    Note,
    Origin,
    Outcome,
    Run,
    RunState,
)
from appliance.domain.ids import uuid7
from appliance.errors import NotFound
from appliance.storage import counters
from appliance.storage.statements import (
    any_of,
    execute,
    fetch,
    fetch_one,
    fetch_value,
    insert,
    insert_many,
    update_row,
)
from appliance.storage.tables import CatalogueNoteRow, CatalogueRunRow
from appliance.storage.tx import Tx

KEPT = timedelta(days=90)
_WELL = frozenset({Outcome.CREATED, Outcome.UPDATED})
_COLUMNS = (
    "number, shop, state, origin, by_number, made_at, begun_at, finished_at, size, digest, etag, "
    "modified, groups, offers, position, tally, error, told"
)


def _run(row: Sequence[Any]) -> Run:
    names = _COLUMNS.split(", ")
    values: dict[str, Any] = dict(zip(names, row, strict=True))
    values["state"], values["origin"] = RunState(values["state"]), Origin(values["origin"])
    values["tally"] = msgspec.json.decode(values["tally"], type=dict[str, int])
    return Run(**values)


async def add(tx: Tx, shop: str, origin: Origin, by_number: int) -> int:
    """Ask for a run; its number."""
    number = await counters.draw("catalogue_run")
    await insert(
        CatalogueRunRow,
        id=uuid7(),
        number=number,
        shop=shop,
        origin=origin.value,
        by_number=by_number,
        made_at=tx.now,
    )
    return number


async def open_of(shop: str) -> int | None:
    """Number of the run of a shop that waits or works, if any."""
    return await fetch_value(
        "SELECT number FROM catalogue_run WHERE shop = {} AND state IN {} LIMIT 1",
        shop,
        any_of([one.value for one in OPEN_STATES]),
    )


async def open_runs() -> list[Run]:
    """Runs that wait or work, the oldest first."""
    rows = await fetch(
        f"SELECT {_COLUMNS} FROM catalogue_run WHERE state IN {{}} ORDER BY number",
        any_of([one.value for one in OPEN_STATES]),
    )
    return [_run(row) for row in rows]


async def get(number: int) -> Run:
    """A run.

    Raises:
        NotFound: `catalogue_run_not_found`.
    """
    row = await fetch_one(f"SELECT {_COLUMNS} FROM catalogue_run WHERE number = {{}}", number)
    if row is None:
        raise NotFound("catalogue_run_not_found")
    return _run(row)


async def newest(shop: str = "", limit: int = 20) -> list[Run]:
    """Runs, of one shop or of all, the newest first."""
    condition = "shop = {}" if shop else "{} = ''"
    rows = await fetch(
        f"SELECT {_COLUMNS} FROM catalogue_run WHERE {condition} ORDER BY number DESC LIMIT {{}}",
        shop,
        limit,
    )
    return [_run(row) for row in rows]


async def last_taken(shop: str, before: int) -> Run | None:
    """The run whose file was taken over last, or was the same as that one."""
    row = await fetch_one(
        f"SELECT {_COLUMNS} FROM catalogue_run WHERE shop = {{}} AND number < {{}} "
        "AND state IN ('done', 'same') ORDER BY number DESC LIMIT 1",
        shop,
        before,
    )
    return None if row is None else _run(row)


async def last_made_at(shop: str) -> datetime | None:
    """When a shop's catalogue was last asked for."""
    return await fetch_value(
        "SELECT made_at FROM catalogue_run WHERE shop = {} ORDER BY number DESC LIMIT 1", shop
    )


async def failed_before(shop: str, number: int) -> bool:
    """Whether the run before this one failed too."""
    state = await fetch_value(
        "SELECT state FROM catalogue_run WHERE shop = {} AND number < {} "
        "ORDER BY number DESC LIMIT 1",
        shop,
        number,
    )
    return state == RunState.FAILED.value


async def note(number: int, **columns: Any) -> None:
    """Write down where a run stands."""
    row = await fetch_one("SELECT id FROM catalogue_run WHERE number = {}", number)
    if row is None:
        raise NotFound("catalogue_run_not_found")
    if "tally" in columns:
        columns["tally"] = msgspec.json.encode(columns["tally"]).decode()
    await update_row(CatalogueRunRow, row[0], **columns)


async def keep_notes(number: int, tally: Mapping[str, int], notes: Sequence[Note]) -> None:
    """Keep what a report names one by one, no more of each outcome than it shows.

    Args:
        number: of the run.
        tally: as it stood before these.
        notes: in their order.
    """
    run = await fetch_value("SELECT id FROM catalogue_run WHERE number = {}", number)
    had = dict(tally)
    rows: list[dict[str, object]] = []
    for one in notes:
        kept = had.get(one.outcome, 0)
        had[one.outcome] = kept + 1
        if one.outcome is Outcome.SAME or kept >= _most(one.outcome):
            continue
        rows.append(_row(run, one))
    await insert_many(CatalogueNoteRow, rows)


def _most(outcome: Outcome) -> int:
    return SHOWN_NOTES if outcome in _WELL else MOST_NOTES


def _row(run: UUID, one: Note) -> dict[str, object]:
    return {
        "id": uuid7(),
        "run_id": run,
        "place": one.place,
        "outcome": one.outcome.value,
        "external_id": one.external_id,
        "product_number": one.product_number,
        "field": one.field,
        "code": one.code,
    }


async def notes_of(number: int, outcome: str = "", limit: int = MOST_NOTES) -> list[Note]:
    """What a report names one by one, in the order of the file."""
    condition = "n.outcome = {}" if outcome else "{} = ''"
    rows = await fetch(
        "SELECT n.place, n.outcome, n.external_id, n.product_number, n.field, n.code "
        "FROM catalogue_note n JOIN catalogue_run r ON r.id = n.run_id "
        f"WHERE r.number = {{}} AND {condition} ORDER BY n.place LIMIT {{}}",
        number,
        outcome,
        limit,
    )
    return [
        Note(
            place=place,
            outcome=Outcome(outcome),
            external_id=external_id,
            product_number=product,
            field=field,
            code=code,
        )
        for place, outcome, external_id, product, field, code in rows
    ]


async def sweep(now: datetime) -> int:
    """Delete old runs with what they named, but the last of each shop that was taken over."""
    rows = await fetch(
        "SELECT r.id FROM catalogue_run r WHERE r.made_at < {} AND EXISTS (SELECT 1 FROM "
        "catalogue_run l WHERE l.shop = r.shop AND l.number > r.number AND l.state = 'done') "
        "LIMIT 200",
        now - KEPT,
    )
    gone = any_of([row[0] for row in rows])
    if rows:
        await execute("DELETE FROM catalogue_note WHERE run_id IN {}", gone)
        await execute("DELETE FROM catalogue_run WHERE id IN {}", gone)
    return len(rows)
