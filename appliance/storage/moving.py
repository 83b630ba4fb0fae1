"""Moving rows from one client to another, with every cell under the other's key."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import islice
from typing import Any, NamedTuple
from uuid import UUID

from appliance.domain.ids import uuid7
from appliance.errors import Damaged
from appliance.storage import files
from appliance.storage.owned import OWNED, Owned
from appliance.storage.statements import any_of, fetch, insert_many, update_many
from appliance.storage.tables import FileRow, MergedRowRow
from appliance.storage.tx import Tx

CHUNK = 500


class Owner(NamedTuple):
    """A client and the key his cells are under."""

    client: UUID
    subject: UUID


def chunks(keys: Iterable[Any]) -> Iterator[list[Any]]:
    """Cut a list into parts that one statement takes."""
    left = iter(keys)
    while part := list(islice(left, CHUNK)):
        yield part


def _is(owned: Owned, owner: Owner) -> tuple[str, tuple[Any, ...]]:
    """Condition that rows are this owner's; a row without a cell says so by its client alone."""
    if not owned.client:
        return f"{owned.subject} = {{}}", (owner.subject,)
    if not owned.subject:
        return f"{owned.client} = {{}}", (owner.client,)
    return (
        f"({owned.subject} = {{}} OR ({owned.subject} IS NULL AND {owned.client} = {{}}))",
        (owner.subject, owner.client),
    )


async def keys_of(owned: Owned, owner: Owner) -> list[Any]:
    """Keys of the rows of one table that belong to a client by themselves."""
    if not owned.stands_alone:
        return []
    by = owned.by or owned.client or owned.subject
    condition, values = _is(owned, owner)
    rows = await fetch(
        f'SELECT {owned.key} FROM "{owned.name}" WHERE {by} = {{}} AND {condition} '
        f"ORDER BY {owned.key}",
        owner.subject if by == owned.subject else owner.client,
        *values,
    )
    return [row[0] for row in rows]


async def still(owned: Owned, keys: Sequence[Any], owner: Owner) -> list[Any]:
    """Those of the rows that are there and this owner's."""
    condition, values = _is(owned, owner)
    found: list[Any] = []
    for part in chunks(keys):
        rows = await fetch(
            f'SELECT {owned.key} FROM "{owned.name}" WHERE {owned.key} IN {{}} AND {condition}',
            any_of(part),
            *values,
        )
        found += [row[0] for row in rows]
    return found


async def keys_following(owned: Owned, parents: Sequence[UUID]) -> list[Any]:
    """Keys of the rows that belong to these orders and deals, whoever's they are."""
    found: dict[Any, None] = {}
    for column in owned.follows:
        for part in chunks(parents):
            rows = await fetch(
                f'SELECT {owned.key} FROM "{owned.name}" WHERE {column} IN {{}}', any_of(part)
            )
            found.update((row[0], None) for row in rows)
    return list(found)


async def files_of(entries: Sequence[UUID]) -> list[UUID]:
    """Files that these lines of a stream show."""
    found: list[UUID] = []
    for part in chunks(entries):
        rows = await fetch(
            "SELECT ref_id FROM timeline_entry WHERE id IN {} AND kind = 'file' "
            "AND ref_id IS NOT NULL",
            any_of(part),
        )
        found += [row[0] for row in rows]
    return found


async def move(tx: Tx, owned: Owned, keys: Sequence[Any], was: Owner, became: Owner) -> int:
    """Give rows to another client; those that are not `was`'s any more are passed over.

    A damaged cell stays as it is: it is no more readable elsewhere, and its bytes are evidence.
    """
    moved = 0
    for part in chunks(keys):
        moved += await _move_part(tx, owned, part, was, became)
    return moved


async def _move_part(tx: Tx, owned: Owned, keys: Sequence[Any], was: Owner, became: Owner) -> int:
    owners = [name for name in (owned.client, owned.subject) if name]
    columns = list(dict.fromkeys([owned.key, "id", *owners, *owned.cells]))
    rows = await fetch(
        f'SELECT {", ".join(columns)} FROM "{owned.name}" WHERE {owned.key} IN {{}}', any_of(keys)
    )
    changed: list[tuple[Any, ...]] = []
    for values in rows:
        row = dict(zip(columns, values, strict=True))
        subject = row[owned.subject] if owned.subject else was.subject
        if subject is not None and subject != was.subject:
            continue
        by_client = owned.client and (subject is None or not owned.subject)
        if by_client and row[owned.client] != was.client:
            continue
        if owned.table is FileRow:
            await _hand_over(tx, row["id"], became)
            changed.append(())
            continue
        cells = [
            row[name]
            if subject is None
            else _resealed(tx, owned, row["id"], name, row[name], was, became)
            for name in owned.cells
        ]
        fresh = [_owner_of(name, row[name], owned, was, became) for name in owners]
        changed.append((*fresh, *cells, row[owned.key]))
    if owned.table is not FileRow:
        await update_many(owned.table, owned.key, [*owners, *owned.cells], changed)
    return len(changed)


async def _hand_over(tx: Tx, file_id: UUID, became: Owner) -> None:
    """A file's bytes lie outside the database: they are sealed anew there."""
    with suppress(Damaged):
        await files.hand_over(tx, file_id, became.subject)


def _owner_of(name: str, value: Any, owned: Owned, was: Owner, became: Owner) -> Any:
    if name == owned.subject:
        return None if value is None else became.subject
    return became.client if value == was.client else value


def _resealed(
    tx: Tx, owned: Owned, row: UUID, column: str, cell: bytes | None, was: Owner, became: Owner
) -> bytes | None:
    if cell is None:
        return None
    with suppress(Damaged):
        return tx.reseal(owned.name, column, row, was.subject, became.subject, cell)
    return cell


# --- what a merge notes of the rows it moved ---


def as_id(key: Any) -> UUID:
    """A row's key as the notes keep it."""
    return key if isinstance(key, UUID) else UUID(int=key)


def as_key(owned: Owned, noted: UUID) -> Any:
    """A noted key as the table knows it."""
    return noted if owned.key == "id" else noted.int


async def note(merge_id: UUID, part: str, keys: Sequence[Any], *, aside: bool = False) -> None:
    """Write down which rows a merge moved or put aside."""
    await insert_many(
        MergedRowRow,
        [
            {
                "id": uuid7(),
                "merge_id": merge_id,
                "part": part,
                "row_key": as_id(key),
                "aside": int(aside),
            }
            for key in keys
        ],
    )


async def noted(merge_id: UUID, *, aside: bool = False) -> dict[str, list[Any]]:
    """Rows that a merge moved (or put aside), by part."""
    known = {owned.part: owned for owned in OWNED}
    found: dict[str, list[Any]] = {}
    for part, row_key in await fetch(
        "SELECT part, row_key FROM merged_row WHERE merge_id = {} AND aside = {}",
        merge_id,
        int(aside),
    ):
        if part in known:
            found.setdefault(part, []).append(as_key(known[part], row_key))
    return found
