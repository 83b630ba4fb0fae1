"""How services stand, as plugins' journals and their own words tell."""

from datetime import datetime
from typing import Any, Final

from appliance.domain.ids import uuid7
from appliance.domain.integrations import SILENT, IntegrationHealth, Standing
from appliance.storage.statements import execute, fetch, fetch_one, fetch_value, insert, update_row
from appliance.storage.tables import PluginStandingRow
from appliance.storage.tx import Tx

MOST: Final = 500
REFUSED: Final = "access_refused"
MENDED: Final = "up"


async def note(tx: Tx, plugin: str, account: str, code: str, state: str, status: int = 0) -> None:
    """Keep what was found of an account; the same again changes nothing."""
    row = await _row(plugin, account)
    if row is not None and row[1] == code:
        return
    columns = {"code": code, "state": state, "status": status, "since": tx.now}
    await _write(plugin, account, row, columns)
    tx.concern("plugin", row[0] if row else None)


async def key_until(plugin: str, account: str, until: datetime | None) -> None:
    """Keep when an account's key of access ends; None: it does not."""
    await _write(plugin, account, await _row(plugin, account), {"key_until": until})


async def _row(plugin: str, account: str) -> tuple[Any, ...] | None:
    return await fetch_one(
        "SELECT id, code FROM plugin_standing WHERE plugin = {} AND account = {}", plugin, account
    )


async def _write(
    plugin: str, account: str, row: tuple[Any, ...] | None, columns: dict[str, Any]
) -> None:
    if row is None:
        await insert(PluginStandingRow, id=uuid7(), plugin=plugin, account=account, **columns)
    else:
        await update_row(PluginStandingRow, row[0], **columns)


async def list_all() -> dict[tuple[str, str], Standing]:
    """Every account that anything is known of, by plugin and code."""
    rows = await fetch(
        "SELECT plugin, account, code, state, status, since, key_until FROM plugin_standing "
        "ORDER BY plugin, account LIMIT {}",
        MOST,
    )
    return {
        (row[0], row[1]): Standing(
            plugin=row[0],
            account=row[1],
            code=row[2],
            state=row[3],
            status=row[4],
            since=row[5],
            key_until=row[6],
        )
        for row in rows
    }


async def drop(plugin: str) -> None:
    """Forget what is known of a plugin that is removed."""
    await execute("DELETE FROM plugin_standing WHERE plugin = {}", plugin)


async def health(now: datetime) -> IntegrationHealth:
    """What is amiss with the services of plugins that run."""
    rows = await fetch("SELECT name FROM plugin WHERE state = 'running' LIMIT {}", MOST)
    runs = {str(row[0]) for row in rows}
    off = await fetch("SELECT plugin, code, is_active FROM plugin_account LIMIT {}", MOST)
    unused = {(row[0], row[1]) for row in off if not row[2]}
    found = [
        one for key, one in (await list_all()).items() if one.plugin in runs and key not in unused
    ]
    silent = [one for one in found if one.code in {"down", "too_many"} and one.since is not None]
    return IntegrationHealth(
        count=len(runs),
        dead=await count_dead(),
        refused=tuple((one.plugin, one.account) for one in found if one.code == REFUSED),
        silent=tuple(
            (one.plugin, one.account)
            for one in silent
            if one.since is not None and now - one.since > SILENT
        ),
        keys=tuple(
            (one.plugin, one.account, days) for one in found if (days := one.days(now)) is not None
        ),
    )


async def count_dead() -> int:
    """Deliveries to plugins that were given up."""
    # Names of subscribers that begin with `plugin:`, as a range the index knows.
    return int(
        await fetch_value(
            "SELECT COUNT(*) FROM event_delivery WHERE state = 'dead' "
            "AND subscriber >= 'plugin:' AND subscriber < 'plugin;'"
        )
    )
