"""What is taken off an order: coupons by their rules, and by hand as far as the role goes."""

from collections.abc import Sequence
from uuid import UUID

from appliance.actions._gate import house
from appliance.domain import coupons as rules
from appliance.domain.access import ActorKind
from appliance.domain.order_sums import OrderSum, add_up, part_of
from appliance.errors import Invalid
from appliance.storage import coupons, roles_store
from appliance.storage.order_lines import Line
from appliance.storage.tx import Tx

_HUNDRED_PERCENT_MILLI = 100_000


def base_of(lines: Sequence[Line]) -> int:
    """What the goods cost after the lines' own discounts, kopecks."""
    sums = add_up([line.input() for line in lines])
    return sums.total


async def take_coupon(
    tx: Tx, code: str, order_id: UUID, customer_id: UUID, lines: Sequence[Line]
) -> str:
    """Use a coupon for an order and give its code as it is kept.

    Raises:
        Invalid: `coupon_unknown`, `coupon_early`, `coupon_expired`, `coupon_used_up`,
            `coupon_used_by_client`, `coupon_small_total`.
    """
    found = await coupons.find(rules.spelled(code))
    today = tx.now.astimezone(house().zone).date()
    used = 0 if found is None else await coupons.used_by(found.id, customer_id)
    why = rules.refusal(found, today, base_of(lines), used)
    if why or found is None:
        code = why or "coupon_unknown"
        raise Invalid(code, fields={"coupon": code})
    await coupons.use(tx, found, order_id, customer_id)
    return found.code


async def worth_of(code: str, lines: Sequence[Line]) -> int:
    """Kopecks that an order's coupon takes off these lines; 0 for none."""
    return rules.worth(await coupons.find(code), base_of(lines)) if code else 0


async def check_manual(tx: Tx, sums: OrderSum, coupon_discount: int, reason: str) -> None:
    """Refuse a discount by hand above what the actor's roles allow, or without a reason.

    Programs and the house answer for their own discounts.

    Raises:
        Invalid: `discount_reason`; `discount_above_limit` with the `limit` in percent.
    """
    manual = sums.discount_total - coupon_discount
    if tx.actor.kind is not ActorKind.USER or manual <= 0:
        return
    limit = await roles_store.most_discount(tx.actor.id)
    share = part_of(manual, _HUNDRED_PERCENT_MILLI, sums.goods_total) if sums.goods_total else 0
    if share > limit:
        raise Invalid(
            "discount_above_limit",
            fields={"discount": "discount_above_limit"},
            limit=f"{limit / 1000:g}".replace(".", ","),
        )
    if not reason.strip():
        raise Invalid("discount_reason", fields={"reason": "discount_reason"})
