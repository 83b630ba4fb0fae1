"""What people type, and what is refused."""

from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.domain import formats, inputs
from appliance.errors import Invalid

TODAY = date(2026, 11, 21)  # a Saturday


@pytest.mark.parametrize(
    ("text", "kopecks"),
    [
        ("4590", 459000),
        ("4 590", 459000),
        ("4\u00a0590 ₽", 459000),
        ("4590,5", 459050),
        ("4590.50", 459050),
        ("\u2212310", -31000),
        ("0", 0),
        ("1 990,00 руб.", 199000),
    ],
)
def test_money_is_read_as_people_type_it(text: str, kopecks: int) -> None:
    assert inputs.money(text) == kopecks


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("4,590,00", "money_unreadable"),
        ("4.590,00", "money_unreadable"),
        ("", "money_unreadable"),
        ("сто", "money_unreadable"),
        ("1,005", "money_precision"),
        ("12,", "money_unreadable"),
        ("12,500", "money_precision"),
        ("999999999999", "money_too_large"),
        ("١٢", "money_unreadable"),
        ("1e5", "money_unreadable"),
    ],
)
def test_an_amount_that_reads_two_ways_is_refused(text: str, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        inputs.money(text)
    assert refused.value.code == code
    assert text not in str(refused.value) or text == ""


@given(st.integers(-inputs.MAX_KOPECKS, inputs.MAX_KOPECKS), st.booleans())
def test_shown_money_reads_back(kopecks: int, exact: bool) -> None:
    assert inputs.money(formats.money(kopecks, exact=exact)) == kopecks


@given(st.integers(-(10**12), 10**12))
def test_shown_quantities_read_back(milli: int) -> None:
    assert inputs.quantity(formats.quantity(milli)) == milli


@given(st.integers(1, 10**inputs.MAX_ORDER_DIGITS - 1))
def test_shown_order_numbers_read_back(number: int) -> None:
    assert inputs.order_number(formats.order_number(number, sign=True)) == number


@pytest.mark.parametrize("text", ["10-4821", "104821", "№ 10-4821", "#104821", " 10 4821 "])
def test_an_order_number_is_accepted_with_and_without_its_hyphen(text: str) -> None:
    assert inputs.order_number(text) == 104821


@pytest.mark.parametrize("text", ["", "0", "10-48-x", "123456789012", "-"])
def test_what_is_no_order_number_is_refused(text: str) -> None:
    with pytest.raises(Invalid, match="order_number_unreadable"):
        inputs.order_number(text)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("21.11", date(2026, 11, 21)),
        ("21.11.2026", date(2026, 11, 21)),
        ("211126", date(2026, 11, 21)),
        ("21/11/26", date(2026, 11, 21)),
        ("2026-11-21", date(2026, 11, 21)),
        ("завтра", date(2026, 11, 22)),
        ("Вчера", date(2026, 11, 20)),
        ("+3", date(2026, 11, 24)),
        ("-1", date(2026, 11, 20)),
        ("пт", date(2026, 11, 27)),
        ("сб", date(2026, 11, 28)),
        ("вс.", date(2026, 11, 22)),
        ("tomorrow", date(2026, 11, 22)),
        ("1.2", date(2026, 2, 1)),
        ("2111", date(2026, 11, 21)),
    ],
)
def test_dates_are_read_as_people_type_them(text: str, day: date) -> None:
    assert inputs.day(text, TODAY) == day


@pytest.mark.parametrize("text", ["", "31.02", "когда-нибудь", "2026-13-01", "45", "32.1.26"])
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(Invalid, match="date_unreadable"):
        inputs.day(text, TODAY)


@pytest.mark.parametrize(("text", "hundredths"), [("12,5", 1250), ("22 %", 2200), ("0", 0)])
def test_percentages_are_read(text: str, hundredths: int) -> None:
    assert inputs.percent(text) == hundredths


@pytest.mark.parametrize(
    "read", [inputs.money, inputs.quantity, inputs.percent, inputs.order_number]
)
@given(text=st.text(max_size=40))
def test_any_text_is_read_or_refused_and_nothing_else(
    read: Callable[[str], int], text: str
) -> None:
    try:
        value: int | None = read(text)
    except Invalid:
        value = None
    assert value is None or isinstance(value, int)
