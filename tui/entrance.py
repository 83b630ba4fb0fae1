"""Ways in: who you are, opening a locked box, waiting for a lost one."""

import asyncio
from pathlib import Path
from typing import ClassVar, Final

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Button, Input, Static

from appliance.errors import HouseError
from tui.box import LOST, Box
from tui.dialogs import Dialog, Field, Question
from tui.parts import mark, plain
from tui.texts import _, sentence

NEEDS_PERSON: Final = frozenset({"sign_in_needed", "session_ended"})
RETRY_SECONDS: Final = 5.0
UNIT: Final = Path("/etc/systemd/system/korobka.service")


class SignIn(Dialog):
    """Ask who sits here; closes with the button when the box knows him."""

    def __init__(self, box: Box) -> None:
        text = _(
            "Коробка записывает, кто что сделал. Войдите под своим именем администратора:\n"
            "то же имя и тот же пароль, что и в браузере."
        )
        fields = (
            Field("login", _("Имя для входа")),
            Field("password", _("Пароль"), secret=True),
            Field("code", _("Код второго шага"), hint=_("если он у вас включён")),
        )
        buttons = {"enter": _("Войти"), "quit": _("Выйти из консоли")}
        super().__init__(Question(_("Кто вы?"), text, fields, buttons))
        self._box = box

    def done(self, button: str) -> None:
        if button == "quit":
            self.app.exit()
        else:
            self._enter()

    @work(exclusive=True)
    async def _enter(self) -> None:
        typed = {one.id or "": one.value for one in self.query(Input)}
        try:
            await self._box.sign_in(typed["login"], typed["password"], typed["code"])
        except HouseError as error:
            self.say(plain(sentence(error.code, error.params)))
            return
        super().done("enter")


class Unlock(Dialog):
    """Open a locked box with its passphrase or with the recovery code."""

    def __init__(self, box: Box) -> None:
        text = _(
            "Личные данные зашифрованы и сейчас закрыты: сотрудники не работают.\n"
            "Введите фразу. Забыли её? Оставьте первое поле пустым и введите код с листка."
        )
        fields = (
            Field("passphrase", _("Фраза"), secret=True),
            Field("recovery_code", _("Код восстановления")),
        )
        buttons = {"open": _("Открыть"), "no": _("Не открывать (Esc)")}
        super().__init__(Question(_("Открыть данные"), text, fields, buttons))
        self._box = box

    def done(self, button: str) -> None:
        if button == "open":
            self._open()
        else:
            super().done("")

    @work(exclusive=True)
    async def _open(self) -> None:
        typed = {one.id or "": one.value for one in self.query(Input)}
        kind = "passphrase" if typed["passphrase"] else "recovery_code"
        self.query_one(".problem", Static).display = False
        try:
            await self._box.ask("/vault/unlock", {kind: typed[kind]})
        except HouseError as error:
            if error.code != "vault_open":
                self.say(plain(sentence(error.code, error.params)))
                return
        super().done("open")


def _again() -> str:
    """The command that starts a box anew: as a service, or without one."""
    return "systemctl restart korobka" if UNIT.exists() else "korobka start"


class Lost(ModalScreen[bool]):
    """No conversation with the box: says so, tries every five seconds, closes by itself."""

    BINDINGS: ClassVar = [Binding("escape", "try_now", show=False)]

    def __init__(self, box: Box, error: HouseError) -> None:
        super().__init__()
        self._box, self._error = box, error
        self.is_over = asyncio.Event()

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static(
                f"{mark('bad')} [b]{_('Нет связи с сервером Коробки')}[/]", classes="caption"
            )
            yield Static(id="lost")
            with Horizontal(classes="buttons"):
                yield Button(_("Подождать"), id="wait")
                yield Button(_("Выйти из консоли"), id="quit")

    def on_mount(self) -> None:
        self.query_one("#wait").focus()
        self._tell()
        self.set_interval(RETRY_SECONDS, self.action_try_now)

    def _tell(self) -> None:
        what = plain(sentence(self._error.code, self._error.params))
        facts = (
            (_("Что случилось"), what),
            (_("Что цело"), _("данные на диске; начатое продолжится, когда она поднимется")),
            (_("Сотрудники"), _("видят «Нет связи»; введённое ждёт в браузере")),
        )
        ways = (
            f"[$text-2]{_('Что делать')}[/]",
            _("1. Подождать: консоль пробует снова каждые 5 секунд."),
            _("2. Не поднялась за минуту? Запустите её:"),
            f"   [$text-2]$[/] {_again()}",
            _("3. Не помогло? Причину и совет напечатает эта команда:"),
            "   [$text-2]$[/] korobka doctor",
        )
        rows = (f"[$text-2]{name:<16}[/]{text}" for name, text in facts)
        self.query_one("#lost", Static).update("\n".join([*rows, "", *ways]))

    @work(exclusive=True)
    async def action_try_now(self) -> None:
        """Try; close when the box answers."""
        try:
            await self._box.ask("/status")
        except HouseError as error:
            if error.code in LOST:
                self._error = error
                self._tell()
                return
        # Closing takes away whatever lies on top: with the help open it waits for its turn.
        if self.app.screen is self and not self.is_over.is_set():
            self.is_over.set()
            self.dismiss(True)

    def on_button_pressed(self, event: Button.Pressed) -> None:
        if event.button.id == "quit":
            self.app.exit()
        else:
            self.action_try_now()
