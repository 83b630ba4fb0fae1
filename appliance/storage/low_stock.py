"""Telling who keeps the stock that something runs low: once per fall under the threshold."""

from collections.abc import Collection
from uuid import UUID

from appliance.domain.notices import NoticeKind
from appliance.roles import Permission
from appliance.storage import notices, roles_store
from appliance.storage.notices import Told
from appliance.storage.statements import any_of, execute, fetch
from appliance.storage.tx import Tx


async def watch(tx: Tx, variants: Collection[UUID]) -> None:
    """Compare what is free with the thresholds of these variants; most have none."""
    rows = await fetch(
        "SELECT v.id, p.id, p.number, v.low_milli, v.low_told, "
        "COALESCE((SELECT SUM(s.on_hand_milli - s.reserved_milli) FROM stock s "
        "WHERE s.variant_id = v.id), 0) FROM variant v JOIN product p ON p.id = v.product_id "
        "WHERE v.id IN {} AND v.low_milli > 0",
        any_of(variants),
    )
    fallen = [row for row in rows if row[5] <= row[3] and not row[4]]
    risen = [row[0] for row in rows if row[5] > row[3] and row[4]]
    if risen:
        await execute("UPDATE variant SET low_told = {} WHERE id IN {}", False, any_of(risen))
    if not fallen:
        return
    ids = [row[0] for row in fallen]
    await execute("UPDATE variant SET low_told = {} WHERE id IN {}", True, any_of(ids))
    keepers = await _keepers()
    products = {row[1]: row[2] for row in fallen}
    await notices.tell_all(
        tx,
        [
            Told(keeper, NoticeKind.STOCK_LOW, "product", product, number)
            for keeper in keepers
            for product, number in products.items()
        ],
    )


async def _keepers() -> list[UUID]:
    """Colleagues whose roles let them move stock; heads look when they like."""
    codes = {
        role.code
        for role in await roles_store.list_all()
        if Permission.STOCK_EDIT in role.grants and Permission.REFERENCE_EDIT not in role.grants
    }
    rows = await fetch("SELECT id, roles FROM users WHERE active = {}", True)
    return [user for user, held in rows if codes & set(held.split(","))]
