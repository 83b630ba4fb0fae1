"""A section of the console: verdict, a list, and the explanation of the row under the cursor."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, ClassVar, cast

from textual import work
from textual.app import ComposeResult
from textual.containers import Container, Vertical
from textual.widgets import DataTable, Static

from appliance.errors import HouseError
from tui.parts import Lines, Page, Row, mark
from tui.texts import _

if TYPE_CHECKING:
    from tui.app import ConsoleApp
    from tui.box import Answer, Deed


class Section(Container):
    """Loads in an exclusive worker; acts through `act` alone, which writes the command log."""

    NAME: ClassVar[str] = ""
    HEADING: ClassVar[str] = ""
    SHORT: ClassVar[str] = ""
    COLUMNS: ClassVar[tuple[tuple[str, int], ...]] = ()

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

    def on_data_table_row_highlighted(self, event: DataTable.RowHighlighted) -> None:
        """Explain the row under the cursor."""
        if isinstance(event.data_table, Lines):
            self.explain()
            self.refresh_bindings()

    def explain(self) -> None:
        """Write about the row under the cursor."""
        row = self.current
        gap = "\n\n" if self.screen.has_class("-wide") else "\n"
        self.query_one(".about", Static).update(row.about.replace("\n", gap) if row else "")

    async def act(self, deed: Deed) -> Answer | None:
        """Ask for a deed, write it into the command log, read the list anew; None: refused."""

        async def ask() -> Answer:
            return await self.house.box.ask(deed.path, deed.body)

        answer = await self._tried(ask)
        if answer is not None:
            self.house.ran(deed.told or _("Сделано."), deed.command)
            await self.reload()
        return answer

    async def _tried(self, ask: Callable[[], Awaitable[Answer]]) -> Answer | None:
        try:
            return await self.house.patiently(ask)
        except HouseError as error:
            self.house.hint(self.house.words(error))
            return None
