"""Uploaded statements of banks: receipts are written down in the background, in short steps."""

import asyncio
from collections.abc import Sequence

from appliance import roles
from appliance.actions import bank_steps
from appliance.domain.access import Actor, ActorKind
from appliance.domain.reconciling import StatementState, StatementView
from appliance.errors import HouseError, Sealed, Unavailable
from appliance.jobs.worker import Worker


class Reconciler(Worker[StatementView]):
    """Goes on with uploads; what it writes down is the deed of whoever asked for it."""

    unknown = "statement_failed"
    gives_way = False

    async def _waiting(self) -> Sequence[StatementView]:
        return await bank_steps.work(self._house)

    async def _work(self, one: StatementView) -> None:
        maker = Actor(ActorKind.USER, one.made_by, roles.HOUSE_GRANTS, number=one.made_by_number)
        while await self._step(maker, one):
            await _give_way()

    async def _step(self, maker: Actor, one: StatementView) -> bool:
        try:
            return await bank_steps.step(maker, one.number, self._zone)
        except (Sealed, Unavailable):
            raise
        except HouseError:
            # One receipt spoils the step of all: they go one by one, and it is left for a person.
            if one.state is StatementState.UNDOING:
                raise
            return await self._one(maker, one)

    async def _one(self, maker: Actor, one: StatementView) -> bool:
        try:
            return await bank_steps.step(maker, one.number, self._zone, 1)
        except (Sealed, Unavailable):
            raise
        except HouseError:
            return await bank_steps.leave_next(maker, one.number)

    async def _fail(self, one: StatementView, code: str) -> None:
        await bank_steps.fail(self._house, one.number, code)


async def _give_way() -> None:
    """Whoever waits for the writer goes first."""
    await asyncio.sleep(0)
