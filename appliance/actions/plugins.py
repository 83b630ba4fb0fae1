"""Plugins: what the box has, what an administrator allows them, which of them run."""

from collections.abc import Sequence

from appliance.actions._actors import needs_step_up
from appliance.actions._gate import action
from appliance.actions._plugin_asking import PREFIX as SUBSCRIBER
from appliance.actions._plugin_settings import SETTING_HOST, missing, near, whole
from appliance.actions._plugins import after, put_in_place, spelled
from appliance.domain.personal import Personal
from appliance.domain.plugins import (
    MOST_COUNTED,
    AccountSet,
    FoundPlugin,
    GivenRights,
    JournalAsked,
    JournalEntry,
    Letters,
    Plugin,
    PluginState,
    Rights,
    Source,
    ToRun,
)
from appliance.errors import Conflict, NotFound
from appliance.plugin_api.manifest import Manifest, read_manifest
from appliance.roles import Permission
from appliance.storage import deliveries, plugin_accounts, plugin_journal, plugins
from appliance.storage.tx import Tx


@action(Permission.PLUGIN_MANAGE, reads=True, quiet=True)
async def list_all(tx: Tx) -> list[Plugin]:
    """Every plugin the box knows."""
    return await plugins.list_all()


@action(Permission.PLUGIN_MANAGE, reads=True, quiet=True)
async def card(tx: Tx, name: str) -> tuple[Plugin, list[GivenRights], Letters]:
    """One plugin with all its approvals, and events that wait for it.

    Raises:
        NotFound: `plugin_not_found`.
    """
    waiting, dead = await deliveries.letters_of(SUBSCRIBER + name, MOST_COUNTED)
    letters = Letters(waiting=waiting, dead=dead)
    return await plugins.get(name), await plugins.approvals(name), letters


@action(Permission.HOUSE, reads=True, quiet=True)
async def known(tx: Tx) -> list[Plugin]:
    """The same list for the host of processes."""
    return await plugins.list_all()


@action(Permission.HOUSE, reads=True, quiet=True)
async def to_run(tx: Tx) -> list[ToRun]:
    """What is to run now, with all that it is told: its rights and its settings, secrets too.

    Raises:
        Sealed: the vault is locked: nothing runs then.
    """
    found: list[ToRun] = []
    for one in await plugins.list_all():
        if one.state is not PluginState.RUNNING or one.given is None:
            continue
        manifest = read_manifest(one.manifest.encode())
        values = whole(manifest.settings, await plugins.setting_values(tx, one.name))
        accounts = await _accounts(tx, one.name, manifest)
        given = one.allowed.hosts
        found.append(
            ToRun(
                plugin=one,
                hosts=tuple(host for host in given if not host.startswith(SETTING_HOST)),
                near=near(given, values, *(each.settings for each in accounts or ())),
                settings=Personal(values),
                accounts=None if accounts is None else Personal(accounts),
            )
        )
    return found


async def _accounts(tx: Tx, name: str, manifest: Manifest) -> tuple[AccountSet, ...] | None:
    if not manifest.account_settings:
        return None
    return tuple(
        AccountSet(
            code=one.code,
            title=one.typed.title,
            settings=whole(manifest.account_settings, one.typed.values),
        )
        for one in await plugin_accounts.of_plugin(tx, name)
        if one.is_active
    )


@action(Permission.HOUSE)
async def notice(tx: Tx, found: Sequence[FoundPlugin]) -> None:
    """Compare what lies on the disk with what the box knows.

    A new one waits for its approval. Another version goes on where it was if it asks for nothing
    beyond what was given, else it waits too. One that is gone is forgotten if nobody ever approved
    it, else it is broken (`plugin_gone`) and keeps its settings for its return.
    """
    there = {one.name: one for one in found}
    before = {one.name: one for one in await plugins.list_all()}
    for name, one in there.items():
        known = before.get(name)
        if known is None:
            await plugins.add(tx, one, after(None, one))
        elif _differs(known, one):
            await put_in_place(tx, known, one)
    for name, known in before.items():
        if name in there or known.source is Source.ADDED:
            continue
        if known.given is None:
            await plugins.drop(name)
        elif known.reason != "plugin_gone":
            await plugins.set_state(tx, known, PluginState.BROKEN, "plugin_gone")
    tx.object_type = "plugin"


