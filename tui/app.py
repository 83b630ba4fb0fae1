"""Frame of the console: header, sections at the left, content, commands, keys."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any, ClassVar, TypeVar, cast
from zoneinfo import ZoneInfo

from textual import work
from textual.app import App, ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal
from textual.content import Content
from textual.screen import Screen
from textual.widgets import ContentSwitcher, OptionList, Static
from textual.widgets.option_list import Option

from appliance.errors import HouseError
from tui import entrance, help_book
from tui.box import LOST, Answer, Box
from tui.first_run import FirstRun
from tui.installed import Installed, RealInstallation
from tui.keys import function_key
from tui.parts import KeyBar, cells_of, mark, plain
from tui.screens import SECTIONS
from tui.section import Section
from tui.texts import N_, _, ngettext, sentence
from tui.themes import THEMES

R = TypeVar("R")
WIDE = 116
"""Columns from which the explanation stands beside the list."""

LEAST = (80, 24)
SHORTEST = 13
"""Cells of a name in the narrow rail."""

REFRESH_SECONDS = 15.0
HOMES = {"backups": "backups", "plugins": "plugins", "terms": "subjects"}
"""First part of a line's code → the section where it is mended; the rest is «Состояние»."""


def now() -> datetime:
    """The time, aware; a test puts another in its place."""
    return datetime.now(UTC)


