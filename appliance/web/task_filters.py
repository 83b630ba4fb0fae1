"""Which tasks a list shows, as the address holds it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from appliance.domain.desk import Codes
from appliance.domain.fields import Owner
from appliance.domain.tasks import TaskFilter, TaskState
from appliance.domain.work import WorkWords
from appliance.roles import Permission
from appliance.web import custom_filters
from appliance.web.screens import Reader
from appliance.web.shell import N_

WHO: Final = ("mine", "set", "all")


STATES: Final[Mapping[str, tuple[str, str]]] = {
    "open": (N_("Открытые"), TaskState.OPEN.value),
    "done": (N_("Сделанные"), TaskState.DONE.value),
    "cancelled": (N_("Отменённые"), TaskState.CANCELLED.value),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """A filter as the address holds it."""

    who: str = "mine"
    state: str = "open"
    kind: str = ""
    project: int = 0
    performer: int = 0
    postponed: bool = False
    custom: custom_filters.Given = ()

    @property
    def query(self) -> str:
        """As a query; what is usual is left out."""
        usual = Asked()
        given = {
            name: int(value) if isinstance(value, bool) else value
            for name in ("who", "state", "kind", "project", "performer", "postponed")
            if (value := getattr(self, name)) != getattr(usual, name)
        }
        return urlencode(given | custom_filters.pairs(self.custom))

    def address(self, path: str = "/tasks", **other: Any) -> str:
        """The address of this filter, with changes."""
        values = {name: getattr(self, name) for name in self.__slots__} | other
        query = Asked(**values).query
        if not query and path == "/tasks":
            return "/tasks?all=1"  # the bare address opens the list with its starred view
        return f"{path}?{query}" if query else path

    def as_filter(self) -> TaskFilter:
        """For the storage."""
        return TaskFilter(
            mine=self.who == "mine" and not self.performer,
            set_by_me=self.who == "set",
            performers=(self.performer,) if self.performer else (),
            states=(STATES[self.state][1],),
            kinds=(self.kind,) if self.kind else (),
            postponed=self.postponed,
            project=self.project or None,
            custom=self.custom,
        )


def read(query: Mapping[str, str]) -> Asked:
    """Read an address; what is unknown in it is left out."""

    def number(name: str) -> int:
        text = query.get(name, "")
        return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else 0

    who, state = query.get("who", "mine"), query.get("state", "open")
    return Asked(
        who=who if who in WHO else "mine",
        state=state if state in STATES else "open",
        kind=query.get("kind", "")[:64],
        project=number("project"),
        performer=number("performer"),
        postponed=query.get("postponed") == "1",
        custom=custom_filters.read(query),
    )


def next_page(asked: Asked, after: str | None) -> str:
    """Where the next page is; empty at the end."""
    if after is None:
        return ""
    pairs = f"{asked.query}&" if asked.query else ""
    return f"/tasks?{pairs}{urlencode({'after': after})}"


def tabs(reader: Reader, asked: Asked) -> list[tuple[str, str, bool]]:
    """Whose tasks: (label, address, current)."""
    shown = [("mine", reader._("Мои")), ("set", reader._("Поставил я"))]
    grant = reader.actor.grants.get(Permission.TASK_VIEW.value)
    if grant is not None and grant.scope > 1:
        shown.append(("all", reader._("Все")))
    return [
        (label, Asked(who=who, state=asked.state).address(), asked.who == who)
        for who, label in shown
    ]


def chips(
    reader: Reader, asked: Asked, codes: Codes, words: WorkWords
) -> list[tuple[str, str, str]]:
    """Conditions in words: (name, value, address without it)."""
    found: list[tuple[str, str, str]] = []
    if asked.state != "open":
        name = reader._(STATES[asked.state][0])
        found.append((reader._("состояние"), name, asked.address(state="open")))
    if asked.kind and asked.kind in words.kinds:
        found.append((reader._("вид"), words.kinds[asked.kind].name, asked.address(kind="")))
    project = next((one for one in words.projects if one.number == asked.project), None)
    if project is not None:
        found.append((reader._("проект"), project.name, asked.address(project=0)))
    if asked.performer:
        name = codes.name_of(asked.performer)
        found.append((reader._("исполнитель"), name, asked.address(performer=0)))
    if asked.postponed:
        found.append((reader._("только"), reader._("отложенные"), asked.address(postponed=False)))
    made = custom_filters.made(codes, Owner.TASK)
    for code, value in asked.custom:
        left = tuple(one for one in asked.custom if one[0] != code)
        name, shown = custom_filters.named(made, code, value, reader._)
        found.append((name, shown, asked.address(custom=left)))
    return found


def conditions(reader: Reader, codes: Codes, words: WorkWords) -> dict[str, Any]:
    """What every condition can be chosen from."""
    return {
        "states": [(code, reader._(name)) for code, (name, _) in STATES.items()],
        "kinds": [(one.code, one.name) for one in words.kinds.values() if one.active],
        "projects": [(str(one.number), one.name) for one in words.projects],
        "colleagues": [(str(number), name) for number, name in codes.colleagues.items()],
    }
