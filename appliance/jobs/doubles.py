"""Chores around doubles: the nightly look, and the keys of those who were merged.

Many short steps, each an action of its own; a chore cut short goes on where it stopped.
"""

import asyncio
from contextlib import suppress
from typing import Protocol
from uuid import UUID

from appliance.actions import duplicates
from appliance.domain.access import Actor
from appliance.domain.duplicates import KeyDue, Step
from appliance.errors import Destroyed


class Keys(Protocol):
    """What this needs of the vault; boot hands it in."""

    def mark_merged(self, subject: UUID, survivor: UUID) -> None: ...

    def unmark_merged(self, subject: UUID) -> None: ...

    def begin_destroy(self, subject: UUID) -> None: ...

    def destroy(self, subject: UUID, reason: str, requested_by: UUID) -> object: ...


async def look_for_doubles(actor: Actor) -> int:
    """Look through every index once; return how many steps that took."""
    steps = 0
    while True:
        step, after, seen = await duplicates.look_on(actor)
        if not await duplicates.look_done(actor, step, after, seen):
            return steps
        steps += 1


async def keep_merged_keys(actor: Actor, vault: Keys) -> int:
    """Bring keys.db after the merges: mark, take marks off, destroy what nothing needs any more.

    Returns:
        how many keys were dealt with.
    """
    count = 0
    for due in await duplicates.keys_due(actor):
        if due.step is Step.CLOSE:
            await duplicates.close_merge(actor, due.merge_id)
            continue
        await asyncio.to_thread(_settle, vault, due, actor)
        await duplicates.key_done(actor, due)
        count += 1
    return count


def _settle(vault: Keys, due: KeyDue, actor: Actor) -> None:
    match due.step:
        case Step.MARK:
            vault.mark_merged(due.subject, due.survivor)
        case Step.UNMARK:
            vault.unmark_merged(due.subject)
        case _:
            with suppress(Destroyed):  # with the survivor, or in a run that was cut short
                vault.begin_destroy(due.subject)
            vault.destroy(due.subject, "merge", actor.id)
