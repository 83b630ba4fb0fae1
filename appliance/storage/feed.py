"""The change feed: one entry per changed field, for history, undo and the shop's API."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec

from appliance.domain.access import ActorKind
from appliance.domain.ids import uuid7
from appliance.storage import counters, timeline
from appliance.storage.statements import insert_many
from appliance.storage.tables import ChangeEntryRow, SearchChangeRow
from appliance.storage.tx import Drawn, Tx


class PersonalChange(msgspec.Struct, omit_defaults=True):
    """Blob of `change_entry.personal`: a personal value before and after."""

    v: int = 1
    old: str | None = None
    new: str | None = None


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One changed field, named as in the API's history vocabulary.

    Attributes:
        old, new: JSON-able values; for a personal field they are texts and get sealed.
        part: the line or payment touched, as the API shows it.
    """

    field: str
    old: Any = None
    new: Any = None
    personal: bool = False
    kind: str = "change"
    part: Any = None
    source: str = ""


_SOURCES = {
    ActorKind.USER: "user",
    ActorKind.API_KEY: "api",
    ActorKind.PLUGIN: "api",
    ActorKind.CONSOLE: "user",
}


def _json(value: Any) -> str | None:
    return None if value is None else msgspec.json.encode(value).decode()


async def record(
    tx: Tx,
    entity: str,
    entity_id: UUID,
    entity_number: int,
    shop: str,
    subject: UUID,
    changes: list[Change],
) -> None:
    """Write the entries of one deed, and its line in the stream.

    Draw late: the feed's counter stays locked until commit.
    """
    if not changes:
        return
    first = await counters.draw(counters.FEED, len(changes))
    source = _SOURCES.get(tx.actor.kind, "code")
    rows: list[dict[str, object]] = []
    for offset, change in enumerate(changes):
        row_id = uuid7()
        personal = None
        if change.personal:
            blob = PersonalChange(old=change.old, new=change.new)
            personal = tx.seal("change_entry", "personal", row_id, subject, blob, change.field)
        rows.append(
            {
                "number": first + offset,
                "id": row_id,
                "entity": entity,
                "entity_id": entity_id,
                "entity_number": entity_number,
                "shop": shop,
                "kind": change.kind,
                "field": change.field,
                "old_value": None if change.personal else _json(change.old),
                "new_value": None if change.personal else _json(change.new),
                "personal": personal,
                "subject_id": subject if change.personal else None,
                "part": _json(change.part),
                "source": change.source or source,
                "user_number": tx.actor.number if (change.source or source) == "user" else 0,
                "key_id": tx.actor.id if (change.source or source) == "api" else None,
                "at": tx.now,
            }
        )
    await insert_many(ChangeEntryRow, rows)
    tx.concern(entity, entity_id)
    tx.drawn.append(Drawn(entity, entity_number, first, first + len(rows) - 1))
    await timeline.tell(tx, timeline.Deed(entity, entity_id, first, changes))


async def record_goods(
    tx: Tx, shop: str, deeds: Sequence[tuple[UUID, int, Sequence[Change]]]
) -> None:
    """Write the entries of many products at once: their ids and numbers, and what changed.

    Goods are nobody's data and stand in no client's stream: nothing here is sealed or told.
    """
    count = sum(len(changes) for _, _, changes in deeds)
    if not count:
        return
    number = await counters.draw(counters.FEED, count)
    source = _SOURCES.get(tx.actor.kind, "code")
    rows: list[dict[str, object]] = []
    for product, product_number, changes in deeds:
        first = number
        for change in changes:
            rows.append(
                {
                    "number": number,
                    "entity": "product",
                    "entity_id": product,
                    "entity_number": product_number,
                    "shop": shop,
                    "kind": change.kind,
                    "field": change.field,
                    "old_value": _json(change.old),
                    "new_value": _json(change.new),
                    "source": source,
                    "user_number": tx.actor.number if source == "user" else 0,
                    "key_id": tx.actor.id if source == "api" else None,
                    "at": tx.now,
                }
            )
            number += 1
        tx.drawn.append(Drawn("product", product_number, first, number - 1))
    tx.concern("product", deeds[0][0])
    await insert_many(ChangeEntryRow, rows)


async def reindex(customer_ids: list[UUID]) -> None:
    """Tell the search index to read these clients again."""
    if not customer_ids:
        return
    first = await counters.draw(counters.FEED, len(customer_ids))
    await insert_many(
        SearchChangeRow,
        [
            {"number": first + offset, "customer_id": customer_id}
            for offset, customer_id in enumerate(customer_ids)
        ],
    )
