"""Coupons: when they hold, what they take off, and that the last one goes to one order only."""

from datetime import date
from typing import Any

import pytest

from appliance.actions import coupons, order_edits, orders
from appliance.domain.coupons import Coupon, Kind
from appliance.domain.ids import uuid7
from appliance.domain.orders import OrderChange, OrderSelector
from appliance.errors import Denied, Invalid
from tests.house_fixture import TestHouse
from tests.integration.orders.drafts import CORD, LAMP, draft


async def make(house: TestHouse, **values: Any) -> None:
    """The coupon «ВЕСНА»: ten percent, unless told otherwise."""
    given: dict[str, Any] = {"kind": Kind.PERCENT, "value": 10_000, **values}
    await coupons.put(house.actor_for("head"), Coupon(id=uuid7(), code="весна", **given))


async def order(house: TestHouse, external_id: str = "1", **changes: Any) -> int:
    """Two lamps and a cord for 2700.50 and delivery for 300."""
    made = draft(external_id, lines=(LAMP, CORD), **changes)
    return (await orders.place(house.shop_key(), made)).number


@pytest.mark.checklist(114)
async def test_a_coupon_takes_its_share_off_and_follows_the_lines(house: TestHouse):
    await make(house)
    number = await order(house, coupon=" весна ")
    view = (await orders.find_by(house.system, [OrderSelector(number=number)]))[0]
    assert (view.coupon, view.coupon_discount) == ("ВЕСНА", 27_005)
    assert view.total == 270_050 - 27_005 + 30_000
    wanted = OrderChange(coupon="")
    await order_edits.change(house.actor_for("head"), number, wanted)
    view = (await orders.find_by(house.system, [OrderSelector(number=number)]))[0]
    assert (view.coupon, view.coupon_discount, view.total) == ("", 0, 300_050)


@pytest.mark.checklist(114)
@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"valid_until": date(2026, 1, 31)}, "coupon_expired"),
        ({"valid_from": date(2026, 3, 1)}, "coupon_early"),
        ({"uses_left": 0}, "coupon_used_up"),
        ({"min_total": 300_000}, "coupon_small_total"),
        ({"active": False}, "coupon_unknown"),
    ],
)
async def test_a_coupon_that_does_not_hold_is_refused_and_nothing_is_made(
    house: TestHouse, values: dict[str, Any], code: str
):
    await make(house, **values)
    with pytest.raises(Invalid) as refused:
        await order(house, coupon="ВЕСНА")
    assert refused.value.code == code
    assert await house.rows("SELECT 1 FROM orders") == []


async def test_the_last_use_goes_to_one_order_and_comes_back_when_taken_off(house: TestHouse):
    await make(house, uses_left=1, per_client=5)
    number = await order(house, coupon="ВЕСНА")
    with pytest.raises(Invalid) as refused:
        await order(house, "2", coupon="ВЕСНА")
    assert refused.value.code == "coupon_used_up"
    await order_edits.change(house.actor_for("head"), number, OrderChange(coupon=""))
    await order(house, "3", coupon="ВЕСНА")


async def test_a_client_uses_a_coupon_as_often_as_it_says(house: TestHouse):
    await make(house, per_client=1)
    await order(house, coupon="ВЕСНА")
    with pytest.raises(Invalid) as refused:
        await order(house, "2", coupon="ВЕСНА")
    assert refused.value.code == "coupon_used_by_client"


async def test_a_seller_makes_no_coupons(house: TestHouse):
    with pytest.raises(Denied):
        await coupons.put(
            house.actor_for("seller"),
            Coupon(id=uuid7(), code="X", kind=Kind.AMOUNT, value=1),
        )
