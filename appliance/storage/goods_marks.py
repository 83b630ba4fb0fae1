"""Marks by which whoever keeps something made of goods notices that it is no longer true.

Two levels: a stamp that changes with every change of any product (one small read tells that nothing
happened), and a count of changes on each product and stock row, whose sum over a run of numbers
tells which run to make anew. Stock counts on its own rows, in the statement that changes the
figure: an order takes no further lock for it.
"""

from collections.abc import Collection
from uuid import UUID

import msgspec

from appliance.domain.ids import uuid7
from appliance.storage.statements import any_of, execute, fetch_value, upsert
from appliance.storage.tables import SettingRow

STAMP = "goods.stamp"


async def touch() -> None:
    """Say that a product is new or another one changed."""
    value = msgspec.json.encode(uuid7()).decode()
    await upsert(SettingRow, ["key"], key=STAMP, value=value, locked=False)


async def stamp() -> str:
    """What `touch` wrote last."""
    return str(await fetch_value("SELECT value FROM setting WHERE key = {}", STAMP) or "")


async def changed(products: Collection[UUID]) -> None:
    """Count a change of these products."""
    if products:
        await execute("UPDATE product SET changed = changed + 1 WHERE id IN {}", any_of(products))
        await touch()


async def changed_variants(variants: Collection[UUID]) -> None:
    """Count a change of the products whose variants these are."""
    if variants:
        await execute(
            "UPDATE product SET changed = changed + 1 WHERE id IN "
            "(SELECT product_id FROM variant WHERE id IN {})",
            any_of(variants),
        )
        await touch()