class Console(Screen[None]):
    """The working screen. Digits choose a section in any layout."""

    BINDINGS: ClassVar = [
        function_key(2, "sections", N_("Разделы")),
        Binding("escape", "list", show=False),
        *((str(n), f"go({n})", "") for n in range(1, len(SECTIONS) + 1)),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.section: type[Section] = SECTIONS[0]
        self.states: dict[str, str] = {}

    def compose(self) -> ComposeResult:
        with Horizontal(id="header"):
            yield Static(id="where")
            yield Static(id="alarm")
            yield Static(id="clock")
        yield Static(id="small")
        with Horizontal(id="middle"):
            yield OptionList(id="rail")
            with ContentSwitcher(id="content", initial=SECTIONS[0].NAME):
                for section in SECTIONS:
                    yield section(id=section.NAME)
        yield Static(f"[$text-2]{_('Пока ничего не сделано.')}[/]", id="log")
        yield KeyBar(functions=False)
        yield KeyBar(functions=True)

    def on_mount(self) -> None:
        self.query_one("#log").border_title = _("Команды: то же можно набрать в терминале")
        self.query_one("#alarm").display = False
        self.draw_rail()
        self.head()

    def on_resize(self) -> None:
        """The narrow rail has short names; a window too small says so."""
        size = self.size
        small = size.width < LEAST[0] or size.height < LEAST[1]
        words = _("Окно мало: нужно 80x24, сейчас %(width)sx%(height)s. Работы идут дальше.")
        self.query_one("#small", Static).update(
            words % {"width": size.width, "height": size.height}
        )
        self.query_one("#small").display = small
        self.query_one("#middle").display = not small
        self.draw_rail()

    def draw_rail(self) -> None:
        """Write the names of the sections and where attention is needed."""
        wide, rail = self.size.width >= WIDE, self.query_one("#rail", OptionList)
        at = SECTIONS.index(self.section)
        rail.clear_options()
        for n, section in enumerate(SECTIONS, 1):
            name = f"{_(section.HEADING):<21}" if wide else f"{_short(_(section.SHORT)):<13}"
            state = self.states.get(section.NAME, "ok")
            tail = mark(state) if state in {"warn", "bad"} else ""
            rail.add_option(Option(f" [$accent]{n}[/] {name}{tail}", section.NAME))
        rail.highlighted = at

    def head(self) -> None:
        """Write where we are and what time it is."""
        if not self.query("#where"):
            return  # the console closes, and its parts go before the last answer comes
        house = cast("ConsoleApp", self.app)
        shut = "" if house.is_open else f"  [$error b]{_('данные закрыты')}[/]"
        place = f"[b]{_('Коробка')}[/]  {plain(house.company)} > [b]{_(self.section.HEADING)}[/]"
        self.query_one("#where", Static).update(place + shut)
        self.query_one("#clock", Static).update(f" {now().astimezone(house.zone):%H:%M}")

    def warn(self, lines: list[dict[str, Any]]) -> None:
        """Mark the sections that need attention, and count what is urgent in the header."""
        if not self.query("#where"):
            return  # as above
        rank = ("bad", "warn")
        for section in SECTIONS:
            known = {
                str(one["state"])
                for one in lines
                if HOMES.get(str(one["code"]).partition(".")[0], "health") == section.NAME
            }
            self.states[section.NAME] = next((one for one in rank if one in known), "ok")
        urgent = sum(one["state"] == "bad" for one in lines)
        alarm = self.query_one("#alarm", Static)
        alarm.update(
            f"[b] !! {ngettext('%(num)d срочное', '%(num)d срочных', urgent)} [/]" % {"num": urgent}
        )
        alarm.display = urgent > 0
        self.draw_rail()
        self.head()

    def action_sections(self) -> None:
        """Go to the list of sections."""
        self.query_one("#rail").focus()

    def action_list(self) -> None:
        """Go back to the list of the section from the list of sections."""
        self.front.lines.focus()

    def action_go(self, number: int) -> None:
        """Bring a section to the front."""
        self.section = SECTIONS[number - 1]
        self.query_one("#rail", OptionList).highlighted = number - 1
        self.query_one(ContentSwitcher).current = self.section.NAME
        self.head()
        self.front.lines.focus()

    def bring(self, name: str) -> None:
        """Bring the section of this name to the front."""
        names = [section.NAME for section in SECTIONS]
        self.action_go(names.index(name) + 1)

    @property
    def front(self) -> Section:
        """The section that is shown."""
        return self.query_one(f"#{self.section.NAME}", Section)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        self.action_go(event.option_index + 1)


def _short(name: str) -> str:
    """A name that fits the narrow rail: whole, or its first word."""
    return name if len(name) <= SHORTEST else name.split(maxsplit=1)[0][:SHORTEST]


def _rows_of(line: str, width: int) -> int:
    """Rows that a line of markup takes at most."""
    return -(-len(Content.from_markup(line).plain) // width)


class ConsoleApp(App[None]):
    """Global keys, command log, the way to the box and the answer to a lost one."""

    CSS_PATH = "tui.tcss"
    ENABLE_COMMAND_PALETTE = False
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (WIDE, "-wide")]
    BINDINGS: ClassVar = [
        function_key(1, "help", N_("Помощь"), "question_mark"),
        function_key(3, "commands", N_("Команды")),
        function_key(5, "reload", N_("Обновить")),
        function_key(10, "quit", N_("Выход"), "ctrl+q"),
    ]

    def __init__(
        self,
        box: Box,
        colours: str = "",
        *,
        setup: bool = False,
        installed: Installed | None = None,
    ) -> None:
        """Make the program.

        Args:
            box: what it shows.
            colours: a key of `THEMES`; empty: what the terminal can show.
            setup: open the first run, also where it is finished.
            installed: the installation that updates change; without: this program's own.
        """
        super().__init__()
        self._setup = setup
        self.installed = installed or RealInstallation()
        self._colours = colours
        self.box = box
        self.company = ""
        self.zone = ZoneInfo("UTC")
        self.is_open = True
        self.log_lines: list[str] = []
        self.working = Console()
        self.is_known = asyncio.Event()  # name and time zone of the box
        self._entering = asyncio.Lock()
        self._lost: entrance.Lost | None = None

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return THEMES["truecolor"].variables

    async def on_mount(self) -> None:
        theme = THEMES.get(self._colours or self.console.color_system or "", THEMES["standard"])
        self.register_theme(theme)
        self.theme = theme.name
        await self.push_screen(self.working)
        self.set_interval(REFRESH_SECONDS, self._watch_again)
        self.watch_over()
        self.begin()

    @work(exclusive=True, group="begin")
    async def begin(self) -> None:
        """Open the first run where it is not finished; a box made before there was one has none."""
        await self.is_known.wait()
        if not self.is_open:
            return
        try:
            known = (await self.patiently(lambda: self.box.ask("/setup/show")))["setup"]
        except HouseError:
            return  # the sections say what is wrong
        if self._setup or (known["begun"] and not known["finished_at"]):
            self.action_setup()

    def action_setup(self) -> None:
        """Open the first run; finished, it shows the plan and every step again."""
        self.push_screen(FirstRun())

    def _watch_again(self) -> None:
        if not self._entering.locked():  # else somebody types his name, or the box is away
            self.watch_over()

    @work(exclusive=True, group="watch")
    async def watch_over(self) -> None:
        """Ask how the box is, for header and rail; the section in front reads itself anew."""
        try:
            status = await self.patiently(lambda: self.box.ask("/status"))
            self.company = str(status.get("name", ""))
            self.zone = ZoneInfo(str(status.get("time_zone", "UTC")))
            self.is_open = bool(status.get("open"))
            self.is_known.set()
            self.working.head()
            if self.is_open:
                await self.look()
        except HouseError as error:
            if not (error.code in LOST and self._is_updating()):
                self.hint(self.words(error))

    async def look(self) -> Answer:
        """Ask how the box is and mark the rail; for the section «Состояние», too."""
        answer = await self.box.ask("/box/health")
        self.working.warn(cells_of(answer["lines"]))
        return answer

    async def patiently(self, ask: Callable[[], Awaitable[R]]) -> R:
        """Ask; a lost box is waited for, a missing name or a locked vault is asked for.

        Only inside a worker, as it opens dialogs.

        Raises:
            HouseError: what the box refuses; also when somebody would not say who he is.
        """
        while True:
            try:
                return await ask()
            except HouseError as error:
                if error.code in LOST:
                    if self._is_updating():
                        raise  # it comes back by itself, and the section says so
                    await self._wait_for_it(error)
                elif error.code in entrance.NEEDS_PERSON:
                    await self._enter(error)
                elif error.code == "sealed":
                    self.is_open = False
                    self.working.head()
                    raise
                else:
                    raise

    def _is_updating(self) -> bool:
        seen = self.installed.look()
        return self.installed.is_moving() or (seen is not None and seen.is_alive)

    async def _wait_for_it(self, error: HouseError) -> None:
        """One window, whoever waits: the next one takes it over from who was called off."""
        async with self._entering:
            if self._lost is None or self._lost.is_over.is_set():
                if await self._is_back():
                    return
                self._lost = entrance.Lost(self.box, error)
                await self.push_screen(self._lost)
            await self._lost.is_over.wait()

    async def _is_back(self) -> bool:
        """Whether the box answers again since we began to wait for our turn."""
        try:
            await self.box.ask("/status")
        except HouseError as error:
            return error.code not in LOST
        return True

    async def _enter(self, error: HouseError) -> None:
        async with self._entering:
            if await self._is_known():
                return
            asking = entrance.SignIn(self.box)
            try:
                entered = await self.push_screen_wait(asking)
            except asyncio.CancelledError:
                if self.screen is asking:  # nobody waits for its answer any more
                    asking.action_leave()
                raise
            if not entered:
                raise error

    async def _is_known(self) -> bool:
        """Whether somebody signed in while we waited for our turn."""
        try:
            await self.box.ask("/jobs/list")
        except HouseError as error:
            return error.code not in entrance.NEEDS_PERSON
        return True

    def words(self, error: HouseError) -> str:
        """What is wrong and what to do about it."""
        return plain(sentence(error.code, error.params))

    def ran(self, told: str, command: str) -> None:
        """Write what was done, and the command that does the same."""
        self._write(f"[$text-2]$[/] {plain(command)}   [$text-2]{told}[/]")

    def hint(self, told: str) -> None:
        """Write a refusal or a hint; nothing pops up over the work."""
        self._write(f"{mark('warn')} {told}")

    def _write(self, line: str) -> None:
        if self.log_lines[-1:] != [line]:
            self.log_lines.append(line)
        rows = 3 if self.working.size.width >= WIDE else 1
        shown = self.log_lines[-rows:]
        width = max(1, self.working.size.width - 2)
        while len(shown) > 1 and sum(_rows_of(one, width) for one in shown) > rows:
            shown = shown[1:]  # the newest is seen whole
        self.working.query_one("#log", Static).update("\n".join(shown))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in {"commands", "reload"}:
            return self.screen is self.working
        return True

    def action_help(self) -> None:
        """Open the book at this place."""
        if not isinstance(self.screen, help_book.HelpBook):
            here = "setup" if isinstance(self.screen, FirstRun) else self.working.section.NAME
            self.push_screen(help_book.HelpBook(here))

    def action_commands(self) -> None:
        """Show everything that was done in this session."""
        self.push_screen(help_book.commands(self.log_lines))

    def action_reload(self) -> None:
        """Ask anew."""
        self.working.front.load()
        self.watch_over()
