"""Groups of products: a tree of some hundreds at most, read whole."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from appliance.domain.catalogue import Category
from appliance.domain.ids import uuid7
from appliance.errors import Invalid
from appliance.storage import counters
from appliance.storage.statements import execute, fetch, fetch_value, insert
from appliance.storage.tables import CategoryRow

DEEPEST = 8
"""Levels of the tree that are followed; a circle made by two hands at once ends here."""


class Stored(NamedTuple):
    """A group as stored."""

    id: UUID
    number: int
    name: str
    parent_id: UUID | None


async def every() -> list[Stored]:
    """All groups by name."""
    rows = await fetch("SELECT id, number, name, parent_id FROM category ORDER BY name, number")
    return [Stored(*row) for row in rows]


def tree(groups: Sequence[Stored]) -> tuple[Category, ...]:
    """Groups in the order of the tree, each under its parent."""
    known = {one.id: one for one in groups}
    found: list[Category] = []

    def walk(parent: UUID | None, level: int, path: str) -> None:
        for one in groups:
            above = one.parent_id if one.parent_id in known else None
            if above != parent or level > DEEPEST:
                continue
            whole = f"{path} / {one.name}" if path else one.name
            number = 0 if parent is None else known[parent].number
            found.append(
                Category(number=one.number, name=one.name, parent=number, level=level, path=whole)
            )
            walk(one.id, level + 1, whole)

    walk(None, 0, "")
    return tuple(found)


def under(groups: Sequence[Stored], number: int) -> list[UUID]:
    """Ids of a group and of everything under it; none for an unknown number."""
    found = [one.id for one in groups if one.number == number]
    for _ in range(DEEPEST):
        more = [one.id for one in groups if one.parent_id in found and one.id not in found]
        if not more:
            break
        found += more
    return found


async def named(name: str) -> UUID:
    """The group of this name, made at the root where there is none."""
    clean = " ".join(name.split())[:200]
    known = await fetch_value(
        "SELECT id FROM category WHERE name = {} ORDER BY number LIMIT 1", clean
    )
    return known if known is not None else await add(clean, None)


async def add(name: str, parent: UUID | None) -> UUID:
    """Make a group."""
    category = uuid7()
    number = await counters.draw("category")
    await insert(CategoryRow, id=category, number=number, name=name, parent_id=parent)
    return category


async def change(groups: Sequence[Stored], number: int, name: str, parent: int) -> None:
    """Rename a group or hang it elsewhere; 0 is the root.

    Raises:
        Invalid: `category_unknown`; `category_circle`: under itself.
    """
    known = {one.number: one for one in groups}
    if number not in known or (parent and parent not in known):
        raise Invalid("category_unknown", fields={"category": "category_unknown"})
    if parent and known[parent].id in under(groups, number):
        raise Invalid("category_circle", fields={"parent": "category_circle"})
    await execute(
        "UPDATE category SET name = {}, parent_id = {} WHERE id = {}",
        name,
        known[parent].id if parent else None,
        known[number].id,
    )
    await execute(
        "UPDATE product SET product_group = {}, changed = changed + 1 WHERE category_id = {}",
        name,
        known[number].id,
    )
