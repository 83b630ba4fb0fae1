"""Персональные данные: requests with their terms, destruction and who agrees, acts."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path
from typing import Any, ClassVar, Final

from textual import work

from appliance.cli.saving import save_act
from appliance.errors import HouseError
from tui import app as frame
from tui import packing, words
from tui import subject_words as said
from tui.box import Answer, Deed
from tui.dialogs import Dialog, Field, Pick, Question
from tui.entrance import SignIn
from tui.keys import key
from tui.parts import Page, cells_of, plain
from tui.section import Section
from tui.texts import N_, _

REQUESTS, ACTS = "requests", "acts"
_HEADS: Final = {
    REQUESTS: ((N_("№"), 8), (N_("О чём просят"), 16), (N_("Срок"), 14), (N_("Где сейчас"), 16)),
    ACTS: ((N_("Акт"), 8), (N_("Запрос"), 14), (N_("Составлен"), 16), (N_("Хранить до"), 16)),
}
_PURPOSES: Final = {"1": "accounting", "2": "order", "3": "mailing", "4": "callback"}
NOBODY: Final = "approve_nobody"
"""The box's own account agrees to nothing: whoever sits here has to say who he is."""


class Subjects(Section):
    """People are numbers here: the screen may stand open. M turns requests into acts and back."""

    NAME, HEADING, SHORT = "subjects", N_("Персональные данные"), N_("Перс. данные")
    COLUMNS = _HEADS[REQUESTS]
    BINDINGS: ClassVar = [
        key("n", "note", N_("Записать")),
        key("y", "agree", N_("Решить")),
        key("a", "answer", N_("Ответить")),
        key("u", "refuse", N_("Передумать")),
        key("h", "hold", N_("Хранить")),
        key("e", "extend", N_("Продлить")),
        key("p", "save", N_("Акт")),
        key("m", "turn('acts')", N_("Акты")),
        key("m", "turn('requests')", N_("Запросы")),
        key("k", "pack", N_("Пакет")),
        key("i", "enter", N_("Войти")),
    ]

    HOME = REQUESTS
    view = REQUESTS
    refused = False
    """Whoever sits here may not read acts."""

    def on_mount(self) -> None:
        self.people: dict[str, str] = {}

    def _clock(self) -> words.Clock:
        return words.Clock(frame.now(), self.house.zone)

    async def fetch(self) -> Page:
        acts = await self._acts()
        if self.view == ACTS:
            if self.refused:
                own = _("Акты читает только тот, кто отвечает за данные. Войти им: I/Ш.")
                return Page("off", own)
            rows = [said.act_row(one, self._clock()) for one in acts]
            empty = _("Актов ещё нет. Акт появляется сам, когда данные уничтожены.")
            count = _("Актов: %(num)d. Каждый хранится три года.") % {"num": len(rows)}
            return Page("ok", count if rows else empty, rows)
        found = await self.house.box.ask("/subjects/list", {})
        self.people = dict(found["people"])
        requests = cells_of(found["requests"])
        clock = self._clock()
        numbers = {one["request"]: int(one["number"]) for one in acts}
        rows = [said.row(one, numbers.get(one["number"], 0), self.people, clock)
                for one in requests]  # fmt: skip
        rows.sort(key=lambda row: ("bad", "warn", "run", "ok", "off").index(row.mark))
        mark, verdict = said.verdict(requests, clock.now.astimezone(clock.zone).date())
        return Page(mark, verdict, rows)

    async def _acts(self) -> list[dict[str, Any]]:
        """Acts, where the right to them is there."""
        self.refused = False
        try:
            return cells_of((await self.house.box.ask("/acts/list"))["acts"])
        except HouseError as error:
            if error.code != "denied":
                raise
            self.refused = True
            return []

    def _data(self) -> Mapping[str, Any]:
        row = self.current
        return row.data if row is not None else {}

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        one = self._data()
        if action == "turn":
            return parameters[0] != self.view
        if action == "enter":
            return self.refused and self.view == ACTS
        if action == "pack":
            return self.view == ACTS and not self.refused
        if self.view == ACTS:
            return action == "save" and bool(one)
        state, destroys = one.get("state"), one.get("kind") in said.DESTROYS
        going = state in {"open", "blocked", "cooling"}
        keeps = one.get("found", {}).get("kept_of", 0)
        return {
            "note": True,
            "agree": state == "blocked" and destroys,
            "answer": state == "open" or (state == "blocked" and not destroys),
            "refuse": going and not keeps,
            "hold": (going or state == "held") and destroys,
            "extend": going and not keeps and not one.get("extended"),
            "save": bool(one.get("act")),
        }.get(action, True)

    def action_turn(self, view: str) -> None:
        """Show the other list."""
        self.view = view
        self.lines.head(_HEADS[view])
        self.load()

    @work(exclusive=True, group="act")
    async def action_enter(self) -> None:
        """Go on under another name: who answers for the data reads acts."""
        if (await self.house.push_screen_wait(SignIn(self.house.box))).button:
            await self.reload()

    @work(exclusive=True, group="act")
    async def action_pack(self) -> None:
        """Have a pack for an inspection made."""
        try:
            await packing.make(self)
        except HouseError as error:
            self.house.hint(self.house.words(error))

    @work(exclusive=True, group="act")
    async def action_note(self) -> None:
        """Write a request down, after showing what it will do."""
        choices = [(kind, _(words_)) for kind, words_ in said.KINDS.items()]
        kind = await self.house.push_screen_wait(Pick(_("О чём просит человек?"), choices))
        if not kind:
            return
        today = frame.now().astimezone(self.house.zone).date()
        fields = (
            Field("customer", _("Клиент №")),
            Field("received", _("Пришёл"), f"{today:%d.%m.%Y}"),
            Field("channel", _("Как пришёл"), hint=_("письмо, звонок, визит")),
            Field("note", _("Пояснение"), hint=_("исходящий номер, представитель")),
        )
        text = _("Срок считается со дня, когда запрос пришёл.")
        if kind in said.BLOCKS:
            text += "\n" + _("Человека закроем сразу: его никто не найдёт и не увидит.")
        buttons = {"go": _("Дальше"), "no": _("Не записывать (Esc)")}
        question = Question(f"{_('Запрос')}: {_(said.KINDS[kind])}", text, fields, buttons)
        reply = await self.house.push_screen_wait(Dialog(question))
        if reply.button == "go":
            await self._note(kind, reply.typed)

    async def _note(self, kind: str, typed: Mapping[str, str]) -> None:
        number, day = typed["customer"].strip().lstrip("№ "), _day(typed["received"])
        if not number.isdecimal() or day is None:
            self.house.hint(_("Номер клиента — цифрами, день — как 21.11.2026. Не записано."))
            return
        if kind in said.BLOCKS and not await self._sure(kind, int(number)):
            return
        body = {
            "customer": int(number),
            "kind": kind,
            "received_on": day.isoformat(),
            "channel": typed["channel"].strip(),
            "note": typed["note"].strip(),
        }
        command = f"korobka subject request {number} {kind} --received {day.isoformat()}"
        await self.act(Deed("/subjects/request", command, _("Запрос записан."), body))

    async def _sure(self, kind: str, customer: int) -> bool:
        """Show what is held of the person before he is blocked."""

        async def ask() -> Answer:
            return await self.house.box.ask("/subjects/find", {"customer": customer})

        found = await self._tried(ask)
        if found is None:
            return False
        lines = [f"[$text-2]{_('О человеке'):<14}[/]{said.gone(found)}"]
        if kind in said.DESTROYS:
            lines.append(f"[$text-2]{_('Останется'):<14}[/]{said.stays(found)}")
            lines += ["", _("Уничтожим после двух утверждений и паузы: пока можно передумать.")]
        caption = _("Записать и закрыть клиента № %(number)s?") % {"number": customer}
        buttons = {"yes": _("Записать и закрыть"), "no": _("Не записывать (Esc)")}
        question = Question(caption, "\n".join(lines), buttons=buttons, safe="no", is_danger=True)
        return (await self.house.push_screen_wait(Dialog(question))).button == "yes"

    @work(exclusive=True, group="act")
    async def action_agree(self) -> None:
        """Agree to a destruction: in one's own name, or by the recovery code."""
        one = self._data()
        if not one:
            return
        persons, code = said.lacking(one)
        by_code = code and not persons
        fields = (Field("code", _("Код с листка"), secret=True),) if by_code else ()
        caption = _("Уничтожить личные данные по запросу %(number)s?") % {"number": said.title(one)}
        buttons = {"yes": _("Утвердить уничтожение"), "no": _("Не делать (Esc)")}
        question = Question(
            caption,
            said.consequences(one, self.people, self._clock()),
            fields,
            buttons,
            number=said.title(one),
            is_danger=True,
        )
        reply = await self.house.push_screen_wait(Dialog(question))
        if reply.button != "yes":
            return
        number = int(one["number"])
        path, command = "/subjects/approve", f"korobka subject approve {number} --as ИМЯ"
        body: dict[str, object] = {"number": number}
        if by_code:
            path, body["code"] = "/subjects/approve-by-code", reply.typed["code"].strip()
            command += " --code-file -"
        await self._agree(Deed(path, command, _("Вы утвердили."), body))

    async def _agree(self, deed: Deed) -> None:
        """Ask in somebody's own name: who came as the box's own account signs in first."""

        async def ask() -> Answer:
            try:
                return await self.house.box.ask(deed.path, deed.body)
            except HouseError as error:
                if error.code != NOBODY:
                    raise
                if not (await self.house.push_screen_wait(SignIn(self.house.box))).button:
                    raise
                return await self.house.box.ask(deed.path, deed.body)

        if await self._tried(ask) is not None:
            self.house.ran(deed.told, deed.command)
            await self.reload()

    @work(exclusive=True, group="act")
    async def action_answer(self) -> None:
        """Close a request with what was answered."""
        one = self._data()
        caption = _("Ответ на %(number)s") % {"number": said.title(one)}
        text = _("Что ответили и когда. Человек, если был закрыт, снова виден.")
        typed = await self._words(caption, text, _("Записать ответ"))
        if typed:
            body = {"number": one["number"], "text": typed}
            command = f"korobka subject answer {one['number']} --text-file -"
            await self.act(Deed("/subjects/answer", command, _("Ответ записан."), body))

    @work(exclusive=True, group="act")
    async def action_refuse(self) -> None:
        """Take a request back; the person is as before."""
        one = self._data()
        caption = _("Не уничтожать по %(number)s?") % {"number": said.title(one)}
        if one["kind"] not in said.DESTROYS:
            caption = _("Отказать по %(number)s?") % {"number": said.title(one)}
        text = _("Человек снова будет виден, утверждения пропадут. Причина останется в учёте.")
        typed = await self._words(caption, text, _("Отказать"))
        if typed:
            body = {"number": one["number"], "text": typed}
            command = f"korobka subject refuse {one['number']} --reason-file -"
            await self.act(Deed("/subjects/refuse", command, _("Человек как был."), body))

    async def _words(self, caption: str, text: str, button: str) -> str:
        buttons = {"yes": button, "no": _("Не менять (Esc)")}
        question = Question(caption, text, (Field("text", _("Причина, ответ")),), buttons)
        reply = await self.house.push_screen_wait(Dialog(question))
        return reply.typed["text"].strip() if reply.button == "yes" else ""

    @work(exclusive=True, group="act")
    async def action_hold(self) -> None:
        """Note a law that keeps the data until a day."""
        one = self._data()
        fields = (
            Field("purpose", _("Для чего: 1–4"), "1"),
            Field("law", _("Какой закон"), "402-ФЗ, ст. 29"),
            Field("until", _("До какого дня"), hint="31.12.2030"),
        )
        text = _(
            "Останется только нужное для цели, отдельно и закрыто; прочее уничтожится.\n"
            "1 — учёт и налоги   2 — споры по договору   3 — согласие на рекламу   4 — на звонок"
        )
        buttons = {"yes": _("Записать"), "no": _("Не менять (Esc)")}
        question = Question(_("Обязаны хранить?"), text, fields, buttons)
        reply = await self.house.push_screen_wait(Dialog(question))
        if reply.button != "yes":
            return
        purpose = _PURPOSES.get(reply.typed["purpose"].strip())
        if purpose is None:
            self.house.hint(_("Цель — одна цифра от 1 до 4. Ничего не записано."))
            return
        day = _day(reply.typed["until"])
        if day is None:
            self.house.hint(_("День — как 31.12.2030. Ничего не записано."))
            return
        law = reply.typed["law"].strip()
        body = {"customer": one["customer"], "law": law, "until": day.isoformat()}
        command = (
            f"korobka subject hold {one['customer']} --law '{law}' --until {day.isoformat()}"
            f" --purpose {purpose}"
        )
        told = _("Записано: нужное для этой цели останется до срока.")
        await self.act(Deed("/subjects/hold", command, told, {**body, "purpose": purpose}))

    @work(exclusive=True, group="act")
    async def action_extend(self) -> None:
        """Add five working days, where the law lets it."""
        one = self._data()
        caption = _("Продлить срок %(number)s?") % {"number": said.title(one)}
        text = _("На пять рабочих дней, один раз. Человеку надо письмом сообщить причины.")
        buttons = {"yes": _("Продлить"), "no": _("Не менять (Esc)")}
        question = Question(caption, text, buttons=buttons, safe="no")
        if (await self.house.push_screen_wait(Dialog(question))).button == "yes":
            command = f"korobka subject extend {one['number']}"
            body = {"number": one["number"]}
            await self.act(Deed("/subjects/extend", command, _("Срок продлён."), body))

    @work(exclusive=True, group="act")
    async def action_save(self) -> None:
        """Save the act under the cursor into a folder of this machine."""
        one = self._data()
        number = int(one["number"] if self.view == ACTS else one["act"])
        field = Field("folder", _("Папка"), str(Path.home()))
        text = _("PDF для подписи, JSON и CSV с доказательствами, подписи и ключ проверки.")
        buttons = {"yes": _("Сохранить"), "no": _("Не сохранять (Esc)")}
        caption = _("Акт № %(number)s") % {"number": number}
        reply = await self.house.push_screen_wait(
            Dialog(Question(caption, text, (field,), buttons))
        )
        if reply.button != "yes":
            return

        async def ask() -> Answer:
            found = await self.house.box.ask("/acts/archive", {"number": number})
            place = reply.typed["folder"].strip()
            return {"files": await asyncio.to_thread(save_act, number, str(found["zip"]), place)}

        answer = await self._tried(ask)
        if answer is not None:
            folder = str(Path(answer["files"][0]).parent)
            told = _("Лежит в %(folder)s") % {"folder": plain(folder)}
            self.house.ran(told, f"korobka subject act {number} --out {folder}")


def _day(typed: str) -> date | None:
    """A day as people here write it; None for anything else."""
    text = typed.strip()
    for form in ("%d.%m.%Y", "%Y-%m-%d"):
        with suppress(ValueError):
            return datetime.strptime(text, form).date()  # noqa: DTZ007 - a day has no zone
    return None
