"""Screens of plugins: rows of their own tables for people, and deeds on one of them."""

from typing import Final

from appliance.actions._gate import action
from appliance.domain.plugin_rows import Shape
from appliance.domain.plugin_screens import ScreenPage, Shown
from appliance.domain.plugins import Plugin, PluginState
from appliance.errors import Conflict, NotFound
from appliance.plugin_api.manifest import Screen, read_manifest
from appliance.plugin_api.screens import DeedAsked
from appliance.roles import Permission
from appliance.storage import plugin_rows, plugins
from appliance.storage.plugin_rows import Kept
from appliance.storage.tx import Tx

PAGE: Final = 50
LAST: Final = b"\xff"
"""Behind every key."""


async def _screen(name: str, screen: str) -> tuple[Plugin, Screen, Shape]:
    """A plugin, its screen, and the table behind that.

    Raises:
        NotFound: `plugin_not_found`, `plugin_screen_not_found`.
    """
    known = await plugins.get(name)
    manifest = read_manifest(known.manifest.encode()) if known.manifest else None
    found = (
        next((one for one in manifest.screens if one.name == screen), None) if manifest else None
    )
    if manifest is None or found is None:
        raise NotFound("plugin_screen_not_found", screen[:40])
    table = manifest.tables[found.table]
    return known, found, Shape(columns=dict(table.columns), key=table.key)


def _key(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        raise NotFound("row_not_found") from None


@action(Permission.PLUGIN_MANAGE, reads=True, quiet=True)
async def page(tx: Tx, name: str, screen: str, after: str = "") -> ScreenPage:
    """Rows of a screen, behind one that was shown last.

    Raises:
        NotFound: `plugin_not_found`, `plugin_screen_not_found`, `row_not_found`.
    """
    known, found, _ = await _screen(name, screen)
    place = found.table
    if found.newest:
        start = _key(after) if after else LAST
        rows = await plugin_rows.scan_back(tx, name, place, start, PAGE + 1)
    else:
        rows = await plugin_rows.scan(tx, name, place, _key(after), LAST, PAGE + 1, personal=False)
    shown = tuple(_shown(found, one) for one in rows[:PAGE])
    return ScreenPage(
        plugin=name,
        manifest=known.manifest,
        rows=shown,
        next=shown[-1].key if len(rows) > PAGE else "",
    )


def _shown(screen: Screen, row: Kept) -> Shown:
    return Shown(key=row.key.hex(), values=row.values, deeds=_deeds(screen, row))


def _deeds(screen: Screen, row: Kept) -> tuple[str, ...]:
    return tuple(
        one.name
        for one in screen.deeds
        if one.when is None or str(row.values.get(one.when) or "") in one.values
    )


@action(Permission.PLUGIN_MANAGE)
async def wished(tx: Tx, name: str, screen: str, deed: str, key: str) -> DeedAsked:
    """Write down who presses which button of which row, and give what the plugin is asked.

    Raises:
        NotFound: `plugin_not_found`, `plugin_screen_not_found`, `row_not_found`.
        Conflict: `plugin_not_running`; `plugin_deed_gone`: the row offers it no more.
    """
    known, found, shape = await _screen(name, screen)
    tx.about("plugin", known.id)
    tx.payload = {"plugin": name, "screen": screen, "deed": deed}
    if known.state is not PluginState.RUNNING:
        raise Conflict("plugin_not_running")
    rows = await plugin_rows.get(tx, name, found.table, [_key(key)], personal=False)
    if not rows:
        raise NotFound("row_not_found")
    if deed not in _deeds(found, rows[0]):
        raise Conflict("plugin_deed_gone")
    values = rows[0].values
    told = tuple(
        one if isinstance(one := values.get(part), int) else str(one) for part in shape.key
    )
    tx.payload |= {"key": [str(one) for one in told]}
    return DeedAsked(screen=screen, deed=deed, key=told, account=str(values.get("account") or ""))
