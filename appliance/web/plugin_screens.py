"""Screens of plugins: rows of their own tables, drawn as their manifests say."""

import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from appliance.actions import desk, plugin_screens
from appliance.domain import formats
from appliance.domain.plugin_rows import Value
from appliance.domain.plugin_screens import ScreenPage, Shown
from appliance.errors import Conflict, NotFound, Unavailable
from appliance.plugin_api.manifest import Column, Manifest, Screen, read_manifest
from appliance.plugin_host import sentences
from appliance.plugin_host.desk import Desk
from appliance.web import texts
from appliance.web.answers import WebRequest, go, site_of
from appliance.web.screens import Reader, counts_for, draw, look_of, reader_of, shell_of

HOME = "/admin/plugins"
_CODE = re.compile(r"[a-z][a-z0-9_.]{0,63}")
TONES = frozenset({"ok", "warn", "bad", "grey"})


class PluginScreens(Controller):
    """A screen of a plugin, and its buttons."""

    path = HOME + "/{name:str}/screens/{screen:str}"

    @get()
    async def index(
        self, request: WebRequest, name: FromPath[str], screen: FromPath[str]
    ) -> Response[Any]:
        """Show rows."""
        return await _page(request, name, screen)

    @post("/{deed:str}/{key:str}")
    async def act(
        self,
        request: WebRequest,
        name: FromPath[str],
        screen: FromPath[str],
        deed: FromPath[str],
        key: FromPath[str],
    ) -> Response[Any]:
        """Have the plugin do what a button says."""
        reader, desk_ = reader_of(request), site_of(request).desk
        base = f"{HOME}/{name}/screens/{screen}"
        try:
            asked = await plugin_screens.wished(reader.actor, name, screen, deed, key)
            if desk_ is None:
                raise Unavailable("not_started")
            done = await desk_.ask(name, "screen.deed", asked)
        except (Conflict, NotFound, Unavailable) as error:
            why = str(error.params.get("why", "")) if error.code == "plugin_refused" else ""
            return go(request, f"{base}?{urlencode({'failed': why or error.code})}")
        return go(request, f"{base}?{urlencode({'done': done.code})}")


def _folder(desk_: Desk | None, name: str) -> Path | None:
    return None if desk_ is None else desk_.shelf.folder(name)


def _said(desk_: Desk | None, name: str, code: str, reader: Reader) -> str:
    """A code of the address in words: the plugin's own, else the box's; empty for any other."""
    if not _CODE.fullmatch(code):
        return ""
    said = sentences.said(_folder(desk_, name), code, {}, reader.language)
    if said != code:
        return said
    known, unknown = (texts.error(one, reader.language).title for one in (code, "failed"))
    return known if known != unknown else ""


async def _page(request: WebRequest, name: str, screen: str) -> Response[Any]:
    reader, desk_ = reader_of(request), site_of(request).desk
    asked = request.query_params
    failed = _said(desk_, name, asked.get("failed", ""), reader)
    done = _said(desk_, name, asked.get("done", ""), reader)
    after = request.query_params.get("after", "")[:2000]
    found = await plugin_screens.page(reader.actor, name, screen, after)
    manifest = read_manifest(found.manifest.encode())
    one = next(each for each in manifest.screens if each.name == screen)
    codes = await desk.names(reader.actor)
    base = f"{HOME}/{name}/screens/{screen}"
    return draw(
        request,
        reader,
        "plugins/screen.html",
        look=look_of(request),
        shell=shell_of(request, reader, "admin", await counts_for(reader), codes),
        failed=failed,
        done=done,
        base=base,
        first=base if after else None,
        next=f"{base}?{urlencode({'after': found.next})}" if found.next else None,
        **shown(reader, desk_, manifest, one, found),
    )


def shown(
    reader: Reader, desk_: Desk | None, manifest: Manifest, screen: Screen, page: ScreenPage
) -> dict[str, Any]:
    """A screen as its page prints it."""
    language, folder = reader.language, _folder(desk_, page.plugin)
    deeds = {
        one.name: {
            "name": one.name,
            "title": one.title.of(language),
            "sure": one.sure.of(language) if one.sure else "",
        }
        for one in screen.deeds
    }
    return {
        "plugin": page.plugin,
        "plugin_title": manifest.title.of(language),
        "title": screen.title.of(language),
        "about": screen.about.of(language) if screen.about else "",
        "empty_text": screen.empty.of(language) if screen.empty else "",
        "tabs": [
            (one.title.of(language), f"{HOME}/{page.plugin}/screens/{one.name}", one is screen)
            for one in manifest.screens
        ],
        "columns": [(one.title.of(language), one.kind) for one in screen.columns],
        "rows": [
            {
                **_row(reader, folder, screen, row),
                "deeds": [deeds[name] for name in row.deeds],
            }
            for row in page.rows
        ],
    }


def _row(reader: Reader, folder: Path | None, screen: Screen, row: Shown) -> dict[str, Any]:
    """A row's cells; on a phone the first sentence stands for its number and time as well."""
    cells = [_cell(reader, folder, screen, one, row) for one in screen.columns]
    said = (place for place, one in enumerate(screen.columns) if one.kind == "said")
    brief = [
        f"№ {one['text']}" if one["kind"] == "number" and place == 0 else one["text"]
        for place, one in enumerate(cells)
        if one["kind"] == "time" or (one["kind"] == "number" and place == 0)
    ]
    return {"key": row.key, "cells": cells, "lead": next(said, -1), "brief": " · ".join(brief)}


def _cell(
    reader: Reader, folder: Path | None, screen: Screen, column: Column, row: Shown
) -> dict[str, Any]:
    value = row.values.get(column.name)
    cell: dict[str, Any] = {"kind": column.kind, "text": "—", "href": "", "tone": ""}
    if value in (None, ""):
        return cell
    if column.kind == "said":
        cell["text"] = sentences.said(
            folder, str(value), _data(reader, row.values), reader.language
        )
        tone = str(row.values.get(screen.tone) or "") if screen.tone else ""
        first = next(one for one in screen.columns if one.kind == "said")
        cell["tone"] = tone if tone in TONES and column is first else ""
    elif column.kind == "time":
        at = datetime.fromisoformat(str(value))
        cell["text"] = formats.moment_short(at, reader.now, reader.zone, reader.language)
    elif isinstance(value, int) and column.kind in ("number", "order"):
        cell["text"] = formats.number(value, reader.language)
        if column.kind == "order":
            cell |= {"text": f"№ {value}", "href": f"/orders/{value}"}
    else:
        cell["text"] = str(value)
    return cell


def _data(reader: Reader, values: Mapping[str, Value]) -> dict[str, int | str]:
    """The row for the places of a sentence; numbers as people write them."""
    return {
        name: formats.number(one, reader.language) if type(one) is int else str(one)
        for name, one in values.items()
        if one is not None
    }
