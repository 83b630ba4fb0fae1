"""The day somebody comes and the day he goes: a link, a handing over, a report as a file."""

import asyncio
import contextlib
from pathlib import Path
from typing import Any, Final

from appliance.cli.leaving import write_trail
from appliance.domain.dismissal import TRAIL_DAYS
from appliance.errors import HouseError
from tui.box import Deed
from tui.dialogs import Dialog, Field, Pick, Question, told
from tui.parts import Row, cells_of, mark, plain
from tui.section import Section
from tui.texts import N_, _

HANDED: Final = {
    "clients": N_("клиентов"),
    "orders": N_("заказов"),
    "deals": N_("сделок"),
    "tasks": N_("задач"),
}
POLL_SECONDS = 1.0
LONGEST_WATCH = 3600


class Leaving(Section):
    """What the section of people does on those days; call from workers."""

    async def link(self, login: str) -> None:
        """Draw a link and show it once."""
        command = f"korobka user link {login}"
        answer = await self.act(Deed("/users/link", command, _("Ссылка выдана."), {"of": login}))
        if answer is None:
            return
        lines = [
            _("Передайте человеку лично или по телефону. Ссылка на один раз и на сутки:"),
            _("по ней он сам задаст пароль. Больше её не покажем."),
            "",
            f"[b $accent]{plain(str(answer['link']))}[/]",
        ]
        caption = _("Ссылка для входа: %(login)s") % {"login": plain(login)}
        await self.house.push_screen_wait(told(caption, "\n".join(lines)))

    async def report(self, login: str, *, path: str = "") -> None:
        """Write what somebody opened and took out into a file on this machine."""
        if not path:
            field = Field("path", _("Файл"), _usual(login))
            text = _(
                "Кого открывал, что выгружал и сколько раз, за 90 дней, по журналу.\n"
                "Имён в файле нет, только номера клиентов."
            )
            buttons = {"yes": _("Записать"), "no": _("Не записывать (Esc)")}
            caption = _("Отчёт: %(login)s") % {"login": plain(login)}
            question = Question(caption, text, (field,), buttons)
            reply = await self.house.push_screen_wait(Dialog(question))
            path = reply.typed["path"].strip() if reply.button == "yes" else ""
        if not path:
            return
        body = {"of": login, "days": TRAIL_DAYS}
        found = await self._tried(lambda: self.house.box.ask("/users/trail", body))
        if found is None:
            return
        try:
            lines = await asyncio.to_thread(write_trail, Path(path), found)
        except HouseError as error:
            self.house.hint(self.house.words(error))
            return
        said = _("Отчёт записан, строк: %(num)d.") % {"num": lines}
        self.house.ran(said, f"korobka user trail {login} --out {path}")

    async def dismissed(self, row: Row, people: list[dict[str, Any]]) -> None:
        """Freeze somebody, hand his work over, write the report; the rest goes on in the box."""
        choices = [
            (str(one["login"]), str(one["name"]))
            for one in people
            if one["active"] and one["login"] != row.key
        ]
        if not choices:
            self.house.hint(_("Передать дела некому: сначала заведите человека, N/Т."))
            return
        heir = await self.house.push_screen_wait(Pick(_("Кому передать дела?"), choices))
        if not heir:
            return
        reply = await self.house.push_screen_wait(
            Dialog(self._asked_to_go(row, dict(choices)[heir]))
        )
        if reply.button != "yes":
            return
        command = f"korobka user dismiss {row.key} --heir {heir}"
        said = _("Вход закрыт. Дела передаются, консоль можно закрыть.")
        body = {"of": row.key, "heir": heir}
        if await self.act(Deed("/users/dismiss", command, said, body)) is None:
            return
        if path := reply.typed["path"].strip():
            await self.report(row.key, path=path)
        await self._watch(row.key)

    def _asked_to_go(self, row: Row, heir: str) -> Question:
        lines = [
            f"{mark('bad')} {_('Вход закроется сейчас же, все сеансы закончатся.')}",
            f"{mark('run')} {_('Клиенты, открытые заказы, сделки и задачи перейдут:')} "
            f"[b]{plain(heir)}[/]",
            f"{mark('ok')} {_('Имя останется на сделанном. Вернуть вход можно: E/У.')}",
            _("Отчёт о том, что он открывал и выгружал за 90 дней, запишем в файл."),
        ]
        caption = _("Увольнение: %(name)s") % {"name": plain(str(row.data["name"]))}
        buttons = {"yes": _("Уволить"), "no": _("Не делать (Esc)")}
        field = Field("path", _("Файл отчёта"), _usual(row.key))
        return Question(
            caption, "\n".join(lines), (field,), buttons, number=row.key, is_danger=True
        )

    async def _watch(self, login: str) -> None:
        """Say when all of it is handed over; leaving the section stops nothing in the box."""
        with contextlib.suppress(HouseError):
            for _second in range(LONGEST_WATCH):
                found = await self.house.box.ask("/users/dismissal", {"of": login})
                if not found["runs"]:
                    break
                await asyncio.sleep(POLL_SECONDS)
            else:
                return
            parts = [f"{_(HANDED[what])}: {count}" for what, count in found["moved"].items()]
            said = _("Передано: %(parts)s.") % {"parts": ", ".join(parts)}
            if left := sum(found["refused"].values()):
                said += " " + _("Осталось за ним: %(num)d, их откройте в браузере.") % {"num": left}
            self.house.ran(said, f"korobka user dismissal {login}")


def people_of(answer: object) -> list[dict[str, Any]]:
    """Everybody in an answer of the box."""
    return cells_of(answer)


def _usual(login: str) -> str:
    return str(Path.home() / f"korobka-{login}.csv")
