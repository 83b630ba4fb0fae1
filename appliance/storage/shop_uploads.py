"""What a shop's module has uploaded since it was connected: counts, and the last rows refused."""

from collections.abc import Sequence

from appliance.domain.shops import MOST_REFUSED, Batch, RefusedRow, Uploads
from appliance.storage import settings
from appliance.storage.statements import fetch_value
from appliance.storage.tx import Tx


def _key(shop: str) -> str:
    return f"shop.uploads.{shop}"


async def of_shop(shop: str) -> Uploads:
    """What came so far."""
    return await settings.get(_key(shop), Uploads)


async def last_number(noun: str) -> int:
    """The last number given out; a row of a batch with a higher one was made by it."""
    return await fetch_value("SELECT value FROM counter WHERE name = {}", noun) or 0


async def note(tx: Tx, shop: str, kind: str, batch: Batch, refused: Sequence[RefusedRow]) -> None:
    """Count a batch, in the batch's own transaction.

    Args:
        tx: of the shop's key.
        shop: code.
        kind: `orders` or `clients`.
        batch: of this upload alone.
        refused: its rows that were not taken; the newest stand first.
    """
    known = await of_shop(shop)
    had: Batch = getattr(known, kind)
    whole = Batch(
        created=had.created + batch.created,
        updated=had.updated + batch.updated,
        failed=had.failed + batch.failed,
    )
    again = {(one.kind, one.external_id) for one in refused}
    kept = [one for one in known.refused if (one.kind, one.external_id) not in again]
    await settings.put(
        _key(shop),
        Uploads(
            orders=whole if kind == "orders" else known.orders,
            clients=whole if kind == "clients" else known.clients,
            refused=(*refused, *kept)[:MOST_REFUSED],
            at=tx.now,
        ),
    )
    tx.topics.add("shop")
