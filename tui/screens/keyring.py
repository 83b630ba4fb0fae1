"""Ключи: the ways into the vault; never fewer than two."""

from datetime import UTC, datetime
from typing import Any, ClassVar, Final

from textual import work
from textual.app import ComposeResult
from textual.widgets import Static

from appliance.errors import HouseError
from tui import app as frame
from tui import second, words
from tui.box import Deed
from tui.dialogs import Dialog, Field, Pick, Question, Reply
from tui.entrance import Unlock
from tui.keys import key
from tui.pace import Pace, bar_of
from tui.parts import Page, Row, cells_of, mark
from tui.section import Section
from tui.texts import N_, _

KINDS: Final = {
    "passphrase": N_("Фраза"),
    "key_file": N_("Файл-ключ"),
    "recovery": N_("Код с листка"),
}
TURNS: Final = {
    "kek": N_("Новый ключ к ключам людей"),
    "index": N_("Новые ключи поиска"),
    "people": N_("Новый ключ каждому человеку"),
}
ABOUT_TURNS: Final = {
    "kek": N_("Данные не трогаем: заново закрываются только ключи людей. Минуты."),
    "index": N_("Коробка заново посчитает, по чему находит людей. Минуты на сто тысяч."),
    "people": N_("Все записи о людях закроются новыми ключами. Займёт долго."),
}
POLL_SECONDS = 1.0
LEAST: Final = 2
"""Ways in that always stay: one may be lost any day."""


