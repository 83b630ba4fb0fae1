"""Копии: what was made and proven; making, proving, restoring; places and timetable."""

from typing import Any, ClassVar, Final

from textual import work
from textual.app import ComposeResult
from textual.widgets import Static

from appliance.domain import formats
from appliance.errors import HouseError
from tui import app as frame
from tui import copy_questions as questions
from tui import words
from tui.box import LOST, Answer, Deed
from tui.dialogs import Dialog, Pick, Reply
from tui.keys import key
from tui.pace import left_of
from tui.parts import Page, Row, cells_of, mark, plain
from tui.section import Section
from tui.texts import N_, _, language, sentence

STEPS: Final = {
    "snapshot": N_("Снимаем данные"),
    "copy": N_("Пишем копию на место"),
    "reading": N_("Читаем обратно и сверяем"),
    "data": N_("Упаковываем и сверяем данные"),
    "keys": N_("Упаковываем и сверяем ключи"),
    "attachments": N_("Сверяем вложения"),
    "people": N_("Открываем ключи людей"),
    "log": N_("Сверяем журнал"),
    "boot": N_("Пробуем запустить копию"),
}
"""First word of a step → its words."""

RUNS, PLACES = "runs", "places"
_HEADS: Final[dict[str, tuple[tuple[str, int], ...]]] = {
    RUNS: ((N_("Что"), 16), (N_("Когда"), 15), (N_("Размер"), 10), (N_("Итог"), 13)),
    PLACES: ((N_("Место"), 30), (N_("Что пишем"), 14), (N_("Копий"), 10)),
}
POLL_SECONDS = 1.0
BAR = 30


