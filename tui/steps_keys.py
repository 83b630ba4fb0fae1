"""First run: what opens the box, the code on paper, and typing it back."""

import asyncio
from typing import Any, ClassVar, Final

import segno
from textual import work
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Button, Input, RadioSet, Static

from appliance.errors import HouseError
from tui import app as frame
from tui import words
from tui.first_step import Labelled, Step, choices
from tui.keys import as_latin
from tui.parts import Entry, mark, plain
from tui.texts import N_, _, sentence

PROFILES: Final = ("passphrase", "key_file", "both")
GROUPS: Final = 9
GROUP_SIGNS: Final = 4
POLL_SECONDS: Final = 0.5
BAR: Final = 30

TABLE: Final = N_(
    "                   украли      украли       ночью отключали\n"
    "                   диск        коробку      свет\n"
    "Фраза              не прочтут  не прочтут   утром ввести фразу\n"
    "Файл-ключ          не прочтут  [$error b]!! прочтут[/]   откроется сама\n"
    "Фраза и файл       не прочтут  [$error b]!! прочтут[/]   откроется сама"
)


class Unlocking(Step):
    """Как открывать."""

    NAME, HEADING = "unlock", N_("Как открывать")
    ABOUT: ClassVar[str] = N_(
        "Личные данные клиентов зашифрованы. После включения их надо открыть.\n"
        "Как вам удобнее? Потом можно передумать."
    )

    def body(self) -> ComposeResult:
        at = PROFILES.index(str(self.facts["profile"]))
        profiles = (
            _("Фраза: человек вводит её после каждого включения"),
            _("Файл-ключ: открывать без людей"),
            _("И фраза, и файл-ключ: что окажется под рукой"),
        )
        yield choices("profile", profiles, at)
        has_words = PROFILES[at] != "key_file"
        hint = (
            _("прежняя подходит, не меняйте")
            if has_words
            else _("12 знаков и больше: несколько слов")
        )
        yield Labelled("passphrase", _("Фраза"), hint=hint, secret=True)
        yield Labelled("again", _("Ещё раз"), secret=True)
        yield Labelled("key_file", _("Файл-ключ"), str(self.facts["key_file"]))
        yield Static(_(TABLE), classes="lead after")
        note = _(
            "Файл-ключ держите на другом диске, не на том, где данные.\n"
            "Не уверены? Выберите фразу: забудут её — поможет код на бумаге."
        )
        yield Static(note, classes="after")

    def on_mount(self) -> None:
        super().on_mount()
        self._show()

    def on_radio_set_changed(self, event: RadioSet.Changed) -> None:
        self._show()

    def _show(self) -> None:
        profile = PROFILES[self.chosen("profile")]
        for name in ("passphrase", "again"):
            self.query_one(f"#field-{name}").display = profile != "key_file"
        self.query_one("#field-key_file").display = profile != "passphrase"

    async def go_on(self) -> bool:
        profile = PROFILES[self.chosen("profile")]
        body: dict[str, object] = {"profile": profile}
        if profile != "key_file":
            body["passphrase"] = self.query_one("#passphrase", Input).value
            if body["passphrase"] != self.query_one("#again", Input).value:
                raise HouseError("passphrases_differ", "", field="again")
        if profile != "passphrase":
            body["key_file"] = self.typed("key_file")
        await self.ask("/setup/unlock", body)
        self.house.ran(_("Записано."), f"korobka setup set unlock profile={profile}")
        return True


class Paper(Step):
    """Код на бумаге: drawn when asked for, on the screen until one goes on, and nowhere else."""

    NAME, HEADING = "code", N_("Код на бумаге")
    ABOUT: ClassVar[str] = N_(
        "Код восстановления откроет данные, если забыта фраза или сгорела коробка."
    )

    def body(self) -> ComposeResult:
        with Horizontal(id="sheet"):
            yield Static(self._before(), id="code")
            yield Static(id="qr")
        yield Button(_("Показать новый код"), id="draw")

    def _before(self) -> str:
        setup = self.setup
        if setup.get("checked_at"):
            clock = words.Clock(frame.now(), self.house.zone)
            said = _("Код проверен %(when)s, он остаётся прежним.\nНовый код: раздел 4 «Ключи».")
            return f"{mark('ok')} {said % {'when': clock.moment(setup['checked_at'])}}"
        if setup.get("code_at"):
            return _(
                "Код уже показан. Листок у вас? F8: введёте код с него.\n"
                "Листка нет? Покажем новый; прежний действует, пока не введёте."
            )
        return _(
            "Возьмите бумагу и ручку. Код покажется один раз.\n"
            "Напечатала код установка? Он годится: F8. Новый заменит его,\n"
            "когда вы введёте его с бумаги."
        )

    def begin(self) -> None:
        button = self.query_one("#draw", Button)
        button.display = not self.setup.get("checked_at")
        button.focus()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        event.stop()
        self._draw()

    @work(exclusive=True)
    async def _draw(self) -> None:
        try:
            code = str((await self.ask("/setup/code", {}))["code"])
        except HouseError as error:
            self.refuse(error)
            return
        self.calm()
        groups = code.split("-")
        rows = "\n".join(
            "    [b]" + "   ".join(groups[n : n + 3]) + "[/]" for n in range(0, GROUPS, 3)
        )
        warning = _("Без кода и фразы данные не вернёт\n   никто. Мы тоже: копии кода нет.")
        steps = _(
            "1. Перепишите код на бумагу.\n"
            "2. Уберите листок в сейф, не рядом\n"
            "   с коробкой. Снимок в телефоне\n"
            "   вместо листка не годится.\n\n"
            "Дальше (F8) введёте код с листка."
        )
        self.add_class("shown")
        self.query_one("#code", Static).update(f"{mark('bad')} {warning}\n\n{rows}\n\n{steps}")
        self.query_one("#qr", Static).update(half_blocks(code))
        self.query_one("#draw").display = False
        self.house.ran(_("Код показан."), "korobka setup code")


