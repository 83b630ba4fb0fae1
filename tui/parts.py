"""Shared widgets. They show; they do not decide."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, cast

from rich.text import Text
from textual.content import Content
from textual.message import Message
from textual.scrollbar import ScrollBar, ScrollBarRender
from textual.widgets import Checkbox, DataTable, Input, RadioButton, Static

from tui.texts import _

MARKS = {"ok": "ок", "warn": "! ", "bad": "!!", "run": "..", "off": "- "}
COLOURS = {"ok": "success", "warn": "warning", "bad": "error", "run": "accent", "off": "text-2"}


class PlainBars(ScrollBarRender):
    """Whole cells only: eighth-blocks are missing on the text console."""

    VERTICAL_BARS: ClassVar[list[str]] = [" "]
    HORIZONTAL_BARS: ClassVar[list[str]] = [" "]


ScrollBar.renderer = PlainBars


class Choice(RadioButton):
    """( ) and (*) instead of a coloured circle."""

    @property
    def _button(self) -> Content:
        return Content("(*)" if self.value else "( )")


class Tick(Checkbox):
    """[ ] and [x] instead of a coloured cross."""

    @property
    def _button(self) -> Content:
        return Content("[x]" if self.value else "[ ]")


class Entry(Input):
    """A field whose cursor stands still: nothing moves here but a bar of progress."""

    def on_mount(self) -> None:
        self.cursor_blink = False


@dataclass(frozen=True)
class Row:
    """A row of a list.

    Attributes:
        mark: a key of `MARKS`.
        about: markup of the explanation under the list.
        key: what the row stands for, to find it again after a refresh.
        data: what the keys of the section need of it.
    """

    mark: str
    cells: Sequence[str]
    about: str
    key: str = ""
    data: Any = None


@dataclass(frozen=True)
class Page:
    """What a section shows: the sentence on top and the rows, worst first."""

    mark: str
    verdict: str
    rows: Sequence[Row] = ()
    note: str = field(default="")


def mark(state: str) -> str:
    """Markup of a state: always letters, colour only repeats them."""
    return f"[${COLOURS[state]} b]{MARKS[state]}[/]"


def plain(text: str) -> str:
    """A text that came from outside, without meaning as markup."""
    return text.replace("\\", "\\\\").replace("[", "\\[")


class Lines(DataTable[Any]):
    """A list with marks. Widths include the gap; in all at most 54 cells."""

    def __init__(self, columns: Iterable[tuple[str, int]]) -> None:
        super().__init__(cursor_type="row", cell_padding=0)
        self._widths = tuple(columns)
        self.rows_shown: Sequence[Row] = ()

    def on_mount(self) -> None:
        self.head(self._widths)

    def head(self, columns: Iterable[tuple[str, int]]) -> None:
        """Name the columns; the rows go."""
        self._widths = tuple(columns)
        self.clear(columns=True)
        self.rows_shown = ()
        for name, width in (("", 4), *self._widths):
            self.add_column(_(name) if name else "", width=width)

    def show(self, rows: Sequence[Row]) -> None:
        """Show these rows; the cursor stays on what it was on."""
        current = self.current
        at = self.cursor_row
        if current is not None and current.key:
            places = (n for n, row in enumerate(rows) if row.key == current.key)
            at = next(places, at)
        colours = self.app.theme_variables
        self.clear()
        self.rows_shown = rows
        for row in rows:
            state = Text(f" {MARKS[row.mark]}", style=f"bold {colours[COLOURS[row.mark]]}")
            cells = (
                _cell(text, width)
                for text, (_n, width) in zip(row.cells, self._widths, strict=True)
            )
            self.add_row(state, *cells)
        self.move_cursor(row=max(0, min(at, len(rows) - 1)))

    class Whole(Message):
        """Somebody wants to read all about the row under the cursor."""

    def action_select_cursor(self) -> None:
        """Enter; a click only moves the cursor."""
        self.post_message(self.Whole())

    @property
    def current(self) -> Row | None:
        """The row under the cursor."""
        if 0 <= self.cursor_row < len(self.rows_shown):
            return self.rows_shown[self.cursor_row]
        return None


def _cell(text: str, width: int) -> Text:
    """A cell that ends in a full stop of three where it is too long, one cell before the next."""
    shown = Text(text, no_wrap=True)
    shown.truncate(width - 1, overflow="ellipsis")
    return shown


GAP = "  "


class KeyBar(Static):
    """Bottom lines: letters of this place, or F-keys. The words can be clicked."""

    def __init__(self, *, functions: bool) -> None:
        super().__init__(classes="functions" if functions else "letters")
        self._functions = functions

    def on_mount(self) -> None:
        self.screen.bindings_updated_signal.subscribe(self, self._changed)
        self.show_keys()

    def on_resize(self) -> None:
        self.show_keys()

    def _changed(self, _screen: object) -> None:
        self.show_keys()

    def show_keys(self) -> None:
        """Write what can be pressed now."""
        seen: dict[str, tuple[int, str, int]] = {}
        for press, active in self.screen.active_bindings.items():
            shown, words = active.binding.key_display or "", active.binding.description
            number = int(shown[1:]) if shown[:1] == "F" and shown[1:].isdigit() else 0
            if active.binding.show and shown and words and bool(number) is self._functions:
                said = _(words)
                text = f"[$accent b]{shown}[/] [@click=app.simulate_key('{press}')]{said}[/]"
                seen.setdefault(active.binding.action, (number, text, len(f"{shown} {said}")))
        self.update("\n".join(_rows(sorted(seen.values(), key=_number), self.size.width)))


def _rows(parts: Iterable[tuple[int, str, int]], width: int) -> list[str]:
    """Keys in rows of at most this many cells: none is cut, and no key loses its word."""
    rows: list[list[str]] = [[]]
    left = width
    for _at, text, cells in parts:
        if rows[-1] and cells > left:
            rows.append([])
            left = width
        rows[-1].append(text)
        left -= cells + len(GAP)
    return [GAP.join(row) for row in rows]


def _number(part: tuple[int, str, int]) -> int:
    return part[0]


def cells_of(value: object) -> list[dict[str, Any]]:
    """A list of objects in an answer of the box."""
    return cast("list[dict[str, Any]]", value or [])
