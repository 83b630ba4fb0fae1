"""«Интеграции»: every service the box speaks with, what waits for it, what failed."""

from typing import Final
from uuid import UUID

from appliance.actions import _repeating
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
    plugin_records,
    plugin_standing,
    plugins,
)
from appliance.storage.tx import Tx

MOST_LETTERS: Final = 200
MOST_SPLIT: Final = 2000
"""Deliveries of one plugin that are looked at to tell its accounts' share; the rest is the
first's."""
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
    has_accounts, has_own = _kinds(one)
    if not has_accounts:
        codes = [code for name, code in standing if name == one.name]
        # A plugin that names its account by itself has but one; the newest finding speaks.
        found = [standing[one.name, code] for code in codes]
        found.sort(key=lambda each: each.since or one.installed_at)
        stands = found[-1] if found else Standing(plugin=one.name, account=MAIN)
        return [Integration(plugin=one, standing=stands, waiting=waiting)]
    every = await plugin_accounts.of_plugin(tx, one.name)
    named = [(each.code, each.typed.title, each.is_active) for each in every]
    if has_own and not any(code == MAIN for code, _, _ in named):
        named.insert(0, (MAIN, "", True))
    if not named:
        return [Integration(plugin=one, standing=_stands(one, "", standing), waiting=waiting)]
    shares = await _shares(one.name, [code for code, _, _ in named], waiting)
    return [
        Integration(
            plugin=one,
            account=code,
            title=title,
            is_used=is_used,
            standing=_stands(one, code, standing),
            waiting=shares[code],
        )
        for code, title, is_used in named
    ]


def _stands(one: Plugin, code: str, standing: dict[tuple[str, str], Standing]) -> Standing:
    return standing.get((one.name, code), Standing(plugin=one.name, account=code))


async def _shares(plugin: str, codes: list[str], waiting: Waiting) -> dict[str, Waiting]:
    """What waits for each account; what is of none that is known stands with the first."""
    ready, dead = dict.fromkeys(codes, 0), dict.fromkeys(codes, 0)
    if len(codes) > 1 and (waiting.ready or waiting.dead):
        found = await plugin_letters.waiting_records(plugin, MOST_SPLIT)
        known: dict[UUID, str] = {}
        for kind in {one[2] for one in found}:
            ids = list({one[3] for one in found if one[2] == kind})
            known |= await plugin_records.accounts(kind, ids)
        for state, account, _kind, record in found:
            code = account if account in ready else known.get(record, "")
            if code in ready:
                (dead if state == "dead" else ready)[code] += 1
    if codes:
        ready[codes[0]] += max(0, waiting.ready - sum(ready.values()))
        dead[codes[0]] += max(0, waiting.dead - sum(dead.values()))
    return {
        code: Waiting(
            ready=ready[code], dead=dead[code], oldest=waiting.oldest if ready[code] else None
        )
        for code in codes
    }


def _kinds(one: Plugin) -> tuple[bool, bool]:
    """Whether it knows accounts, and whether its own settings are one of them."""
    try:
        manifest = read_manifest(one.manifest.encode())
    except ManifestError:
        return False, False
    return bool(manifest.account_settings), manifest.settings_are_account


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


@action(Permission.PLUGIN_MANAGE)
async def repeat(tx: Tx, number: int) -> str:
    """Repeat the exchange of one line of the journal; what was done is `again` or `look`.

    A delivery that was given up, and a fact that was taken, go once more under their own id: the
    other side knows them by it. Of a wish that was done, and of a line that came from there, the
    record is read anew at the service: a deed is never done twice.

    Raises:
        NotFound: `journal_line_not_found`, `plugin_not_found`.
        Conflict: `plugin_not_running`; `nothing_to_repeat`; `delivery_under_way`: it is on its way
            already, or waits behind one that was given up.
    """
    line = await _repeating.line_of(number)
    known = await plugins.get(line.plugin)
    tx.about("plugin", known.id)
    tx.concern("plugin", known.id)
    deed = await _repeating.repeat(tx, known, line)
    tx.payload = {"plugin": known.name, "line": number, "deed": deed}
    return deed
