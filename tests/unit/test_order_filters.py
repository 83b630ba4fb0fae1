"""The filter of the order list and its address."""

from datetime import UTC, date, datetime
from urllib.parse import parse_qs
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.domain.desk import Codes
from appliance.domain.references import Status, StatusGroup
from appliance.web import order_filters
from appliance.web.order_filters import Asked

ZONE = ZoneInfo("Europe/Moscow")
CODES = Codes(
    statuses={
        "new": Status(code="new", name="Новый", group="new"),
        "wait-payment": Status(code="wait-payment", name="Ждёт оплаты", group="approval"),
    },
    groups={"new": StatusGroup(code="new", name="Новый", position=0, process=True)},
    deliveries={"courier": "Курьер"},
    shops={"main": "Основной магазин"},
    methods={},
    types={},
    warehouses={},
    colleagues={3: "Алина Рощина"},
    former={},
)
TODAY = date(2026, 2, 1)
codes = st.lists(st.sampled_from(["new", "wait-payment", "courier"]), unique=True).map(tuple)
days = st.none() | st.dates(date(2000, 1, 1), date(2099, 12, 31))
sums = st.none() | st.integers(0, 999_999_999)


@given(
    st.builds(
        Asked, group=codes, status=codes, delivery=codes, mine=st.booleans(), since=days,
        until=days,
        least=sums, most=sums, pay=st.sampled_from(["", *order_filters.PAYMENTS]),
    )
)  # fmt: skip
def test_a_filter_read_from_its_own_address_is_the_same_filter(asked: Asked) -> None:
    query = {name: values[0] for name, values in parse_qs(asked.query).items()}
    assert order_filters.read(query) == asked


@given(st.text(max_size=40), st.sampled_from([*order_filters.LISTS, "from", "min", "pay"]))
def test_whatever_stands_in_an_address_is_read_without_an_error(text: str, name: str) -> None:
    assert order_filters.read({name: text}).text == ""


@pytest.mark.parametrize(
    ("line", "query"),
    [
        ("сумма>5000 статус:новый", "status=new&min=5001"),
        ("сумма<=900", "max=900"),
        ("статус:ждёт", "status=wait-payment"),
        ("@алина неоплачен", "manager=3&pay=unpaid"),
        ("вчера", "from=2026-01-31&to=2026-01-31"),
        ("доставка:курьер сегодня", "delivery=courier&from=2026-02-01&to=2026-02-01"),
    ],
)
def test_a_typed_line_becomes_conditions(line: str, query: str) -> None:
    asked = order_filters.understand(line, Asked(), CODES, TODAY)
    assert (asked.query, asked.text) == (query, "")


def test_words_that_mean_nothing_here_stay_a_text_and_out_of_the_address() -> None:
    asked = order_filters.understand("Сухова статус:новый @нетакого", Asked(), CODES, TODAY)
    assert asked.text == "Сухова @нетакого"
    assert "Сухова" not in asked.query
    assert "Сухова" not in repr(asked)


def test_days_of_a_filter_are_days_of_the_box_to_their_last_moment() -> None:
    wanted = Asked(since=TODAY, until=TODAY).as_filter(ZONE)
    assert wanted.created_from == datetime(2026, 1, 31, 21, 0, tzinfo=UTC)
    assert wanted.created_to == datetime(2026, 2, 1, 20, 59, 59, 999999, tzinfo=UTC)
