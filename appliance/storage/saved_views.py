"""Kept views of lists: one's own and those shared with one's roles."""

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

from appliance.domain.ids import uuid7
from appliance.domain.views import EVERYBODY, SavedView
from appliance.errors import NotFound
from appliance.storage.statements import (
    execute,
    fetch,
    fetch_one,
    fetch_value,
    insert,
    update_row,
    upsert,
)
from appliance.storage.tables import ListChoiceRow, SavedViewRow
from appliance.storage.tx import Tx

LABEL = "saved_view.name"
MOST = 60
"""Views that one list offers a reader."""


class Choice(NamedTuple):
    """What a reader chose for one list."""

    view_id: UUID | None = None
    columns: tuple[str, ...] = ()


async def roles_of(tx: Tx) -> frozenset[str]:
    """Codes of the actor's roles."""
    roles = await fetch_value("SELECT roles FROM users WHERE id = {}", tx.actor.id)
    return frozenset(one for one in (roles or "").split(",") if one)


async def choice(tx: Tx, section: str) -> Choice:
    """What the actor chose for a list."""
    row = await fetch_one(
        "SELECT view_id, columns FROM list_choice WHERE user_id = {} AND section = {}",
        tx.actor.id,
        section,
    )
    return Choice() if row is None else Choice(row[0], _codes(row[1]))


async def offered(tx: Tx, section: str, starred: UUID | None) -> tuple[SavedView, ...]:
    """Views that the actor may open, his own first."""
    rows = await fetch(
        "SELECT id, owner_id, name, query, roles FROM saved_view "
        "WHERE section = {} AND (owner_id = {} OR roles <> {}) ORDER BY position, created_at, id",
        section,
        tx.actor.id,
        "",
    )
    if not rows:
        return ()
    mine_of = await roles_of(tx)
    views = [
        _view(tx, row, starred)
        for row in rows
        if row[1] == tx.actor.id or _reaches(row[4].split(","), mine_of)
    ]
    views.sort(key=lambda one: not one.mine)
    return tuple(views[:MOST])


def _codes(text: str) -> tuple[str, ...]:
    return tuple(one for one in text.split(",") if one)


def _reaches(roles: Sequence[str], mine: frozenset[str]) -> bool:
    return EVERYBODY in roles or not mine.isdisjoint(roles)


def _view(tx: Tx, row: Sequence[Any], starred: UUID | None) -> SavedView:
    view_id, owner, name, query, roles = row
    words = ""
    if tx.vault.is_open:
        words = tx.vault.open_secret(LABEL, view_id, name).decode()
    return SavedView(
        id=view_id,
        name=words,
        query=query,
        mine=owner == tx.actor.id,
        roles=_codes(roles),
        starred=view_id == starred,
    )


async def keep(tx: Tx, section: str, name: str, query: str, roles: Sequence[str]) -> UUID:
    """Keep a view of the actor's; one of his of the same filter is changed instead."""
    known = await fetch_value(
        "SELECT id FROM saved_view WHERE owner_id = {} AND section = {} AND query = {}",
        tx.actor.id,
        section,
        query,
    )
    view_id: UUID = known or uuid7()
    sealed = tx.vault.seal_secret(LABEL, view_id, name.encode())
    if known is not None:
        await update_row(SavedViewRow, view_id, name=sealed, roles=",".join(roles))
        return view_id
    last = await fetch_value(
        "SELECT COALESCE(MAX(position), 0) FROM saved_view WHERE owner_id = {} AND section = {}",
        tx.actor.id,
        section,
    )
    await insert(
        SavedViewRow,
        id=view_id,
        owner_id=tx.actor.id,
        section=section,
        name=sealed,
        query=query,
        roles=",".join(roles),
        position=int(last) + 1,
        created_at=tx.now,
    )
    return view_id


async def count_mine(tx: Tx, section: str) -> int:
    """How many views of a list the actor keeps."""
    return int(
        await fetch_value(
            "SELECT COUNT(*) FROM saved_view WHERE owner_id = {} AND section = {}",
            tx.actor.id,
            section,
        )
    )


async def section_of(tx: Tx, view_id: UUID, *, own: bool) -> str:
    """The list of a view that the actor may open (or, with `own`, change).

    Raises:
        NotFound: `view_not_found`: there is none, or it is another's.
    """
    row = await fetch_one("SELECT section, owner_id, roles FROM saved_view WHERE id = {}", view_id)
    if row is None:
        raise NotFound("view_not_found")
    if row[1] == tx.actor.id:
        return row[0]
    if own or not _reaches(row[2].split(","), await roles_of(tx)):
        raise NotFound("view_not_found")
    return row[0]


async def remove(view_id: UUID) -> None:
    """Forget a view; lists that opened with it open as delivered."""
    await execute("DELETE FROM saved_view WHERE id = {}", view_id)
    await execute("UPDATE list_choice SET view_id = {} WHERE view_id = {}", None, view_id)


async def choose(tx: Tx, section: str, **chosen: Any) -> None:
    """Keep what the actor chose for a list: `view_id` or `columns`."""
    known = await fetch_value(
        "SELECT id FROM list_choice WHERE user_id = {} AND section = {}", tx.actor.id, section
    )
    await upsert(
        ListChoiceRow,
        ["user_id", "section"],
        id=known or uuid7(),
        user_id=tx.actor.id,
        section=section,
        **chosen,
    )
