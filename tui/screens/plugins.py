"""Плагины: how each stands, what it asks for, settings, test of the connection, journal."""

import asyncio
from base64 import b64encode
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Final

from textual import work

from appliance.errors import HouseError
from tui import app as frame
from tui import plugin_rows as said
from tui import service_rows as services
from tui import words
from tui.box import Answer, Deed
from tui.dialogs import Dialog, Field, Pick, Question, told
from tui.keys import key
from tui.parts import Page, cells_of, plain
from tui.screens.plugin_pages import PluginPages
from tui.texts import N_, _

LIST, JOURNAL, SERVICES, LETTERS = "list", "journal", "services", "letters"
SCREEN: Final = "screen"
_HEADS: Final = {
    LIST: ((N_("Плагин"), 25), (N_("Версия"), 8), (N_("Состояние"), 17)),
    JOURNAL: ((N_("Запись"), 8), (N_("Когда"), 12), (N_("Что"), 30)),
    SERVICES: ((N_("Служба"), 24), (N_("Ждёт"), 6), (N_("Как идёт обмен"), 24)),
    SCREEN: ((N_("Строка"), 24),),
    LETTERS: ((N_("Когда"), 12), (N_("О чём"), 22), (N_("Почему"), 20)),
}
LARGEST: Final = 24 << 20


