"""A section of the console: verdict, a list, and the explanation of the row under the cursor."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, ClassVar, cast

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Container, Vertical
from textual.widgets import DataTable, Static

from appliance.errors import HouseError
from tui.box import Answer, Deed
from tui.dialogs import Dialog, Question, Reply, told
from tui.parts import Lines, Page, Row, mark, plain
from tui.texts import _

if TYPE_CHECKING:
    from tui.app import ConsoleApp


class Section(Container):
    """Loads in an exclusive worker; acts through `act` alone, which writes the command log."""

    NAME: ClassVar[str] = ""
    HEADING: ClassVar[str] = ""
    SHORT: ClassVar[str] = ""
    COLUMNS: ClassVar[tuple[tuple[str, int], ...]] = ()
    BINDINGS: ClassVar = [Binding("escape", "first_list", show=False)]
    HOME: ClassVar[str] = ""
    """The list that the others of this section lie behind: where Esc leads."""

    view: str = ""

    def top(self) -> ComposeResult:
        """Widgets between the verdict and the list."""
        yield from ()

    def compose(self) -> ComposeResult:
        with Vertical(classes="main"):
            yield Static(f"{mark('run')} {_('Спрашиваем коробку…')}", classes="verdict")
            yield from self.top()
            yield Lines(self.COLUMNS)
        yield Static(classes="about")

    @property
    def house(self) -> ConsoleApp:
        """The program this section is part of."""
        return cast("ConsoleApp", self.app)

    @property
    def lines(self) -> Lines:
        return self.query_one(Lines)

    @property
    def current(self) -> Row | None:
        """The row under the cursor."""
        return self.lines.current

    async def fetch(self) -> Page:
        """Ask the box and say how it stands; each section has its own.

        Raises:
            HouseError: as the box refuses.
        """
        raise NotImplementedError

    @work(exclusive=True, group="load")
    async def load(self) -> None:
        """Show how it stands now; what the box refuses becomes the verdict."""
        await self.reload()

    async def reload(self) -> None:
        """As `load`, for who is in a worker already."""
        await self.house.is_known.wait()
        try:
            page = await self.house.patiently(self.fetch)
        except HouseError as error:
            page = Page("bad", self.house.words(error))
        if self.is_mounted:
            self.show(page)

    def show(self, page: Page) -> None:
        """Put a page into the widgets."""
        note = f"\n   {page.note}" if page.note else ""
        self.query_one(".verdict", Static).update(f"{mark(page.mark)} {page.verdict}{note}")
        self.lines.show(page.rows)
        self.explain()
        self.refresh_bindings()

    def on_show(self) -> None:
        """Ask anew each time the section comes to the front."""
        self.load()
        self.lines.focus()

    def action_turn(self, view: str) -> object:
        """Show another list; for sections that have more than one."""

    def action_first_list(self) -> None:
        """One level back: from a list behind the first one to the first one."""
        if self.view != self.HOME:
            self.action_turn(self.HOME)

    @work(exclusive=True, group="whole")
    async def on_lines_whole(self) -> None:
        """Show everything about the row under the cursor: below the list it may be cut."""
        if (row := self.current) and row.about:
            caption = plain(next(filter(None, row.cells), ""))
            text = row.about.replace("\n", "\n\n")
            await self.house.push_screen_wait(told(caption, text))

    def on_data_table_row_highlighted(self, event: DataTable.RowHighlighted) -> None:
        """Explain the row under the cursor."""
        if isinstance(event.data_table, Lines):
            self.explain()
            self.refresh_bindings()

    def explain(self) -> None:
        """Write about the row under the cursor."""
        row = self.current
        gap = "\n\n" if self.screen.has_class("-wide") else "\n"
        about = self.query_one(".about", Static)
        about.update(row.about.replace("\n", gap) if row else "")
        about.border_title = None
        self.call_after_refresh(self._offer)

    def _offer(self) -> None:
        """Say how to read on where the explanation is longer than its place."""
        about = self.query_one(".about", Static)
        size = about.content_size
        needed = about.get_content_height(size, self.app.size, size.width)
        about.border_title = _("Enter — целиком") if needed > size.height > 0 else None

    async def act(self, deed: Deed) -> Answer | None:
        """Ask for a deed, write it into the command log, read the list anew; None: refused."""
        answer = await self._tried(partial(self._ask, deed))
        if answer is not None:
            await self._did(deed)
        return answer

    async def _did(self, deed: Deed) -> None:
        self.house.ran(deed.told or _("Сделано."), deed.command)
        await self.reload()
        self.house.watch_over()  # marks of the rail follow what was done

    async def act_asking(
        self,
        question: Question,
        deed_of: Callable[[Reply], Awaitable[Deed | str]],
    ) -> Answer | None:
        """Ask with fields, then act; what the box refuses is asked again with what was typed.

        Args:
            question: its first button is the one that acts.
            deed_of: the deed for a reply, or what is wrong with the reply in words; it may ask
                for more, and raises HouseError as the box refuses.

        Returns:
            the answer of the box; None: somebody gave up.
        """
        button = next(iter(question.buttons))
        while True:
            reply = await self.house.push_screen_wait(Dialog(question))
            if reply.button != button:
                return None
            try:
                deed = await deed_of(reply)
                if isinstance(deed, Deed):
                    answer = await self.house.patiently(partial(self._ask, deed))
                    await self._did(deed)
                    return answer
                problem = deed
            except HouseError as error:
                problem = self.house.words(error)
            question = question.again(reply.typed, problem)

    async def _ask(self, deed: Deed) -> Answer:
        return await self.house.box.ask(deed.path, deed.body)

    async def _tried(self, ask: Callable[[], Awaitable[Answer]]) -> Answer | None:
        try:
            return await self.house.patiently(ask)
        except HouseError as error:
            self.house.hint(self.house.words(error))
            return None
