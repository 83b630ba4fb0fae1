"""Screens that plugins declare, in the console: rows in words, and what can be done with them."""

from collections.abc import Mapping
from typing import Any, Final

from textual import work

from tui import plugin_rows as said
from tui.box import Answer
from tui.dialogs import Dialog, Pick, Question, told
from tui.parts import Page, Row, cells_of, plain
from tui.section import Section
from tui.texts import _, language

WIDTHS: Final = (10, 18, 24)
"""Of the columns that the list has room for; all of them stand under it."""


class PluginPages(Section):
    """The part of «Плагины» that shows a plugin's own screen."""

    view = ""
    plugin, place = "", ""
    """Which plugin's screen is shown, and its name."""
    _deeds: Mapping[str, Mapping[str, Any]] = {}

    def _data(self) -> Mapping[str, Any]:
        row = self.current
        return row.data if row is not None and row.data else {}

    def action_turn(self, view: str) -> None:
        """Show the other list."""
        raise NotImplementedError

    async def fetch_screen(self) -> Page:
        """Rows of the screen that was chosen, as the plugin wrote them."""
        found = await self.house.box.ask("/plugins/screen", self._asked())
        columns = cells_of(found["columns"])
        titles = [plain(str(one["title"][language()])) for one in columns]
        self._deeds = {str(one["name"]): one for one in cells_of(found["deeds"])}
        self.lines.head(zip(titles, WIDTHS, strict=False))
        rows = [_row(titles, one) for one in cells_of(found["rows"])]
        heading = plain(said.of(found["title"]))
        if not rows:
            return Page("off", f"{heading}: {_('строк нет')}.")
        waits = sum(row.mark in {"warn", "bad"} for row in rows)
        if waits:
            text = _("%(screen)s. Ждут внимания: %(num)s. Что можно сделать: A/Ф.")
            return Page("warn", text % {"screen": heading, "num": waits}, rows)
        return Page("ok", f"{heading}.", rows)

    def _asked(self) -> dict[str, object]:
        return {"name": self.plugin, "screen": self.place}

    @work(exclusive=True, group="act")
    async def action_pages(self) -> None:
        """Choose a screen of the plugin under the cursor and show it."""
        one = self._data()
        choices = [(str(each["name"]), said.of(each["title"])) for each in one.get("screens", ())]
        chosen = choices[0][0] if len(choices) == 1 else await self.house.push_screen_wait(
            Pick(_("Какой экран показать?"), choices)
        )  # fmt: skip
        if chosen:
            self.plugin, self.place = str(one["name"]), chosen
            self.house.ran(_("Показано."), f"korobka plugins screen {self.plugin} {chosen}")
            self.action_turn("screen")

    @work(exclusive=True, group="act")
    async def action_press(self) -> None:
        """Do what a button of the row says, after a yes where the plugin wants one."""
        row = self._data()
        choices = [(name, said.of(self._deeds[name]["title"])) for name in row.get("deeds", ())]
        if not choices:
            return
        deed = choices[0][0] if len(choices) == 1 else await self.house.push_screen_wait(
            Pick(_("Что сделать?"), choices)
        )  # fmt: skip
        if not deed or not await self._is_sure(deed):
            return
        body = {**self._asked(), "deed": deed, "key": row["key"]}

        async def ask() -> Answer:
            return await self.house.box.ask("/plugins/press", body)

        done = await self._tried(ask)
        if done is None:
            return
        command = f"korobka plugins press {self.plugin} {self.place} {deed} {row['key']}"
        self.house.ran(_("Сделано."), command)
        await self.house.push_screen_wait(
            told(_("Что говорит плагин"), plain(said.of(done["said"])))
        )
        await self.reload()

    async def _is_sure(self, deed: str) -> bool:
        one = self._deeds[deed]
        if one["sure"] is None:
            return True
        buttons = {"yes": plain(said.of(one["title"])), "no": _("Нет (Esc)")}
        question = Question(
            f"{plain(said.of(one['title']))}?",
            plain(said.of(one["sure"])),
            buttons=buttons,
            safe="no",
        )
        return (await self.house.push_screen_wait(Dialog(question))).button == "yes"


def _row(titles: list[str], one: Mapping[str, Any]) -> Row:
    texts = [plain(str(each)) for each in one["said"][language()]]
    about = [f"{title}: {text}" for title, text in zip(titles, texts, strict=False) if text]
    mark = {"warn": "warn", "bad": "bad"}.get(str(one["tone"]), "ok")
    return Row(mark, texts[: len(WIDTHS)], "\n".join(about), str(one["key"]), one)
