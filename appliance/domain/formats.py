"""How numbers, money, times, phones and names are shown (Russian and English).

One module for screens, documents, messages, exports and the console. Pure: no clock, no settings;
the caller gives the moment and the zone. Spaces inside a value never break (U+00A0), minus is
U+2212. Shapes follow the table of formats in the interface reference.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

Language = Literal["ru", "en"]

NBSP = "\u00a0"
MINUS = "\u2212"
DOT = "\u2022"  # stands for a hidden character

_MONTHS_RU = (
    "января", "февраля", "марта", "апреля", "мая", "июня",
    "июля", "августа", "сентября", "октября", "ноября", "декабря",
)  # fmt: skip
_MONTHS_RU_SHORT = (
    "янв.", "февр.", "марта", "апр.", "мая", "июня",
    "июля", "авг.", "сент.", "окт.", "нояб.", "дек.",
)  # fmt: skip
_MONTHS_EN = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_MONTHS_EN_SHORT = (
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
)  # fmt: skip
_MONTHS_RU_ALONE = (
    "Январь", "Февраль", "Март", "Апрель", "Май", "Июнь",
    "Июль", "Август", "Сентябрь", "Октябрь", "Ноябрь", "Декабрь",
)  # fmt: skip
_SIZES_RU = ("Б", "КБ", "МБ", "ГБ", "ТБ")
_SIZES_EN = ("B", "KB", "MB", "GB", "TB")

# ------------------------------------------------------------------ numbers


def plural(count: int, one: str, few: str, many: str) -> str:
    """Choose the Russian form: 1 заказ, 2 заказа, 5 заказов, 21 заказ."""
    tens, units = abs(count) % 100, abs(count) % 10
    if 11 <= tens <= 14:
        return many
    if units == 1:
        return one
    return few if 2 <= units <= 4 else many


def number(value: int, language: Language = "ru") -> str:
    """Group thousands: 12 345 (ru), 12,345 (en)."""
    grouped = f"{abs(value):,}"
    if language == "ru":
        grouped = grouped.replace(",", NBSP)
    return MINUS + grouped if value < 0 else grouped


def _fraction(scaled: int, digits: int, language: Language, *, trim: bool) -> str:
    """Write an integer scaled by 10**digits; `trim` drops a zero fraction and its tail zeros."""
    whole, rest = divmod(abs(scaled), 10**digits)
    tail = f"{rest:0{digits}d}"
    if trim:
        tail = tail.rstrip("0")
    text = number(whole, language)
    if tail:
        text += ("," if language == "ru" else ".") + tail
    return MINUS + text if scaled < 0 else text


def money(
    kopecks: int, language: Language = "ru", *, exact: bool = False, sign: bool = True
) -> str:
    """Write an amount of roubles: 4 590 ₽; 82 300,50 ₽.

    Args:
        kopecks: the amount.
        language: of the separators.
        exact: always with kopecks, as documents want.
        sign: with the rouble sign.
    """
    whole = kopecks % 100 == 0 and not exact
    text = (
        number(_whole(kopecks), language) if whole else _fraction(kopecks, 2, language, trim=False)
    )
    return f"{text}{NBSP}₽" if sign else text


def money_whole(kopecks: int, language: Language = "ru") -> str:
    """Write an amount to the nearest rouble, as lists and figures do: 21 011 ₽."""
    return money(round(kopecks / 100) * 100, language)


def _whole(kopecks: int) -> int:
    return -(-kopecks // 100) if kopecks < 0 else kopecks // 100


def money_short(kopecks: int, language: Language = "ru") -> str:
    """Write an amount for a chart: 1,2 млн ₽, 340 тыс. ₽; below 10 000 ₽ as `money`."""
    roubles = abs(kopecks) // 100
    for floor, ru, en in ((10**9, "млрд", "bn"), (10**6, "млн", "m"), (10**4, "тыс.", "k")):
        if roubles >= floor:
            unit = 10**3 if floor == 10**4 else floor
            tenths = (roubles * 10 + unit // 2) // unit
            text = _fraction(-tenths if kopecks < 0 else tenths, 1, language, trim=True)
            return f"{text}{NBSP}{ru if language == 'ru' else en}{NBSP}₽"
    return money_whole(kopecks, language)


def quantity(milli: int, language: Language = "ru") -> str:
    """Write a quantity kept in thousandths: 2; 0,5; 1,25."""
    return _fraction(milli, 3, language, trim=True)


def percent(hundredths: int, language: Language = "ru") -> str:
    """Write hundredths of a percent: 12,5 %; 0 %."""
    gap = NBSP if language == "ru" else ""
    return f"{_fraction(hundredths, 2, language, trim=True)}{gap}%"


def size(count: int, language: Language = "ru") -> str:
    """Write a file size in units of 1024 bytes: 12,4 МБ."""
    units = _SIZES_RU if language == "ru" else _SIZES_EN
    value, step = count, 0
    while value >= 1024 and step < len(units) - 1:
        value, step = value // 1024, step + 1
    if not step:
        return f"{number(count, language)}{NBSP}{units[0]}"
    tenths = (count * 10 + 1024**step // 2) // 1024**step
    return f"{_fraction(tenths, 1, language, trim=True)}{NBSP}{units[step]}"


def order_number(stored: int, *, sign: bool = False) -> str:
    """Write an order number: a hyphen before the last four digits, display only.

    Args:
        stored: at most 11 digits, for example 104821.
        sign: with «№» before it.
    """
    digits = str(stored)
    text = f"{digits[:-4]}-{digits[-4:]}" if len(digits) > 4 else digits
    return f"№{NBSP}{text}" if sign else text


def joined(parts: Sequence[str], language: Language = "ru") -> str:
    """Join a list: а, б и в."""
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} {'и' if language == 'ru' else 'and'} {parts[-1]}"


# -------------------------------------------------------------------- times


def day(value: date, language: Language = "ru") -> str:
    """Write a date in full digits: 21.11.2026 (ru), 2026-11-21 (en)."""
    return value.strftime("%d.%m.%Y") if language == "ru" else value.isoformat()


def day_words(value: date, language: Language = "ru", *, year: bool = False) -> str:
    """Write a date in words: 21 ноября, with the year where asked."""
    months = _MONTHS_RU if language == "ru" else _MONTHS_EN
    text = f"{value.day}{NBSP}{months[value.month - 1]}"
    return f"{text} {value.year}" if year else text


def month(value: date, language: Language = "ru") -> str:
    """Name the month of a date, as a heading does: Ноябрь 2026."""
    months = _MONTHS_RU_ALONE if language == "ru" else _MONTHS_EN
    return f"{months[value.month - 1]} {value.year}"


def day_short(value: date, today: date, language: Language = "ru") -> str:
    """Write a date for a list: 21 нояб.; of another year 21.11.25."""
    if value.year != today.year:
        return value.strftime("%d.%m.%y") if language == "ru" else value.isoformat()
    months = _MONTHS_RU_SHORT if language == "ru" else _MONTHS_EN_SHORT
    return f"{value.day}{NBSP}{months[value.month - 1]}"


def clock(moment: datetime, zone: ZoneInfo) -> str:
    """Write the time of day: 9:30, 14:05."""
    local = moment.astimezone(zone)
    return f"{local.hour}:{local.minute:02d}"


def _near(value: date, today: date, language: Language) -> str | None:
    words = {-1: ("вчера", "yesterday"), 0: ("сегодня", "today"), 1: ("завтра", "tomorrow")}
    pair = words.get((value - today).days)
    return None if pair is None else pair[0 if language == "ru" else 1]


def moment(value: datetime, now: datetime, zone: ZoneInfo, language: Language = "ru") -> str:
    """Write a moment for people: сегодня 14:05, вчера 9:30, 12 нояб. 14:05, 21.11.25 14:05."""
    local, today = value.astimezone(zone).date(), now.astimezone(zone).date()
    head = _near(local, today, language) or day_short(local, today, language)
    return f"{head}{NBSP}{clock(value, zone)}"


def moment_short(value: datetime, now: datetime, zone: ZoneInfo, language: Language = "ru") -> str:
    """Write a moment for a column: 10:42 today, вчера 21:14, 12 нояб., 21.11.25."""
    local, today = value.astimezone(zone).date(), now.astimezone(zone).date()
    if local == today:
        return clock(value, zone)
    near = _near(local, today, language)
    return f"{near}{NBSP}{clock(value, zone)}" if near else day_short(local, today, language)


def moment_full(value: datetime, zone: ZoneInfo, language: Language = "ru") -> str:
    """Write a moment for a tooltip: 21 ноября 2026, 14:05:09 (МСК or the zone's own name)."""
    local = value.astimezone(zone)
    name = (local.tzname() or "").replace("MSK", "МСК") if language == "ru" else local.tzname()
    head = day_words(local.date(), language, year=True)
    return f"{head}, {clock(value, zone)}:{local.second:02d} {name}"


def day_heading(value: date, today: date, language: Language = "ru") -> str:
    """Write the day above a group of events: Сегодня, Вчера, 12 ноября, 12 ноября 2025."""
    near = _near(value, today, language)
    if near:
        return near[:1].upper() + near[1:]
    return day_words(value, language, year=value.year != today.year)


def span(length: timedelta, language: Language = "ru") -> str:
    """Write a length of time, in what still matters: 5 мин, 1 ч 20 мин, 11 ч, 3 дня."""
    minutes = int(abs(length).total_seconds()) // 60
    days, hours = minutes // 1440, minutes // 60
    if days:
        unit = plural(days, "день", "дня", "дней") if language == "ru" else "d"
        return f"{days}{NBSP}{unit}"
    hour, minute = ("ч", "мин") if language == "ru" else ("h", "min")
    if not hours:
        return f"{minutes}{NBSP}{minute}"
    rest = minutes % 60 if hours < 10 else 0
    return f"{hours}{NBSP}{hour}" + (f"{NBSP}{rest}{NBSP}{minute}" if rest else "")


# ------------------------------------------------------------------- people


def phone(e164: str) -> str:
    """Write a stored phone: +7 912 000-12-34; others in groups that read aloud well.

    Args:
        e164: `+` and digits, optionally `;ext=123`; anything else is given back as it is.
    """
    main, _, extension = e164.partition(";ext=")
    tail = f" доб.{NBSP}{extension}" if extension else ""
    digits = main.removeprefix("+")
    if not main.startswith("+") or not digits.isdigit() or len(digits) < 8:
        return e164
    if digits[0] == "7" and len(digits) == 11:
        parts = (digits[1:4], f"{digits[4:7]}-{digits[7:9]}-{digits[9:]}")
        return f"+7{NBSP}{parts[0]}{NBSP}{parts[1]}{tail}"
    code = _country(digits)
    rest = digits[len(code) :]
    return f"+{code}{NBSP}{rest[:-7]}{NBSP}{rest[-7:-4]}-{rest[-4:-2]}-{rest[-2:]}{tail}"


def _country(digits: str) -> str:
    """Guess where the country code ends, for spacing only.

    One digit for 1 and 7; three in a long number, two in a short one (E.164 codes differ).
    """
    if digits[0] in "17":
        return digits[0]
    return digits[: 3 if len(digits) > 11 else 2]


def phone_masked(e164: str) -> str:
    """Hide a stored phone but the first and the last two digits: +7 9•• •••-••-34."""
    main = e164.partition(";ext=")[0]
    digits = main.removeprefix("+")
    if not main.startswith("+") or not digits.isdigit() or len(digits) < 8:
        return DOT * 7 + main[-2:] if len(main) > 4 else DOT * 4
    if digits[0] == "7" and len(digits) == 11:
        return f"+7{NBSP}{digits[1]}{DOT * 2}{NBSP}{DOT * 3}-{DOT * 2}-{digits[-2:]}"
    code = _country(digits)
    return f"+{code}{NBSP}{DOT * 2}{NBSP}{DOT * 3}-{DOT * 2}-{digits[-2:]}"


def email_masked(address: str) -> str:
    """Hide an address but its first letter and the top-level domain: п••••@•••.example."""
    local, at, domain = address.rpartition("@")
    if not at or not local:
        return DOT * 4
    top = domain.rpartition(".")[2] if "." in domain else ""
    return f"{local[0]}{DOT * 4}@{DOT * 3}" + (f".{top}" if top else "")


def tax_id_masked(value: str) -> str:
    """Hide a tax id but two digits on each side: 78••••••12."""
    return f"{value[:2]}{DOT * max(len(value) - 4, 4)}{value[-2:]}" if len(value) > 6 else DOT * 6


def full_name(last: str, first: str = "", middle: str = "") -> str:
    """Write a name surname first: Петрова Анна Сергеевна."""
    return " ".join(part for part in (last, first, middle) if part)


def short_name(last: str, first: str = "", middle: str = "") -> str:
    """Write a name with initials: Петрова А. С.; without a surname the first name alone."""
    if not last:
        return first
    initials = [f"{part[0].upper()}." for part in (first, middle) if part]
    return NBSP.join([last, *initials])


def initials(last: str, first: str = "") -> str:
    """Write two letters for an avatar: ПА; of a company's name its first letter."""
    return (last[:1] + first[:1]).upper()
