"""Состояние: how the box is, the queue of what was not delivered, the timetable."""

from typing import Any, ClassVar, Final

from textual import work

from appliance.errors import HouseError
from tui import app as frame
from tui import words
from tui.box import Deed
from tui.dialogs import Dialog, Question
from tui.entrance import Unlock
from tui.keys import key
from tui.parts import Page, Row, cells_of, plain
from tui.section import Section
from tui.texts import N_, _, ngettext

Found = dict[str, Any]
LINES, QUEUE, CHORES = "lines", "queue", "chores"
_HEADS: Final = {
    LINES: ((N_("Что"), 20), (N_("Сейчас"), 34)),
    QUEUE: ((N_("Событие"), 21), (N_("Куда"), 11), (N_("Отказ"), 14), (N_("С"), 8)),
    CHORES: ((N_("Задание"), 24), (N_("Было"), 15), (N_("Будет"), 15)),
}


PLACES: Final = {
    "backups": "backups",
    "terms": "subjects",
    "approvals": "subjects",
    "hands": "keys",
    "anchor": "audit",
    "log": "audit",
    "release": "update",
    "integrations": "plugins",
}
"""First part of a line's code → the section where it is mended."""


class Health(Section):
    """E mends the row under the cursor; J and O turn to the timetable and to the queue."""

    NAME, HEADING, SHORT = "health", N_("Состояние"), N_("Состояние")
    COLUMNS = _HEADS[LINES]
    BINDINGS: ClassVar = [
        key("e", "fix", N_("Исправить")),
        key("r", "again", N_("Отправить снова")),
        key("x", "drop", N_("Убрать")),
        key("e", "run", N_("Запустить")),
        key("j", "turn('chores')", N_("Задания")),
        key("o", "turn('queue')", N_("Очередь")),
        key("d", "turn('lines')", N_("Проверить всё")),
        key("w", "app.setup", N_("Первый запуск")),
    ]
    HOME = LINES
    view = LINES

    async def fetch(self) -> Page:
        clock = words.Clock(frame.now(), self.house.zone)
        if self.view == QUEUE:
            return self._queue(cells_of((await self.house.box.ask("/outbox/list"))["dead"]), clock)
        if self.view == CHORES:
            return self._chores(cells_of((await self.house.box.ask("/jobs/list"))["jobs"]), clock)
        try:
            found = cells_of((await self.house.look())["lines"])
        except HouseError as error:
            if error.code != "sealed":
                raise
            shut: Found = {"code": "sealed.shut", "state": "bad", "values": {}, "fix": "unlock"}
            return Page("bad", _("Данные закрыты: сотрудники ждут."), [_line(shut, clock)])
        state, verdict = words.verdict(found)
        return Page(state, verdict, [_line(one, clock) for one in found])

    def _queue(self, found: list[Found], clock: words.Clock) -> Page:
        if not found:
            return Page("ok", _("В очереди нет ничего, что не удалось отправить."))
        count = len(found)
        verdict = ngettext(
            "Не отправлено: %(num)d событие.", "Не отправлено: %(num)d событий.", count
        )
        about = _(
            "Отказ: %(error)s, попыток: %(attempts)s.\n"
            "Устранили причину? R/К отправит снова. X/Ч уберёт навсегда: то, о чём событие "
            "сообщало, останется как есть."
        )
        rows = [
            Row(
                "bad",
                (
                    plain_text(one["event"]),
                    plain_text(one["subscriber"]),
                    plain_text(one["last_error"]),
                    clock.short(str(one["created_at"])),
                ),
                about % {"error": plain(str(one["last_error"])), "attempts": one["attempts"]},
                str(one["id"]),
                one,
            )
            for one in found
        ]
        return Page("bad", verdict % {"num": count}, rows)

    def _chores(self, found: list[Found], clock: words.Clock) -> Page:
        rows = [_chore(one, clock) for one in found]
        rows.sort(key=lambda row: row.mark not in {"bad", "warn"})
        failed = sum(row.mark == "warn" for row in rows)
        if failed:
            said = ngettext("Сбой в %(num)d задании.", "Сбой в %(num)d заданиях.", failed)
            return Page("warn", said % {"num": failed}, rows)
        return Page("ok", _("Задания идут по расписанию, сбоев нет."), rows)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        match action:
            case "fix":
                return self.view == LINES
            case "again" | "drop":
                return self.view == QUEUE and self.current is not None
            case "run":
                return self.view == CHORES and self.current is not None
            case "turn":
                return parameters != (self.view,)
            case _:
                return True

    @work(exclusive=True, group="act")
    async def action_turn(self, view: str) -> None:
        """Show the lines, the queue or the timetable."""
        await self.turn(view)

    async def turn(self, view: str) -> None:
        """As the action, for who is in a worker already."""
        self.view = view
        self.lines.head(_HEADS[view])
        await self.reload()
        self.refresh_bindings()

    @work(exclusive=True, group="act")
    async def action_fix(self) -> None:
        """Do what mends the row, or say that nothing needs to be done."""
        row = self.current
        fix = row.data["fix"] if row else ""
        if fix == "unlock":
            await self._unlock()
        elif fix in {QUEUE, CHORES}:
            await self.turn(fix)
        elif fix == "plugins":
            self.house.working.bring("plugins")
        elif fix.startswith("chore:"):
            await self._hasten(fix.partition(":")[2])
        elif row and row.data["state"] in {"warn", "bad"} and _home(row.key):
            self.house.working.bring(_home(row.key))
        elif row and row.data["state"] in {"warn", "bad"}:
            self.house.hint(_("Отсюда этого не исправить: что делать, написано под списком."))
        else:
            self.house.hint(_("Здесь исправлять нечего."))

    async def _unlock(self) -> None:
        reply = await self.house.push_screen_wait(Unlock(self.house.box))
        if reply.button:
            self.house.is_open = True
            self.house.ran(_("Данные открыты."), "korobka unlock")
            self.house.watch_over()
            await self.reload()

    @work(exclusive=True, group="act")
    async def action_run(self) -> None:
        """Have the chore under the cursor run at once."""
        if self.current:
            await self._hasten(self.current.key)

    async def _hasten(self, kind: str) -> None:
        told = _("«%(chore)s» начнётся за полминуты.") % {"chore": words.chore(kind)}
        await self.act(Deed("/jobs/run", f"korobka jobs run {kind}", told, {"kind": kind}))

    @work(exclusive=True, group="act")
    async def action_again(self) -> None:
        """Send the delivery under the cursor again."""
        if row := self.current:
            told = _("Отправляется снова.")
            await self.act(
                Deed("/outbox/retry", f"korobka outbox retry {row.key}", told, {"id": row.key})
            )

    @work(exclusive=True, group="act")
    async def action_drop(self) -> None:
        """Delete the delivery under the cursor, after a question."""
        if not (row := self.current):
            return
        question = Question(
            _("Убрать из очереди навсегда?"),
            _(
                "Событие «%(event)s» не дойдёт до «%(to)s».\n"
                "То, о чём оно сообщало, в коробке останется."
            )
            % {"event": plain(str(row.data["event"])), "to": plain(str(row.data["subscriber"]))},
            buttons={"yes": _("Убрать"), "no": _("Не убирать (Esc)")},
            safe="no",
        )
        if (await self.house.push_screen_wait(Dialog(question))).button == "yes":
            told = _("Убрано из очереди.")
            await self.act(
                Deed("/outbox/drop", f"korobka outbox drop {row.key}", told, {"id": row.key})
            )


def _home(code: str) -> str:
    """The section where a line of this code is mended; empty: this one."""
    return PLACES.get(code.partition(".")[0], "")


def plain_text(value: object) -> str:
    """A value of an answer for a cell; cells know no markup."""
    return str(value)


def _line(one: Found, clock: words.Clock) -> Row:
    values = one.get("values", {})
    what, now, about = words.health(str(one["code"]), values, clock)
    return Row(str(one["state"]), (what, now), about, str(one["code"]), {"fix": "", **one})


def _chore(one: Found, clock: words.Clock) -> Row:
    error = str(one["last_error"])
    state = "warn" if error else "run" if one["runs"] else "ok"
    about = _("Техническое имя: %(kind)s.") % {"kind": plain(str(one["kind"]))}
    if error:
        about += "\n" + _(
            "Сбой: %(error)s, попыток подряд: %(attempts)s. E/У запустит ещё раз."
        ) % {
            "error": plain(error),
            "attempts": one["attempts"],
        }
    past = str(one["last_run_at"]) if one["last_run_at"] else None
    cells = (words.chore(str(one["kind"])), clock.short(past), clock.short(str(one["run_at"])))
    return Row(state, cells, about, str(one["kind"]), one)
