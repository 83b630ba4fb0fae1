"""What the box holds of a person, counted by category; and the cards that are he."""

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

from appliance.domain.subjects import Found
from appliance.storage import references
from appliance.storage.erasing import CATEGORY, held_of
from appliance.storage.moving import Owner, chunks
from appliance.storage.owned import Owned
from appliance.storage.statements import any_of, fetch, fetch_one, fetch_value

_INDEXES = {
    "contact": ("value_index", "tail_index"),
    "requisites": ("inn_index",),
    "customer_date": ("day_index",),
    "custom_token": ("value_index",),
}


class Card(NamedTuple):
    """A card that is the person: his own, or one merged into it."""

    id: UUID
    subject_id: UUID
    number: int
    state: str
    shop: str
    external_id: str | None

    @property
    def owner(self) -> Owner:
        """As rows know it."""
        return Owner(self.id, self.subject_id)


_CARD = "SELECT id, subject_id, number, state, shop, external_id FROM customer WHERE "


async def cards(customer_id: UUID) -> list[Card]:
    """The client's card first, then all that were merged into it, and into those."""
    found = [Card(*row) for row in await fetch(_CARD + "id = {}", customer_id)]
    for one in found:
        rows = await fetch(_CARD + "merged_into = {} ORDER BY number", one.id)
        found += [Card(*row) for row in rows if row[0] not in {known.id for known in found}]
    return found


async def found_of(people: Sequence[Card]) -> Found:
    """Count everything that is sealed, indexed or kept for a person, over all his cards."""
    cells: dict[str, int] = {}
    rows: dict[str, int] = {}
    indexes = 0
    for card in people:
        for column in ("person", "wishes"):
            there = await fetch_value(
                f'SELECT COUNT("{column}") FROM customer WHERE id = {{}}', card.id
            )
            _add(cells, CATEGORY["customer", column], int(there or 0))
        for owned, keys in await held_of(card.owner):
            if not keys:
                continue
            rows[owned.name] = rows.get(owned.name, 0) + len(keys)
            for cell in owned.cells:
                count = await _count(owned, cell, keys)
                _add(cells, CATEGORY[owned.name, cell], count)
            for index in _INDEXES.get(owned.name, ()):
                indexes += await _count(owned, index, keys)
    if cells.get("custom"):
        await _name_custom(cells)
    return await _around(people, {k: v for k, v in cells.items() if v}, rows, indexes)


def _add(cells: dict[str, int], categories: Sequence[str], count: int) -> None:
    for category in categories:
        cells[category] = cells.get(category, 0) + count


async def _count(owned: Owned, column: str, keys: Sequence[Any]) -> int:
    total = 0
    for part in chunks(keys):
        total += int(
            await fetch_value(
                f'SELECT COUNT("{column}") FROM "{owned.name}" WHERE {owned.key} IN {{}}',
                any_of(part),
            )
        )
    return total


async def _name_custom(cells: dict[str, int]) -> None:
    """Fields of an administrator's making are categories of their own, from their registry."""
    count = cells.pop("custom")
    lists = await references.lists()
    for fields in lists.fields.values():
        for field in fields.values():
            if field.personal:
                cells[f"custom:{field.code}"] = count


async def _around(
    people: Sequence[Card], cells: dict[str, int], rows: dict[str, int], indexes: int
) -> Found:
    ids = any_of([card.id for card in people])
    subjects = any_of([card.subject_id for card in people])
    size = await fetch_one(
        "SELECT COUNT(*), COALESCE(SUM(size), 0) FROM file WHERE subject_id IN {}", subjects
    )
    count, total = size or (0, 0)

    async def counted(sql: str, *args: object) -> int:
        return int(await fetch_value(sql, *args) or 0)

    return Found(
        cells=cells,
        rows=rows,
        indexes=indexes,
        records=len(people),
        orders=await counted("SELECT COUNT(*) FROM orders WHERE customer_id IN {}", ids),
        open_orders=await counted(
            "SELECT COUNT(*) FROM orders o JOIN order_status s ON s.code = o.status "
            "JOIN status_group g ON g.code = s.status_group "
            "WHERE o.customer_id IN {} AND g.process = {}",
            ids,
            True,
        ),
        deals=await counted("SELECT COUNT(*) FROM deal WHERE customer_id IN {}", ids),
        open_deals=await counted(
            "SELECT COUNT(*) FROM deal WHERE customer_id IN {} AND state = 'open'", ids
        ),
        open_tasks=await counted(
            "SELECT COUNT(*) FROM task WHERE customer_id IN {} AND state = 'open'", ids
        ),
        open_letters=await counted(
            "SELECT COUNT(*) FROM letter WHERE customer_id IN {} "
            "AND state IN ('waiting', 'sending', 'retry')",
            ids,
        )
        + await counted(
            "SELECT COUNT(*) FROM message WHERE customer_id IN {} AND state IN ('queued', 'sent')",
            ids,
        ),
        paid_for=await counted("SELECT COUNT(*) FROM orders WHERE payer_id IN {}", ids),
        companies=await counted(
            "SELECT COUNT(*) FROM company_contact WHERE customer_id IN {}", ids
        ),
        files=int(count),
        file_bytes=int(total),
        drafts=await counted("SELECT COUNT(DISTINCT export_id) FROM export_piece")
        + await counted("SELECT COUNT(DISTINCT import_id) FROM import_piece"),
    )
