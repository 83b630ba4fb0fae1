"""What a typed line means: «перезвонить завтра в 14 @login #10-4821».

Pure: the moment of typing is passed in. What is not understood stays in the title, so that nothing
typed is ever lost.
"""

import re
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Final

from appliance.domain import inputs
from appliance.domain.tasks import Repeat
from appliance.errors import Invalid


@dataclass(frozen=True, slots=True)
class Understood:
    """A line, read.

    Attributes:
        title: what is left when the understood pieces are taken out.
        day: when it is due; today where only a time was named and that is still ahead.
        clock: at what time; None means the whole day.
        who: what stood after @, in lower case; a login or a name.
        order: number of an order.
        kind: guessed from the verb: `call`, `meeting`, `letter`, or empty.
    """

    title: str
    day: date | None = None
    clock: time | None = None
    who: str = ""
    order: int | None = None
    kind: str = ""
    repeat: Repeat = Repeat.NEVER


_WEEKDAYS: Final = {
    word: number
    for number, words in enumerate(
        (
            "понедельник понедельника понедельнику monday",
            "вторник вторника вторнику tuesday",
            "среда среду среды среде wednesday",
            "четверг четверга четвергу thursday",
            "пятница пятницу пятницы пятнице friday",
            "суббота субботу субботы субботе saturday",
            "воскресенье воскресенья воскресенью sunday",
        )
    )
    for word in words.split()
}
_SHORT_WEEKDAYS: Final = ("пн", "вт", "ср", "чт", "пт", "сб", "вс")
_MONTHS: Final = {
    word: number
    for number, words in enumerate(
        (
            "января янв january jan",
            "февраля февр фев february feb",
            "марта мар march mar",
            "апреля апр april apr",
            "мая may",
            "июня июн june jun",
            "июля июл july jul",
            "августа авг august aug",
            "сентября сент сен september sep",
            "октября окт october oct",
            "ноября нояб ноя november nov",
            "декабря дек december dec",
        ),
        1,
    )
    for word in words.split()
}
_NEAR: Final = frozenset({"сегодня", "завтра", "послезавтра", "today", "tomorrow"})
_AT: Final = frozenset({"в", "во", "к", "до", "at", "by", "on"})
_ON: Final = frozenset({"на", "с", "on", "from"})
_IN: Final = frozenset({"через", "in"})
_UNITS: Final = {
    "м": "m", "мин": "m", "минут": "m", "минуту": "m", "минуты": "m", "min": "m", "minutes": "m",
    "ч": "h", "час": "h", "часа": "h", "часов": "h", "hour": "h", "hours": "h",
    "дн": "d", "день": "d", "дня": "d", "дней": "d", "day": "d", "days": "d",
    "неделю": "w", "недели": "w", "недель": "w", "week": "w", "weeks": "w",
}  # fmt: skip
_REPEATS: Final = {
    ("каждый", "день"): Repeat.DAILY,
    ("every", "day"): Repeat.DAILY,
    ("каждую", "неделю"): Repeat.WEEKLY,
    ("every", "week"): Repeat.WEEKLY,
    ("каждый", "месяц"): Repeat.MONTHLY,
    ("every", "month"): Repeat.MONTHLY,
    ("по", "будням"): Repeat.WORKDAYS,
    ("on", "workdays"): Repeat.WORKDAYS,
}
_ALONE: Final = {
    "ежедневно": Repeat.DAILY,
    "еженедельно": Repeat.WEEKLY,
    "ежемесячно": Repeat.MONTHLY,
    "daily": Repeat.DAILY,
    "weekly": Repeat.WEEKLY,
    "monthly": Repeat.MONTHLY,
}
_KINDS: Final = (
    ("call", ("перезвон", "позвон", "звон", "набрать", "call", "phone")),
    ("meeting", ("встреч", "встрет", "планёрк", "планерк", "созвон", "meet")),
    ("letter", ("напис", "письмо", "отправить письмо", "write", "mail")),
)
_CLOCK: Final = re.compile(r"([01]?\d|2[0-3])[:.]([0-5]\d)", re.ASCII)
_SOLID_CLOCK: Final = re.compile(r"([01]\d|2[0-3])([0-5]\d)", re.ASCII)
_HOUR: Final = re.compile(r"([01]?\d|2[0-3])", re.ASCII)
_DATE: Final = re.compile(r"\d{1,2}[./]\d{1,2}(?:[./](?:\d{2}|\d{4}))?|\d{6}|\d{4}-\d{2}-\d{2}")
_AHEAD: Final = re.compile(r"\+\d{1,3}")
_ORDER: Final = re.compile(r"[#№]\s*(\d[\d-]{0,13})")
_WHO: Final = re.compile(r"@([\w.-]{1,64})")
_LENGTH: Final = re.compile(r"(\d{1,3})(\w+)")


@dataclass(slots=True)
class _Reading:
    """Where the reader stands."""

    words: list[str]
    now: datetime
    at: int = 0
    day: date | None = None
    clock: time | None = None
    repeat: Repeat = Repeat.NEVER
    left: list[str] = field(default_factory=list[str])

    def word(self, ahead: int = 0) -> str:
        place = self.at + ahead
        return self.words[place].lower().rstrip(",;.!") if place < len(self.words) else ""


