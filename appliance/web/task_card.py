"""A task's card written out, and its form filled in."""

from collections.abc import Mapping
from typing import Any, Final

from appliance.domain import formats
from appliance.domain.desk import Codes
from appliance.domain.personal import Personal
from appliance.domain.tasks import TaskView
from appliance.domain.work import WorkWords
from appliance.web import task_forms, task_rows
from appliance.web.screens import Reader
from appliance.web.shell import N_


def values(reader: Reader, task: TaskView) -> dict[str, Any]:
    """A task as its form shows it; words stay wrapped."""
    local = task.due_at.astimezone(reader.zone)
    minutes = (
        None
        if task.remind_at is None
        else int((task.due_at - task.remind_at).total_seconds() // 60)
    )
    known = {value: key for key, value in task_forms.REMIND.items()}
    return {
        "title": task.title,
        "text": task.text,
        "items": [Personal(one.text) for one in task.items],
        "kind": task.kind,
        "day": formats.day(local.date(), reader.language),
        "clock": "" if task.all_day else formats.clock(task.due_at, reader.zone),
        "remind": known.get(minutes, "0"),
        "performer": str(task.performer),
        "participants": task.participants,
        "order": "" if task.order_number is None else formats.order_number(task.order_number),
        "customer": "" if task.customer is None else str(task.customer.number),
        "project": str(task.project or ""),
        "repeat": task.repeat,
        "form": "",
    }


def card(reader: Reader, task: TaskView, codes: Codes, words: WorkWords) -> dict[str, Any]:
    """What card and preview print."""
    kind = words.kinds.get(task.kind)
    first = formats.moment(task.first_due_at, reader.now, reader.zone, reader.language)
    result = words.results.get(task.result)
    project = next((one.name for one in words.projects if one.number == task.project), "")
    return {
        "task": task,
        "line": task_rows.line(reader, task, codes, words),
        "facts": [
            (reader._("Вид"), task.kind if kind is None else kind.name),
            (reader._("Срок"), _due_words(reader, task)),
            (
                reader._("Отложена"),
                ""
                if not task.postponed
                else reader._("%(times)s, сначала была на %(first)s")
                % {
                    "times": reader.ngettext("%(num)s раз", "%(num)s раза", task.postponed),
                    "first": first,
                },
            ),
            (
                reader._("Напомнить"),
                ""
                if task.remind_at is None
                else formats.moment(task.remind_at, reader.now, reader.zone, reader.language),
            ),
            (reader._("Повтор"), reader._(task_rows.REPEATS[task.repeat]) if task.repeat else ""),
            (reader._("Проект"), project),
            (reader._("Исполнитель"), codes.name_of(task.performer)),
            (
                reader._("Участники"),
                ", ".join(codes.name_of(one) for one in task.participants),
            ),
            (reader._("Поставил"), codes.name_of(task.setter) or reader._("коробка")),
            (reader._("Итог"), "" if result is None else result.name),
        ],
    }


def _due_words(reader: Reader, task: TaskView) -> str:
    if task.all_day:
        day = task.due_at.astimezone(reader.zone).date()
        return formats.day_heading(day, reader.today, reader.language)
    return formats.moment(task.due_at, reader.now, reader.zone, reader.language)


_EVENTS: Final[Mapping[str, str]] = {
    "title": N_("Изменено, что сделать"),
    "text": N_("Изменено описание"),
    "items": N_("Изменён список"),
    "due_at": N_("Изменён срок"),
    "all_day": N_("Изменён срок"),
    "postponed": N_("Отложена"),
    "remind_at": N_("Изменено напоминание"),
    "performer_id": N_("Другой исполнитель"),
    "participants": N_("Изменены участники"),
    "kind": N_("Изменён вид"),
    "project_id": N_("Другой проект"),
    "repeat": N_("Изменён повтор"),
    "result": N_("Записан итог"),
}


_MOVES: Final[Mapping[str, str]] = {
    "open": N_("Открыта снова"),
    "done": N_("Сделана"),
    "cancelled": N_("Отменена"),
}


def event(reader: Reader, field: str, created: bool, new: object) -> str:
    """One change of a task in words."""
    if created:
        return reader._("Поставлена")
    if field == "state":
        return reader._(_MOVES.get(str(new), N_("Изменена")))
    return reader._(_EVENTS.get(field, N_("Изменена")))
