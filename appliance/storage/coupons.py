"""Coupons and their uses. The last use of a coupon is taken by one order only."""

from uuid import UUID

from appliance.domain.coupons import Coupon, Kind
from appliance.domain.ids import uuid7
from appliance.errors import Invalid
from appliance.storage.statements import execute, fetch, fetch_one, fetch_value, insert, upsert
from appliance.storage.tables import CouponRow, CouponUseRow
from appliance.storage.tx import Tx

_COLUMNS = (
    "id, code, kind, value, valid_from, valid_until, min_total, uses_left, per_client, active"
)
MOST_LISTED = 200


def _coupon(row: tuple[object, ...]) -> Coupon:
    values = dict(zip(Coupon.__struct_fields__, row, strict=True))
    values["kind"], values["active"] = Kind(str(row[2])), bool(row[9])
    return Coupon(**values)  # pyright: ignore[reportArgumentType]  columns in the order of fields


async def find(code: str) -> Coupon | None:
    """By its code, upper case."""
    row = await fetch_one(f"SELECT {_COLUMNS} FROM coupon WHERE code = {{}}", code)
    return None if row is None else _coupon(row)


async def list_all() -> list[Coupon]:
    """The newest coupons."""
    rows = await fetch(
        f"SELECT {_COLUMNS} FROM coupon ORDER BY created_at DESC, code LIMIT {{}}", MOST_LISTED
    )
    return [_coupon(row) for row in rows]


async def put(tx: Tx, coupon: Coupon) -> None:
    """Add a coupon, or change the one with this code."""
    values = {name: getattr(coupon, name) for name in Coupon.__struct_fields__}
    known = await find(coupon.code)
    values["id"] = coupon.id if known is None else known.id
    values["kind"] = coupon.kind.value
    await upsert(CouponRow, ["code"], **values, created_at=tx.now)


async def used_by(coupon_id: UUID, customer_id: UUID) -> int:
    """How many orders of a client used it."""
    return int(
        await fetch_value(
            "SELECT COUNT(*) FROM coupon_use WHERE coupon_id = {} AND customer_id = {}",
            coupon_id,
            customer_id,
        )
    )


async def use(tx: Tx, coupon: Coupon, order_id: UUID, customer_id: UUID) -> None:
    """Count a use.

    Raises:
        Invalid: `coupon_used_up`: another order took the last one.
    """
    taken = await execute(
        "UPDATE coupon SET uses_left = uses_left - 1 WHERE id = {} "
        "AND (uses_left IS NULL OR uses_left > 0)",
        coupon.id,
    )
    if not taken:
        raise Invalid("coupon_used_up", fields={"coupon": "coupon_used_up"})
    await insert(
        CouponUseRow,
        id=uuid7(),
        coupon_id=coupon.id,
        order_id=order_id,
        customer_id=customer_id,
        at=tx.now,
    )


async def release(order_id: UUID) -> None:
    """Give an order's use back."""
    row = await fetch_one("SELECT coupon_id FROM coupon_use WHERE order_id = {}", order_id)
    if row is None:
        return
    await execute("DELETE FROM coupon_use WHERE order_id = {}", order_id)
    await execute("UPDATE coupon SET uses_left = uses_left + 1 WHERE id = {}", row[0])
