"""Hand-overs of personal data to plugins, and so to third parties: who, what, why, on what ground.

Ids and codes only. `of_customer` is what the answer to a person's «кому передавали мои данные»
is made of (152-FZ, article 14, part 7).
"""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from typing import NamedTuple
from uuid import UUID

import msgspec

from appliance.domain.ids import uuid7
from appliance.errors import Throttled
from appliance.storage import settings
from appliance.storage.statements import execute, fetch, fetch_value, insert_many
from appliance.storage.tables import DisclosureRow
from appliance.storage.tx import Tx

BUDGET_KEY = "plugin_budget"


class PluginBudget(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Setting `plugin_budget`: hand-overs of persons a day, for each plugin, unless it has its own.

    50 000 is what a base of accounting asks for on its first day with a box of that many orders;
    a plugin that tells the couriers needs some hundreds.
    """

    default: int = 50_000
    plugins: dict[str, int] = {}


class HandOver(NamedTuple):
    """One person's fields went to a plugin."""

    plugin: str
    customer_id: UUID
    order_id: UUID | None
    fields: str
    purpose: str
    basis: str


class Handed(NamedTuple):
    """A hand-over as the office of personal data reads it."""

    at: datetime
    plugin: str
    order_id: UUID | None
    fields: tuple[str, ...]
    purpose: str
    basis: str


async def spend(tx: Tx, plugin: str, people: int) -> None:
    """Take hand-overs from today's budget.

    Raises:
        Throttled: `plugin_budget_spent`; `seconds` until midnight UTC.
    """
    if not people:
        return
    limits = await settings.get(BUDGET_KEY, PluginBudget)
    most = limits.plugins.get(plugin, limits.default)
    spent = await fetch_value(
        "INSERT INTO plugin_day (name, value) VALUES ({}, {}) ON CONFLICT (name) "
        "DO UPDATE SET value = plugin_day.value + excluded.value RETURNING value",
        f"{plugin}@{tx.now.date().isoformat()}",
        people,
    )
    if spent > most:
        midnight = datetime.combine(tx.now.date() + timedelta(days=1), time(), UTC)
        raise Throttled("plugin_budget_spent", seconds=int((midnight - tx.now).total_seconds()))


async def note(tx: Tx, rows: Sequence[HandOver]) -> None:
    """Write hand-overs down."""
    await insert_many(
        DisclosureRow, [{"id": uuid7(), "at": tx.now, **one._asdict()} for one in rows]
    )


def _handed(
    at: datetime, plugin: str, order_id: UUID | None, fields: str, purpose: str, basis: str
) -> Handed:
    return Handed(at, plugin, order_id, tuple(fields.split(",")), purpose, basis)


async def of_customer(customer_id: UUID, limit: int = 200) -> list[Handed]:
    """Whom a client's data went to, the newest first."""
    rows = await fetch(
        "SELECT at, plugin, order_id, fields, purpose, basis FROM disclosure "
        "WHERE customer_id = {} ORDER BY at DESC, id DESC LIMIT {}",
        customer_id,
        limit,
    )
    return [_handed(*row) for row in rows]


async def newest(limit: int = 100, plugin: str = "") -> list[tuple[UUID, Handed]]:
    """Hand-overs of the whole box with the client's id, the newest first."""
    condition, args = ("plugin = {}", (plugin,)) if plugin else ("1 = 1", ())
    rows = await fetch(
        "SELECT customer_id, at, plugin, order_id, fields, purpose, basis FROM disclosure "
        f"WHERE {condition} ORDER BY at DESC, id DESC LIMIT {{}}",
        *args,
        limit,
    )
    return [(row[0], _handed(*row[1:])) for row in rows]


async def forget_days(before: datetime) -> int:
    """Remove counts of days that are over; the hand-overs themselves stay."""
    names = await fetch("SELECT name FROM plugin_day")
    old = [row[0] for row in names if row[0].rpartition("@")[2] < before.date().isoformat()]
    for name in old:
        await execute("DELETE FROM plugin_day WHERE name = {}", name)
    return len(old)