class Plugins(PluginPages):
    """Nothing of a plugin runs before its rights were read and approved here or on the page."""

    NAME, HEADING, SHORT = "plugins", N_("Плагины"), N_("Плагины")
    COLUMNS = _HEADS[LIST]
    BINDINGS: ClassVar = [
        key("n", "add", N_("Добавить")),
        key("y", "approve", N_("Разрешить")),
        key("e", "settings", N_("Настроить")),
        key("o", "switch('on')", N_("Включить")),
        key("o", "switch('off')", N_("Выключить")),
        key("p", "switch('pause')", N_("Пауза")),
        key("v", "test", N_("Проверить")),
        key("r", "run", N_("Задание")),
        key("z", "switch('quarantine')", N_("Карантин")),
        key("x", "remove", N_("Удалить")),
        key("m", "turn('journal')", N_("Журнал")),
        key("m", "turn('list')", N_("Плагины")),
        key("i", "turn('services')", N_("Интеграции")),
        key("d", "turn('letters')", N_("Не приняты")),
        key("a", "settle(False)", N_("Передать снова")),
        key("x", "settle(True)", N_("Не передавать")),
        key("f", "find", N_("По заказу")),
        key("a", "repeat", N_("Повторить")),
        key("s", "pages", N_("Экраны")),
        key("a", "press", N_("Сделать")),
    ]

    HOME = LIST
    view = LIST
    file = ""
    order = 0
    """The journal shows exchanges about this one alone; 0: all."""

    async def fetch(self) -> Page:
        if self.view == JOURNAL:
            body = {"limit": 100, "order": self.order}
            found = await self.house.box.ask("/plugins/journal", body)
            clock = words.Clock(frame.now(), self.house.zone)
            return services.exchanges(cells_of(found["lines"]), clock, self.order)
        if self.view == SCREEN:
            return await self.fetch_screen()
        if self.view == SERVICES:
            found = await self.house.box.ask("/integrations/list")
            clock = words.Clock(frame.now(), self.house.zone)
            return services.page(cells_of(found["services"]), cells_of(found["shops"]), clock)
        if self.view == LETTERS:
            found = await self.house.box.ask("/integrations/letters", {})
            clock = words.Clock(frame.now(), self.house.zone)
            return services.letters(cells_of(found["letters"]), clock)
        found = await self.house.box.ask("/plugins/list")
        every = cells_of(found["plugins"])
        rows = [said.row(one) for one in every]
        rows.sort(key=lambda row: ("bad", "warn", "run", "ok", "off").index(row.mark))
        mark, verdict = said.verdict(every)
        return Page(mark, verdict, rows)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        one = self._data()
        if action == "turn":
            return _leads(self.view, str(parameters[0]))
        if action in {"settle", "find", "repeat", "press", "pages"}:
            return {
                "press": self.view == SCREEN and bool(one.get("deeds")),
                "pages": self.view == LIST and bool(one.get("screens")),
                "settle": self.view == LETTERS and bool(one),
                "find": self.view == JOURNAL,
                "repeat": self.view == JOURNAL and bool(one.get("repeats")),
            }[action]
        if self.view != LIST:
            return action not in {
                "add", "approve", "settings", "switch", "test", "run", "remove",
            } or (self.view == SERVICES and action == "test" and bool(one.get("name")))  # fmt: skip
        state = one.get("state")
        if action == "switch":
            return {
                "on": state in {"ready", "paused", "quarantined"},
                "off": state == "running",
                "pause": state == "running",
                "quarantine": state in {"running", "paused"},
            }[str(parameters[0])]
        return {
            "approve": state in {"found", "offered", "waiting_approval"},
            "settings": bool(one) and state != "broken",
            "test": state == "running",
            "run": state == "running" and bool(one.get("jobs")),
            "remove": one.get("source") == "added",
        }.get(action, True)

    def action_turn(self, view: str) -> None:
        """Show the other list."""
        self.view = view
        self.lines.head(_HEADS[view])
        self.load()

    @work(exclusive=True, group="act")
    async def action_find(self) -> None:
        """Show exchanges about one order; an empty number shows all again."""
        fields = (Field("order", _("Заказ №"), str(self.order or "")),)
        buttons = {"find": _("Найти"), "no": _("Закрыть (Esc)")}
        text = _("Обмены всех служб по этому заказу; пусто — все.")
        question = Question(_("По какому заказу?"), text, fields, buttons)
        reply = await self.house.push_screen_wait(Dialog(question))
        if reply.button != "find":
            return
        typed = reply.typed["order"].strip().lstrip("№ ")
        self.order = int(typed) if typed.isascii() and typed.isdigit() else 0
        await self.reload()
        if self.order:
            self.house.ran(_("Найдено."), f"korobka integrations journal {self.order}")

    @work(exclusive=True, group="act")
    async def action_repeat(self) -> None:
        """Repeat the exchange of the line under the cursor."""
        number = int(self._data()["number"])
        command = f"korobka integrations repeat {number}"
        said_ = _("Повторяем: чем кончится, будет в журнале.")
        await self.act(Deed("/integrations/repeat", command, said_, {"number": number}))

    @work(exclusive=True, group="act")
    async def action_settle(self, drop: bool) -> None:
        """Hand a delivery over again that a service did not take, or take it off."""
        letter = str(self._data().get("id", ""))
        verb, said_ = ("drop", _("Снято.")) if drop else ("again", _("Передаётся снова."))
        body = {"id": letter, "drop": drop}
        command = f"korobka integrations {verb} {letter}"
        await self.act(Deed("/integrations/settle", command, said_, body))

    @work(exclusive=True, group="act")
    async def action_switch(self, what: str) -> None:
        """On, off, pause, quarantine."""
        one = self._data()
        if not one:
            return
        told_ = {
            "on": _("Включён."),
            "off": _("Выключен: события пройдут мимо."),
            "pause": _("На паузе: события подождут."),
            "quarantine": _("В карантине: вернуть — O/Щ."),
        }[what]
        command = f"korobka plugins {what} {one['name']}"
        await self.act(Deed(f"/plugins/{what}", command, told_, {"name": one["name"]}))

    @work(exclusive=True, group="act")
    async def action_add(self) -> None:
        """Read a file, show what is in it and whose it is, install on a yes."""
        fields = (Field("file", _("Путь к файлу"), self.file, "/media/usb/….korobka-plugin"),)
        buttons = {"look": _("Посмотреть"), "no": _("Не ставить (Esc)")}
        text = _("Сначала покажем, что в нём и чей он. Интернет не нужен.")
        question = Question(_("Какой плагин поставить?"), text, fields, buttons)
        reply = await self.house.push_screen_wait(Dialog(question))
        if reply.button != "look":
            return
        self.file = _named(reply.typed["file"])
        body = await self._body(self.file)
        if not body:
            return

        async def look() -> Answer:
            return await self.house.box.ask("/plugins/look", {"body": body})

        looked = await self._tried(look)
        if looked is None:
            return
        needs = [str(one) for one in looked["needs"]]
        caption = _("Поставить %(name)s %(version)s?") % {
            "name": plain(str(looked["name"])), "version": plain(str(looked["version"])),
        }  # fmt: skip
        question = Question(
            caption,
            said.file(looked),
            buttons={"yes": _("Поставить"), "no": _("Не ставить (Esc)")},
            safe="" if needs else "yes",
            number=str(looked["name"]) if needs else "",
            is_danger=bool(needs),
        )
        if (await self.house.push_screen_wait(Dialog(question))).button != "yes":
            return
        sure = "".join(f" --sure {one}" for one in needs)
        command = f"korobka plugins add {self.file}{sure}"
        sent = {"body": body, "confirmed": needs}
        await self.act(Deed("/plugins/add", command, _("Поставлен. Права: Y/Н."), sent))

    async def _body(self, path: str) -> str:
        """A file in base64; empty where it cannot be read, and said so."""
        try:
            body = await asyncio.to_thread(Path(path).read_bytes)
        except OSError:
            self.house.hint(self.house.words(HouseError("file_unreadable", path=path)))
            return ""
        if len(body) > LARGEST:
            self.house.hint(self.house.words(HouseError("plugin_file_large", most=LARGEST >> 20)))
            return ""
        return b64encode(body).decode()

    @work(exclusive=True, group="act")
    async def action_approve(self) -> None:
        """Show the rights once more, whole, and give them on a yes."""
        one = self._data()
        if not one:
            return
        caption = _("Разрешить «%(name)s»?") % {"name": plain(said.title(one))}
        buttons = {"yes": _("Разрешить"), "no": _("Не разрешать (Esc)")}
        question = Question(caption, said.rights(one), buttons=buttons, safe="no")
        if (await self.house.push_screen_wait(Dialog(question))).button != "yes":
            return
        body = {"name": one["name"], "version": one["version"]}
        command = f"korobka plugins approve {one['name']} --version {one['version']} --yes"
        await self.act(Deed("/plugins/approve", command, _("Разрешено."), body))

    @work(exclusive=True, group="act")
    async def action_settings(self) -> None:
        """Choose a setting, change it, choose the next; Esc ends."""
        name, chosen = str(self._data().get("name", "")), ""
        while name:

            async def ask() -> Answer:
                return await self.house.box.ask("/plugins/settings", {"name": name})

            found = await self._tried(ask)
            if found is None:
                return
            fields = cells_of(found["settings"])
            if not fields:
                self.house.hint(_("У этого плагина настроек нет."))
                return
            choices = [(one["name"], said.setting(one)) for one in fields]
            chosen = await self.house.push_screen_wait(Pick(_("Что настроить?"), choices, chosen))
            if not chosen:
                await self.reload()
                return
            await self._change(name, next(one for one in fields if one["name"] == chosen))

    async def _change(self, name: str, one: Mapping[str, Any]) -> None:
        """One setting, until the box takes it or somebody gives up."""
        typed, problem = str(one["typed"]), ""
        while True:
            fresh = await self._typed(one, typed, problem)
            if fresh is None:
                return
            typed = fresh
            problem = await self._refused({"name": name, "values": {one["name"]: typed}})
            if problem:
                continue
            shown = "@ФАЙЛ" if one["kind"] == "secret" else typed
            self.house.ran(_("Сохранено."), f"korobka plugins set {name} {one['name']}={shown}")
            return

    async def _refused(self, body: Mapping[str, object]) -> str:
        """Have settings kept; why they were not, or empty."""

        async def ask() -> Answer:
            return await self.house.box.ask("/plugins/set", body)

        try:
            await self.house.patiently(ask)
        except HouseError as error:
            return self.house.words(error)
        return ""

    async def _typed(self, one: Mapping[str, Any], typed: str, problem: str) -> str | None:
        """What somebody wants it to be; None: as it is."""
        title = plain(said.of(one["title"]))
        if one["kind"] in {"choice", "flag"}:
            flags = [("yes", _("да")), ("no", _("нет"))]
            choices = flags if one["kind"] == "flag" else [
                (each["value"], said.of(each["title"])) for each in one["choices"]
            ]  # fmt: skip
            now = ("yes" if typed else "no") if one["kind"] == "flag" else typed
            picked = await self.house.push_screen_wait(Pick(title, choices, now))
            return {"yes": "1", "no": ""}.get(picked, picked) if picked else None
        secret = one["kind"] == "secret"
        text = plain(said.hint(one)) + (f"\n[$error]{problem}[/]" if problem else "")
        fields = (Field("value", _("Значение"), "" if secret else typed, secret=secret),)
        buttons = {"save": _("Сохранить"), "no": _("Не менять (Esc)")}
        reply = await self.house.push_screen_wait(Dialog(Question(title, text, fields, buttons)))
        return reply.typed["value"] if reply.button == "save" else None

    @work(exclusive=True, group="act")
    async def action_test(self) -> None:
        """Have the plugin say how it is."""
        name, account = str(self._data().get("name", "")), str(self._data().get("account", ""))

        async def ask() -> Answer:
            return await self.house.box.ask("/plugins/test", {"name": name, "account": account})

        found = await self._tried(ask)
        if found is None:
            return
        of_account = f" --account {account}" if account else ""
        self.house.ran(_("Проверен."), f"korobka plugins test {name}{of_account}")
        text = said.findings(cells_of(found["findings"]))
        await self.house.push_screen_wait(told(_("Что говорит плагин"), text))

    @work(exclusive=True, group="act")
    async def action_run(self) -> None:
        """Run a job now."""
        one = self._data()
        jobs = [(job, job) for job in one.get("jobs", ())]
        job = jobs[0][0] if len(jobs) == 1 else await self.house.push_screen_wait(
            Pick(_("Какое задание выполнить?"), jobs)
        )  # fmt: skip
        if job:
            command = f"korobka plugins run {one['name']} {job}"
            body = {"name": one["name"], "job": job}
            await self.act(Deed("/plugins/run", command, _("Выполнено."), body))

    @work(exclusive=True, group="act")
    async def action_remove(self) -> None:
        """Remove one that was added, after its name is typed."""
        one = self._data()
        if not one:
            return
        text = _(
            "Его код и настройки исчезнут.\n"
            "То, что он записал в свои таблицы, останется до новой установки."
        )
        caption = _("Удалить «%(name)s»?") % {"name": plain(said.title(one))}
        buttons = {"yes": _("Удалить"), "no": _("Не удалять (Esc)")}
        question = Question(caption, text, buttons=buttons, number=str(one["name"]), is_danger=True)
        if (await self.house.push_screen_wait(Dialog(question))).button == "yes":
            command = f"korobka plugins remove {one['name']}"
            await self.act(Deed("/plugins/remove", command, _("Удалён."), {"name": one["name"]}))


def _leads(view: str, there: str) -> bool:
    """Which lists can be reached from which: the ones of services lie behind each other."""
    return {
        LIST: there in {JOURNAL, SERVICES},
        JOURNAL: there in {LIST, SERVICES},
        SCREEN: there == LIST,
        SERVICES: there in {LIST, LETTERS},
        LETTERS: there in {LIST, SERVICES},
    }[view]


def _named(typed: str) -> str:
    """A path as it is meant: `~` is a home here too."""
    return str(Path(typed.strip()).expanduser())
