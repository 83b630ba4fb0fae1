"""Plugins that the box knows, what was approved for them, and their packages."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

import msgspec

from appliance.domain.health import PluginHealth
from appliance.domain.ids import uuid7
from appliance.domain.plugins import (
    FoundPlugin,
    GivenRights,
    Plugin,
    PluginState,
    Rights,
    Source,
    Value,
)
from appliance.errors import NotFound
from appliance.storage import plugin_accounts, plugin_standing
from appliance.storage.engine.connections import Values
from appliance.storage.statements import execute, fetch, fetch_one, insert, update_row
from appliance.storage.tables import (
    PluginGrantRow,
    PluginPieceRow,
    PluginRow,
    PluginSettingRow,
)
from appliance.storage.tx import Tx

PIECE: Final = 1 << 20
"""Bytes of a piece of a package: a row of the database's comfortable size."""

BY_HAND: Final = "plugin_by_hand"
"""Reason of a quarantine that a person ordered: he knows."""

MOST: Final = 200
"""Plugins of one box; a list is read whole."""

_COLUMNS: Final = (
    "p.id, p.name, p.version, p.source, p.manifest, p.digest, p.signer, p.asked, p.state, "
    "p.installed_at, p.changed_at, p.reason, p.by_number, g.rights, j.at, j.state"
)
_FROM: Final = (
    "FROM plugin p LEFT JOIN plugin_grant g ON g.plugin = p.name AND g.until IS NULL "
    "LEFT JOIN plugin_journal j ON j.number = "
    "(SELECT MAX(n.number) FROM plugin_journal n WHERE n.plugin = p.name)"
)

_SETTING: Final = "plugin_setting.value"
_rights = msgspec.json.Decoder(Rights)
_value: msgspec.msgpack.Decoder[Value] = msgspec.msgpack.Decoder(str | int | bool)
_encode = msgspec.msgpack.Encoder().encode


def _written(rights: Rights) -> str:
    return msgspec.json.encode(rights).decode()


def _plugin(row: Values) -> Plugin:
    return Plugin(
        id=row[0],
        name=row[1],
        version=row[2],
        source=Source(row[3]),
        manifest=row[4],
        digest=row[5],
        signer=row[6],
        asked=_rights.decode(row[7]),
        state=PluginState(row[8]),
        installed_at=row[9],
        changed_at=row[10],
        reason=row[11],
        by_number=row[12],
        given=None if row[13] is None else _rights.decode(row[13]),
        last_at=row[14],
        last_state=row[15] or "",
    )


async def list_all() -> list[Plugin]:
    """Every plugin the box knows, by name."""
    rows = await fetch(f"SELECT {_COLUMNS} {_FROM} ORDER BY p.name LIMIT {{}}", MOST)
    return [_plugin(row) for row in rows]


async def health(now: datetime) -> PluginHealth:
    """How all of them stand, in figures; and the services they speak with."""
    rows = await fetch(
        "SELECT p.name, p.state, p.reason, g.id, p.source FROM plugin p LEFT JOIN plugin_grant g "
        "ON g.plugin = p.name AND g.until IS NULL ORDER BY p.name LIMIT {}",
        MOST,
    )
    waits = {PluginState.FOUND.value, PluginState.WAITING.value}
    stands_still = {PluginState.QUARANTINED.value, PluginState.BROKEN.value}
    return PluginHealth(
        count=sum(row[3] is not None for row in rows),
        services=await plugin_standing.health(now),
        # What came with the box and nobody wanted yet waits for nobody.
        waiting=sum(row[1] in waits and (row[3] is not None or row[4] == "added") for row in rows),
        stopped=tuple(
            (row[0], row[2])
            for row in rows
            if row[1] in stands_still and row[3] is not None and row[2] != BY_HAND
        ),
    )


async def find(name: str) -> Plugin | None:
    """One plugin, or None."""
    row = await fetch_one(f"SELECT {_COLUMNS} {_FROM} WHERE p.name = {{}}", name)
    return None if row is None else _plugin(row)


async def get(name: str) -> Plugin:
    """One plugin.

    Raises:
        NotFound: `plugin_not_found`.
    """
    found = await find(name)
    if found is None:
        raise NotFound("plugin_not_found")
    return found


