"""Журнал: entries by conditions, the state of the chain, what is kept of it outside the box."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar, Final

from textual import work
from textual.app import ComposeResult
from textual.widgets import Static

from appliance.domain import formats
from appliance.errors import HouseError
from tui import app as frame
from tui import deeds, words
from tui.box import Answer, Deed
from tui.dialogs import Dialog, Field, Question
from tui.keys import key
from tui.parts import Page, Row, cells_of, mark, plain
from tui.screens import audit_ways
from tui.screens.audit_conditions import CLEAN, NAMES, Conditions, day_of, result_of
from tui.section import Section
from tui.texts import N_, _, language, ngettext, sentence

POLL_SECONDS: Final = 0.5
BAR: Final = 30
PAGE: Final = 50
MOST_ROWS: Final = 1000
"""Rows that stand in the list at once; whoever goes further back sets a condition."""

ENTRIES: Final = ((N_("Время"), 10), (N_("Кто"), 12), (N_("Что сделано"), 32))


class Audit(Section):
    """The verdict carries the promise and its limit: what is proven, and until when."""

    NAME, HEADING, SHORT = "audit", N_("Журнал"), N_("Журнал")
    COLUMNS = ENTRIES
    BINDINGS: ClassVar = [
        key("f", "conditions", N_("Условия")),
        key("v", "verify", N_("Проверить")),
        key("w", "export", N_("Выгрузить")),
        key("o", "older", N_("Ещё")),
        key("x", "cancel", N_("Прервать")),
        key("a", "keep", N_("Заверить")),
        key("s", "choose", N_("Чем заверять")),
        key("p", "paper", N_("На лист")),
        key("g", "ways", N_("Пути")),
        key("g", "entries", N_("Записи")),
    ]
    running = False
    waited = False
    is_ways = False
    after: int | None = None

    def __init__(self, id: str | None = None) -> None:  # noqa: A002 - the name Textual gives it
        super().__init__(id=id)
        self.asked: dict[str, str] = dict(CLEAN)
        self.entries: list[dict[str, Any]] = []
        self.rules: dict[str, Any] = {}

    def top(self) -> ComposeResult:
        yield Static(id="log-job", classes="job")

    def on_mount(self) -> None:
        self.query_one("#log-job").display = False
        self.set_interval(POLL_SECONDS, self._poll)

    async def fetch(self) -> Page:
        self._progress(await self.house.box.ask("/audit/progress"))
        if self.is_ways:
            seen = await self.house.box.ask("/audit/anchors")
            self.rules = {**seen["rules"], "places": seen["places"]}
            return audit_ways.page(seen, self._clock)
        seen = await self.house.box.ask("/audit/page", self._question(None))
        self.entries, self.after = cells_of(seen["lines"]), seen["after"]
        return self._page(seen)

    @property
    def _clock(self) -> words.Clock:
        return words.Clock(frame.now(), self.house.zone)

    def _question(self, before: int | None) -> dict[str, object]:
        asked: dict[str, object] = {"before": before, "limit": PAGE}
        asked |= {
            "who": deeds.kind_of(self.asked["who"]),
            "deed": deeds.names_of(self.asked["deed"]),
            "thing": deeds.thing_of(self.asked["thing"]),
            "result": result_of(self.asked["result"]),
        }
        for name in ("since", "until"):
            found = day_of(self.asked[name], self._clock, until=name == "until")
            if found is not None:
                asked[name] = found.isoformat()
        return asked

    def _page(self, seen: Answer) -> Page:
        clock = self._clock
        rows = [row_of(one, clock) for one in self.entries]
        state, said = verdict(seen, clock)
        return Page(state, said, rows, note=self._note(seen, clock))

    def _note(self, seen: Answer, clock: words.Clock) -> str:
        said = [f"{_(NAMES[name])} {plain(text)}" for name, text in self.asked.items() if text]
        if said:
            return _("Показаны: %(what)s.") % {"what": ", ".join(said)}
        return kept(seen, clock)

    def _progress(self, seen: Answer) -> None:
        was, self.running = self.running, bool(seen["running"])
        strip = self.query_one("#log-job", Static)
        strip.display = self.running
        if self.running:
            total = int(seen["total"]) or 1
            full = min(BAR, int(seen["done"]) * BAR // total)
            line = f"[$accent]{'█' * full}[/][$text-2]{'░' * (BAR - full)}[/]"
            percent = min(100, int(seen["done"]) * 100 // total)
            said = _("Выгружаем журнал") if seen["kind"] == "export" else _("Проверяем журнал")
            go_on = _("Консоль можно закрыть: работа идёт в коробке.")
            strip.update(f"{mark('run')} {said}\n{line} {percent:3} %\n[$text-2]{go_on}[/]")
        elif was or self.waited:
            self.waited = False
            self._ended(seen["last"])
        if was != self.running:
            self.refresh_bindings()

    def _ended(self, last: Answer) -> None:
        """Say how it went: the command that does the same, and its end."""
        if last.get("code"):
            self.house.hint(plain(sentence(str(last["code"]), dict(last["params"]))))
        elif last.get("kind") == "export":
            told = _("Готово: %(out)s") % {"out": plain(str(last["result"]["out"]))}
            self.house.ran(told, "korobka audit export")
        elif last:
            self.house.ran(found(last["result"]), "korobka audit verify")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in {"choose", "paper", "entries"}:
            return self.is_ways
        if action == "ways":
            return not self.is_ways
        if action in {"conditions", "export"}:
            return not self.is_ways and not (self.running and action == "export")
        if action == "older":
            return not self.is_ways and self.after is not None and len(self.entries) < MOST_ROWS
        if action == "verify":
            return not self.is_ways and not self.running
        return self.running if action == "cancel" else True

    @work(exclusive=True, group="poll")
    async def _poll(self) -> None:
        """See how far the work is, while it runs and the section is in front."""
        if not self.running or self.house.working.section is not type(self):
            return
        try:
            seen = await self.house.box.ask("/audit/progress")
        except HouseError:
            return  # the frame says it
        self._progress(seen)
        if not self.running:
            await self.reload()

    @work(exclusive=True, group="act")
    async def action_verify(self) -> None:
        """Have the whole log verified; it goes on without us."""
        await self._start({"kind": "verify"}, "korobka audit verify", _("Проверка началась."))

    @work(exclusive=True, group="act")
    async def action_export(self) -> None:
        """Have the archive for an outsider made."""
        reply = await self.house.push_screen_wait(
            Dialog(
                Question(
                    _("Выгрузить журнал для проверки со стороны"),
                    _(
                        "Архив: журнал без личных данных, программа проверки, отпечатки и порядок "
                        "действий. Проверить его может любой, кому вы его отдадите."
                    ),
                    fields=[Field("path", _("Куда"), hint=_("пусто — в папку коробки"))],
                    buttons={"yes": _("Выгрузить"), "no": _("Не надо (Esc)")},
                )
            )
        )
        if reply.button == "yes":
            body = {"kind": "export", "path": reply.typed["path"].strip()}
            await self._start(body, "korobka audit export", _("Выгрузка началась."))

    async def _start(self, body: Mapping[str, object], command: str, told: str) -> None:
        self.waited = True
        if await self.act(Deed("/audit/start", command, told, body)) is None:
            self.waited = False

    @work(exclusive=True, group="act")
    async def action_cancel(self) -> None:
        """End what runs; the log is as it was."""
        await self.act(Deed("/audit/cancel", "korobka audit cancel", _("Прервано.")))

    @work(exclusive=True, group="act")
    async def action_older(self) -> None:
        """Read the next page and go on from where the cursor is."""
        try:
            seen = await self.house.patiently(
                lambda: self.house.box.ask("/audit/page", self._question(self.after))
            )
        except HouseError as error:
            self.house.hint(self.house.words(error))
            return
        self.entries += cells_of(seen["lines"])
        self.after = seen["after"]
        self.show(self._page(seen))

    @work(exclusive=True, group="act")
    async def action_conditions(self) -> None:
        """Say which entries."""
        reply = await self.house.push_screen_wait(Conditions(self.asked, self._clock))
        if reply.button in {"yes", "all"}:
            typed = CLEAN if reply.button == "all" else reply.typed
            self.asked = {name: typed[name].strip() for name in CLEAN}
            await self.reload()

    def action_ways(self) -> None:
        """Show what is kept outside."""
        self._turn(ways=True)

    def action_entries(self) -> None:
        """Go back to the entries."""
        self._turn(ways=False)

    def _turn(self, *, ways: bool) -> None:
        self.is_ways = ways
        self.lines.head(audit_ways.COLUMNS if self.is_ways else ENTRIES)
        self.refresh_bindings()
        self.load()

    @work(exclusive=True, group="act")
    async def action_keep(self) -> None:
        """Keep a checkpoint outside now, by every chosen way."""
        deed = Deed("/audit/anchor", "korobka audit anchor-now", _("Отпечаток отдан."))
        answer = await self.act(deed)
        for one in cells_of(answer["kept"]) if answer is not None else ():
            if one["code"]:
                self.house.hint(plain(sentence(str(one["code"]), {"path": one["place"]})))
        if answer is not None and answer["code"]:
            self.house.hint(plain(sentence(str(answer["code"]), {})))

    @work(exclusive=True, group="act")
    async def action_choose(self) -> None:
        """Choose the ways."""
        chosen = await audit_ways.choose(self.house, self.rules)
        if chosen is not None:
            await self.act(chosen)

    @work(exclusive=True, group="act")
    async def action_paper(self) -> None:
        """Draw the newest checkpoint as a page to print."""
        answer = await self.act(Deed("/audit/paper", "korobka audit paper", _("Лист готов.")))
        if answer is not None:
            self.house.hint(_("Напечатайте и уберите в сейф: %(out)s") % {"out": answer["out"]})


def verdict(seen: Answer, clock: words.Clock) -> tuple[str, str]:
    """How the chain stands: state and sentence."""
    found = seen["health"]["checked"]
    size = words.spaced(formats.number(int(seen["size"]), language()))
    if not found.get("at"):
        return "ok", _("В журнале %(size)s записей. Проверить: V/М.") % {"size": size}
    when = clock.moment(found["at"])
    if not found["ok"]:
        said = _("Журнал подделан: запись %(bad)s, проверен %(when)s.")
        return "bad", said % {"bad": found["first_bad"], "when": when}
    upto = words.spaced(formats.number(int(found["size"]), language()))
    said = _("Цепочка цела: записи 1–%(size)s, проверена %(when)s.")
    return "ok", said % {"size": upto, "when": when}


def kept(seen: Answer, clock: words.Clock) -> str:
    """Up to where the log is kept outside, and since when."""
    health = seen["health"]
    if not health.get("kept_at"):
        return _("Вне коробки не заверена. Куда отдавать отпечаток: G/П.")
    size = words.spaced(formats.number(int(seen["anchored"]), language()))
    said = _("Заверена вне коробки до %(size)s, %(when)s.")
    return said % {"size": size, "when": clock.moment(health["kept_at"])}


def found(result: Answer) -> str:
    """What a verification found."""
    size = words.spaced(formats.number(int(result["size"]), language()))
    if not result["ok"]:
        said = _("Журнал подделан: запись %(bad)s.")
        return said % {"bad": result["first_bad"]}
    said = ngettext(
        "Цепочка цела: %(size)s запись.", "Цепочка цела: %(size)s записей.", int(result["size"])
    )
    return said % {"size": size}


def row_of(one: dict[str, Any], clock: words.Clock) -> Row:
    """A line of the log as a row; refusals and deeds worth a look are marked."""
    refused = one["result"] != "done"
    state = "warn" if refused or one["deed"] in deeds.WATCHED else "ok"
    if one["result"] == "audit_outbox_damaged":
        state = "bad"
    at = datetime.fromisoformat(one["at"]).astimezone(clock.zone)
    today = at.date() == clock.now.astimezone(clock.zone).date()
    time = f"{at:%H:%M:%S}" if today else f"{at:%d.%m} {at:%H:%M}"[:9]
    cells = (time, deeds.who(one), deeds.short(one))
    return Row(state, cells, _about(one, at), str(one["seq"]), one)


def _about(one: dict[str, Any], at: datetime) -> str:
    number = words.spaced(formats.number(int(one["seq"]), language()))
    outside = _("Заверена вне коробки.") if one["anchored"] else _("Заверится с отпечатком.")
    lines = [f"[b]{_('Запись')} {number}[/], {at:%d.%m.%Y %H:%M:%S}. {outside}"]
    lines.append(f"{plain(deeds.who(one))}: {deeds.deed(one['deed'])}. {deeds.thing(one)}".strip())
    if one["result"] != "done":
        lines.append(f"{_('Отказано:')} {plain(sentence(str(one['result']), {}))}")
    if one["fields"]:
        people = ngettext("%(num)d человек", "%(num)d человек", int(one["people"]))
        said = f"{people % {'num': one['people']}}: {deeds.fields(one['fields'])}"
        lines.append(f"{_('Личные данные:')} {said}")
    where = deeds.origin(str(one["origin"]))
    session = _("сеанс %(id)s") % {"id": one["session"]} if one["session"] else ""
    lines.append("[$text-2]" + ", ".join(x for x in (where, session, one["deed"]) if x) + "[/]")
    return "\n".join(lines)
