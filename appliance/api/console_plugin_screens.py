"""The admin door's part about plugins' screens: rows in words, and buttons."""

from pathlib import Path
from typing import Any, Final

from litestar import Request, Router, post
from litestar.params import JSONBody

from appliance.actions import plugin_screens
from appliance.api.console import Answer, Input, actor_of
from appliance.api.console_plugins import LANGUAGES
from appliance.domain.plugin_screens import Shown
from appliance.errors import Unavailable
from appliance.http.errors import AnyRequest
from appliance.plugin_api.manifest import Column, Screen, read_manifest
from appliance.plugin_host import sentences
from appliance.plugin_host.desk import Desk


class Rows(Input):
    """Which screen of which plugin, and behind which row."""

    name: str
    screen: str
    after: str = ""


class Press(Input):
    """Which button of which row."""

    name: str
    screen: str
    deed: str
    key: str


def _desk(request: AnyRequest) -> Desk:
    found: Desk | None = request.app.state.desk
    if found is None:
        raise Unavailable("not_started")
    return found


@post("/plugins/screen", status_code=200)
async def read_screen(request: Request[Any, Any, Any], data: JSONBody[Rows]) -> Answer:
    """Rows of a screen, codes in words."""
    found = await plugin_screens.page(actor_of(request), data.name, data.screen, data.after)
    manifest = read_manifest(found.manifest.encode())
    screen = next(one for one in manifest.screens if one.name == data.screen)
    folder = _desk(request).shelf.folder(data.name)
    return {
        "title": {one: screen.title.of(one) for one in LANGUAGES},
        "columns": [
            {"name": one.name, "title": {each: one.title.of(each) for each in LANGUAGES}}
            for one in screen.columns
        ],
        "deeds": [
            {
                "name": one.name,
                "title": {each: one.title.of(each) for each in LANGUAGES},
                "sure": None
                if one.sure is None
                else {each: one.sure.of(each) for each in LANGUAGES},
            }
            for one in screen.deeds
        ],
        "rows": [_row(folder, screen, one) for one in found.rows],
        "after": found.next or None,
    }


def _row(folder: Path | None, screen: Screen, row: Shown) -> dict[str, Any]:
    return {
        "key": row.key,
        "deeds": list(row.deeds),
        "tone": str(row.values.get(screen.tone) or "") if screen.tone else "",
        "values": {one.name: row.values.get(one.name) for one in screen.columns},
        "said": {
            language: [_text(folder, one, row, language) for one in screen.columns]
            for language in LANGUAGES
        },
    }


def _text(folder: Path | None, column: Column, row: Shown, language: Any) -> str:
    value = row.values.get(column.name)
    if value in (None, ""):
        return ""
    if column.kind == "time":
        return str(value)[:16].replace("T", " ")
    if column.kind != "said":
        return str(value)
    data = {name: one for name, one in row.values.items() if isinstance(one, int | str)}
    return sentences.said(folder, str(value), data, language)


@post("/plugins/press", status_code=200)
async def press(request: Request[Any, Any, Any], data: JSONBody[Press]) -> Answer:
    """Have the plugin do what a button says."""
    desk, actor = _desk(request), actor_of(request)
    asked = await plugin_screens.wished(actor, data.name, data.screen, data.deed, data.key)
    done = await desk.ask(data.name, "screen.deed", asked)
    folder = desk.shelf.folder(data.name)
    return {
        "code": done.code,
        "said": {one: sentences.said(folder, done.code, done.numbers, one) for one in LANGUAGES},
    }


HANDLERS: Final = (Router(path="/", route_handlers=[read_screen, press]),)
