"""A step of the first run: a text, fields and buttons; what it asks of the box when one goes on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, cast

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widgets import Checkbox, Input, RadioButton, RadioSet, Static

from appliance.errors import HouseError
from tui.parts import Choice, Entry, mark, plain
from tui.texts import _, sentence

if TYPE_CHECKING:
    from tui.app import ConsoleApp
    from tui.box import Answer


class Labelled(Vertical):
    """A field with its name at the left and what is wrong with it below."""

    def __init__(
        self,
        name: str,
        label: str,
        value: str = "",
        *,
        hint: str = "",
        sample: str = "",
        secret: bool = False,
    ) -> None:
        """Make a field.

        Args:
            name: id of the input.
            label: what stands at its left.
            value: what stands in it.
            hint: what to type, as long as nothing is typed.
            sample: in place of a hint; said to be one, for it looks like an answer.
            secret: hide what is typed.
        """
        hint = _("например: %(sample)s") % {"sample": sample} if sample else hint
        super().__init__(id=f"field-{name}", classes="labelled")
        self._name, self._label = name, label
        self._value, self._hint, self._secret = value, hint, secret

    def compose(self) -> ComposeResult:
        with Horizontal(classes="field"):
            yield Static(self._label, classes="label", markup=False)
            yield Entry(self._value, self._hint, id=self._name, password=self._secret)
        yield Static("", classes="wrong")

    def say(self, problem: str) -> None:
        """Show what is wrong; empty takes it away."""
        place = self.query_one(".wrong", Static)
        place.update(f"{mark('bad')} {problem}" if problem else "")
        place.display = bool(problem)

    def on_mount(self) -> None:
        self.say("")


class Step(VerticalScroll):
    """One step; the wizard mounts one at a time.

    Attributes:
        seen: what `/setup/show` answered.
    """

    NAME: ClassVar[str] = ""
    HEADING: ClassVar[str] = ""
    ABOUT: ClassVar[str] = ""
    can_focus = False

    def __init__(self, seen: Answer) -> None:
        super().__init__(id=f"step-{self.NAME}", can_focus=False)
        self.seen = seen
        self._known: dict[str, str | int | bool] = {}

    @property
    def house(self) -> ConsoleApp:
        """The program this step is part of."""
        return cast("ConsoleApp", self.app)

    @property
    def facts(self) -> Mapping[str, Any]:
        """Settings of the box as they are."""
        return cast("Mapping[str, Any]", self.seen["facts"])

    @property
    def setup(self) -> Mapping[str, Any]:
        """What the box remembers of its first run."""
        return cast("Mapping[str, Any]", self.seen["setup"])

    def compose(self) -> ComposeResult:
        if self.ABOUT:
            yield Static(_(self.ABOUT), classes="lead")
        yield from self.body()
        yield Static("", classes="problem")

    def body(self) -> ComposeResult:
        """Fields and the rest; each step has its own."""
        yield from ()

    def on_mount(self) -> None:
        self.query_one(".problem").display = False
        self.begin()
        self._known = self.answers()

    def answers(self) -> dict[str, str | int | bool]:
        """What stands in the fields now, by their ids; secrets are kept nowhere."""
        found: dict[str, str | int | bool] = {}
        for one in self.query("Input, RadioSet, Checkbox"):
            name = one.id or ""
            if isinstance(one, RadioSet):
                found[name] = self.chosen(name)
            elif isinstance(one, Checkbox):
                found[name] = one.value
            elif not getattr(one, "password", False):
                found[name] = cast("Input", one).value
        return found

    @property
    def is_changed(self) -> bool:
        """Whether something was typed or chosen that the box does not know."""
        secret = any(one.value for one in self.query(Input) if one.password)
        return secret or self.answers() != self._known

    def fill(self, answers: Mapping[str, str | int | bool]) -> None:
        """Put answers back that were typed before and not given to the box."""
        for name, value in answers.items():
            field = next(iter(self.query(f"#{name}")), None)
            if isinstance(field, RadioSet):
                field.query(RadioButton)[int(value)].value = True
            elif isinstance(field, Checkbox):
                field.value = bool(value)
            elif isinstance(field, Input):
                field.value = str(value)

    async def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter goes on to the next field; in the last one it is F8."""
        event.stop()
        fields = [one for one in self.query("Input, RadioSet, Checkbox, Button") if one.focusable]
        if event.input is fields[-1]:
            await self.screen.run_action("screen.next")
        else:
            fields[fields.index(event.input) + 1].focus()

    def action_scroll_up(self) -> None:
        """The arrow up: the field before; without fields the text moves."""
        if self.app.focused is self:
            super().action_scroll_up()
        else:
            self.screen.focus_previous()

    def action_scroll_down(self) -> None:
        """The arrow down: the next field; without fields the text moves."""
        if self.app.focused is self:
            super().action_scroll_down()
        else:
            self.screen.focus_next()

    def begin(self) -> None:
        """Put the cursor where one begins."""
        fields = [one for one in self.query("Input, RadioSet, Checkbox, Button") if one.focusable]
        if fields:
            fields[0].focus()

    async def go_on(self) -> bool:
        """Ask the box for this step; False where one stays here.

        Raises:
            HouseError: what the box refuses.
        """
        return True

    async def ask(self, path: str, body: Mapping[str, object] | None = None) -> Answer:
        """Ask the box; a lost one is waited for. Raises HouseError as it refuses."""
        return await self.house.patiently(lambda: self.house.box.ask(path, body))

    def typed(self, name: str) -> str:
        """What stands in a field."""
        return self.query_one(f"#{name}", Input).value.strip()

    def chosen(self, name: str) -> int:
        """Which choice of a set is on, from 0."""
        return max(self.query_one(f"#{name}", RadioSet).pressed_index, 0)

    def refuse(self, error: HouseError) -> None:
        """Show what the box refused: at its field, else below everything; what is typed stays."""
        told = plain(sentence(error.code, error.params))
        for one in self.query(Labelled):
            one.say("")
        found = self.query(f"#field-{error.params.get('field', '-')}").results(Labelled)
        field = next(iter(found), None)
        place = self.query_one(".problem", Static)
        place.display = field is None
        if field is None:
            place.update(f"{mark('bad')} {told}")
            place.scroll_visible(animate=False)
        else:
            field.say(told)
            field.query_one(Input).focus()

    def calm(self) -> None:
        """Take everything away that was wrong."""
        for one in self.query(Labelled):
            one.say("")
        self.query_one(".problem").display = False


class Choices(RadioSet):
    """Arrows begin at the choice that is on, choose as they move, and leave at either end."""

    def on_focus(self) -> None:
        self._selected = max(self.pressed_index, 0)

    def action_next_button(self) -> None:
        """The next choice, which is on at once; from the last one to the next field."""
        if self.has_focus:  # a set that is being made moves its cursor, too
            self._choose(1)
        else:
            super().action_next_button()

    def action_previous_button(self) -> None:
        """The choice before; from the first one to the field before."""
        self._choose(-1)

    def _choose(self, by: int) -> None:
        buttons = self.query(RadioButton)
        at = max(self.pressed_index, 0) + by
        if at < 0:
            self.screen.focus_previous()
        elif at >= len(buttons):
            self.screen.focus_next()
        else:
            self._selected = at
            buttons[at].value = True


def choices(name: str, words: Sequence[str], at: int) -> RadioSet:
    """A set of choices, one of which is on."""
    made = [Choice(text, value=n == at) for n, text in enumerate(words)]
    return Choices(*made, id=name)
