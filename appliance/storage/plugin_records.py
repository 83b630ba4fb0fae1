"""Records that plugins do wishes about: at which account each is, which are an order's."""

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

from appliance.storage.statements import any_of, fetch, fetch_one

_ACCOUNTS: Final[Mapping[str, str]] = {
    "parcel": "SELECT r.id, r.account FROM parcel r WHERE r.id IN {}",
    "payment": "SELECT r.id, r.account FROM pay_attempt r WHERE r.id IN {}",
    "refund": (
        "SELECT r.id, a.account FROM pay_refund r JOIN pay_attempt a ON a.id = r.attempt_id "
        "WHERE r.id IN {}"
    ),
    "receipt": (
        "SELECT r.id, a.account FROM receipt r JOIN pay_attempt a ON a.id = r.attempt_id "
        "WHERE r.id IN {}"
    ),
    "fulfilment": (
        "SELECT r.id, o.account FROM fulfilment r "
        "JOIN fulfilment_operator o ON o.id = r.operator_id WHERE r.id IN {}"
    ),
    "message": "SELECT r.id, r.account FROM message r WHERE r.id IN {}",
    "posting": (
        "SELECT r.id, a.code FROM posting r JOIN market_account a ON a.id = r.account_id "
        "WHERE r.id IN {}"
    ),
}
"""Kind of a wish → its records' accounts."""

_OF_ORDER: Final[Mapping[str, str]] = {
    "parcel": "SELECT r.id, r.order_id FROM parcel r JOIN orders o ON o.id = r.order_id "
    "WHERE o.number = {} AND r.plugin = {} ORDER BY r.id DESC LIMIT 1",
    "payment": "SELECT r.id, r.order_id FROM pay_attempt r JOIN orders o ON o.id = r.order_id "
    "WHERE o.number = {} AND r.plugin = {} ORDER BY r.id DESC LIMIT 1",
    "fulfilment": "SELECT r.id, r.order_id FROM fulfilment r JOIN orders o ON o.id = r.order_id "
    "JOIN fulfilment_operator p ON p.id = r.operator_id "
    "WHERE o.number = {} AND p.plugin = {} ORDER BY r.id DESC LIMIT 1",
    "posting": "SELECT r.id, r.order_id FROM posting r JOIN orders o ON o.id = r.order_id "
    "JOIN market_account a ON a.id = r.account_id "
    "WHERE o.number = {} AND a.plugin = {} ORDER BY r.id DESC LIMIT 1",
}


async def accounts(kind: str, ids: Sequence[UUID]) -> dict[UUID, str]:
    """At which account each record is; those that are gone are left out."""
    text = _ACCOUNTS.get(kind)
    if text is None or not ids:
        return {}
    return {row[0]: str(row[1]) for row in await fetch(text, any_of(ids))}


async def newest(plugin: str, order_number: int) -> tuple[str, UUID, UUID] | None:
    """The newest record that this plugin carries for an order: kind, its id, the order's."""
    for kind, text in _OF_ORDER.items():
        row = await fetch_one(text, order_number, plugin)
        if row is not None:
            return kind, row[0], row[1]
    return None