def _differs(known: Plugin, found: FoundPlugin) -> bool:
    # What is broken has its reason: a file that is back or mended changes that.
    was = known.reason if known.state is PluginState.BROKEN else ""
    return (known.version, known.manifest, known.digest, known.source, was) != (
        found.version,
        found.manifest,
        found.digest,
        found.source,
        found.problem,
    )


@action(Permission.PLUGIN_MANAGE)
async def approve(tx: Tx, name: str, version: str, rights: Rights) -> PluginState:
    """Give a plugin the rights that its manifest asks for; how it stands then.

    Args:
        tx: of the gate.
        name: of the plugin.
        version: as it was shown to whoever agrees; another one is refused.
        rights: as they were shown; others are refused.

    Raises:
        NotFound: `plugin_not_found`.
        Conflict: `plugin_changed`: it asks for something else now; `plugin_broken`.
        Denied: `step_up_needed`.
    """
    needs_step_up(tx)
    known = await plugins.get(name)
    tx.about("plugin", known.id)
    if known.state is PluginState.BROKEN:
        raise Conflict("plugin_broken")
    if known.version != version or known.asked != rights:
        raise Conflict("plugin_changed")
    tx.payload = {
        "plugin": name,
        "version": version,
        "given": spelled(rights),
        "wider": spelled(known.wider),
    }
    await plugins.give(tx, known, rights)
    tx.concern("plugin", known.id)
    state = known.state
    if state is PluginState.WAITING:
        state = PluginState(known.reason)
    elif state is PluginState.FOUND:
        state = PluginState.READY
    if state is not known.state:
        await plugins.set_state(tx, known, state)
    return state


@action(Permission.PLUGIN_MANAGE)
async def take_back(tx: Tx, name: str) -> None:
    """Take every right of a plugin back: it stops, and waits to be approved anew.

    Raises:
        NotFound: `plugin_not_found`.
        Denied: `step_up_needed`.
    """
    needs_step_up(tx)
    known = await plugins.get(name)
    tx.about("plugin", known.id)
    tx.payload = {"plugin": name, "taken": spelled(known.given or Rights())}
    await plugins.take_back(tx, name)
    if known.state is not PluginState.BROKEN:
        await plugins.set_state(tx, known, PluginState.FOUND)


@action(Permission.PLUGIN_MANAGE)
async def switch_on(tx: Tx, name: str) -> None:
    """Have a plugin run: also after a pause or a quarantine.

    Raises:
        NotFound: `plugin_not_found`.
        Conflict: `plugin_unapproved`, `plugin_broken`, `plugin_unset`: it needs settings first;
            `plugin_no_account`: of its service.
    """
    known = await plugins.get(name)
    _must_be_able(known)
    manifest = read_manifest(known.manifest.encode())
    if missing(manifest.settings, await plugins.set_names(name)):
        raise Conflict("plugin_unset")
    needs_account = manifest.account_settings and not manifest.settings_are_account
    if needs_account and not await plugin_accounts.active_codes(name):
        raise Conflict("plugin_no_account")
    await _set(tx, known, PluginState.RUNNING)


@action(Permission.PLUGIN_MANAGE)
async def pause(tx: Tx, name: str) -> None:
    """Stop a plugin for a while; what happens meanwhile is kept for it.

    Raises:
        NotFound, Conflict: as `switch_on`.
    """
    known = await plugins.get(name)
    _must_be_able(known)
    await _set(tx, known, PluginState.PAUSED)


@action(Permission.PLUGIN_MANAGE)
async def switch_off(tx: Tx, name: str) -> None:
    """Stop a plugin; what happens meanwhile passes it by.

    Raises:
        NotFound, Conflict: as `switch_on`.
    """
    known = await plugins.get(name)
    _must_be_able(known)
    await _set(tx, known, PluginState.READY)


