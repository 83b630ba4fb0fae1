"""What forms about tasks say: a quick line, a whole form, a new time, a result."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any, Final, NamedTuple
from uuid import UUID

from litestar.datastructures import FormMultiDict

from appliance.domain import formats, inputs
from appliance.domain.desk import Codes
from appliance.domain.ids import uuid7
from appliance.domain.personal import Personal
from appliance.domain.task_words import Understood, understand
from appliance.domain.tasks import NewTask, Repeat, TaskEdit, end_of_day
from appliance.errors import Invalid
from appliance.web.screens import Reader

LATER: Final = ("30m", "2h", "tomorrow", "monday")


def word(form: FormMultiDict, name: str) -> str:
    """A text field; empty when absent."""
    value = form.get(name, "")
    return value.strip() if isinstance(value, str) else ""


def number(form: FormMultiDict, name: str) -> int | None:
    """A whole number, or None."""
    text = word(form, name)
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else None


def numbers(form: FormMultiDict, name: str) -> tuple[int, ...]:
    """Every number under one name."""
    given = [str(one) for one in form.getall(name, [])]
    return tuple(int(one) for one in given if one.isascii() and one.isdigit() and len(one) <= 18)


class Typed(NamedTuple):
    """A quick line, read, with the colleague it names.

    Attributes:
        unknown: what stood after @ where nobody is called that.
    """

    said: Understood
    performer: int | None
    unknown: str


def read_line(reader: Reader, codes: Codes, logins: Mapping[str, int], text: str) -> Typed:
    """Read a quick line in the box's zone."""
    said = understand(text[:1000], reader.now.astimezone(reader.zone))
    if not said.who:
        return Typed(said, None, "")
    found = logins.get(said.who) or _colleague(codes.colleagues, said.who)
    return Typed(said, found, "" if found else said.who)


def _colleague(known: Mapping[int, str], who: str) -> int | None:
    """Whose name or number this is: a surname, a first name, or their beginning; one only."""
    if who.isdecimal():
        return int(who) if int(who) in known else None
    wanted = who.replace("ё", "е")
    whole: list[int] = []
    begun: list[int] = []
    for user, name in known.items():
        words = name.lower().replace("ё", "е").split()
        if wanted in words:
            whole.append(user)
        elif any(one.startswith(wanted) for one in words):
            begun.append(user)
    for found in (whole, begun):
        if found:
            return found[0] if len(found) == 1 else None
    return None


def due_of(reader: Reader, day: date | None, clock: time | None) -> tuple[datetime, bool]:
    """When something is due, and whether that is a whole day; nothing said means today."""
    on = day or reader.today
    if clock is None:
        return end_of_day(on, reader.zone), True
    return datetime.combine(on, clock, reader.zone).astimezone(reader.now.tzinfo), False


def of_line(reader: Reader, typed: Typed, form: FormMultiDict) -> NewTask:
    """The task that a quick line asks for; it reminds when it is due.

    Raises:
        Invalid: at `q`: `user_unknown`.
    """
    if typed.unknown:
        raise Invalid(fields={"q": "user_unknown"})
    said = typed.said
    due_at, all_day = due_of(reader, said.day, said.clock)
    return NewTask(
        title=Personal(said.title),
        kind=said.kind,
        due_at=due_at,
        all_day=all_day,
        remind_at=None if all_day else due_at,
        performer=typed.performer,
        order=said.order if said.order is not None else number(form, "order"),
        customer=number(form, "customer"),
        repeat=said.repeat,
        month_day=due_at.astimezone(reader.zone).day,
        project=number(form, "project"),
        form=token(form),
    )


def preview(reader: Reader, codes: Codes, typed: Typed) -> list[tuple[str, str, str]]:
    """What was understood of a line: (icon, words, tone)."""
    said = typed.said
    due_at, all_day = due_of(reader, said.day, said.clock)
    when = _when(reader, due_at, all_day)
    found = [("calendar", when, "")]
    if typed.performer:
        found.append(("user-round", codes.name_of(typed.performer), ""))
    if typed.unknown:
        found.append(
            ("circle-alert", reader._("нет сотрудника «%(name)s»") % {"name": typed.unknown}, "bad")
        )
    if said.order is not None:
        shown = formats.order_number(said.order)
        found.append(("shopping-bag", reader._("заказ № %(number)s") % {"number": shown}, ""))
    return found


def _when(reader: Reader, due_at: datetime, all_day: bool) -> str:
    day = due_at.astimezone(reader.zone).date()
    words = formats.day_heading(day, reader.today, reader.language)
    tomorrow = reader.today + timedelta(days=1)
    if day == tomorrow:
        words = reader._("Завтра")
    return words if all_day else f"{words}, {formats.clock(due_at, reader.zone)}"


