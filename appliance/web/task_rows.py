"""Tasks written out: a row of a list, a piece of a calendar, a line of a card."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from appliance.domain import fields as kinds
from appliance.domain import formats
from appliance.domain.desk import Codes
from appliance.domain.personal import Personal
from appliance.domain.tasks import TaskState, TaskView
from appliance.domain.work import WorkWords
from appliance.web.rendering import initials
from appliance.web.screens import Reader, tone_of
from appliance.web.shell import N_

ICONS: Final = ("circle-check", "phone", "users", "mail", "phone-missed", "file-text", "truck")
"""What kinds of tasks may show; a list's own word outside of it shows the first."""
REPEATS: Final[Mapping[str, str]] = {
    "": N_("не повторять"),
    "daily": N_("каждый день"),
    "workdays": N_("по рабочим дням"),
    "weekly": N_("каждую неделю"),
    "monthly": N_("каждый месяц"),
}


@dataclass(frozen=True, slots=True)
class TaskLine:
    """A task, written out.

    Attributes:
        title: None where it is hidden or gone; `note` says so.
        facts: grey words after the client and the order.
        ask: closing it asks for a result first.
        local: when it is due, where the box stands.
    """

    number: int
    version: int
    href: str
    title: Personal[str] | None
    client: Personal[str] | None
    client_number: int | None
    order: str
    order_number: int | None
    facts: str
    icon: str
    tone: str
    due: str
    due_full: str
    due_tone: str
    state: str
    ask: bool
    performer: str
    performer_number: int
    performer_initials: str
    performer_tone: int
    local: datetime
    all_day: bool
    clock: str


def line(reader: Reader, task: TaskView, codes: Codes, words: WorkWords) -> TaskLine:
    """Write one task out."""
    kind = words.kinds.get(task.kind)
    extra = {} if kind is None else kind.extra
    icon = str(extra.get("icon", "circle-check"))
    due, tone = due_words(reader, task)
    name = codes.name_of(task.performer)
    local = task.due_at.astimezone(reader.zone)
    client = task.customer
    return TaskLine(
        number=task.number,
        version=task.version,
        href=f"/tasks/{task.number}",
        title=task.title,
        client=None if client is None else client.name,
        client_number=None if client is None else client.number,
        order="" if task.order_number is None else formats.order_number(task.order_number),
        order_number=task.order_number,
        facts=", ".join(_facts(reader, task, codes, words)),
        icon=icon if icon in ICONS else ICONS[0],
        tone=tone or ("grey" if task.state != TaskState.OPEN else "accent"),
        due=due,
        due_full=formats.moment_full(task.due_at, reader.zone, reader.language),
        due_tone=tone,
        state=task.state,
        ask=bool(extra.get("needsResult")),
        performer=name,
        performer_number=task.performer,
        performer_initials=initials(name),
        performer_tone=tone_of(task.performer),
        local=local,
        all_day=task.all_day,
        clock="" if task.all_day else formats.clock(task.due_at, reader.zone),
    )


def lines(
    reader: Reader, tasks: Sequence[TaskView], codes: Codes, words: WorkWords
) -> list[TaskLine]:
    """Write tasks out."""
    return [line(reader, one, codes, words) for one in tasks]


def due_words(reader: Reader, task: TaskView) -> tuple[str, str]:
    """When a task is due, and how loudly that is said."""
    if task.closed_at is not None:
        return formats.moment_short(task.closed_at, reader.now, reader.zone, reader.language), ""
    late = reader.now - task.due_at
    if late > timedelta():
        text = reader._("просрочено %(time)s") % {"time": formats.span(late, reader.language)}
        return text, "bad"
    day = task.due_at.astimezone(reader.zone).date()
    near = (day - reader.today).days
    if task.all_day:
        words = formats.day_short(day, reader.today, reader.language)
        named = {0: reader._("сегодня"), 1: reader._("завтра")}
        return named.get(near, words), "warn" if near == 0 else ""
    clock = formats.clock(task.due_at, reader.zone)
    if near == 0:
        return reader._("в %(time)s") % {"time": clock}, "warn"
    if near == 1:
        return reader._("завтра %(time)s") % {"time": clock}, ""
    short = formats.day_short(day, reader.today, reader.language)
    return f"{short} {clock}", ""


def _facts(reader: Reader, task: TaskView, codes: Codes, words: WorkWords) -> list[str]:
    found: list[str] = []
    if task.items_count:
        found.append(
            reader._("%(done)s из %(all)s") % {"done": task.items_done, "all": task.items_count}
        )
    if task.postponed:
        found.append(
            reader.ngettext("отложена %(num)s раз", "отложена %(num)s раз", task.postponed)
        )
    if task.repeat:
        found.append(reader._(REPEATS[task.repeat]))
    if task.project:
        project = next((one for one in words.projects if one.number == task.project), None)
        found.append("" if project is None else project.name)
    result = words.results.get(task.result)
    if result is not None:
        found.append(result.name.lower())
    found += _made(reader, task)
    if task.setter and task.setter != task.performer:
        found.append(reader._("автор: %(name)s") % {"name": codes.name_of(task.setter)})
    return [one for one in found if one]


def _made(reader: Reader, task: TaskView) -> list[str]:
    """Fields of the house's own making; a task has no personal ones."""
    said = [
        (one.field.name, kinds.words(one, reader.zone, reader.language))
        for one in task.custom
        if not one.is_empty
    ]
    return [f"{name}: {text}" for name, text in said if isinstance(text, str)]


def groups(reader: Reader, found: Sequence[TaskLine]) -> list[dict[str, Any]]:
    """Tasks by when they are due, for the list."""
    heads = (
        ("overdue", reader._("Просрочено"), "bad"),
        ("today", reader._("Сегодня"), ""),
        ("tomorrow", reader._("Завтра"), ""),
        ("week", reader._("В ближайшие 7 дней"), ""),
        ("later", reader._("Позже"), ""),
    )
    heaps: dict[str, list[TaskLine]] = {key: [] for key, _, _ in heads}
    for one in found:
        heaps[_when(reader, one)].append(one)
    return [
        {"title": title, "tone": tone, "rows": heaps[key]}
        for key, title, tone in heads
        if heaps[key]
    ]


def _when(reader: Reader, one: TaskLine) -> str:
    if one.due_tone == "bad":
        return "overdue"
    near = (one.local.date() - reader.today).days
    if near <= 0:
        return "today"
    if near == 1:
        return "tomorrow"
    return "week" if near <= 7 else "later"
