"""Reading the change feed: what the feeds of orders and of clients have in common."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from appliance.domain.access import ActorKind
from appliance.domain.fields import HISTORY
from appliance.domain.grants import Access
from appliance.domain.personal import Personal
from appliance.errors import Damaged, Destroyed
from appliance.storage import fields
from appliance.storage.feed import PersonalChange
from appliance.storage.statements import fetch_value
from appliance.storage.tx import Tx

MOST_COUNTED = 5_000
"""What remains of a feed is counted up to here: readers ask only whether there is more."""

COLUMNS = (
    "e.number, e.at, e.kind, e.source, e.user_number, e.key_id, e.field, e.old_value, "
    "e.new_value, e.part, e.id, e.subject_id, e.personal, e.entity_id, e.entity_number, e.shop, "
    "e.entity"
)


class Entry(NamedTuple):
    """A row of the feed, in the order of `COLUMNS`."""

    number: int
    at: datetime
    kind: str
    source: str
    user_number: int
    key_id: UUID | None
    field: str
    old_value: str | None
    new_value: str | None
    part: str | None
    id: UUID
    subject_id: UUID | None
    personal: bytes | None
    entity_id: UUID
    entity_number: int
    shop: str
    entity: str


def plain(text: str | None) -> Any:
    """A stored value, decoded."""
    return None if text is None else msgspec.json.decode(text)


def values(tx: Tx, entry: Entry, grant_field: Callable[[str], str]) -> tuple[Any, Any]:
    """Before and after; personal ones opened only where the grant shows their field."""
    if entry.subject_id is None:
        return plain(entry.old_value), plain(entry.new_value)
    granted = grant_field(entry.field)
    if entry.field.startswith(HISTORY):
        granted = fields.granted(entry.entity, entry.field)
    if entry.personal is None or tx.may(granted) is not Access.VISIBLE:
        return None, None
    try:
        blob = tx.open(
            "change_entry",
            "personal",
            entry.id,
            entry.subject_id,
            entry.personal,
            PersonalChange,
            granted,
        )
    except (Damaged, Destroyed):
        return None, None
    return (
        None if blob.old is None else Personal(blob.old),
        None if blob.new is None else Personal(blob.new),
    )


def stored(tx: Tx, entry: Entry) -> tuple[Any, Any]:
    """Before and after whatever the grant shows: for writing them back, never for showing.

    Raises:
        Damaged, Destroyed, Sealed: see `Tx.open`.
    """
    if entry.subject_id is None or entry.personal is None:
        return plain(entry.old_value), plain(entry.new_value)
    blob = tx.open(
        "change_entry",
        "personal",
        entry.id,
        entry.subject_id,
        entry.personal,
        PersonalChange,
        entry.field,
    )
    return blob.old, blob.new


def current_key(tx: Tx, entry: Entry) -> bool | None:
    """Whether the key that reads made the change; None where no key did."""
    return None if entry.key_id is None else entry.key_id == tx.actor.id


def preload(tx: Tx, entries: Sequence[Entry]) -> None:
    """Bring the keys of a page's people into the cache by one statement."""
    tx.vault.preload({one.subject_id for one in entries if one.subject_id is not None})


async def own_left_out(tx: Tx) -> bool:
    """Whether the reading key asked not to be told its own changes."""
    if tx.actor.kind is not ActorKind.API_KEY:
        return False
    return bool(await fetch_value("SELECT hide_own FROM api_key WHERE id = {}", tx.actor.id))
