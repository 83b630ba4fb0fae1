"""The filter of deals: in the address, as chips, as a typed line. See `order_filters`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Literal
from urllib.parse import urlencode

from appliance.domain import formats
from appliance.domain.deals import DealFilter, DealState, Funnels, Pipeline
from appliance.domain.desk import Codes
from appliance.domain.fields import Owner
from appliance.web import custom_filters
from appliance.web.order_filters import Chip, starting
from appliance.web.screens import Reader

View = Literal["board", "list"]
MOST = 20
_CODE = re.compile(r"[\w.-]{1,64}", re.ASCII)
_NUMBER = re.compile(r"\d{1,9}", re.ASCII)
_COMPARISON = re.compile(r"(?:сумма|sum)([<>]=?)(\d{1,9})")


@dataclass(frozen=True, slots=True)
class Asked:
    """A filter as the address writes it; sums in roubles.

    Attributes:
        view: board or list.
        state: open, won, lost, any; a board shows open ones whatever it says.
        until: expected until this day.
        custom: fields of the house's own making.
        text: a fragment that came by POST; never part of an address.
    """

    pipeline: str = ""
    view: View = "board"
    state: str = "open"
    stage: tuple[str, ...] = ()
    manager: tuple[str, ...] = ()
    mine: bool = False
    reason: str = ""
    least: int | None = None
    most: int | None = None
    until: date | None = None
    custom: custom_filters.Given = ()
    text: str = field(default="", repr=False)

    @property
    def query(self) -> str:
        """The filter for an address, without `?`; empty for the first board as it is."""
        parts = {
            "pipeline": self.pipeline,
            "view": "" if self.view == "board" else self.view,
            "state": "" if self.state == "open" else self.state,
            "stage": ",".join(self.stage),
            "manager": ",".join(self.manager),
            "mine": "1" if self.mine else "",
            "reason": self.reason,
            "min": "" if self.least is None else str(self.least),
            "max": "" if self.most is None else str(self.most),
            "until": "" if self.until is None else str(self.until),
        }
        parts |= custom_filters.pairs(self.custom)
        return urlencode({name: value for name, value in parts.items() if value}, safe=",")

    def address(self, path: str = "/deals") -> str:
        """A page under this filter."""
        if not self.query and path == "/deals":
            return "/deals?all=1"  # the bare address opens the list with its starred view
        return f"{path}?{self.query}" if self.query else path

    def paged(self, cursor: int) -> str:
        """The page of the list after a number, under this filter."""
        return f"/deals?{self.query}{'&' if self.query else ''}after={cursor}"

    def seen(self, view: View) -> str:
        """The same as a board or as a list."""
        return replace(self, view=view).address()

    def as_filter(self) -> DealFilter:
        """What the action is asked for."""
        every = tuple(one.value for one in DealState)
        return DealFilter(
            pipeline=self.pipeline,
            stages=tuple(int(one) for one in self.stage) if self.view == "list" else (),
            states=every if self.state == "any" else (self.state,),
            managers=tuple(int(one) for one in self.manager),
            mine=self.mine,
            reason=int(self.reason or 0),
            min_amount=None if self.least is None else self.least * 100,
            max_amount=None if self.most is None else self.most * 100,
            due_until=self.until,
            text=self.text,
            custom=self.custom,
        )


def read(query: Mapping[str, str]) -> Asked:
    """Read an address or a form; what cannot be read is left out, it is nobody's error."""
    pipeline, state = query.get("pipeline", ""), query.get("state", "open")
    known = {"any", *(one.value for one in DealState)}
    return Asked(
        pipeline=pipeline if _CODE.fullmatch(pipeline) else "",
        view="list" if query.get("view") == "list" else "board",
        state=state if state in known else "open",
        stage=_numbers(query.get("stage", "")),
        manager=_numbers(query.get("manager", "")),
        mine=query.get("mine") == "1",
        reason=next(iter(_numbers(query.get("reason", ""))), ""),
        least=_roubles(query.get("min", "")),
        most=_roubles(query.get("max", "")),
        until=_day(query.get("until", "")),
        custom=custom_filters.read(query),
    )


