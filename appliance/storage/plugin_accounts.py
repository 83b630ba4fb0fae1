"""Accounts of services, each with a name and settings of its own."""

from typing import Final

import msgspec

from appliance.domain.ids import uuid7
from appliance.domain.plugins import Value
from appliance.storage.engine.connections import Values
from appliance.storage.statements import execute, fetch, fetch_one, insert, update_row
from appliance.storage.tables import PluginAccountRow
from appliance.storage.tx import Tx

MOST: Final = 30
"""Accounts of one plugin; its list is read whole."""

_PLACE: Final = "plugin_account.value"


class Typed(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Blob of `plugin_account.value`: the name too, for firms are called by people's names."""

    v: int = 1
    title: str = ""
    values: dict[str, str | int | bool] = {}


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """An account with its settings in clear."""

    code: str
    is_active: bool
    typed: Typed

    def __repr__(self) -> str:
        return f"Kept({self.code})"


_encode = msgspec.msgpack.Encoder().encode
_typed: Final = msgspec.msgpack.Decoder(Typed)


def _kept(tx: Tx, row: Values) -> Kept:
    typed = _typed.decode(tx.vault.open_secret(_PLACE, row[0], row[2]))
    return Kept(code=row[1], is_active=bool(row[3]), typed=typed)


async def of_plugin(tx: Tx, plugin: str) -> list[Kept]:
    """Accounts of one plugin, oldest first.

    Raises:
        Sealed: the vault is locked.
    """
    rows = await fetch(
        "SELECT id, code, value, is_active FROM plugin_account WHERE plugin = {} "
        "ORDER BY created_at, id LIMIT {}",
        plugin,
        MOST,
    )
    return [_kept(tx, row) for row in rows]


async def active_codes(plugin: str) -> frozenset[str]:
    """Codes of those that are on; none is opened."""
    rows = await fetch(
        "SELECT code, is_active FROM plugin_account WHERE plugin = {} LIMIT {}", plugin, MOST
    )
    return frozenset(str(row[0]) for row in rows if row[1])


async def find(tx: Tx, plugin: str, code: str) -> Kept | None:
    """One account, or None."""
    row = await fetch_one(
        "SELECT id, code, value, is_active FROM plugin_account WHERE plugin = {} AND code = {}",
        plugin,
        code,
    )
    return None if row is None else _kept(tx, row)


async def put(tx: Tx, plugin: str, code: str, title: str, values: dict[str, Value]) -> None:
    """Keep an account, new or known; what has no value is left out."""
    kept = {name: value for name, value in values.items() if value is not None}
    blob = _encode(Typed(title=title, values=kept))
    row = await fetch_one(
        "SELECT id FROM plugin_account WHERE plugin = {} AND code = {}", plugin, code
    )
    row_id = uuid7() if row is None else row[0]
    value = tx.vault.seal_secret(_PLACE, row_id, blob)
    if row is not None:
        await update_row(PluginAccountRow, row_id, value=value, changed_at=tx.now)
        return
    await insert(
        PluginAccountRow,
        id=row_id,
        plugin=plugin,
        code=code,
        value=value,
        is_active=True,
        created_at=tx.now,
        changed_at=tx.now,
    )


async def switch(tx: Tx, plugin: str, code: str, *, is_active: bool) -> bool:
    """Use an account, or do not; False where there is none."""
    changed = await execute(
        "UPDATE plugin_account SET is_active = {}, changed_at = {} WHERE plugin = {} AND code = {}",
        is_active,
        tx.now,
        plugin,
        code,
    )
    return changed > 0


async def drop(plugin: str) -> None:
    """Forget all of a plugin that is removed."""
    await execute("DELETE FROM plugin_account WHERE plugin = {}", plugin)
