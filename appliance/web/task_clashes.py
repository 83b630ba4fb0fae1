"""Two people on one task's form: its fields by name, and the form put together."""

from typing import Any

from litestar.datastructures import FormMultiDict

from appliance.domain.desk import Codes
from appliance.domain.form_texts import Text, lines
from appliance.domain.tasks import TaskView
from appliance.domain.work import WorkWords
from appliance.web import merging, task_card, task_filters, task_rows
from appliance.web.merging import Field, Merged
from appliance.web.screens import Reader


def texts_of(reader: Reader, task: TaskView) -> dict[str, Text]:
    """What the inputs of a task's form hold; words that the role does not see are left out."""
    values = task_card.values(reader, task)
    plain = ("kind", "day", "clock", "remind", "performer", "project", "repeat")
    found: dict[str, Text] = {name: str(values[name]) for name in plain}
    found["participants"] = ",".join(str(one) for one in task.participants)
    for name in ("title", "text"):
        if values[name] is not None:
            found[name] = values[name]
    found["items"] = lines(values["items"])
    return found


def fields_of(reader: Reader, codes: Codes, words: WorkWords) -> dict[str, Field]:
    """What can be merged of a task, as its form names it."""
    _ = reader._
    known = task_filters.conditions(reader, codes, words)
    people = dict(known["colleagues"])
    remind = {
        "0": _("в срок"), "15": _("за 15 минут"), "60": _("за час"), "1440": _("за день"),
        "none": _("не надо"),
    }  # fmt: skip
    return {
        "title": Field(_("Что сделать")),
        "day": Field(_("День")),
        "clock": Field(_("Время")),
        "kind": Field(_("Вид"), dict(known["kinds"])),
        "remind": Field(_("Напомнить"), remind),
        "performer": Field(_("Исполнитель"), people),
        "repeat": Field(_("Повтор"), {code: _(name) for code, name in task_rows.REPEATS.items()}),
        "project": Field(_("Проект"), {"": _("без проекта"), **dict(known["projects"])}),
        "text": Field(_("Подробности")),
        "items": Field(_("Список дел")),
        "participants": Field(_("Участники"), people, several=True),
    }


def put_together(
    reader: Reader, task: TaskView, form: FormMultiDict, fields: dict[str, Field]
) -> tuple[dict[str, Any], Merged]:
    """The form's values as it goes on, and what has to be chosen."""
    chosen = merging.settled(form)
    mine: dict[str, Text] = {
        name: ",".join(str(one) for one in chosen.getall(name, []))
        if field.several
        else str(chosen.get(name, "")).strip()
        for name, field in fields.items()
    }
    said = {name: value for name, value in form.multi_items() if isinstance(value, str)}
    merged = merging.merge(
        fields, was=merging.opened(said), theirs=texts_of(reader, task), mine=mine
    )
    values: dict[str, Any] = dict(merged.values)
    people = str(values["participants"]).split(",")
    values["participants"] = tuple(int(one) for one in people if one.isdigit())
    return values, merged