def half_blocks(code: str) -> str:
    """QR of the code, two modules in one cell, dark on light in any theme."""
    picture = segno.make(code.replace("-", ""), error="m", micro=False)
    grid = [list(row) for row in picture.matrix_iter(border=2)]
    grid += [[0] * len(grid[0])] * (len(grid) % 2)
    cells = {(False, False): "█", (True, False): "▄", (False, True): "▀", (True, True): " "}
    rows = [
        "".join(cells[bool(a), bool(b)] for a, b in zip(upper, lower, strict=True))
        for upper, lower in zip(grid[::2], grid[1::2], strict=True)
    ]
    return "[#ffffff on #000000]" + "\n".join(rows) + "[/]"


def _typed(code: str) -> str:
    """How much of the code is typed: where the box cannot say yet whether it is right."""
    count = sum(one.isalnum() for one in code)
    asked = _("Введено знаков: %(num)d из %(all)d.")
    return f"[$text-2]{asked % {'num': count, 'all': GROUPS * GROUP_SIGNS}}[/]" if count else ""


class Check(Step):
    """Проверка кода: group by group, then it opens a copy that is made at this moment."""

    NAME, HEADING = "check", N_("Проверка кода")
    ABOUT: ClassVar[str] = N_(
        "Возьмите листок и введите код с него: так вы узнаете, что он записан верно.\n"
        "Раскладка, большие буквы и чёрточки не важны."
    )

    def __init__(self, seen: Any) -> None:
        super().__init__(seen)
        self._whole = ""

    def body(self) -> ComposeResult:
        yield Entry(id="typed", placeholder=_("например: 7K4Q-M2ZD-…"))
        yield Static(id="groups")
        yield Static(id="proof")

    def begin(self) -> None:
        self.query_one("#typed").focus()
        if self.setup.get("proof"):
            self._proven()
        else:
            note = _("Код на экране больше не покажем. Листка нет? F7 Назад: сделаем другой код.")
            self.query_one("#groups", Static).update(f"[$text-2]{note}[/]")

    def on_input_changed(self, event: Input.Changed) -> None:
        self.calm()
        self._try(event.value)

    @work(exclusive=True, group="try")
    async def _try(self, value: str) -> None:
        """Compare; a code typed in the other layout is read by the place of its keys."""
        self._whole = ""
        typed = as_latin(value)
        try:
            found = await self.ask("/setup/try-code", {"typed": typed})
        except HouseError as error:
            self.refuse(error)
            return
        states = found["groups"]
        shown = [f"{n} {mark('ok' if ok else 'bad')}" for n, ok in enumerate(states, 1)]
        line = f"{_('Группы:')}  {'   '.join(shown)}" if shown else ""
        if found["whole"]:
            self._whole = typed
            said = f"{mark('ok')} {_('Код верный. F8: он должен открыть настоящую копию.')}"
        elif False in states:
            said = f"{mark('bad')} " + _(
                "Отмеченная группа не сходится с кодом. Сверьте её с листком:\n"
                "   0 и O, 1 и I коробка различает сама, их путать можно."
            )
        elif found["code"] in {"recovery_code_length"} or not value:
            said = _("Пока верно. Продолжайте.") if states else _typed(typed)
        else:
            said = f"{mark('bad')} {plain(sentence(found['code'], found['params']))}"
        self.query_one("#groups", Static).update(f"{line}\n\n{said}" if line else said)

    async def go_on(self) -> bool:
        if self.setup.get("proof") and not self._whole:
            return True
        if not self._whole:
            typed = as_latin(self.query_one("#typed", Input).value)
            found = await self.ask("/setup/try-code", {"typed": typed})
            if not found["whole"]:
                raise HouseError(str(found["code"]), "", **found["params"])
            self._whole = typed
        await self.ask("/setup/prove", {"typed": self._whole})
        await self._watch()
        return True

    async def _watch(self) -> None:
        """Follow the proof to its end."""
        while (seen := await self.ask("/setup/progress"))["running"]:
            total = int(seen.get("total") or 1)
            done = min(int(seen.get("done") or 0), total)
            full = done * BAR // total
            said = (
                _("Читаем копию кодом с листка")
                if seen.get("kind") == "drill"
                else _("Делаем копию")
            )
            bar = f"[$accent]{'█' * full}[/][$text-2]{'░' * (BAR - full)}[/]"
            self.query_one("#proof", Static).update(f"{mark('run')} {said}\n{bar}")
            await asyncio.sleep(POLL_SECONDS)
        if seen["code"]:
            raise HouseError(str(seen["code"]))
        self._proven()
        self.house.ran(_("Код открыл настоящую копию."), "korobka setup check FILE")

    def _proven(self) -> None:
        said = _("Код верный: он открыл настоящую копию. Листок — в сейф.")
        self.query_one("#proof", Static).update(f"{mark('ok')} {said}")
