"""«Интеграции»: every service the box speaks with, what waits for it, what failed."""

from typing import Final
from uuid import UUID

from appliance.actions._gate import action
from appliance.domain.integrations import Integration, Letter, Standing, Waiting
from appliance.domain.plugins import Plugin
from appliance.errors import NotFound
from appliance.plugin_api.manifest import ManifestError, read_manifest
from appliance.roles import Permission
from appliance.storage import (
    deliveries,
    plugin_accounts,
    plugin_letters,
    plugin_standing,
    plugins,
)
from appliance.storage.tx import Tx

MOST_LETTERS: Final = 200
MAIN: Final = "main"


@action(Permission.PLUGIN_MANAGE, reads=True, quiet=True)
async def overview(tx: Tx) -> tuple[Integration, ...]:
    """Every service of an approved plugin, an account a line."""
    standing = await plugin_standing.list_all()
    waiting = await plugin_letters.waiting()
    found: list[Integration] = []
    for one in await plugins.list_all():
        if one.given is not None:
            found += await _lines(tx, one, standing, waiting.get(one.name, Waiting()))
    return tuple(found)


async def _lines(
    tx: Tx, one: Plugin, standing: dict[tuple[str, str], Standing], waiting: Waiting
) -> list[Integration]:
    """One line where the plugin knows no accounts, else one for each."""
    if not _has_accounts(one):
        codes = [code for name, code in standing if name == one.name]
        # A plugin that names its account by itself has but one; the newest finding speaks.
        found = [standing[one.name, code] for code in codes]
        found.sort(key=lambda each: each.since or one.installed_at)
        stands = found[-1] if found else Standing(plugin=one.name, account=MAIN)
        return [Integration(plugin=one, standing=stands, waiting=waiting)]
    return [
        Integration(
            plugin=one,
            account=each.code,
            title=each.typed.title,
            is_used=each.is_active,
            standing=standing.get(
                (one.name, each.code), Standing(plugin=one.name, account=each.code)
            ),
            waiting=waiting,
        )
        for each in await plugin_accounts.of_plugin(tx, one.name)
    ] or [Integration(plugin=one, standing=Standing(plugin=one.name, account=""), waiting=waiting)]


def _has_accounts(one: Plugin) -> bool:
    try:
        return bool(read_manifest(one.manifest.encode()).account_settings)
    except ManifestError:
        return False


@action(Permission.PLUGIN_MANAGE, reads=True, quiet=True)
async def letters(tx: Tx, order_number: int = 0) -> tuple[Letter, ...]:
    """Deliveries to plugins that were given up, oldest first; all, or those about one order."""
    return await plugin_letters.dead(MOST_LETTERS, order_number)


@action(Permission.PLUGIN_MANAGE)
async def settle(tx: Tx, letter: UUID, *, drop: bool) -> None:
    """Hand one delivery over again, or never; what waited behind it goes on.

    Raises:
        NotFound: `delivery_not_found`: none such, or it is on its way again.
    """
    name = await plugin_letters.plugin_of(letter)
    if not name:
        raise NotFound("delivery_not_found")
    known = await plugins.get(name)
    tx.about("plugin", known.id)
    tx.concern("plugin", known.id)
    tx.payload = {"plugin": name, "letter": str(letter), "dropped": drop}
    await (deliveries.drop(letter) if drop else deliveries.retry(letter, tx.now))