class Copies(Section):
    """The work belongs to the box: leaving the console stops nothing."""

    NAME, HEADING, SHORT = "backups", N_("Копии"), N_("Копии")
    COLUMNS = _HEADS[RUNS]
    BINDINGS: ClassVar = [
        key("o", "keep", N_("Оставить")),
        key("b", "go_back", N_("Вернуть прежние")),
        key("n", "start('copy')", N_("Сделать")),
        key("d", "start('drill')", N_("Доказать")),
        key("r", "restore", N_("Вернуть данные")),
        key("x", "cancel", N_("Прервать")),
        key("n", "add", N_("Добавить")),
        key("x", "remove", N_("Убрать")),
        key("s", "timetable", N_("Расписание")),
        key("m", "turn('places')", N_("Места")),
        key("m", "turn('runs')", N_("Копии")),
    ]
    running = False
    HOME = RUNS
    view = RUNS
    trial: Answer | None = None
    plan: Answer = {}
    guarded: Answer = {}

    def top(self) -> ComposeResult:
        yield Static(id="job")

    def on_mount(self) -> None:
        self.query_one("#job").display = False
        self.set_interval(POLL_SECONDS, self._poll)

    async def fetch(self) -> Page:
        answer = await self.house.box.ask("/backups/plan")
        self.plan, self.trial = answer["plan"], answer["trial"]
        self.guarded = answer.get("guarded") or {}
        self._progress(await self.house.box.ask("/backups/progress"))
        clock = words.Clock(frame.now(), self.house.zone)
        if self.view == PLACES:
            found = await self.house.box.ask("/backups/copies")
            return _places_page(self.plan, found, _guard_row(self.plan, self.guarded, clock))
        runs = cells_of((await self.house.box.ask("/backups/journal"))["runs"])
        return self._runs_page(runs, clock)

    def _runs_page(self, runs: list[dict[str, Any]], clock: words.Clock) -> Page:
        rows = [_row(one, clock) for one in runs]
        if self.trial is not None:
            said = _("Данные из копии, их только смотрят. Решите: O/Щ, B/И.")
            return Page("warn", said, rows)
        proven = next(
            (one for one in runs if one["kind"] == "drill" and one["state"] == "done"), None
        )
        if proven is not None:
            said = _("Последняя доказанная копия: %(when)s.") % {
                "when": clock.moment(proven["ended_at"])
            }
            if not self.plan["targets"] and not self.plan["data_targets"]:
                note = _("Копии лежат в самой коробке: сгорит диск — сгорят и они. M/Ь.")
                return Page("warn", said, rows, note)
            return Page("ok", said, rows)
        if any(one["state"] == "done" for one in runs):
            return Page("bad", _("Копия есть, но не доказана. Доказать: D/В."), rows)
        return Page("bad", _("Копий ещё нет. Сломается диск — пропадёт всё. N/Т."), rows)

    def _progress(self, seen: Answer) -> None:
        was, self.running = self.running, bool(seen["running"])
        strip = self.query_one("#job", Static)
        strip.display = self.running
        if self.running:
            done, total = int(seen["done"]), int(seen["total"]) or 1
            full = min(BAR, done * BAR // total)
            line = f"[$accent]{'█' * full}[/][$text-2]{'░' * (BAR - full)}[/]"
            left = left_of(done, total, int(seen.get("step_seconds", 0)))
            go_on = _("Консоль можно закрыть: работа идёт в коробке.")
            percent = f"{min(100, done * 100 // total):3} %{left}"
            step = _step(str(seen["step"]))
            strip.update(f"{mark('run')} {step}\n{line} {percent}\n[$text-2]{go_on}[/]")
        if was != self.running:
            self.refresh_bindings()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        seen = self.view == RUNS
        free = not self.running and self.trial is None
        allowed: dict[str, bool] = {
            "start": seen and not self.running,
            "restore": seen and free,
            "cancel": seen and self.running,
            "keep": seen and self.trial is not None,
            "go_back": seen and self.trial is not None,
            "add": not seen,
            "remove": not seen and self.current is not None,
            "timetable": not seen,
            "turn": parameters != (self.view,),
        }
        return allowed.get(action, True)

    @work(exclusive=True, group="poll")
    async def _poll(self) -> None:
        """See how far the work is, while it runs and the section is in front."""
        if not self.running or self.house.working.section is not type(self):
            return
        try:
            seen = await self.house.box.ask("/backups/progress")
        except HouseError as error:
            if error.code in LOST:
                said = _("Коробка ставит данные на место и запускается заново.")
                self.query_one("#job", Static).update(f"{mark('run')} {said}")
            return
        self._progress(seen)
        if not self.running:
            self._tell_end(seen)
            await self.reload()
            self.house.watch_over()

    def _tell_end(self, seen: Answer) -> None:
        last: Answer = seen.get("last") or {}
        if last.get("code"):
            self.house.hint(plain(sentence(str(last["code"]), last.get("params") or {})))
        elif last.get("kind") == "restore":
            self.house.hint(_("Данные из копии на месте. Посмотрите и решите: O/Щ или B/И."))
        elif last.get("kind") == "copy":
            self.house.ran(_("Копия готова и сверена."), "korobka backup list")
        elif last.get("kind") == "drill":
            self.house.ran(_("Копия доказана: из неё подняли данные."), "korobka backup list")

    @work(exclusive=True, group="act")
    async def action_turn(self, view: str) -> None:
        """Show what was made, or the places and the timetable."""
        self.view = view
        self.lines.head(_HEADS[view])
        await self.reload()
        self.refresh_bindings()

    @work(exclusive=True, group="act")
    async def action_start(self, kind: str) -> None:
        """Have a copy made, or the newest one proven."""
        commands = {"copy": "korobka backup now", "drill": "korobka backup drill"}
        said = {
            "copy": _("Копия началась."),
            "drill": _("Проверка началась."),
        }
        await self.act(Deed("/backups/start", commands[kind], said[kind], {"kind": kind}))

    @work(exclusive=True, group="act")
    async def action_cancel(self) -> None:
        """End what runs; copies from before stay whole."""
        said = _("Прервано. Прежние копии целы.")
        await self.act(Deed("/backups/cancel", "korobka backup cancel", said))

    @work(exclusive=True, group="act")
    async def action_restore(self) -> None:
        """Choose a copy, see what it would change, type its number, begin."""
        clock = words.Clock(frame.now(), self.house.zone)
        found = await self._asked("/backups/copies")
        if found is None:
            return
        copies = cells_of(found["copies"])
        if not copies:
            self.house.hint(_("Возвращать не из чего: копий нет. Сделать: N/Т."))
            return
        choices = [(str(one["stamp"]), questions.choice(one, clock)) for one in copies]
        stamp = await self.house.push_screen_wait(Pick(_("Из какой копии вернуть?"), choices))
        chosen = next((one for one in copies if one["stamp"] == stamp), None)
        if chosen is None:
            return
        since = await self._asked("/backups/since", {"at": chosen["made_at"]})
        if since is None:
            return
        foreseen = questions.foreseen(chosen, since, clock)
        if (await self.house.push_screen_wait(Dialog(foreseen))).button != "on":
            return
        sure = questions.sure(chosen, since, clock)
        if (await self.house.push_screen_wait(Dialog(sure))).button != "restore":
            return
        said = _("Возврат начался: коробка готовит данные рядом с нынешними.")
        body = {"kind": "restore", "stamp": stamp}
        await self.act(Deed("/backups/start", f"korobka backup restore {stamp}", said, body))

    @work(exclusive=True, group="act")
    async def action_keep(self) -> None:
        """Keep what was restored."""
        said = _("Подтверждено: сотрудники снова могут работать.")
        await self.act(Deed("/backups/confirm", "korobka backup confirm", said))

    @work(exclusive=True, group="act")
    async def action_go_back(self) -> None:
        """Put the data of before in again, after a question."""
        if (await self.house.push_screen_wait(Dialog(questions.go_back()))).button != "back":
            return
        said = _("Коробка возвращает прежние данные и запускается заново.")
        await self.act(Deed("/backups/go-back", "korobka backup go-back", said))

    @work(exclusive=True, group="act")
    async def action_add(self) -> None:
        """Ask for a place, try it, add it."""
        kind = await self.house.push_screen_wait(Pick(_("Куда писать копии?"), questions.kinds()))
        if not kind:
            return
        data_only = kind in (questions.DATA_ONLY, questions.STORE)
        known = "data_targets" if data_only else "targets"
        flag = " --data-only" if kind == questions.DATA_ONLY else ""
        flag = " --with-keys" if kind == questions.STORE_KEYS else flag

        async def deed_of(reply: Reply) -> Deed | str:
            place = reply.typed["place"].strip()
            if not place:
                return _("Укажите место.")
            if secret := reply.typed.get("secret", "").strip():
                asked = {"target": place, "takes_keys": not data_only, "secret": secret}
                await self.house.patiently(lambda: self.house.box.ask("/backups/try-place", asked))
            body = {known: [*self.plan[known], place], "seen": {known: self.plan[known]}}
            command = f"korobka backup add-place {place}{flag}"
            return Deed("/backups/change-plan", command, _("Место добавлено."), body)

        await self.act_asking(questions.place(kind), deed_of)

    @work(exclusive=True, group="act")
    async def action_remove(self) -> None:
        """Bring no more copies to the place under the cursor."""
        row = self.current
        if row is None or not row.data:
            self.house.hint(_("Убирать здесь нечего: второй диск меняется в расписании, S/Ы."))
            return
        if (await self.house.push_screen_wait(Dialog(questions.remove(row.key)))).button != "yes":
            return
        left = {
            name: [one for one in self.plan[name] if one != row.key]
            for name in ("targets", "data_targets")
        }
        command = f"korobka backup remove-place {row.key}"
        said = _("Копии туда больше не пишутся; старые целы.")
        seen = {name: self.plan[name] for name in left}
        await self.act(Deed("/backups/change-plan", command, said, {**left, "seen": seen}))

    @work(exclusive=True, group="act")
    async def action_timetable(self) -> None:
        """Change how often copies are made and how many stay."""

        async def deed_of(reply: Reply) -> Deed | str:
            body = questions.numbers(reply.typed)
            if body is None:
                return _("Во всех полях, кроме последнего, нужны целые числа.")
            command = "korobka backup schedule " + " ".join(
                f"--{questions.FLAGS[name]} {value}" for name, value in body.items() if value != ""
            )
            return Deed("/backups/change-plan", command, _("Записано."), body)

        await self.act_asking(questions.timetable(self.plan), deed_of)

    async def _asked(self, path: str, body: dict[str, object] | None = None) -> Answer | None:
        try:
            return await self.house.patiently(lambda: self.house.box.ask(path, body))
        except HouseError as error:
            self.house.hint(self.house.words(error))
            return None


def _step(name: str) -> str:
    """A step in words; one of a newer box goes by its name."""
    said = STEPS.get(name.partition(" ")[0])
    return _(said) if said else plain(name) or _("Начинаем")


def _about(kind: str, number: str, stamp: str) -> str:
    """What a run was, in words; the mark is what commands call the copy by."""
    said = {
        "copy": _("Копия № %(number)s: записана, прочитана обратно, все байты совпали."),
        "drill": _("Проверка № %(number)s: данные подняли из копии отдельно и сравнили."),
        "restore": _("Возврат № %(number)s: данные из копии поставили на место нынешних."),
    }
    if not stamp:  # it runs, or came to nothing
        return f"№ {number}."
    named = _("В командах копия зовётся %(stamp)s.") % {"stamp": stamp}
    return f"{said.get(kind, '№ %(number)s.') % {'number': number}}\n{named}"


def _row(one: dict[str, Any], clock: words.Clock) -> Row:
    kinds = {"copy": _("Копия"), "drill": _("Доказательство"), "restore": _("Возврат")}
    states = {"running": "run", "done": "ok", "failed": "bad"}
    well = {"drill": _("доказана"), "restore": _("готов")}
    ends = {
        "running": _("идёт"),
        "done": well.get(str(one["kind"]), _("сверена")),
        "failed": _("не удалось"),
    }
    state = str(one["state"])
    size = int(one["size"])
    kind = str(one["kind"]) if state == "done" else ""
    lines = [_about(kind, str(one["number"]), str(one["stamp"]))]
    if one["code"]:
        lines.append(plain(sentence(str(one["code"]), {})))
    if one["failed_targets"]:
        lines.append(_("Не приняли мест: %(num)d.") % {"num": one["failed_targets"]})
    cells = (
        kinds.get(str(one["kind"]), str(one["kind"])),
        clock.short(one["began_at"]),
        words.spaced(formats.size(size, language())) if size else "",
        ends.get(state, state),
    )
    return Row(states.get(state, "off"), cells, "\n".join(lines), str(one["number"]), one)


def _guard_row(plan: Answer, guarded: Answer, clock: words.Clock) -> list[Row]:
    """How the continuous protection stands."""
    if not (folder := str(plan["guard"])):
        return []
    code, at = str(guarded.get("code", "")), guarded.get("at")
    about = _("Непрерывная защита: всё новое на втором диске не позже чем через две минуты.")
    if code:
        about = plain(sentence(code, {"path": folder}))
    state = "bad" if code else "ok" if at else "run"
    cells = (folder, _("изменения"), clock.short(str(at)) if at else "")
    return [Row(state, cells, about, folder)]


def _places_page(plan: Answer, found: Answer, guard: list[Row]) -> Page:
    """Where copies go; worst first."""
    copies = cells_of(found["copies"])
    problems: dict[str, str] = found["problems"]
    rows: list[Row] = []
    for name in ("targets", "data_targets"):
        for place in plan[name]:
            code = problems.get(place, "")
            held = sum(place in one["places"] for one in copies)
            what = _("всё") if name == "targets" else _("только данные")
            about = plain(sentence(code, {"path": place})) if code else plain(str(place))
            cells = (str(place), what, _("нет связи") if code else str(held))
            rows.append(Row("bad" if code else "ok", cells, about, str(place), data=True))
    rows.sort(key=lambda row: row.mark != "bad")
    every = int(plan["every_minutes"])
    often = _("раз в %(num)d мин") % {"num": every} if every else _("только вручную")
    kept = _("хранится %(hourly)s, ночных %(nightly)s, недельных %(weekly)s") % plan
    note = f"{often}; {kept}"
    if not rows:
        own = _("в самой коробке")
        about = _("Сгорит коробка — сгорят и копии. Добавьте другой диск или сервер: N/Т.")
        rows = [Row("bad", (own, _("всё"), str(len(copies))), about, own), *guard]
        return Page("bad", _("Копии лежат только в самой коробке."), rows, note)
    rows += guard
    if not plan["targets"]:
        return Page("bad", _("Ни одно место не принимает ключи: без них не вернуть."), rows, note)
    if problems:
        return Page("bad", _("До какого-то места не достучаться."), rows, note)
    return Page("ok", _("Все места на связи."), rows, note)
