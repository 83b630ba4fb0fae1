from hypothesis import given
from hypothesis import strategies as st

from appliance.domain.order_sums import (
    LineInput,
    add_up,
    paid,
    payment_state,
    spread,
    unit_prices,
)

kopecks = st.integers(0, 10**9)
lines = st.lists(
    st.builds(
        LineInput,
        quantity_milli=st.integers(0, 10**7),
        price=kopecks,
        discount_amount=kopecks,
        discount_percent_milli=st.integers(0, 100_000),
        purchase_price=kopecks,
    ),
    max_size=12,
)


@given(lines, kopecks, st.integers(0, 100_000), kopecks)
def test_sums_always_add_up_to_the_kopeck(
    inputs: list[LineInput], discount: int, percent: int, delivery: int
) -> None:
    sums = add_up(
        inputs, discount_amount=discount, discount_percent_milli=percent, delivery_cost=delivery
    )
    assert sums.total == sum(line.total for line in sums.lines) + delivery
    assert sums.total == sums.goods_total - sums.discount_total + delivery
    assert all(line.total >= 0 for line in sums.lines)
    assert all(
        line.goods - line.own_discount - line.order_share == line.total for line in sums.lines
    )


@given(kopecks, st.lists(st.integers(0, 10**9), max_size=20))
def test_a_spread_amount_is_spread_whole_and_no_part_exceeds_its_weight(
    amount: int, weights: list[int]
) -> None:
    amount = min(amount, sum(weights))
    parts = spread(amount, weights)
    assert sum(parts) == amount
    assert all(0 <= part <= weight for part, weight in zip(parts, weights, strict=True))


@given(kopecks, st.integers(1, 10_000))
def test_unit_prices_of_whole_pieces_add_up_to_the_line(total: int, pieces: int) -> None:
    prices = unit_prices(total, pieces * 1000)
    assert sum(price * quantity for price, quantity in prices) == total * 1000
    assert sum(quantity for _, quantity in prices) == pieces * 1000


def test_the_order_discount_is_spread_in_proportion_and_delivery_is_added() -> None:
    sums = add_up(
        [LineInput(2000, 120_000), LineInput(1000, 60_000)],
        discount_amount=30_000,
        delivery_cost=30_000,
    )
    assert [line.order_share for line in sums.lines] == [24_000, 6_000]
    assert sums.lines[0].unit_order_discount == 12_000
    assert (sums.goods_total, sums.discount_total, sums.total) == (300_000, 30_000, 300_000)


def test_a_discount_above_the_price_makes_the_line_free_and_not_negative() -> None:
    sums = add_up([LineInput(1000, 100, discount_amount=500)], discount_amount=99)
    assert sums.total == 0


def test_only_settled_payments_count_and_a_refund_is_taken_off() -> None:
    assert paid([(1000, True), (500, False), (-200, True)]) == 800


def test_an_order_is_unpaid_partly_paid_or_paid() -> None:
    assert [payment_state(100, sum_) for sum_ in (0, 1, 100, 101)] == [
        "unpaid",
        "partly",
        "paid",
        "paid",
    ]
