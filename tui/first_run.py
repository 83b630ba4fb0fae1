"""Первый запуск: one step at a time; what was answered is kept by the box, not by the console."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Final, cast

from textual import work
from textual.app import ComposeResult
from textual.containers import Container, Horizontal, Vertical
from textual.screen import Screen
from textual.widgets import Static

from appliance.errors import HouseError
from tui.dialogs import Dialog, Question
from tui.first_step import Step
from tui.keys import function_key
from tui.parts import KeyBar, mark
from tui.steps_keys import Check, Paper, Unlocking
from tui.steps_network import Address, WayIn
from tui.steps_people import Company, Owner
from tui.steps_rest import Beginning, CopyTargets, Plan, Privacy
from tui.texts import N_, _

if TYPE_CHECKING:
    from tui.app import ConsoleApp

STEPS: Final[tuple[type[Step], ...]] = (
    *(Company, Owner, Unlocking, Paper, Check, Address),
    *(WayIn, CopyTargets, Privacy, Beginning, Plan),
)


class FirstRun(Screen[None]):
    """The wizard. F8 asks the box for the step, F7 looks back, F9 leaves; nothing is lost."""

    BINDINGS: ClassVar = [
        function_key(5, "anew", N_("Обновить")),
        function_key(7, "back", N_("Назад")),
        function_key(8, "next", N_("Дальше"), "ctrl+n"),
        function_key(9, "later", N_("Продолжить потом")),
        function_key(10, "leave", N_("Выход"), "ctrl+q"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.at = -1
        self.seen: dict[str, Any] = {}
        self._busy = False
        self._drafts: dict[str, dict[str, str | int | bool]] = {}

    @property
    def house(self) -> ConsoleApp:
        """The program this screen is part of."""
        return cast("ConsoleApp", self.app)

    @property
    def place(self) -> str:
        """Where we are, for the help."""
        return "setup"

    def compose(self) -> ComposeResult:
        with Horizontal(id="header"):
            yield Static(f"[b]{_('Коробка')}[/] > [b]{_('Первый запуск')}[/]", id="where")
        with Horizontal(id="wizard"):
            yield Static(id="steps")
            with Vertical(classes="main"):
                yield Static(f"{mark('run')} {_('Спрашиваем коробку…')}", id="step")
                yield Container(id="body")
        yield Static(id="log")
        yield KeyBar(functions=True)

    def on_mount(self) -> None:
        self.load()

    @work(exclusive=True, group="setup")
    async def load(self, at: int | None = None) -> None:
        """Read what the box remembers, and show a step: the given, else the first left."""
        await self._load(at)

    async def _load(self, at: int | None) -> None:
        try:
            seen = await self.house.patiently(lambda: self.house.box.ask("/setup/show"))
        except HouseError as error:
            self.query_one("#step", Static).update(f"{mark('bad')} {self.house.words(error)}")
            return
        self.seen = dict(seen)
        if at is None:
            names = [step.NAME for step in STEPS]
            at = names.index(str(self.seen["at"])) if self.at < 0 else self.at
        self.at = at
        body = self.query_one("#body")
        await body.remove_children()
        step = STEPS[at](self.seen)
        await body.mount(step)
        if draft := self._drafts.get(step.NAME):
            step.fill(draft)
        self._caption()

    def _keep(self) -> None:
        """Remember what is typed here and was not given to the box: one may come back."""
        for step in self.query(Step):
            if step.is_changed:
                self._drafts[step.NAME] = step.answers()

    def _caption(self) -> None:
        step = STEPS[self.at]
        where = _("шаг %(at)d из %(all)d") % {"at": self.at + 1, "all": len(STEPS)}
        self.query_one("#step", Static).update(f"[b]{_(step.HEADING)}[/]  [$text-2]{where}[/]")
        done = self.seen["setup"]["done"]
        rows = [
            f"{mark('run' if n == self.at else 'ok' if one.NAME in done else 'off')} "
            + (f"[b]{_(one.HEADING)}[/]" if n == self.at else _(one.HEADING))
            for n, one in enumerate(STEPS)
        ]
        self.query_one("#steps", Static).update("\n".join(rows))
        self.query_one("#log", Static).update("\n".join(self.house.log_lines[-1:]))
        self.refresh_bindings()

    @property
    def step(self) -> Step:
        """The step that is shown."""
        return self.query_one(Step)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "back":
            return self.at > 0 and not self._busy
        return not self._busy if action == "next" else True

    def action_anew(self) -> None:
        """Read the box anew; what is typed here stays."""
        self._keep()
        self.load(self.at)

    def action_back(self) -> None:
        """Look at the step before; nothing is asked of the box, and what is typed waits here."""
        self._keep()
        self.load(self.at - 1)

    @work(exclusive=True, group="setup")
    async def action_next(self) -> None:
        """Ask the box for this step and go on to the next one."""
        if not await self._put():
            return
        if self.at + 1 < len(STEPS):
            await self._load(self.at + 1)
        else:
            self._close()

    async def _put(self) -> bool:
        """Ask the box for this step; False where one stays here."""
        self._hold(busy=True)
        try:
            self.step.calm()
            gone_on = await self.step.go_on()
        except HouseError as error:
            self.step.refuse(error)
            gone_on = False
        finally:
            self._hold(busy=False)
        if gone_on:
            self._drafts.pop(self.step.NAME, None)
        return gone_on

    def _hold(self, *, busy: bool) -> None:
        self._busy = busy
        self.refresh_bindings()

    @work(exclusive=True, group="leave")
    async def action_later(self) -> None:
        """Leave; the next console goes on from here."""
        if await self._may_leave():
            self._close()

    @work(exclusive=True, group="leave")
    async def action_leave(self) -> None:
        """Leave the console."""
        if await self._may_leave():
            self.app.exit()

    async def _may_leave(self) -> bool:
        """Ask about what is typed and not written; True where one may go."""
        if self._busy or not any(step.is_changed for step in self.query(Step)):
            return True
        question = Question(
            _("Этот шаг ещё не записан"),
            _("То, что введено на экране, коробка пока не знает. Остальное она помнит."),
            buttons={
                "save": _("Записать и выйти"),
                "go": _("Выйти без записи"),
                "stay": _("Остаться (Esc)"),
            },
            safe="save",
        )
        reply = await self.house.push_screen_wait(Dialog(question))
        if reply.button == "save":
            return await self._put()
        return reply.button == "go"

    def _close(self) -> None:
        self.dismiss(None)
        self.house.watch_over()