@action(Permission.PLUGIN_MANAGE)
async def isolate(tx: Tx, name: str) -> None:
    """Put a plugin into quarantine by hand.

    Raises:
        NotFound, Conflict: as `switch_on`.
    """
    known = await plugins.get(name)
    _must_be_able(known)
    await _set(tx, known, PluginState.QUARANTINED, plugins.BY_HAND)


@action(Permission.PLUGIN_MANAGE, reads=True, quiet=True)
async def journal(tx: Tx, asked: JournalAsked) -> list[JournalEntry]:
    """Exchanges of plugins, the newest first; no personal data stands in them."""
    lines = await plugin_journal.page(
        plugin=asked.plugin,
        state=asked.state,
        kind="order" if asked.order else "",
        object_number=asked.order,
        number=asked.number,
        before=asked.before,
        limit=asked.limit,
    )
    return [
        JournalEntry(
            number=one.number,
            plugin=one.plugin,
            at=one.at,
            direction=one.direction,
            state=one.state,
            code=one.code,
            data=one.data,
            kind=one.kind,
            object_number=one.object_number,
            delivery_id=one.delivery_id,
        )
        for one in lines
    ]


@action(Permission.PLUGIN_MANAGE)
async def tried(tx: Tx, name: str, what: str) -> Plugin:
    """Write down that somebody tests a plugin or runs a job of it now.

    Args:
        tx: of the gate.
        name: of the plugin.
        what: `test`, or the job's name.

    Raises:
        NotFound: `plugin_not_found`; `plugin_job_not_found`: its manifest has no such job.
        Conflict: `plugin_not_running`: nobody is there to ask.
    """
    known = await plugins.get(name)
    tx.about("plugin", known.id)
    tx.payload = {"plugin": name, "what": what}
    if known.state is not PluginState.RUNNING:
        raise Conflict("plugin_not_running")
    jobs = {one.name for one in read_manifest(known.manifest.encode()).jobs}
    if what != "test" and what not in jobs:
        raise NotFound("plugin_job_not_found")
    return known


@action(Permission.PLUGIN_MANAGE)
async def deliver_again(tx: Tx, name: str, *, drop: bool) -> int:
    """Settle the events that a plugin could not take: again, or never; how many there were.

    Args:
        tx: of the gate.
        name: of the plugin.
        drop: take them off for good. What waited behind them goes on either way.

    Raises:
        NotFound: `plugin_not_found`.
    """
    known = await plugins.get(name)
    dead = await deliveries.dead_of(SUBSCRIBER + name, MOST_COUNTED)
    for one in dead:
        await (deliveries.drop(one) if drop else deliveries.retry(one, tx.now))
    tx.about("plugin", known.id)
    tx.concern("plugin", known.id)
    tx.payload = {"plugin": name, "letters": len(dead), "dropped": drop}
    return len(dead)


@action(Permission.HOUSE)
async def quarantine(tx: Tx, name: str, reason: str) -> None:
    """Have a plugin run no more until a person looked: the host found it crashing or breaking out.

    Args:
        tx: of the gate.
        name: of the plugin; one that is not running any more is left as it is.
        reason: a code, at most 40 characters.
    """
    known = await plugins.find(name)
    if known is not None and known.state is PluginState.RUNNING:
        await _set(tx, known, PluginState.QUARANTINED, reason)


def _must_be_able(known: Plugin) -> None:
    if known.state is PluginState.BROKEN:
        raise Conflict("plugin_broken")
    if known.given is None or known.state in (PluginState.FOUND, PluginState.WAITING):
        raise Conflict("plugin_unapproved")


async def _set(tx: Tx, known: Plugin, state: PluginState, reason: str = "") -> None:
    tx.about("plugin", known.id)
    tx.concern("plugin", known.id)
    tx.payload = {"plugin": known.name, "was": known.state.value, "state": state.value}
    if reason:
        tx.payload["reason"] = reason
    await plugins.set_state(tx, known, state, reason)