class Keyring(Section):
    """Removing the last but one is refused in words, not by a dead key."""

    NAME, HEADING, SHORT = "keys", N_("Ключи"), N_("Ключи")
    COLUMNS = ((N_("Чем открыть"), 24), (N_("Заведён"), 14), (N_("Открывал"), 16))
    BINDINGS: ClassVar = [
        key("y", "second", N_("Согласиться")),
        key("n", "add", N_("Добавить")),
        key("x", "remove", N_("Убрать")),
        key("p", "paper", N_("Новый код")),
        key("r", "rotate", N_("Сменить ключи")),
        key("z", "shut", N_("Закрыть данные")),
        key("e", "unlock", N_("Открыть данные")),
    ]

    def top(self) -> ComposeResult:
        yield Static(id="turning")

    def on_mount(self) -> None:
        self.pace = Pace()
        self.asking = 0
        self.turning = False
        self.query_one("#turning").display = False
        self.set_interval(POLL_SECONDS, self._poll)

    async def fetch(self) -> Page:
        if self.house.is_open:
            self._progress(cells_of((await self.house.box.ask("/keys/rotations"))["rotations"]))
            self.asking = await second.waiting(self.house.box)
        slots = cells_of((await self.house.box.ask("/vault/slots"))["slots"])
        clock = words.Clock(frame.now(), self.house.zone)
        rows = [self._row(one, clock) for one in slots]
        count = len(rows)
        if not self.house.is_open:
            return Page("bad", _("Данные закрыты: сотрудники ждут. Открыть: E/У."), rows)
        said = _("Данные открыты. Способов открыть: %(num)d.")
        verdict = said % {"num": count}
        if count < LEAST:
            note = _("Потеряете его — данные не вернёт никто. Добавьте второй: N/Т.")
            return Page("warn", verdict, rows, note)
        if self.asking:
            note = _("Другой администратор просит согласия: Y/Н. Ждёт: %(num)d.")
            return Page("warn", verdict, rows, note % {"num": self.asking})
        return Page("ok", verdict, rows)

    def _row(self, one: dict[str, Any], clock: words.Clock) -> Row:
        kind = str(one["kind"])
        used = one["last_ok"]
        abouts = {
            "passphrase": _("Спросим после каждого включения: введёт человек."),
            "key_file": _("Открывает без людей. Держите не рядом с коробкой и не на её диске."),
            "recovery": _("Листок в сейфе. Открывает, если забыты фразы и потеряны файлы."),
        }
        about = abouts.get(kind, "") + "\n" + _("Номер способа: %(id)s.") % {"id": one["id"]}
        cells = (
            _(KINDS.get(kind, kind)),
            clock.short(_iso(one["created"])),
            clock.short(_iso(used)) if used else _("ещё ни разу"),
        )
        if not used:
            about += "\n" + _("Ещё ни разу не открывал: попробуйте, пока есть другой способ.")
        return Row("ok" if used else "warn", cells, about, str(one["id"]), one)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "second":
            return self.house.is_open and bool(getattr(self, "asking", 0))
        if action in {"add", "remove", "shut", "paper"}:
            return self.house.is_open
        if action == "rotate":
            return self.house.is_open and not getattr(self, "turning", False)
        return self.house.is_open is False if action == "unlock" else True

    @work(exclusive=True, group="act")
    async def action_add(self) -> None:
        """Add a passphrase or a key file."""
        choices = [("passphrase", _("Фраза: вводить после включения"))]
        choices.append(("key_file", _("Файл-ключ: открывать без людей")))
        kind = await self.house.push_screen_wait(Pick(_("Чем ещё открывать?"), choices))
        if kind == "passphrase":
            await self._add_passphrase()
        elif kind == "key_file":
            await self._add_key_file()

    @work(exclusive=True, group="act")
    async def action_second(self) -> None:
        """Agree to what another administrator asks."""
        try:
            await second.decide(self)
        except HouseError as error:
            self.house.hint(self.house.words(error))

    async def _add_passphrase(self) -> None:
        fields = (
            Field("first", _("Фраза"), secret=True),
            Field("second", _("Ещё раз"), secret=True),
        )
        text = _("Четыре-пять случайных слов. Забытую фразу не восстановит никто.")
        buttons = {"add": _("Добавить"), "no": _("Не добавлять (Esc)")}
        question = Question(_("Новая фраза"), text, fields, buttons)

        async def deed_of(reply: Reply) -> Deed | str:
            if reply.typed["first"] != reply.typed["second"]:
                return _("Фразы не совпали: наберите вторую ещё раз.")
            body = {"passphrase": reply.typed["first"]}
            said = _("Фраза добавлена.")
            return Deed("/vault/add-passphrase", "korobka keys add-passphrase", said, body)

        await self.act_asking(question, deed_of)

    async def _add_key_file(self) -> None:
        field = Field("path", _("Файл на коробке"), "/media/usb/korobka.key")
        text = _(
            "Коробка запишет новый файл по этому пути на своей машине. Кто унесёт и коробку,\n"
            "и файл, прочтёт всё: держите файл на отдельном диске."
        )
        buttons = {"add": _("Записать файл"), "no": _("Не добавлять (Esc)")}
        question = Question(_("Новый файл-ключ"), text, (field,), buttons)

        async def deed_of(reply: Reply) -> Deed:
            path = reply.typed["path"].strip()
            command = f"korobka keys add-key-file {path}"
            said = _("Файл-ключ записан.")
            return Deed("/vault/add-key-file", command, said, {"path": path})

        await self.act_asking(question, deed_of)

    @work(exclusive=True, group="act")
    async def action_remove(self) -> None:
        """Take the way under the cursor away, unless too few would be left."""
        if not (row := self.current):
            return
        if len(self.lines.rows_shown) <= LEAST:
            self.house.hint(_("Осталось два способа. Сначала добавьте третий: N/Т."))
            return
        caption = _("Убрать способ открыть: %(kind)s") % {"kind": row.cells[0]}
        text = _("Этим способом коробка больше не откроется. Остальные останутся.")
        buttons = {"yes": _("Убрать"), "no": _("Не убирать (Esc)")}
        question = Question(caption, text, buttons=buttons, number=row.key, is_danger=True)
        if (await self.house.push_screen_wait(Dialog(question))).button == "yes":
            command = f"korobka keys remove-slot {row.key}"
            body = {"number": int(row.key)}
            await self.act(Deed("/vault/remove-slot", command, _("Способ убран."), body))

    # --- new keys ---

    def _progress(self, found: list[dict[str, Any]]) -> None:
        going = next((one for one in found if one["runs"]), None)
        was, self.turning = self.turning, going is not None
        strip = self.query_one("#turning", Static)
        strip.display = self.turning
        if going is not None:
            done, total = int(going["done"]), int(going["total"])
            self.pace.see(str(going["turn"]), done)
            said = _(TURNS[str(going["turn"])])
            go_on = _("Все работают и находят как обычно. Консоль можно закрыть.")
            bar = bar_of(done, total)
            left = self.pace.left(done, total)
            strip.update(f"{mark('run')} {said}\n{bar}  {left}\n[$text-2]{go_on}[/]")
        if was != self.turning:
            self.refresh_bindings()

    @work(exclusive=True, group="poll")
    async def _poll(self) -> None:
        """See how far the work is, while it runs and the section is in front."""
        if not self.turning or self.house.working.section is not type(self):
            return
        try:
            found = await self.house.box.ask("/keys/rotations")
        except HouseError:
            return  # the frame says it
        self._progress(cells_of(found["rotations"]))
        if not self.turning:
            self.house.ran(_("Ключи сменены."), "korobka keys rotations")
            await self.reload()

    @work(exclusive=True, group="act")
    async def action_rotate(self) -> None:
        """Choose what is made anew, say what that means, begin."""
        choices = [
            ("kek", _("Ключ к ключам людей: раз в год и когда ушёл администратор")),
            ("index", _("Ключи поиска по телефону, почте и ИНН")),
            ("people", _("Ключ каждого человека: если ключи могли украсть")),
        ]
        turn = await self.house.push_screen_wait(Pick(_("Что сменить?"), choices))
        if not turn:
            return
        text = "\n".join(
            [
                f"{mark('ok')} {_('Коробка работает: поиск, карточки и заказы как обычно.')}",
                f"{mark('ok')} {_('Прерванное продолжится само. Прежние копии откроются.')}",
                _(ABOUT_TURNS[turn]),
            ]
        )
        buttons = {"yes": _("Сменить"), "no": _("Не менять (Esc)")}
        question = Question(_(TURNS[turn]), text, buttons=buttons, safe="no")
        if (await self.house.push_screen_wait(Dialog(question))).button == "yes":
            self.pace = Pace()
            said = _("Смена ключей началась.")
            await self.act(
                Deed("/keys/rotate", f"korobka keys rotate --{turn}", said, {"what": turn})
            )

    @work(exclusive=True, group="act")
    async def action_paper(self) -> None:
        """Draw a new recovery code, have it typed back from paper, put it in place."""
        text = _(
            "Новый код заменит прежний: тот больше ничего не откроет.\n"
            "Копии, сделанные до замены, откроет новый листок: для этого введите прежний код.\n"
            "Листок потерян? Оставьте поле пустым: старые копии откроет сама коробка."
        )
        buttons = {"next": _("Показать новый код"), "no": _("Не менять (Esc)")}
        field = Field("old", _("Прежний код"))
        asked = Question(_("Новый код восстановления"), text, (field,), buttons)
        reply = await self.house.push_screen_wait(Dialog(asked))
        if reply.button != "next":
            return
        drawn = await self._tried(lambda: self.house.box.ask("/vault/new-recovery-code"))
        if drawn is not None:
            await self._typed_back(str(drawn["code"]), reply.typed["old"].strip())

    async def _typed_back(self, code: str, old: str) -> None:
        groups = code.split("-")
        lines = ["   ".join(groups[n : n + 3]) for n in range(0, len(groups), 3)]
        shown = "\n".join(f"      [b $accent]{line}[/]" for line in lines)
        text = _("Перепишите на бумагу. Потом наберите с бумаги, не с экрана.")
        buttons = {"yes": _("Заменить код"), "no": _("Оставить прежний (Esc)")}
        problem, typed = "", ""
        while True:
            told_back = f"\n{mark('bad')} {problem}" if problem else ""
            question = Question(
                _("Новый код восстановления"),
                f"{text}\n\n{shown}\n{told_back}",
                (Field("typed", _("Код с бумаги"), typed),),
                buttons,
            )
            reply = await self.house.push_screen_wait(Dialog(question))
            if reply.button != "yes":
                self.house.hint(_("Код не заменён: действует прежний листок."))
                return
            typed = reply.typed["typed"]
            try:
                body = {"typed": typed, "old_code": old}
                answer = await self.house.box.ask("/vault/confirm-recovery-code", body)
            except HouseError as error:
                problem = self.house.words(error)
                continue
            break
        said = _("Код заменён. Прежний листок уничтожьте.")
        if answer["copy"]:
            said += " " + _("Копия для нового кода началась.")
        else:
            said += " " + _("Сделайте копию: раздел 3, N/Т.")
        self.house.ran(said, "korobka keys new-recovery-code")
        await self.reload()

    @work(exclusive=True, group="act")
    async def action_shut(self) -> None:
        """Forget the keys, after a question."""
        text = "\n".join(
            [
                f"{mark('bad')} {_('Сотрудники перестанут работать, пока данные не откроют.')}",
                f"{mark('ok')} {_('Ничего не пропадёт: данные лежат на диске зашифрованными.')}",
                "",
                _("Открыть снова: фразой, файлом-ключом или кодом с листка, здесь же: E/У."),
            ]
        )
        buttons = {"yes": _("Закрыть данные"), "no": _("Не закрывать (Esc)")}
        question = Question(_("Закрыть данные?"), text, buttons=buttons, safe="no", is_danger=True)
        if (await self.house.push_screen_wait(Dialog(question))).button == "yes":
            deed = Deed("/vault/seal", "korobka seal", _("Данные закрыты."))
            if await self.act(deed) is not None:
                self.house.is_open = False
                self.house.working.head()
                await self.reload()

    @work(exclusive=True, group="act")
    async def action_unlock(self) -> None:
        """Open the vault."""
        if (await self.house.push_screen_wait(Unlock(self.house.box))).button:
            self.house.is_open = True
            self.house.ran(_("Данные открыты."), "korobka unlock")
            self.house.watch_over()
            await self.reload()


def _iso(milliseconds: int) -> str:
    return datetime.fromtimestamp(milliseconds / 1000, UTC).isoformat()
