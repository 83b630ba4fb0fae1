"""Imports: the file in pieces, its rows in chunks, and how far each is. All sealed."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple
from uuid import UUID

import msgspec

from appliance.domain.ids import uuid7
from appliance.domain.imports import (
    KEPT_DAYS,
    MOST_WRONG_SHOWN,
    ImportKind,
    ImportState,
    ImportView,
    Outcome,
    Plan,
    Sample,
    Tally,
    WrongCell,
)
from appliance.errors import Conflict, NotFound
from appliance.storage import counters
from appliance.storage.statements import any_of, execute, fetch, fetch_one, insert, update_row
from appliance.storage.tables import ImportChunkRow, ImportPieceRow, ImportRow
from appliance.storage.tx import Tx

_NAME: Final = "data_import.name"
_SAMPLE: Final = "data_import.sample"
_PIECE: Final = "import_piece.content"
_CHUNK: Final = "import_chunk.content"
_pack = msgspec.msgpack.encode
_sample = msgspec.msgpack.Decoder(Sample)
_rows = msgspec.msgpack.Decoder(list[tuple[int, list[str]]])

FileRow = tuple[int, list[str]]
"""Number in the file, and cells."""


class Done(msgspec.Struct, frozen=True, array_like=True, omit_defaults=True):
    """What became of one row.

    Attributes:
        id, number: of the record it made or met.
        field, code: of what is wrong with it.
        was: what the way back needs, as a figure of stock.
    """

    outcome: Outcome
    id: UUID | None = None
    number: int = 0
    field: str = ""
    code: str = ""
    was: int | None = None


_done = msgspec.msgpack.Decoder(list[Done])


class Import(NamedTuple):
    """A row of the table, its cells still closed."""

    id: UUID
    number: int
    kind: str
    state: str
    made_by: UUID
    made_by_number: int
    made_at: datetime
    begun_at: datetime | None
    finished_at: datetime | None
    name: bytes
    size: int
    workbook: bool
    plan: str
    total: int
    done: int
    position: int
    tally: str
    wrong: str
    error: str

    @property
    def way(self) -> Plan:
        """How the file is read."""
        return msgspec.json.decode(self.plan, type=Plan)


_COLUMNS: Final = ", ".join(Import._fields)


class Chunk(NamedTuple):
    """Some rows, opened, and what became of those that were dealt with."""

    id: UUID
    position: int
    at_row: int
    first: int
    last: int
    rows: list[FileRow]
    outcomes: list[Done]


async def add(
    tx: Tx, kind: ImportKind, name: str, size: int, sample: Sample, plan: Plan, *, workbook: bool
) -> int:
    """Begin an import; its number."""
    row_id, number = uuid7(), await counters.draw("import")
    seal = tx.vault.seal_secret
    await insert(
        ImportRow,
        id=row_id,
        number=number,
        kind=kind.value,
        made_by=tx.actor.id,
        made_by_number=tx.actor.number,
        made_at=tx.now,
        name=seal(_NAME, row_id, name.encode()),
        sample=seal(_SAMPLE, row_id, _pack(sample)),
        size=size,
        workbook=workbook,
        plan=msgspec.json.encode(plan).decode(),
    )
    tx.about("import", row_id)
    return number


async def find(number: int) -> Import:
    """By the number for people.

    Raises:
        NotFound: `import_not_found`.
    """
    row = await fetch_one(f"SELECT {_COLUMNS} FROM data_import WHERE number = {{}}", number)
    if row is None:
        raise NotFound("import_not_found")
    return Import(*row)


async def get(import_id: UUID) -> Import:
    """By id.

    Raises:
        NotFound: `import_not_found`.
    """
    row = await fetch_one(f"SELECT {_COLUMNS} FROM data_import WHERE id = {{}}", import_id)
    if row is None:
        raise NotFound("import_not_found")
    return Import(*row)


async def in_states(states: Sequence[ImportState]) -> list[Import]:
    """Imports that stand in one of these states, the oldest first."""
    rows = await fetch(
        f"SELECT {_COLUMNS} FROM data_import WHERE state IN {{}} ORDER BY number",
        any_of([one.value for one in states]),
    )
    return [Import(*row) for row in rows]


async def page(before: int | None, limit: int) -> list[Import]:
    """The newest first."""
    rows = await fetch(
        f"SELECT {_COLUMNS} FROM data_import WHERE number < {{}} ORDER BY number DESC LIMIT {{}}",
        before or 2**62,
        limit,
    )
    return [Import(*row) for row in rows]


def view(tx: Tx, one: Import) -> ImportView:
    """An import for people."""
    return ImportView(
        id=one.id,
        number=one.number,
        kind=ImportKind(one.kind),
        state=ImportState(one.state),
        name=tx.vault.open_secret(_NAME, one.id, one.name).decode(),
        made_by=one.made_by_number,
        made_at=one.made_at,
        plan=one.way,
        done=one.done,
        total=one.total,
        tally=msgspec.json.decode(one.tally, type=Tally),
        error=one.error,
        begun_at=one.begun_at,
        finished_at=one.finished_at,
        workbook=bool(one.workbook),
        wrong=msgspec.json.decode(one.wrong, type=tuple[WrongCell, ...]),
    )


async def sample(tx: Tx, import_id: UUID) -> Sample:
    """Head and first rows of the file."""
    row = await fetch_one("SELECT sample FROM data_import WHERE id = {}", import_id)
    if row is None or row[0] is None:
        return Sample(head=(), rows=())
    return _sample.decode(tx.vault.open_secret(_SAMPLE, import_id, row[0]))


async def move(tx: Tx, one: Import, state: ImportState, **columns: Any) -> None:
    """Put an import into another state.

    Raises:
        Conflict: `import_moved_on`: it is not any more where the caller saw it.
    """
    moved = await execute(
        "UPDATE data_import SET state = {} WHERE id = {} AND state = {}",
        state.value,
        one.id,
        one.state,
    )
    if not moved:
        raise Conflict("import_moved_on", state=one.state)
    begun = {} if state.value == one.state else {"begun_at": tx.now}
    if begun or columns:
        await update_row(ImportRow, one.id, **begun, **columns)


async def note(
    one: Import, *, done: int, position: int, tally: Tally, wrong: Sequence[WrongCell] = ()
) -> None:
    """Keep how far the work of this state is; counts are added to the kept ones."""
    kept = msgspec.json.decode(one.wrong, type=list[WrongCell])
    kept += wrong[: MOST_WRONG_SHOWN - len(kept)] if len(kept) < MOST_WRONG_SHOWN else ()
    both = msgspec.json.decode(one.tally, type=Tally).plus(tally)
    await update_row(
        ImportRow,
        one.id,
        done=done,
        position=position,
        tally=msgspec.json.encode(both).decode(),
        wrong=msgspec.json.encode(kept).decode(),
    )


# --- the file ---


async def put_piece(tx: Tx, import_id: UUID, position: int, data: bytes) -> None:
    """Keep a piece of the file; the same place again replaces it."""
    row_id = uuid7()
    await execute(
        "DELETE FROM import_piece WHERE import_id = {} AND position = {}", import_id, position
    )
    await insert(
        ImportPieceRow,
        id=row_id,
        import_id=import_id,
        position=position,
        content=tx.vault.seal_secret(_PIECE, row_id, data),
    )


async def piece(tx: Tx, import_id: UUID, position: int) -> bytes:
    """A piece of the file; empty behind the last."""
    row = await fetch_one(
        "SELECT id, content FROM import_piece WHERE import_id = {} AND position = {}",
        import_id,
        position,
    )
    return b"" if row is None else tx.vault.open_secret(_PIECE, row[0], row[1])


async def forget_file(tx: Tx, import_id: UUID) -> None:
    """Delete the pieces, and of the sample all but the head, which wrong rows come back under."""
    await execute("DELETE FROM import_piece WHERE import_id = {}", import_id)
    kept = _pack(Sample(head=(await sample(tx, import_id)).head, rows=()))
    await update_row(ImportRow, import_id, sample=tx.vault.seal_secret(_SAMPLE, import_id, kept))


# --- its rows ---


async def stage(tx: Tx, import_id: UUID, position: int, rows: Sequence[FileRow]) -> None:
    """Keep rows under their place; the same place again replaces them."""
    await execute(
        "DELETE FROM import_chunk WHERE import_id = {} AND position = {}", import_id, position
    )
    row_id = uuid7()
    await insert(
        ImportChunkRow,
        id=row_id,
        import_id=import_id,
        position=position,
        rows_count=len(rows),
        content=tx.vault.seal_secret(_CHUNK, row_id, _pack(rows)),
    )


async def cut_off(import_id: UUID, position: int) -> None:
    """Forget chunks from this place on: of an earlier reading."""
    await execute(
        "DELETE FROM import_chunk WHERE import_id = {} AND position >= {}", import_id, position
    )


async def chunk(tx: Tx, import_id: UUID, position: int) -> Chunk | None:
    """A chunk with its rows; None behind the last."""
    row = await fetch_one(
        "SELECT id, position, at_row, first, last, content, outcomes FROM import_chunk "
        "WHERE import_id = {} AND position = {}",
        import_id,
        position,
    )
    if row is None:
        return None
    content = b"" if row[5] is None else tx.vault.open_secret(_CHUNK, row[0], row[5])
    return Chunk(
        *row[:5],
        rows=_rows.decode(content) if content else [],
        outcomes=_done.decode(row[6]) if row[6] else [],
    )


async def settle(
    tx: Tx, here: Chunk, outcomes: Sequence[Done], first: int, last: int, *, whole: bool
) -> None:
    """Keep what became of rows; of a chunk that is through, only the wrong rows stay."""
    every = [*here.outcomes, *outcomes]
    values: dict[str, Any] = {"at_row": len(every), "outcomes": _pack(every)}
    if last:
        values |= {"first": here.first or first, "last": last}
    if whole:
        wrong = [
            row for row, done in zip(here.rows, every, strict=True) if done.outcome is Outcome.WRONG
        ]
        values["content"] = tx.vault.seal_secret(_CHUNK, here.id, _pack(wrong)) if wrong else None
    await update_row(ImportChunkRow, here.id, **values)


async def revise(here: Chunk, outcomes: Sequence[Done]) -> None:
    """Keep other outcomes: of an import that is taken back."""
    await update_row(ImportChunkRow, here.id, outcomes=_pack(list(outcomes)))


async def forget_old(now: datetime) -> int:
    """Forget the rows of imports that cannot be taken back any more; what they brought stays."""
    before = now - timedelta(days=KEPT_DAYS)
    old = "SELECT id FROM data_import WHERE made_at < {}"
    for table in ("import_chunk", "import_piece"):
        await execute(f"DELETE FROM {table} WHERE import_id IN ({old})", before)
    return await execute("UPDATE data_import SET sample = NULL WHERE made_at < {}", before)


async def drop(one: Import) -> None:
    """Forget an import that has brought nothing yet."""
    for table in ("import_chunk", "import_piece"):
        await execute(f"DELETE FROM {table} WHERE import_id = {{}}", one.id)
    await execute("DELETE FROM data_import WHERE id = {}", one.id)