def understand(line: str, now: datetime) -> Understood:
    """Read a line.

    Args:
        line: as typed; one line.
        now: the moment of typing, in the zone of the box.
    """
    who = order = None
    text = " ".join(line.split())
    if found := _WHO.search(text):
        who, text = found[1].lower(), _without(text, found)
    if found := _ORDER.search(text):
        try:
            order = inputs.order_number(found[1])
            text = _without(text, found)
        except Invalid:
            order = None
    reading = _Reading(text.split(), now)
    while reading.at < len(reading.words):
        taken = _repeat(reading) or _span(reading) or _moment(reading)
        if not taken:
            reading.left.append(reading.words[reading.at])
        reading.at += taken or 1
    title = " ".join(reading.left).strip(" ,;")
    day, clock = _settled(reading)
    return Understood(
        title=title,
        day=day,
        clock=clock,
        who=who or "",
        order=order,
        kind=_kind(title),
        repeat=reading.repeat,
    )


def _without(text: str, found: re.Match[str]) -> str:
    return " ".join((text[: found.start()] + " " + text[found.end() :]).split())


def _kind(title: str) -> str:
    low = title.lower()
    return next((kind for kind, stems in _KINDS if low.startswith(stems)), "")


def _settled(reading: _Reading) -> tuple[date | None, time | None]:
    """A time that has passed today means tomorrow's; nobody plans the past by words."""
    day, clock, now = reading.day, reading.clock, reading.now
    if clock is not None and day is None:
        day = now.date()
        if clock <= now.time().replace(tzinfo=None):
            day += timedelta(days=1)
    return day, clock


def _repeat(reading: _Reading) -> int:
    """How many words here say how often."""
    pair = (reading.word(), reading.word(1))
    if pair in _REPEATS:
        reading.repeat = _REPEATS[pair]
        return 2
    if reading.word() in _ALONE:
        reading.repeat = _ALONE[reading.word()]
        return 1
    return 0


def _span(reading: _Reading) -> int:
    """How many words here are «через 2 часа», «через неделю», «через полчаса»."""
    if reading.word() not in _IN or not reading.word(1):
        return 0
    first, second = reading.word(1), reading.word(2)
    if first == "полчаса":
        return _later(reading, "m", 30, 2)
    if first in _UNITS:
        return _later(reading, _UNITS[first], 1, 2)
    if first.isdecimal() and len(first) <= 3 and second in _UNITS:
        return _later(reading, _UNITS[second], int(first), 3)
    if (found := _LENGTH.fullmatch(first)) and found[2] in _UNITS:
        return _later(reading, _UNITS[found[2]], int(found[1]), 2)
    return 0


def _later(reading: _Reading, unit: str, count: int, words: int) -> int:
    if unit in "dw":
        reading.day = reading.now.date() + timedelta(days=count * (7 if unit == "w" else 1))
        return words
    minutes = count * (60 if unit == "h" else 1)
    moment = reading.now + timedelta(minutes=minutes)
    reading.day, reading.clock = moment.date(), moment.time().replace(second=0, microsecond=0)
    return words


def _moment(reading: _Reading) -> int:
    """How many words here are a date or a time, with the «в» or «до» before them."""
    word = reading.word()
    # «до 14 ноября» is no time of day.
    if word in _AT and reading.clock is None and reading.word(2) not in _MONTHS:
        reading.clock = _clock(reading.word(1), bare=True)
        if reading.clock is not None:
            return 2 + (reading.word(2) in {"час", "часа", "часов", "ч"})
    if word in _AT or word in _ON:
        taken = _day(reading, 1)
        return taken + 1 if taken else 0
    if taken := _day(reading, 0):
        return taken
    if reading.clock is None and ":" in word and (clock := _clock(word, bare=False)):
        reading.clock = clock
        return 1
    return 0


def _clock(word: str, *, bare: bool) -> time | None:
    """A time of day: 14:05, 14.05; after «в» also 1405 and 14."""
    found = _CLOCK.fullmatch(word)
    if found is None and bare:
        found = _SOLID_CLOCK.fullmatch(word)
        if found is None:
            hour = _HOUR.fullmatch(word)
            return None if hour is None else time(int(hour[1]))
    return None if found is None else time(int(found[1]), int(found[2]))


def _day(reading: _Reading, ahead: int) -> int:
    """How many words from there are a date; sets it."""
    if reading.day is not None:
        return 0
    word, today = reading.word(ahead), reading.now.date()
    if word in _WEEKDAYS:
        reading.day = inputs.day(_SHORT_WEEKDAYS[_WEEKDAYS[word]], today)
        return 1
    if word.isdecimal() and len(word) <= 2 and reading.word(ahead + 1) in _MONTHS:
        month = _MONTHS[reading.word(ahead + 1)]
        return 2 if _set_day(reading, f"{word}.{month}") else 0
    readable = (
        word in _NEAR
        or word in _SHORT_WEEKDAYS
        or _DATE.fullmatch(word)
        or (_AHEAD.fullmatch(word) and not ahead)
    )
    return 1 if readable and _set_day(reading, word) else 0


def _set_day(reading: _Reading, text: str) -> bool:
    today = reading.now.date()
    try:
        found = inputs.day(text, today)
        if found < today and re.fullmatch(r"\d{1,2}[./]\d{1,2}", text):
            found = found.replace(year=today.year + 1)
    except (Invalid, ValueError):
        return False
    reading.day = found
    return True