async def add(tx: Tx, found: FoundPlugin, state: PluginState) -> None:
    """Write a new plugin down."""
    await insert(
        PluginRow,
        id=uuid7(),
        name=found.name,
        version=found.version,
        source=found.source.value,
        manifest=found.manifest,
        digest=found.digest,
        signer=found.signer,
        asked=_written(found.asked),
        state=state.value,
        reason=found.problem,
        by_number=tx.actor.number,
        installed_at=tx.now,
        changed_at=tx.now,
    )


async def replace(tx: Tx, known: Plugin, found: FoundPlugin, state: PluginState) -> None:
    """Let another version (or the same one, changed) stand in a plugin's place."""
    await update_row(
        PluginRow,
        known.id,
        version=found.version,
        source=found.source.value,
        manifest=found.manifest,
        digest=found.digest,
        signer=found.signer,
        asked=_written(found.asked),
        state=state.value,
        reason=found.problem,
        by_number=tx.actor.number,
        changed_at=tx.now,
    )


async def set_state(tx: Tx, plugin: Plugin, state: PluginState, reason: str = "") -> None:
    """Change how a plugin stands."""
    await update_row(
        PluginRow,
        plugin.id,
        state=state.value,
        reason=reason,
        by_number=tx.actor.number,
        changed_at=tx.now,
    )


async def give(tx: Tx, plugin: Plugin, rights: Rights) -> None:
    """Write an approval down in place of the former one."""
    await take_back(tx, plugin.name)
    await insert(
        PluginGrantRow,
        id=uuid7(),
        plugin=plugin.name,
        version=plugin.version,
        rights=_written(rights),
        by_number=tx.actor.number,
        at=tx.now,
    )


async def take_back(tx: Tx, name: str) -> None:
    """End the approval that holds, if one does."""
    await execute(
        "UPDATE plugin_grant SET until = {} WHERE plugin = {} AND until IS NULL", tx.now, name
    )


async def approvals(name: str) -> list[GivenRights]:
    """Every approval of a plugin, the newest first."""
    rows = await fetch(
        "SELECT rights, version, by_number, at, until FROM plugin_grant WHERE plugin = {} "
        "ORDER BY at DESC, id DESC LIMIT 50",
        name,
    )
    return [
        GivenRights(
            rights=_rights.decode(row[0]), version=row[1], by_number=row[2], at=row[3], until=row[4]
        )
        for row in rows
    ]


async def drop(name: str) -> None:
    """Forget a plugin, its settings and its package; approvals and own tables stay."""
    await execute("DELETE FROM plugin_piece WHERE plugin = {}", name)
    await execute("DELETE FROM plugin_setting WHERE plugin = {}", name)
    await plugin_accounts.drop(name)
    await plugin_standing.drop(name)
    await execute("DELETE FROM plugin WHERE name = {}", name)


async def keep_package(name: str, package: bytes) -> None:
    """Keep the package of an added plugin in place of the former one."""
    await execute("DELETE FROM plugin_piece WHERE plugin = {}", name)
    for position, start in enumerate(range(0, len(package), PIECE)):
        await insert(
            PluginPieceRow,
            id=uuid7(),
            plugin=name,
            position=position,
            content=package[start : start + PIECE],
        )


async def package(name: str) -> bytes:
    """The package of an added plugin; empty where there is none."""
    rows = await fetch("SELECT content FROM plugin_piece WHERE plugin = {} ORDER BY position", name)
    return b"".join(row[0] for row in rows)


async def setting_values(tx: Tx, name: str) -> dict[str, Value]:
    """What a plugin is set to, secrets in clear.

    Raises:
        Sealed: the vault is locked.
    """
    rows = await fetch("SELECT id, name, value FROM plugin_setting WHERE plugin = {}", name)
    return {
        row[1]: _value.decode(tx.vault.open_secret(_SETTING, row[0], row[2]))
        for row in rows
        if row[2] is not None
    }


async def set_names(name: str) -> frozenset[str]:
    """Which settings have a value; none is opened."""
    rows = await fetch("SELECT name FROM plugin_setting WHERE plugin = {}", name)
    return frozenset(row[0] for row in rows)


async def put_settings(tx: Tx, name: str, values: Mapping[str, Value]) -> None:
    """Keep these values; None takes one away. Others stay."""
    for setting, value in values.items():
        await execute("DELETE FROM plugin_setting WHERE plugin = {} AND name = {}", name, setting)
        if value is None:
            continue
        row_id = uuid7()
        await insert(
            PluginSettingRow,
            id=row_id,
            plugin=name,
            name=setting,
            value=tx.vault.seal_secret(_SETTING, row_id, _encode(value)),
            changed_at=tx.now,
        )