def _due(reader: Reader, form: FormMultiDict) -> tuple[datetime, bool]:
    """The due of a form: a date as people type it, and a time or none.

    Raises:
        Invalid: at `day`: `date_unreadable`; at `clock`: `time_unreadable`.
    """
    day_text, clock_text = word(form, "day"), word(form, "clock")
    try:
        day = inputs.day(day_text, reader.today) if day_text else None
    except Invalid as problem:
        raise Invalid(fields={"day": problem.code}) from None
    return due_of(reader, day, clock_of(clock_text) if clock_text else None)


def clock_of(text: str) -> time:
    """A time of day: 14, 1405, 14.05, 14:05.

    Raises:
        Invalid: at `clock`: `time_unreadable`.
    """
    digits = text.replace(":", "").replace(".", "").strip()
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 4):
        raise Invalid(fields={"clock": "time_unreadable"})
    hours, minutes = (digits, "0") if len(digits) <= 2 else (digits[:-2], digits[-2:])
    try:
        return time(int(hours), int(minutes))
    except ValueError:
        raise Invalid(fields={"clock": "time_unreadable"}) from None


REMIND: Final = {"none": None, "0": 0, "15": 15, "60": 60, "1440": 1440}
"""Choices of «напомнить»: minutes before it is due."""


def _remind(form: FormMultiDict, due_at: datetime) -> datetime | None:
    minutes = REMIND.get(word(form, "remind"))
    return None if minutes is None else due_at - timedelta(minutes=minutes)


def of_form(reader: Reader, form: FormMultiDict) -> NewTask:
    """The task that the whole form asks for.

    Raises:
        Invalid: by field.
    """
    due_at, all_day = _due(reader, form)
    return NewTask(
        title=Personal(word(form, "title")),
        text=Personal(word(form, "text")),
        items=_items(form),
        kind=word(form, "kind"),
        due_at=due_at,
        all_day=all_day,
        remind_at=_remind(form, due_at),
        performer=number(form, "performer"),
        participants=numbers(form, "participants"),
        order=_order(form),
        customer=number(form, "customer"),
        project=number(form, "project") or None,
        repeat=_repeat(form),
        month_day=due_at.astimezone(reader.zone).day,
        form=token(form),
    )


def token(form: FormMultiDict) -> UUID | None:
    """The form's own id; None where a page was drawn before there were any."""
    try:
        return UUID(word(form, "form"))
    except ValueError:
        return None


def _order(form: FormMultiDict) -> int | None:
    text = word(form, "order")
    if not text:
        return None
    try:
        return inputs.order_number(text)
    except Invalid as problem:
        raise Invalid(fields={"order": problem.code}) from None


def _items(form: FormMultiDict) -> tuple[Personal[str], ...]:
    return tuple(Personal(line) for line in word(form, "items").splitlines())


def _repeat(form: FormMultiDict) -> Repeat:
    text = word(form, "repeat")
    return Repeat(text) if text in set(Repeat) else Repeat.NEVER


def edit_of(reader: Reader, form: FormMultiDict) -> TaskEdit:
    """What the form changes in a task.

    Raises:
        Invalid: by field.
    """
    due_at, all_day = _due(reader, form)
    remind_at = _remind(form, due_at)
    return TaskEdit(
        title=Personal(word(form, "title")),
        text=Personal(word(form, "text")),
        items=_items(form),
        kind=word(form, "kind") or None,
        due_at=due_at,
        all_day=all_day,
        remind_at=remind_at,
        no_reminder=remind_at is None,
        performer=number(form, "performer"),
        participants=numbers(form, "participants"),
        project=number(form, "project") or 0,
        repeat=_repeat(form),
    )


def later(reader: Reader, form: FormMultiDict, due_at: datetime | None) -> tuple[datetime, bool]:
    """The new time of a postponed task: half an hour, two hours, tomorrow, or a date.

    Raises:
        Invalid: at `day` or `clock`.
    """
    by = word(form, "by")
    if by in ("30m", "2h"):
        moment = max(reader.now, due_at or reader.now) + timedelta(
            minutes=30 if by == "30m" else 120
        )
        return moment.replace(second=0, microsecond=0), False
    if by == "tomorrow":
        return due_of(reader, reader.today + timedelta(days=1), time(10))
    if by == "monday":
        return due_of(reader, inputs.day("пн", reader.today), time(10))
    if not word(form, "day") and not word(form, "clock"):
        raise Invalid(fields={"day": "date_unreadable"})
    return _due(reader, form)


def form_of(reader: Reader, **known: Any) -> dict[str, Any]:
    """Values of an empty form."""
    return {
        "title": "",
        "text": "",
        "items": "",
        "kind": "",
        "day": formats.day(reader.today, reader.language),
        "clock": "",
        "remind": "0",
        "performer": str(reader.actor.number),
        "participants": (),
        "order": "",
        "customer": "",
        "project": "",
        "repeat": "",
        "form": str(uuid7()),
        **known,
    }
