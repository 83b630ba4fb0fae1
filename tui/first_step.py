"""A step of the first run: a text, fields and buttons; what it asks of the box when one goes on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, cast

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widgets import Input, RadioSet, Static

from appliance.errors import HouseError
from tui.parts import Choice, Entry, mark, plain
from tui.texts import _, sentence

if TYPE_CHECKING:
    from tui.app import ConsoleApp
    from tui.box import Answer


class Labelled(Vertical):
    """A field with its name at the left and what is wrong with it below."""

    def __init__(
        self, name: str, label: str, value: str = "", *, hint: str = "", secret: bool = False
    ) -> None:
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
    """Arrows begin at the choice that is on."""

    def on_focus(self) -> None:
        self._selected = max(self.pressed_index, 0)


def choices(name: str, words: Sequence[str], at: int) -> RadioSet:
    """A set of choices, one of which is on."""
    made = [Choice(text, value=n == at) for n, text in enumerate(words)]
    return Choices(*made, id=name)
