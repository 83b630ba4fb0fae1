"""Копии: what was made and proven; making one, proving one, watching it go."""

from typing import Any, ClassVar, Final

from textual import work
from textual.app import ComposeResult
from textual.widgets import Static

from appliance.domain import formats
from appliance.errors import HouseError
from tui import app as frame
from tui import words
from tui.box import Deed
from tui.keys import key
from tui.parts import Page, Row, cells_of, mark, plain
from tui.section import Section
from tui.texts import N_, _, language, sentence

STEPS: Final = {
    "snapshot": N_("Снимаем данные"),
    "copy": N_("Пишем копию"),
    "read back": N_("Читаем обратно и сверяем"),
    "attachments": N_("Сверяем вложения"),
    "people's keys": N_("Открываем ключи людей"),
    "log": N_("Сверяем журнал"),
}
"""What a step begins with → its words."""

POLL_SECONDS = 1.0
BAR = 30


class Copies(Section):
    """The work belongs to the box: leaving the console stops nothing."""

    NAME, HEADING, SHORT = "backups", N_("Копии"), N_("Копии")
    COLUMNS = ((N_("Что"), 16), (N_("Когда"), 15), (N_("Размер"), 10), (N_("Итог"), 13))
    BINDINGS: ClassVar = [
        key("n", "start('copy')", N_("Сделать копию")),
        key("d", "start('drill')", N_("Доказать")),
        key("x", "cancel", N_("Прервать")),
    ]
    running = False

    def top(self) -> ComposeResult:
        yield Static(id="job")

    def on_mount(self) -> None:
        self.query_one("#job").display = False
        self.set_interval(POLL_SECONDS, self._poll)

    async def fetch(self) -> Page:
        runs = cells_of((await self.house.box.ask("/backups/journal"))["runs"])
        clock = words.Clock(frame.now(), self.house.zone)
        rows = [_row(one, clock) for one in runs]
        self._progress(await self.house.box.ask("/backups/progress"))
        proven = next(
            (one for one in runs if one["kind"] == "drill" and one["state"] == "done"), None
        )
        if proven is not None:
            said = _("Последняя доказанная копия: %(when)s.")
            return Page("ok", said % {"when": clock.moment(proven["ended_at"])}, rows)
        if any(one["state"] == "done" for one in runs):
            return Page("bad", _("Копия есть, но не доказана. Доказать: D/В."), rows)
        return Page("bad", _("Копий ещё нет. Сломается диск — пропадёт всё. N/Т."), rows)

    def _progress(self, seen: Any) -> None:
        was, self.running = self.running, bool(seen["running"])
        strip = self.query_one("#job", Static)
        strip.display = self.running
        if self.running:
            total = int(seen["total"]) or 1
            full = min(BAR, int(seen["done"]) * BAR // total)
            step = _step(str(seen["step"]))
            line = f"[$accent]{'█' * full}[/][$text-2]{'░' * (BAR - full)}[/]"
            percent = min(100, int(seen["done"]) * 100 // total)
            go_on = _("Консоль можно закрыть: работа идёт в коробке.")
            strip.update(f"{mark('run')} {step}\n{line} {percent:3} %\n[$text-2]{go_on}[/]")
        if was != self.running:
            self.refresh_bindings()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "start":
            return not self.running
        return self.running if action == "cancel" else True

    @work(exclusive=True, group="poll")
    async def _poll(self) -> None:
        """See how far the work is, while it runs and the section is in front."""
        if not self.running or self.house.working.front is not self:
            return
        try:
            seen = await self.house.box.ask("/backups/progress")
        except HouseError:
            return  # the frame says it
        self._progress(seen)
        if not self.running:
            await self.reload()

    @work(exclusive=True, group="act")
    async def action_start(self, kind: str) -> None:
        """Have a copy made, or the newest one proven."""
        commands = {"copy": "korobka backup now", "drill": "korobka backup drill"}
        said = {
            "copy": _("Копия началась."),
            "drill": _("Проверка началась: коробка поднимет копию отдельно и сверит."),
        }
        await self.act(Deed("/backups/start", commands[kind], said[kind], {"kind": kind}))

    @work(exclusive=True, group="act")
    async def action_cancel(self) -> None:
        """End what runs; copies from before stay whole."""
        said = _("Прервано. Прежние копии целы.")
        await self.act(Deed("/backups/cancel", "korobka backup cancel", said))


def _step(name: str) -> str:
    """A step in words; one of a newer box goes by its name."""
    for start, said in STEPS.items():
        if name.startswith(start):
            return _(said)
    return plain(name) or _("Начинаем")


def _row(one: dict[str, Any], clock: words.Clock) -> Row:
    kinds = {"copy": _("Копия"), "drill": _("Доказательство")}
    states = {"running": "run", "done": "ok", "failed": "bad"}
    ends = {
        "running": _("идёт"),
        "done": _("доказана") if one["kind"] == "drill" else _("сверена"),
        "failed": _("не удалось"),
    }
    state = str(one["state"])
    size = int(one["size"])
    lines = [_("№ %(number)s, метка %(stamp)s.") % {"number": one["number"], "stamp": one["stamp"]}]
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
