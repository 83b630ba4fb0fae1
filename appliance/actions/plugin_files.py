"""Files of plugins: whose are trusted, what one may be installed over, adding and removing."""

from collections.abc import Collection

from appliance.actions._actors import needs_step_up
from appliance.actions._gate import action
from appliance.actions._plugin_asking import PREFIX as SUBSCRIBER
from appliance.actions._plugins import after, put_in_place
from appliance.domain.plugin_rows import Shape, changed
from appliance.domain.plugins import (
    MAKERS,
    MOST_MAKERS,
    FoundPlugin,
    Maker,
    Makers,
    Offer,
    Plugin,
    Source,
)
from appliance.domain.plugins import (
    weigh as weighed,
)
from appliance.errors import Conflict, Invalid, NotFound
from appliance.plugin_api.manifest import ManifestError, read_manifest
from appliance.roles import Permission
from appliance.storage import deliveries, plugin_rows, plugins, settings
from appliance.storage.tx import Tx

KEY_DIGITS = 64
LONGEST_TITLE = 100


@action(Permission.PLUGIN_MANAGE, reads=True, quiet=True)
async def makers(tx: Tx) -> tuple[Maker, ...]:
    """Whose signature is trusted beside the box's own maker's."""
    return (await settings.get(MAKERS, Makers)).list


@action(Permission.PLUGIN_MANAGE)
async def trust(tx: Tx, key: str, title: str) -> None:
    """Trust a maker's signature from now on.

    Raises:
        Invalid: by field: `maker_key`, `entry_empty`, `entry_long`, `maker_many`.
        Denied: `step_up_needed`.
    """
    needs_step_up(tx)
    key, title = "".join(key.split()).lower(), " ".join(title.split())
    problems: dict[str, str] = {}
    if len(key) != KEY_DIGITS or any(one not in "0123456789abcdef" for one in key):
        problems["key"] = "maker_key"
    if not title or len(title) > LONGEST_TITLE:
        problems["title"] = "entry_long" if title else "entry_empty"
    known = (await settings.get(MAKERS, Makers)).list
    if len(known) >= MOST_MAKERS:
        problems["key"] = "maker_many"
    if problems:
        raise Invalid(fields=problems, most=LONGEST_TITLE)
    fresh = Maker(key=key, title=title, by_number=tx.actor.number, at=tx.now)
    await settings.put(MAKERS, Makers(list=(*(o for o in known if o.key != key), fresh)))
    tx.object_type = "plugin_maker"
    tx.payload = {"key": key, "title": title}


@action(Permission.PLUGIN_MANAGE)
async def distrust(tx: Tx, key: str) -> None:
    """Trust a maker no more; what he signed and is installed stays, its updates ask again.

    Raises:
        NotFound: `maker_not_found`.
    """
    known = (await settings.get(MAKERS, Makers)).list
    left = tuple(one for one in known if one.key != key)
    if len(left) == len(known):
        raise NotFound("maker_not_found")
    await settings.put(MAKERS, Makers(list=left))
    tx.object_type = "plugin_maker"
    tx.payload = {"key": key}


@action(Permission.PLUGIN_MANAGE, reads=True)
async def weigh(tx: Tx, found: FoundPlugin, *, trusted: bool, shipped: Collection[str]) -> Offer:
    """What to be warned of before this file is installed.

    Raises:
        Conflict: `plugin_same`: this very file is installed; `plugin_of_box`: the box brings a
            plugin of this name.
    """
    was = await _replaced(found, shipped)
    return Offer(found=found, needs=weighed(found, was, trusted=trusted), was=was, trusted=trusted)


@action(Permission.PLUGIN_MANAGE)
async def install(
    tx: Tx,
    found: FoundPlugin,
    package: bytes,
    confirmed: Collection[str],
    *,
    trusted: bool,
    shipped: Collection[str],
) -> Plugin:
    """Keep a plugin's file and what it says of itself; it runs when its rights are approved.

    Raises:
        Conflict: as `weigh`; `plugin_tables_changed`: what it kept could not be read by this
            version; `plugin_confirm` with `needs`: nobody said yes to these yet.
        Denied: `step_up_needed`.
    """
    needs_step_up(tx)
    was = await _replaced(found, shipped)
    if was is not None and (tables := changed(_tables(was.manifest), _tables(found.manifest))):
        raise Conflict("plugin_tables_changed", tables=", ".join(tables))
    missing = [one for one in weighed(found, was, trusted=trusted) if one not in confirmed]
    if missing:
        raise Conflict("plugin_confirm", needs=",".join(missing))
    if was is None:
        await plugins.add(tx, found, after(None, found))
    else:
        await put_in_place(tx, was, found)
    await plugins.keep_package(found.name, package)
    fresh = await plugins.get(found.name)
    tx.about("plugin", fresh.id)
    tx.payload = {
        "plugin": found.name,
        "version": found.version,
        "was": was.version if was else "",
        "digest": found.digest,
        "signer": found.signer,
        "confirmed": sorted(confirmed),
    }
    return fresh


@action(Permission.PLUGIN_MANAGE)
async def remove(tx: Tx, name: str, *, with_data: bool = False) -> None:
    """Forget a plugin that was added, with its settings; what waits for it is dropped.

    Args:
        tx: of the administrator.
        name: of the plugin.
        with_data: its own tables and its words on orders go as well.

    Raises:
        NotFound: `plugin_not_found`.
        Conflict: `plugin_of_box`: it comes with the release; switch it off.
        Denied: `step_up_needed`.
    """
    needs_step_up(tx)
    known = await plugins.get(name)
    if known.source is not Source.ADDED:
        raise Conflict("plugin_of_box")
    tx.about("plugin", known.id)
    tx.payload = {"plugin": name, "version": known.version, "with_data": with_data}
    await plugins.take_back(tx, name)
    await plugins.drop(name)
    await deliveries.forget_subscriber(SUBSCRIBER + name)
    if with_data:
        await plugin_rows.forget_plugin(name)


@action(Permission.HOUSE, reads=True, quiet=True)
async def package(tx: Tx, name: str) -> bytes:
    """The file of an added plugin, to lay it out on the disk; empty where there is none."""
    return await plugins.package(name)


def _tables(manifest: str) -> dict[str, Shape]:
    """Own tables as a manifest declares them; of one that cannot be read, none."""
    try:
        found = read_manifest(manifest.encode())
    except ManifestError:
        return {}
    return {
        name: Shape(columns=dict(table.columns), key=table.key)
        for name, table in found.tables.items()
    }


async def _replaced(found: FoundPlugin, shipped: Collection[str]) -> Plugin | None:
    was = await plugins.find(found.name)
    if found.name in shipped or (was is not None and was.source is not Source.ADDED):
        raise Conflict("plugin_of_box")
    if was is not None and was.digest == found.digest:
        raise Conflict("plugin_same")
    return was
