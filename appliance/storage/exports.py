"""Exports: the journal, and the finished file in sealed pieces until it is taken."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

import msgspec

from appliance.domain.exports import KEPT, Asked, ExportForm, ExportKind, ExportState, ExportView
from appliance.domain.grants import Access, Grant, Scope
from appliance.domain.ids import uuid7
from appliance.domain.personal import Personal
from appliance.errors import NotFound
from appliance.storage import counters
from appliance.storage.statements import execute, fetch, fetch_one, insert, update_row
from appliance.storage.tables import ExportPieceRow, ExportRow
from appliance.storage.tx import Tx

_ASKED: Final = "data_export.asked"
_PIECE: Final = "export_piece.content"
_pack = msgspec.msgpack.encode


class Export(NamedTuple):
    """A row of the table, its cell still closed."""

    id: UUID
    number: int
    kind: str
    form: str
    state: str
    made_by: UUID
    made_by_number: int
    made_at: datetime
    asked: bytes
    grant: str
    done: int
    people: int
    error: str


_COLUMNS: Final = ", ".join(f'"{name}"' for name in Export._fields)


class Reach(msgspec.Struct, frozen=True):
    """How far whoever asked could see when he asked."""

    scope: int
    fields: dict[str, int]
    department: UUID | None = None

    @property
    def grant(self) -> Grant:
        """As the gate takes it."""
        return Grant(
            Scope(self.scope), {name: Access(value) for name, value in self.fields.items()}
        )


def reach_of(grants: Mapping[str, Grant], department: UUID | None) -> dict[str, Reach]:
    """Grants as they are kept."""
    return {
        name: Reach(
            grant.scope.value,
            {field: access.value for field, access in grant.fields.items()},
            department,
        )
        for name, grant in grants.items()
    }


async def add(
    tx: Tx, kind: ExportKind, form: ExportForm, asked: Asked, reach: Mapping[str, Reach]
) -> int:
    """Write down that a table is asked for; its number."""
    row_id, number = uuid7(), await counters.draw("export")
    await insert(
        ExportRow,
        id=row_id,
        number=number,
        kind=kind.value,
        form=form.value,
        made_by=tx.actor.id,
        made_by_number=tx.actor.number,
        made_at=tx.now,
        asked=tx.vault.seal_secret(_ASKED, row_id, _pack(asked)),
        grant=msgspec.json.encode(reach).decode(),
    )
    tx.about("export", row_id)
    tx.concern("export", row_id)
    return number


async def find(number: int) -> Export:
    """By number.

    Raises:
        NotFound: `export_not_found`.
    """
    row = await fetch_one(f"SELECT {_COLUMNS} FROM data_export WHERE number = {{}}", number)
    if row is None:
        raise NotFound("export_not_found")
    return Export(*row)


async def get(export_id: UUID) -> Export:
    """By id.

    Raises:
        NotFound: `export_not_found`.
    """
    row = await fetch_one(f"SELECT {_COLUMNS} FROM data_export WHERE id = {{}}", export_id)
    if row is None:
        raise NotFound("export_not_found")
    return Export(*row)


async def waiting() -> list[Export]:
    """Exports to be made, the oldest first."""
    rows = await fetch(
        f"SELECT {_COLUMNS} FROM data_export WHERE state = 'waiting' ORDER BY number"
    )
    return [Export(*row) for row in rows]


async def page(before: int | None, limit: int) -> list[Export]:
    """The newest first."""
    rows = await fetch(
        f"SELECT {_COLUMNS} FROM data_export WHERE number < {{}} ORDER BY number DESC LIMIT {{}}",
        before or 2**62,
        limit,
    )
    return [Export(*row) for row in rows]


def view(tx: Tx, one: Export) -> ExportView:
    """A line of the journal."""
    asked = asked_of(tx, one)
    return ExportView(
        id=one.id,
        number=one.number,
        kind=ExportKind(one.kind),
        form=ExportForm(one.form),
        state=ExportState(one.state),
        made_by=one.made_by_number,
        made_at=one.made_at,
        done=one.done,
        people=one.people,
        error=one.error,
        reason=Personal(asked.reason),
        narrowed=bool(asked.wanted),
    )


def asked_of(tx: Tx, one: Export) -> Asked:
    """Why it was asked for, and of which rows."""
    return msgspec.msgpack.decode(tx.vault.open_secret(_ASKED, one.id, one.asked), type=Asked)


async def change(tx: Tx, export_id: UUID, **columns: Any) -> None:
    """Change columns, and have the journal read anew."""
    await update_row(ExportRow, export_id, **columns)
    tx.concern("export", export_id)


async def put_piece(tx: Tx, export_id: UUID, position: int, data: bytes) -> None:
    """Keep a piece of the file; the first one makes room."""
    if position == 0:
        await execute("DELETE FROM export_piece WHERE export_id = {}", export_id)
    row_id = uuid7()
    await insert(
        ExportPieceRow,
        id=row_id,
        export_id=export_id,
        position=position,
        content=tx.vault.seal_secret(_PIECE, row_id, data),
    )


async def piece(tx: Tx, export_id: UUID, position: int) -> bytes:
    """A piece of the file; empty behind the last."""
    row = await fetch_one(
        "SELECT id, content FROM export_piece WHERE export_id = {} AND position = {}",
        export_id,
        position,
    )
    return b"" if row is None else tx.vault.open_secret(_PIECE, row[0], row[1])


async def forget_old(now: datetime) -> int:
    """Forget files nobody took within a day; the journal stays."""
    old: Sequence[Any] = (now - KEPT,)
    await execute(
        "DELETE FROM export_piece WHERE export_id IN "
        "(SELECT id FROM data_export WHERE made_at < {})",
        *old,
    )
    return await execute(
        "UPDATE data_export SET state = 'gone' WHERE made_at < {} AND state IN ('ready', 'taken')",
        *old,
    )
