"""Accounts of services: several of one plugin, each with the form its manifest describes."""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from appliance.actions._gate import action
from appliance.actions._plugin_settings import missing, read, shown
from appliance.domain.personal import Personal
from appliance.domain.plugins import AccountForm, Plugin, PluginState
from appliance.errors import Conflict, Invalid, NotFound
from appliance.plugin_api.manifest import Setting, read_manifest
from appliance.roles import Permission
from appliance.storage import plugin_accounts, plugins
from appliance.storage.plugin_accounts import Kept
from appliance.storage.tx import Tx

CODE: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,30}")
LONGEST_TITLE: Final = 80
FIRST: Final = "main"


@action(Permission.PLUGIN_MANAGE, reads=True, quiet=True)
async def list_of(tx: Tx, name: str) -> tuple[AccountForm, ...]:
    """Accounts of a plugin as one would type them; secrets stay sealed.

    Raises:
        NotFound: `plugin_not_found`.
        Conflict: `plugin_broken`; `plugin_one_account`: it has no several.
        Sealed: the vault is locked.
    """
    settings = _settings(await plugins.get(name))
    return tuple(_form(one, settings) for one in await plugin_accounts.of_plugin(tx, name))


@action(Permission.PLUGIN_MANAGE)
async def put(
    tx: Tx, name: str, code: str, title: Personal[str], typed: Mapping[str, Personal[str]]
) -> str:
    """Add an account or change one; its code.

    Args:
        tx: of the gate.
        name: of the plugin.
        code: of the account; one that is not known is added, an empty one is chosen here.
        title: what people call it.
        typed: as in `plugin_settings.put`.

    Raises:
        NotFound: `plugin_not_found`.
        Conflict: `plugin_broken`, `plugin_one_account`.
        Invalid: at `title` or `code`: `entry_empty`, `text_too_long`, `account_code`; at settings
            as `plugin_settings.put`, `entry_empty` for one that must be there; `accounts_many`.
    """
    known = await plugins.get(name)
    tx.about("plugin", known.id)
    settings = _settings(known)
    there = await plugin_accounts.of_plugin(tx, name)
    taken = {one.code for one in there} | _own(known)
    code = code or _free(taken)
    was = next((one for one in there if one.code == code), None)
    if was is None and len(there) >= plugin_accounts.MOST:
        raise Invalid("accounts_many", most=plugin_accounts.MOST)
    values = dict(was.typed.values) if was else {}
    plain = {key: text.reveal() for key, text in typed.items()}
    fresh, problems = read(settings, plain, values)
    merged = {**values, **fresh}
    held = {key for key, value in merged.items() if value is not None}
    called = " ".join(title.reveal().split())
    problems |= dict.fromkeys(typed.keys() - {one.name for one in settings}, "setting_unknown")
    problems |= {key: "entry_empty" for key in missing(settings, held) if key not in problems}
    problems |= _named(code, called)
    if was is None and code in taken:
        problems["code"] = "account_code"
    if problems:
        raise Invalid(fields=problems)
    await plugin_accounts.put(tx, name, code, called, merged)
    tx.concern("plugin", known.id)
    # Names only: a value may be a password, or name a person.
    tx.payload = {"plugin": name, "account": code, "settings": sorted(fresh), "added": was is None}
    return code


@action(Permission.PLUGIN_MANAGE)
async def switch(tx: Tx, name: str, code: str, *, is_active: bool) -> None:
    """Use an account, or leave it alone: what is for it waits until it is on again.

    Raises:
        NotFound: `plugin_not_found`, `account_not_found`.
    """
    known = await plugins.get(name)
    tx.about("plugin", known.id)
    if not await plugin_accounts.switch(tx, name, code, is_active=is_active):
        raise NotFound("account_not_found")
    tx.concern("plugin", known.id)
    tx.payload = {"plugin": name, "account": code, "active": is_active}


def _settings(known: Plugin) -> Sequence[Setting]:
    if not known.manifest or known.state is PluginState.BROKEN:
        raise Conflict("plugin_broken")
    settings = read_manifest(known.manifest.encode()).account_settings
    if not settings:
        raise Conflict("plugin_one_account")
    return settings


def _own(known: Plugin) -> set[str]:
    """The code of the account that the plugin's own settings describe, where they do."""
    manifest = read_manifest(known.manifest.encode())
    return {FIRST} if manifest.settings_are_account else set()


def _free(taken: set[str]) -> str:
    if not taken:
        return FIRST
    return next(code for n in range(2, len(taken) + 3) if (code := f"{FIRST}{n}") not in taken)


def _named(code: str, title: str) -> dict[str, str]:
    problems: dict[str, str] = {}
    if not CODE.fullmatch(code):
        problems["code"] = "account_code"
    if not title:
        problems["title"] = "entry_empty"
    elif len(title) > LONGEST_TITLE:
        problems["title"] = "text_too_long"
    return problems


def _form(one: Kept, settings: Sequence[Setting]) -> AccountForm:
    values = one.typed.values
    return AccountForm(
        code=one.code,
        title=one.typed.title,
        is_active=one.is_active,
        typed={each.name: shown(each, values.get(each.name, each.default)) for each in settings},
        held=frozenset(values),
    )
