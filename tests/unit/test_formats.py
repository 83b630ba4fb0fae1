"""Every format in one table: what is stored, what people see."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from appliance.domain import formats

MOSCOW = ZoneInfo("Europe/Moscow")
VLADIVOSTOK = ZoneInfo("Asia/Vladivostok")
NOW = datetime(2026, 11, 21, 11, 5, 9, tzinfo=UTC)  # 14:05:09 in Moscow


def plain(text: str) -> str:
    """Show non-breaking spaces as underscores, so that a table can tell them from spaces."""
    return text.replace("\u00a0", "_")


@pytest.mark.parametrize(
    ("count", "form"),
    [
        (0, "заказов"),
        (1, "заказ"),
        (2, "заказа"),
        (4, "заказа"),
        (5, "заказов"),
        (11, "заказов"),
        (12, "заказов"),
        (14, "заказов"),
        (21, "заказ"),
        (22, "заказа"),
        (111, "заказов"),
        (-1, "заказ"),
    ],
)
def test_russian_counts_take_the_right_form(count: int, form: str) -> None:
    assert formats.plural(count, "заказ", "заказа", "заказов") == form


@pytest.mark.parametrize(
    ("kopecks", "exact", "russian", "english"),
    [
        (0, False, "0_₽", "0_₽"),
        (459000, False, "4_590_₽", "4,590_₽"),
        (8230050, False, "82_300,50_₽", "82,300.50_₽"),
        (8230050, True, "82_300,50_₽", "82,300.50_₽"),
        (459000, True, "4_590,00_₽", "4,590.00_₽"),
        (-31000, False, "\u2212310_₽", "\u2212310_₽"),
        (-31005, False, "\u2212310,05_₽", "\u2212310.05_₽"),
        (-5, False, "\u22120,05_₽", "\u22120.05_₽"),
        (100000000000, False, "1_000_000_000_₽", "1,000,000,000_₽"),
    ],
)
def test_money_hides_zero_kopecks_except_in_documents(
    kopecks: int, exact: bool, russian: str, english: str
) -> None:
    assert plain(formats.money(kopecks, exact=exact)) == russian
    assert plain(formats.money(kopecks, "en", exact=exact)) == english


@pytest.mark.parametrize(
    ("kopecks", "text"),
    [
        (999900, "9_999_₽"),
        (34000000, "340_тыс._₽"),
        (120000000, "1,2_млн_₽"),
        (-120000000, "\u22121,2_млн_₽"),
        (250000000000, "2,5_млрд_₽"),
    ],
)
def test_money_in_charts_is_short(kopecks: int, text: str) -> None:
    assert plain(formats.money_short(kopecks)) == text


def test_money_without_the_sign_is_a_bare_number() -> None:
    assert plain(formats.money(199000, exact=True, sign=False)) == "1_990,00"


@pytest.mark.parametrize(
    ("milli", "text"),
    [
        (2000, "2"),
        (500, "0,5"),
        (1250, "1,25"),
        (-1500, "\u22121,5"),
        (1234567, "1_234,567"),
        (0, "0"),
    ],
)
def test_quantities_drop_needless_zeros(milli: int, text: str) -> None:
    assert plain(formats.quantity(milli)) == text


@pytest.mark.parametrize(("hundredths", "text"), [(1250, "12,5_%"), (0, "0_%"), (2200, "22_%")])
def test_percent_keeps_its_sign_beside_the_number(hundredths: int, text: str) -> None:
    assert plain(formats.percent(hundredths)) == text


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0_Б"),
        (1023, "1_023_Б"),
        (1024, "1_КБ"),
        (1536, "1,5_КБ"),
        (13002342, "12,4_МБ"),
        (3 * 1024**3, "3_ГБ"),
    ],
)
def test_sizes_use_the_largest_unit(count: int, text: str) -> None:
    assert plain(formats.size(count)) == text


@pytest.mark.parametrize(
    ("stored", "text"),
    [
        (104821, "10-4821"),
        (4821, "4821"),
        (14821, "1-4821"),
        (12345678901, "1234567-8901"),
        (7, "7"),
    ],
)
def test_an_order_number_gets_its_hyphen_before_the_last_four_digits(
    stored: int, text: str
) -> None:
    assert formats.order_number(stored) == text
    assert plain(formats.order_number(stored, sign=True)) == f"№_{text}"


@pytest.mark.parametrize(
    ("value", "russian", "english"),
    [
        (datetime(2026, 11, 21, 11, 5, tzinfo=UTC), "сегодня_14:05", "today_14:05"),
        (datetime(2026, 11, 20, 6, 30, tzinfo=UTC), "вчера_9:30", "yesterday_9:30"),
        (datetime(2026, 11, 20, 21, 30, tzinfo=UTC), "сегодня_0:30", "today_0:30"),
        (datetime(2026, 11, 22, 7, 0, tzinfo=UTC), "завтра_10:00", "tomorrow_10:00"),
        (datetime(2026, 11, 12, 11, 5, tzinfo=UTC), "12_нояб._14:05", "12_Nov_14:05"),
        (datetime(2025, 11, 21, 11, 5, tzinfo=UTC), "21.11.25_14:05", "2025-11-21_14:05"),
    ],
)
def test_moments_are_told_as_people_tell_them(value: datetime, russian: str, english: str) -> None:
    assert plain(formats.moment(value, NOW, MOSCOW)) == russian
    assert plain(formats.moment(value, NOW, MOSCOW, "en")) == english


def test_the_day_of_a_moment_is_the_day_in_the_zone_of_the_box() -> None:
    late = datetime(2026, 11, 21, 15, 0, tzinfo=UTC)
    assert plain(formats.moment(late, NOW, MOSCOW)) == "сегодня_18:00"
    assert plain(formats.moment(late, NOW, VLADIVOSTOK)) == "завтра_1:00"


def test_a_column_of_moments_leaves_out_today() -> None:
    assert formats.moment_short(NOW, NOW, MOSCOW) == "14:05"
    assert plain(formats.moment_short(NOW - timedelta(days=1), NOW, MOSCOW)) == "вчера_14:05"
    assert plain(formats.moment_short(NOW - timedelta(days=9), NOW, MOSCOW)) == "12_нояб."


def test_the_tooltip_of_a_moment_is_complete() -> None:
    assert plain(formats.moment_full(NOW, MOSCOW)) == "21_ноября 2026, 14:05:09 МСК"


def test_headings_of_days_begin_with_a_capital_letter() -> None:
    today = date(2026, 11, 21)
    assert formats.day_heading(today, today) == "Сегодня"
    assert plain(formats.day_heading(date(2026, 11, 12), today)) == "12_ноября"
    assert plain(formats.day_heading(date(2025, 11, 12), today)) == "12_ноября 2025"
    assert formats.day(today) == "21.11.2026"
    assert formats.day(today, "en") == "2026-11-21"


@pytest.mark.parametrize(
    ("length", "russian", "english"),
    [
        (timedelta(seconds=20), "0_мин", "0_min"),
        (timedelta(minutes=5), "5_мин", "5_min"),
        (timedelta(minutes=80), "1_ч_20_мин", "1_h_20_min"),
        (timedelta(hours=5), "5_ч", "5_h"),
        (timedelta(hours=10, minutes=35), "10_ч", "10_h"),
        (timedelta(days=1, hours=4), "1_день", "1_d"),
        (timedelta(days=3), "3_дня", "3_d"),
        (timedelta(days=11), "11_дней", "11_d"),
    ],
)
def test_spans_have_two_units_at_most(length: timedelta, russian: str, english: str) -> None:
    assert plain(formats.span(length)) == russian
    assert plain(formats.span(length, "en")) == english


@pytest.mark.parametrize(
    ("stored", "shown", "masked"),
    [
        ("+79120001234", "+7_912_000-12-34", "+7_9••_•••-••-34"),
        ("+79120001234;ext=123", "+7_912_000-12-34 доб._123", "+7_9••_•••-••-34"),
        ("+380980001234", "+380_98_000-12-34", "+380_••_•••-••-34"),
        ("+375290001234", "+375_29_000-12-34", "+375_••_•••-••-34"),
        ("звонить после шести", "звонить после шести", "•••••••ти"),
        ("112", "112", "••••"),
    ],
)
def test_phones_are_grouped_and_hidden(stored: str, shown: str, masked: str) -> None:
    assert plain(formats.phone(stored)) == shown
    assert plain(formats.phone_masked(stored)) == masked


@pytest.mark.parametrize(
    ("address", "masked"),
    [
        ("petrova@shop.example", "p••••@•••.example"),
        ("a@localhost", "a••••@•••"),
        ("без собаки", "••••"),
        ("@x.ru", "••••"),
    ],
)
def test_masked_mail_keeps_one_letter_and_the_top_domain(address: str, masked: str) -> None:
    assert formats.email_masked(address) == masked


def test_masked_tax_ids_keep_two_digits_on_each_side() -> None:
    assert formats.tax_id_masked("7800000012") == "78••••••12"
    assert formats.tax_id_masked("123") == "••••••"


@pytest.mark.parametrize(
    ("parts", "full", "short", "letters"),
    [
        (("Петрова", "Анна", "Сергеевна"), "Петрова Анна Сергеевна", "Петрова_А._С.", "ПА"),
        (("Петрова", "Анна", ""), "Петрова Анна", "Петрова_А.", "ПА"),
        (("", "Анна", ""), "Анна", "Анна", "А"),
        (("Ёлкина", "", ""), "Ёлкина", "Ёлкина", "Ё"),
    ],
)
def test_names_stand_surname_first(
    parts: tuple[str, str, str], full: str, short: str, letters: str
) -> None:
    assert formats.full_name(*parts) == full
    assert plain(formats.short_name(*parts)) == short
    assert formats.initials(parts[0], parts[1]) == letters


def test_lists_end_with_and() -> None:
    assert formats.joined(["а", "б", "в"]) == "а, б и в"
    assert formats.joined(["a", "b"], "en") == "a and b"
    assert formats.joined(["а"]) == "а"
    assert formats.joined([]) == ""


def test_a_month_stands_alone_in_a_heading() -> None:
    assert formats.month(date(2026, 11, 22)) == "Ноябрь 2026"
    assert formats.month(date(2026, 5, 1), "en") == "May 2026"


def test_a_figure_is_rounded_to_the_nearest_rouble_everywhere() -> None:
    shown = [plain(formats.money_whole(kopecks)) for kopecks in (2_101_049, 2_101_051, -99, 0)]
    assert shown == ["21_010_₽", "21_011_₽", "−1_₽", "0_₽"]
