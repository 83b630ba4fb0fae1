"""How many clients one person may reveal: distinct ones, per day and week, warned by the hour."""

from datetime import timedelta
from typing import Final
from uuid import UUID

import msgspec

from appliance.domain.ids import uuid7
from appliance.domain.users import BudgetLeft, RevealBudget
from appliance.errors import Throttled
from appliance.storage import settings
from appliance.storage.statements import fetch_one, fetch_value, insert
from appliance.storage.tables import RevealRow
from appliance.storage.tx import Tx

HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)
WEEK: Final = timedelta(days=7)
BUDGET_KEY: Final = "reveal_budget"


class Budgets(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Setting `reveal_budget`: the box's limits, and those of single roles (widest holds)."""

    default: RevealBudget = RevealBudget()
    roles: dict[str, RevealBudget] = {}

    def of(self, roles: tuple[str, ...]) -> RevealBudget:
        """The limits of a person with these roles."""
        own = [self.roles[role] for role in roles if role in self.roles]
        if not own:
            return self.default
        return RevealBudget(
            hour=max(one.hour for one in own),
            day=max(one.day for one in own),
            week=max(one.week for one in own),
        )


async def spend(tx: Tx, kind: str, customer_id: UUID) -> BudgetLeft:
    """Count one reveal; a client shown before in the window costs nothing more.

    Args:
        tx: of the person; a client belongs to him or not, the budget is the same.
        kind: `reveal`, or `owner` (asked who leads a client).
        customer_id: the client.

    Raises:
        Throttled: `reveal_budget_spent` with `day`, `week` (what is left of each) and
            `seconds`, after which one more is free.
    """
    user = tx.actor.id
    limits = (await settings.get(BUDGET_KEY, Budgets)).of(await _roles_of(user))
    hour, day, week = await _spent(tx, user, customer_id)
    left_day, left_week = limits.day - day, limits.week - week
    if min(left_day, left_week) < 0:
        wait = DAY if left_week >= 0 else WEEK
        raise Throttled(
            "reveal_budget_spent",
            day=max(left_day + 1, 0),
            week=max(left_week + 1, 0),
            seconds=await _free_in(tx, user, wait),
        )
    await insert(RevealRow, id=uuid7(), user_id=user, customer_id=customer_id, kind=kind, at=tx.now)
    return BudgetLeft(day=left_day, week=left_week, warn=hour > limits.hour)


async def left(tx: Tx) -> BudgetLeft:
    """What the person may still reveal, for «осталось 27»."""
    user = tx.actor.id
    limits = (await settings.get(BUDGET_KEY, Budgets)).of(await _roles_of(user))
    hour, day, week = await _spent(tx, user, None)
    return BudgetLeft(
        day=max(limits.day - day, 0), week=max(limits.week - week, 0), warn=hour >= limits.hour
    )


async def _roles_of(user: UUID) -> tuple[str, ...]:
    text: str | None = await fetch_value("SELECT roles FROM users WHERE id = {}", user)
    return tuple(code for code in (text or "").split(",") if code)


async def _spent(tx: Tx, user: UUID, customer_id: UUID | None) -> tuple[int, int, int]:
    """Distinct clients of the last hour, day and week, the given one counted as shown."""
    row = await fetch_one(
        "SELECT COUNT(DISTINCT CASE WHEN at > {} THEN customer_id END), "
        "COUNT(DISTINCT CASE WHEN at > {} THEN customer_id END), COUNT(DISTINCT customer_id) "
        "FROM reveal WHERE user_id = {} AND at > {} AND customer_id <> {}",
        tx.now - HOUR,
        tx.now - DAY,
        user,
        tx.now - WEEK,
        customer_id or user,
    )
    extra = 0 if customer_id is None else 1
    hour, day, week = row or (0, 0, 0)
    return hour + extra, day + extra, week + extra


async def _free_in(tx: Tx, user: UUID, window: timedelta) -> int:
    """Seconds until the oldest reveal of the window falls out of it."""
    oldest = await fetch_value(
        "SELECT at FROM reveal WHERE user_id = {} AND at > {} ORDER BY at LIMIT 1",
        user,
        tx.now - window,
    )
    if oldest is None:
        return 0
    return max(1, int((oldest + window - tx.now).total_seconds()))
