"""Counting what a shop's module uploads: a step of both uploads."""

from collections.abc import Sequence

from appliance.domain.access import ActorKind
from appliance.domain.shops import Batch, RefusedRow
from appliance.errors import HouseError
from appliance.storage import shop_uploads
from appliance.storage.tx import Tx


async def note(
    tx: Tx,
    shop: str,
    kind: str,
    ids: Sequence[str],
    done: Sequence[int | HouseError],
    before: int,
    unread: Sequence[RefusedRow],
) -> None:
    """Count a batch for the shop's report.

    Args:
        tx: of whoever uploads; only a shop's key is counted.
        shop: code.
        kind: `orders` or `clients`.
        ids: the shop's, by row.
        done: by row: its number here, or why it was refused.
        before: the last number given out before the batch.
        unread: rows that never came to a row here.
    """
    if tx.actor.kind is not ActorKind.API_KEY:
        return
    refused = [
        RefusedRow(kind=kind, external_id=code, code=_why(one))
        for code, one in zip(ids, done, strict=True)
        if isinstance(one, HouseError)
    ]
    numbers = [one for one in done if isinstance(one, int)]
    created = sum(number > before for number in numbers)
    batch = Batch(
        created=created,
        updated=len(numbers) - created,
        failed=len(refused) + len(unread),
    )
    await shop_uploads.note(tx, shop, kind, batch, [*unread, *refused])


def _why(error: HouseError) -> str:
    fields: dict[str, str] = dict(getattr(error, "fields", {}))
    return next(iter(fields.values()), error.code)
