"""Журнал, the conditions: typed as people speak, put into what the box understands."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from textual.widgets import Input

from tui import deeds, words
from tui.dialogs import Dialog, Field, Question
from tui.parts import plain
from tui.texts import N_, _

CLEAN: Final = {"who": "", "deed": "", "thing": "", "since": "", "until": "", "result": ""}
NAMES: Final = {
    "who": N_("Кто"),
    "deed": N_("Действие"),
    "thing": N_("Что"),
    "since": N_("С"),
    "until": N_("По"),
    "result": N_("Итог"),
}
HINTS: Final = {
    "who": N_("логин, либо коробка, консоль, магазин"),
    "deed": N_("слово: телефон, выгрузка, статус"),
    "thing": N_("заказ 4815"),
    "since": N_("22.11, вчера"),
    "until": N_("включая этот день"),
    "result": N_("отказ, либо пусто"),
}


class Conditions(Dialog):
    """Asks which entries; what it cannot understand it says under the fields."""

    def __init__(self, asked: Mapping[str, str], clock: words.Clock) -> None:
        fields = [Field(name, _(NAMES[name]), asked[name], _(HINTS[name])) for name in CLEAN]
        buttons = {"yes": _("Показать"), "all": _("Все записи"), "no": _("Не менять (Esc)")}
        super().__init__(Question(_("Какие записи показать"), fields=fields, buttons=buttons))
        self._clock = clock

    def done(self, button: str) -> None:
        typed = {one.id or "": one.value.strip() for one in self.query(Input)}
        problem = self._wrong(typed) if button == "yes" else ""
        if problem:
            self.say(problem)
        else:
            super().done(button)

    def _wrong(self, typed: Mapping[str, str]) -> str:
        for name in ("since", "until"):
            if typed[name] and day_of(typed[name], self._clock) is None:
                said = _("Не разобрать день: «%(text)s». Пример: 22.11, вчера.")
                return said % {"text": plain(typed[name])}
        if typed["deed"] and not deeds.names_of(typed["deed"]):
            said = _("Такого действия журнал не знает: «%(text)s».")
            return said % {"text": plain(typed["deed"])}
        return ""


def result_of(typed: str) -> str:
    """«отказ» as the log knows it; a code stays."""
    text = typed.strip().casefold()
    if text and _("отказ").startswith(text[:4]):
        return "refused"
    return text


def day_of(typed: str, clock: words.Clock, *, until: bool = False) -> datetime | None:
    """A day as people write it: «22.11», «22.11.2026», «сегодня», «вчера», with a time or without.

    Args:
        typed: as typed.
        clock: now, and the zone the day is of.
        until: a day alone then means its end.
    """
    text = typed.strip().casefold()
    local = clock.now.astimezone(clock.zone).replace(hour=0, minute=0, second=0, microsecond=0)
    near = {_("сегодня"): 0, _("вчера"): 1, _("позавчера"): 2}
    if text in near:
        found, whole = local - timedelta(days=near[text]), True
    else:
        parsed = _parsed(text, local)
        if parsed is None:
            return None
        found, whole = parsed
    return found + timedelta(days=1) if until and whole else found


def _parsed(text: str, local: datetime) -> tuple[datetime, bool] | None:
    for pattern in ("%d.%m.%Y %H:%M", "%d.%m.%Y", "%Y-%m-%d %H:%M", "%Y-%m-%d"):
        for given in (text, f"{text}.{local.year}", text.replace(" ", f".{local.year} ", 1)):
            try:
                found = datetime.strptime(given, pattern).replace(tzinfo=local.tzinfo)
            except ValueError:
                continue
            return found, ":" not in pattern
    return None
