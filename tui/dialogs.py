"""Dialogs: a text, fields, buttons; an answer when they close. Focus is on the harmless one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Button, Input, OptionList, Static
from textual.widgets.option_list import Option

from tui.keys import as_latin
from tui.parts import Entry, mark
from tui.texts import _


@dataclass(frozen=True)
class Field:
    """A field of a dialog; `secret` hides what is typed."""

    name: str
    label: str
    value: str = ""
    hint: str = ""
    secret: bool = False


@dataclass(frozen=True)
class Question:
    """What a dialog shows.

    Attributes:
        caption, text: markup.
        buttons: id → words; the first is the one that acts.
        safe: id of the button that has the focus where there are no fields.
        number: what must be typed before the first button works; empty: nothing.
        is_danger: a red frame.
        problem: why the box refused what was typed before; markup.
    """

    caption: str
    text: str = ""
    fields: Sequence[Field] = ()
    buttons: Mapping[str, str] = field(default_factory=dict[str, str])
    safe: str = ""
    number: str = ""
    is_danger: bool = False
    problem: str = ""

    def again(self, typed: Mapping[str, str], problem: str) -> "Question":
        """The same question once more: what was typed stays, and why it was refused."""
        fields = [replace(one, value=typed.get(one.name, one.value)) for one in self.fields]
        return replace(self, fields=fields, problem=problem)


@dataclass(frozen=True)
class Reply:
    """The button pressed (empty for Esc) and what was typed."""

    button: str = ""
    typed: Mapping[str, str] = field(default_factory=dict[str, str])


class Dialog(ModalScreen[Reply]):
    """Asks one question. Enter in the last field is the first button; Esc changes nothing."""

    BINDINGS: ClassVar = [
        Binding("escape", "leave", show=False),
        Binding("up", "move(-1)", show=False),
        Binding("down", "move(1)", show=False),
        Binding("pageup", "move(-10)", show=False),
        Binding("pagedown", "move(10)", show=False),
        Binding("left", "app.focus_previous", show=False),
        Binding("right", "app.focus_next", show=False),
    ]

    def __init__(self, question: Question) -> None:
        super().__init__()
        self.question = question

    def compose(self) -> ComposeResult:
        asked = self.question
        frame = "dialog danger" if asked.is_danger else "dialog"
        with Vertical(classes=f"{frame} apart" if asked.fields else frame):
            yield Static(f"[b]{asked.caption}[/]", classes="caption")
            if asked.text:
                with VerticalScroll(classes="said", can_focus=False):
                    yield Static(asked.text)
                yield Static(_("Стрелки вверх и вниз листают текст"), classes="more")
            for one in asked.fields:
                with Horizontal(classes="field"):
                    yield Static(one.label, classes="label", markup=False)
                    yield Entry(one.value, one.hint, id=one.name, password=one.secret)
            yield Static("", classes="problem")
            if asked.number:
                with Horizontal(classes="ask"):
                    ask = _("Чтобы продолжить, введите %(number)s: ")
                    yield Static(ask % {"number": f"[b]{asked.number}[/]"}, classes="label")
                    yield Entry(id="number")
            with Horizontal(classes="buttons"):
                for n, (name, label) in enumerate(asked.buttons.items()):
                    yield Button(label, id=name, disabled=bool(asked.number) and n == 0)

    def on_mount(self) -> None:
        self.query_one(".problem").display = False
        if self.question.problem:
            self.say(self.question.problem)
        inputs = list(self.query(Input))
        if inputs:
            inputs[0].focus()
        elif self.question.safe:
            self.query_one(f"#{self.question.safe}", Button).focus()
        self.query(".more").set(display=False)
        self.call_after_refresh(self._offer)

    def on_resize(self) -> None:
        self.call_after_refresh(self._offer)

    def _offer(self) -> None:
        """Say how to read on where the text is longer than its place."""
        for said in self.query(".said"):
            self.query(".more").set(display=said.max_scroll_y > 0)

    def action_move(self, rows: int) -> None:
        """Move a text that is longer than its place; else the focus."""
        long = next((said for said in self.query(".said") if said.max_scroll_y > 0), None)
        if long is not None and (not self.question.fields or abs(rows) > 1):
            long.scroll_relative(y=rows, animate=False)
        elif rows < 0:
            self.focus_previous()
        else:
            self.focus_next()

    @property
    def _first(self) -> Button:
        return self.query(Button).first()

    def say(self, problem: str) -> None:
        """Show under the fields what is wrong; what was typed stays."""
        place = self.query_one(".problem", Static)
        place.update(f"{mark('bad')} {problem}")
        place.display = True

    def on_input_changed(self, event: Input.Changed) -> None:
        if event.input.id == "number":
            typed = as_latin(event.value).replace(" ", "")
            self._first.disabled = typed != as_latin(self.question.number)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        inputs = list(self.query(Input))
        if event.input is not inputs[-1]:
            self.focus_next()
        elif not self._first.disabled:
            self.done(self._first.id or "")

    def on_button_pressed(self, event: Button.Pressed) -> None:
        self.done(event.button.id or "")

    def done(self, button: str) -> None:
        """Close with the button and what was typed."""
        self.dismiss(Reply(button, {one.id or "": one.value for one in self.query(Input)}))

    def action_leave(self) -> None:
        self.dismiss(Reply())


class Pick(ModalScreen[str]):
    """Choose one of a list: the id, or empty for Esc."""

    BINDINGS: ClassVar = [Binding("escape", "leave", show=False)]

    def __init__(self, caption: str, choices: Sequence[tuple[str, str]], chosen: str = "") -> None:
        super().__init__()
        self._caption, self._choices, self._chosen = caption, choices, chosen

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static(f"[b]{self._caption}[/]", classes="caption")
            options = (Option(words, name) for name, words in self._choices)
            yield OptionList(*options, markup=False)
            yield Static(_("Enter — выбрать, Esc — ничего не менять"), classes="foot")

    def on_mount(self) -> None:
        names = [name for name, _words in self._choices]
        if self._chosen in names:
            self.query_one(OptionList).highlighted = names.index(self._chosen)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.dismiss(event.option.id or "")

    def action_leave(self) -> None:
        self.dismiss("")


def told(caption: str, text: str) -> Dialog:
    """A dialog that only tells."""
    return Dialog(Question(caption, text, buttons={"close": _("Закрыть (Esc)")}, safe="close"))
