"""Lines of a fiscal receipt add up to its sum, whatever the discounts."""

import random

import pytest

from appliance.domain.receipts import Mode, ReceiptLine, Sold, Subject, lines_for


def total(lines: tuple[ReceiptLine, ...]) -> int:
    return sum(one.total for one in lines)


def test_a_sum_that_does_not_divide_splits_its_line() -> None:
    (first, second) = lines_for(
        [Sold(name="Лампа", quantity_milli=3000, total=10_000)], 10_000, Mode.FULL_PAYMENT
    )
    assert (first.quantity_milli, first.price) == (2000, 3333)
    assert (second.quantity_milli, second.price) == (1000, 3334)


def test_delivery_stays_a_line_of_its_own_and_a_part_takes_from_every_line() -> None:
    sold = [
        Sold(name="Лампа", quantity_milli=2000, total=244_000, vat=2200),
        Sold(name="Доставка", quantity_milli=1000, total=30_000, subject=Subject.SERVICE),
    ]
    found = lines_for(sold, 100_000, Mode.PARTIAL_PREPAYMENT)
    assert total(found) == 100_000
    assert {one.subject for one in found} == {Subject.COMMODITY, Subject.SERVICE}
    assert {one.mode for one in found} == {Mode.PARTIAL_PREPAYMENT}
    assert [one.vat for one in found if one.subject is Subject.SERVICE] == [None]


@pytest.mark.parametrize("amount", [0, -5])
def test_nothing_is_sold_for_nothing(amount: int) -> None:
    assert (
        lines_for([Sold(name="А", quantity_milli=1000, total=5)], amount, Mode.FULL_PAYMENT) == ()
    )
    assert lines_for([Sold(name="А", quantity_milli=1000, total=0)], 5, Mode.FULL_PAYMENT) == ()


def test_any_order_adds_up_to_the_kopeck() -> None:
    dice = random.Random(54)  # noqa: S311 - invented orders
    for _ in range(500):
        sold = [
            Sold(
                name="x" * dice.randint(1, 200),
                quantity_milli=dice.choice([1000, 2000, 3000, 7000, 1234, 500]),
                total=dice.randint(0, 99_999),
            )
            for _ in range(dice.randint(1, 12))
        ]
        if not sum(one.total for one in sold):
            continue
        amount = dice.randint(1, 500_000)
        found = lines_for(sold, amount, Mode.FULL_PAYMENT)
        assert total(found) == amount
        assert all(one.price > 0 and len(one.name) <= 128 for one in found)
        assert all(one.price * one.quantity_milli % 1000 == 0 for one in found)


def test_each_marked_piece_is_a_line_of_its_own_when_all_is_handed_over_and_paid() -> None:
    sold = [
        Sold(name="Туфли", quantity_milli=3000, total=10_000, marks=("0104a", "0104b")),
        Sold(name="Доставка", quantity_milli=1000, total=500, subject=Subject.SERVICE),
    ]
    found = lines_for(sold, 10_500, Mode.FULL_PAYMENT)
    assert [(one.quantity_milli, one.price, one.mark) for one in found] == [
        (1000, 3333, "0104a"), (1000, 3333, "0104b"), (1000, 3334, ""), (1000, 500, ""),
    ]  # fmt: skip
    # Of a part, or before the goods leave, nobody can say which pieces it is for.
    for amount, mode in ((10_000, Mode.FULL_PAYMENT), (10_500, Mode.FULL_PREPAYMENT)):
        assert not any(one.mark for one in lines_for(sold, amount, mode))
