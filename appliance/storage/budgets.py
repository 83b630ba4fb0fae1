"""How many clients one person may reveal: distinct ones, per day and week, warned by the hour."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import msgspec

from appliance.domain.access import NOBODY
from appliance.domain.ids import uuid7
from appliance.domain.users import RevealBudget
from appliance.errors import Throttled
from appliance.storage import settings
from appliance.storage.statements import (
    any_of,
    chunked,
    execute,
    fetch,
    fetch_one,
    fetch_value,
    insert,
    insert_many,
)
from appliance.storage.tables import RevealRow
from appliance.storage.tx import Tx

HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)
WEEK: Final = timedelta(days=7)
BUDGET_KEY: Final = "reveal_budget"


LEAVING_KEY: Final = "leaving"
LEAVING: Final = 4
"""By this the budget of somebody who has given notice is divided."""


class Leaving(msgspec.Struct, frozen=True, kw_only=True):
    """Setting `leaving`: who has given notice and still works."""

    users: tuple[UUID, ...] = ()


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


async def spend(tx: Tx, kind: str, customer_id: UUID) -> int:
    """Count one reveal; a client shown before in the window costs nothing more.

    Passing the hour's soft limit is noted in the log's payload and refuses nothing.

    Args:
        tx: of the person.
        kind: `reveal`, or `owner` (asked who leads a client); each has its own count.
        customer_id: the client.

    Returns:
        how many more clients of this kind may be shown now.

    Raises:
        Throttled: `reveal_budget_spent`; `seconds` until one more is free.
    """
    user = tx.actor.id
    limits = await _limits(user)
    hour, day, week = await _spent(tx, user, kind, customer_id)
    over = limits.day <= day, limits.week <= week
    if any(over):
        wait = await _free_in(tx, user, kind, WEEK if over[1] else DAY)
        raise Throttled("reveal_budget_spent", left=0, seconds=wait)
    if hour >= limits.hour:
        tx.payload = {**tx.payload, "reveals_this_hour": hour + 1}
    await insert(RevealRow, id=uuid7(), user_id=user, customer_id=customer_id, kind=kind, at=tx.now)
    return min(limits.day - day, limits.week - week) - 1


BY_KEY: Final = "key"


async def spend_people(tx: Tx) -> None:
    """Count the people that a program's key was about to be shown, before it is.

    Who was shown within the day costs nothing more. The answer is given whole or not at all.

    Raises:
        Throttled: `people_budget_spent`; `seconds` until one more is free.
    """
    day = tx.now - DAY
    fresh = set(tx.subjects)
    known: set[UUID] = set()
    for some in chunked(fresh):
        rows = await fetch(
            "SELECT customer_id FROM reveal "
            "WHERE user_id = {} AND kind = {} AND at > {} AND customer_id IN {}",
            tx.actor.id,
            BY_KEY,
            day,
            any_of(some),
        )
        known |= {row[0] for row in rows}
    fresh -= known
    if not fresh:
        return
    spent: int = await fetch_value(
        "SELECT COUNT(*) FROM reveal WHERE user_id = {} AND kind = {} AND at > {}",
        tx.actor.id,
        BY_KEY,
        day,
    )
    if spent + len(fresh) > tx.actor.people_a_day:
        wait = await _free_in(tx, tx.actor.id, BY_KEY, DAY)
        raise Throttled(
            "people_budget_spent", left=max(tx.actor.people_a_day - spent, 0), seconds=wait or 60
        )
    await insert_many(
        RevealRow,
        [
            {
                "id": uuid7(),
                "user_id": tx.actor.id,
                "customer_id": one,
                "kind": BY_KEY,
                "at": tx.now,
            }
            for one in fresh
        ],
    )


async def left(tx: Tx, kind: str) -> int:
    """How many more clients the person may be shown now, for «осталось 27»."""
    limits = await _limits(tx.actor.id)
    _, day, week = await _spent(tx, tx.actor.id, kind, None)
    return max(min(limits.day - day, limits.week - week), 0)


async def forget_old(before: datetime) -> int:
    """Remove counts that no window reaches any more; the log keeps every reveal."""
    return await execute("DELETE FROM reveal WHERE at < {}", before)


async def _limits(user: UUID) -> RevealBudget:
    text: str | None = await fetch_value("SELECT roles FROM users WHERE id = {}", user)
    roles = tuple(code for code in (text or "").split(",") if code)
    budgets, leaving = await settings.both(BUDGET_KEY, Budgets, LEAVING_KEY, Leaving)
    limits = budgets.of(roles)
    if user not in leaving.users:
        return limits
    return RevealBudget(
        hour=max(limits.hour // LEAVING, 1),
        day=max(limits.day // LEAVING, 1),
        week=max(limits.week // LEAVING, 1),
    )


async def is_leaving(user: UUID) -> bool:
    """Whether somebody has given notice: a quarter of the budget, and no exports."""
    return user in (await settings.get(LEAVING_KEY, Leaving)).users


async def set_leaving(user: UUID, *, leaving: bool) -> None:
    """Say so, or take it back."""
    known = set((await settings.get(LEAVING_KEY, Leaving)).users) - {user}
    wanted = known | {user} if leaving else known
    await settings.put(LEAVING_KEY, Leaving(users=tuple(sorted(wanted))))


async def _spent(tx: Tx, user: UUID, kind: str, but: UUID | None) -> tuple[int, int, int]:
    """Distinct clients of the last hour, day and week, one of them not counted."""
    row = await fetch_one(
        "SELECT COUNT(DISTINCT CASE WHEN at > {} THEN customer_id END), "
        "COUNT(DISTINCT CASE WHEN at > {} THEN customer_id END), COUNT(DISTINCT customer_id) "
        "FROM reveal WHERE user_id = {} AND kind = {} AND at > {} AND customer_id <> {}",
        tx.now - HOUR,
        tx.now - DAY,
        user,
        kind,
        tx.now - WEEK,
        but or NOBODY,
    )
    return row or (0, 0, 0)


async def _free_in(tx: Tx, user: UUID, kind: str, window: timedelta) -> int:
    """Seconds until the oldest reveal of the window falls out of it."""
    oldest = await fetch_value(
        "SELECT at FROM reveal WHERE user_id = {} AND kind = {} AND at > {} ORDER BY at LIMIT 1",
        user,
        kind,
        tx.now - window,
    )
    if oldest is None:
        return 0
    return max(1, int((oldest + window - tx.now).total_seconds()))