def _numbers(text: str) -> tuple[str, ...]:
    return tuple(one for one in text.split(",")[:MOST] if _NUMBER.fullmatch(one))


def _roubles(text: str) -> int | None:
    text = "".join(text.split())
    return int(text) if _NUMBER.fullmatch(text) else None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None


def chips(asked: Asked, line: Pipeline, known: Funnels, codes: Codes, reader: Reader) -> list[Chip]:
    """The conditions of a filter, in words."""
    _, language = reader._, reader.language
    found: list[Chip] = []

    def add(name: str, value: str, **without: object) -> None:
        found.append(Chip(name, value, replace(asked, **without).address()))

    if asked.view == "list" and asked.state != "open":
        words = {"won": _("выигранные"), "lost": _("проигранные"), "any": _("все")}
        add(_("сделки"), words[asked.state], state="open")
    if asked.mine:
        add(_("менеджер"), _("я"), mine=False)
    if asked.manager:
        names = {"0": _("никто"), **{str(n): name for n, name in codes.colleagues.items()}}
        words = [names.get(one, one) for one in asked.manager]
        add(_("менеджер"), formats.joined(words, language), manager=())
    if asked.stage and asked.view == "list":
        names = {str(one.number): one.name for one in line.stages}
        words = [names.get(one, one) for one in asked.stage]
        add(_("этап"), formats.joined(words, language), stage=())
    if asked.reason:
        names = {str(one.number): one.name for one in known.reasons}
        add(_("причина"), names.get(asked.reason, asked.reason), reason="")
    made = custom_filters.made(codes, Owner.DEAL)
    for code, value in asked.custom:
        left = tuple(one for one in asked.custom if one[0] != code)
        add(*custom_filters.named(made, code, value, _), custom=left)
    return [*found, *_ranges(asked, reader)]


def _ranges(asked: Asked, reader: Reader) -> list[Chip]:
    _, language = reader._, reader.language
    found: list[Chip] = []
    if asked.least is not None or asked.most is not None:
        ends = [
            f"{sign}\u00a0{formats.money(value * 100, language)}"
            for sign, value in (("≥", asked.least), ("≤", asked.most))
            if value is not None
        ]
        without = replace(asked, least=None, most=None)
        found.append(Chip(_("сумма"), " ".join(ends), without.address()))
    if asked.until is not None:
        day = formats.day_short(asked.until, reader.today, language)
        found.append(Chip(_("ждём до"), day, replace(asked, until=None).address()))
    return found


def understand(text: str, asked: Asked, line: Pipeline, codes: Codes, today: date) -> Asked:
    """Add what a typed line says to a filter; words that mean nothing here stay as its text."""
    left: list[str] = []
    for word in text.split():
        became = _word(word.lower(), asked, line, codes, today)
        if became is None:
            left.append(word)
        else:
            asked = became
    return replace(asked, text=" ".join(left))


_DUE = {"просрочены": -1, "overdue": -1, "сегодня": 0, "today": 0, "неделя": 6, "week": 6}
_STATES = {
    "выигранные": "won",
    "won": "won",
    "проигранные": "lost",
    "lost": "lost",
    "все": "any",
    "all": "any",
}


def _word(word: str, asked: Asked, line: Pipeline, codes: Codes, today: date) -> Asked | None:
    found = _COMPARISON.fullmatch(word)
    if found is not None:
        bound = int(found[2]) + {">": 1, "<": -1}.get(found[1], 0)
        return replace(asked, **{"least" if found[1][0] == ">" else "most": max(bound, 0)})
    if word in _DUE:
        return replace(asked, until=today + timedelta(days=_DUE[word]))
    if word in _STATES:
        return replace(asked, state=_STATES[word], view="list")
    if word.startswith("@") and len(word) > 1:
        names = {str(number): name for number, name in codes.colleagues.items()}
        number = starting(word[1:], names)
        return None if number is None else replace(asked, manager=(number,), mine=False)
    name, colon, value = word.partition(":")
    if not colon or name not in {"этап", "stage"} or not value:
        return None
    stage = starting(value.replace("_", " "), {str(one.number): one.name for one in line.stages})
    return None if stage is None else replace(asked, stage=(stage,), state="any", view="list")
