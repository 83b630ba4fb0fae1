"""Ключи: the ways into the vault; never fewer than two."""

from datetime import UTC, datetime
from typing import Any, ClassVar, Final

from textual import work

from tui import app as frame
from tui import words
from tui.box import Deed
from tui.dialogs import Dialog, Field, Pick, Question
from tui.entrance import Unlock
from tui.keys import key
from tui.parts import Page, Row, cells_of, mark
from tui.section import Section
from tui.texts import N_, _

KINDS: Final = {
    "passphrase": N_("Фраза"),
    "key_file": N_("Файл-ключ"),
    "recovery": N_("Код с листка"),
}
LEAST: Final = 2
"""Ways in that always stay: one may be lost any day."""


class Keyring(Section):
    """Removing the last but one is refused in words, not by a dead key."""

    NAME, HEADING, SHORT = "keys", N_("Ключи"), N_("Ключи")
    COLUMNS = ((N_("Чем открыть"), 24), (N_("Заведён"), 14), (N_("Открывал"), 16))
    BINDINGS: ClassVar = [
        key("n", "add", N_("Добавить")),
        key("x", "remove", N_("Убрать")),
        key("z", "shut", N_("Закрыть данные")),
        key("e", "unlock", N_("Открыть данные")),
    ]

    async def fetch(self) -> Page:
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
        return Row("ok" if used else "warn", cells, about, str(one["id"]), one)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in {"add", "remove", "shut"}:
            return self.house.is_open
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

    async def _add_passphrase(self) -> None:
        fields = (
            Field("first", _("Фраза"), secret=True),
            Field("second", _("Ещё раз"), secret=True),
        )
        text = _("Четыре-пять случайных слов. Забытую фразу не восстановит никто.")
        buttons = {"add": _("Добавить"), "no": _("Не добавлять (Esc)")}
        question = Question(_("Новая фраза"), text, fields, buttons)
        reply = await self.house.push_screen_wait(Dialog(question))
        if reply.button != "add":
            return
        if reply.typed["first"] != reply.typed["second"]:
            self.house.hint(_("Фразы не совпали: ничего не добавлено."))
            return
        body = {"passphrase": reply.typed["first"]}
        said = _("Фраза добавлена.")
        await self.act(Deed("/vault/add-passphrase", "korobka keys add-passphrase", said, body))

    async def _add_key_file(self) -> None:
        field = Field("path", _("Файл на коробке"), "/media/usb/korobka.key")
        text = _(
            "Коробка запишет новый файл по этому пути на своей машине. Кто унесёт и коробку,\n"
            "и файл, прочтёт всё: держите файл на отдельном диске."
        )
        buttons = {"add": _("Записать файл"), "no": _("Не добавлять (Esc)")}
        question = Question(_("Новый файл-ключ"), text, (field,), buttons)
        reply = await self.house.push_screen_wait(Dialog(question))
        if reply.button == "add":
            path = reply.typed["path"].strip()
            command = f"korobka keys add-key-file {path}"
            said = _("Файл-ключ записан.")
            await self.act(Deed("/vault/add-key-file", command, said, {"path": path}))

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
