"""Changes of many records in the background: one at a time, a few records in each transaction."""

import asyncio
from collections.abc import Sequence

from appliance.actions import bulk
from appliance.actions.bulk import Work
from appliance.errors import Denied, HouseError, NotFound, Sealed, Unavailable
from appliance.jobs.worker import Worker


class BulkEditor(Worker[Work]):
    """Goes on with changes."""

    gives_way = False

    async def _waiting(self) -> Sequence[Work]:
        return await bulk.work(self._house)

    async def _work(self, one: Work) -> None:
        more = True
        while more:
            more = await self._step(one)
            await asyncio.sleep(0)  # whoever waits for the writer goes first

    async def _fail(self, one: Work, code: str) -> None:
        await bulk.fail(self._house, one.id, code)

    async def _step(self, one: Work) -> bool:
        try:
            return await bulk.step(one.maker, one.id, self._zone)
        except (Denied, NotFound, Sealed, Unavailable):
            raise
        except HouseError:
            pass
        # One record spoils the step of all: they go one by one, and it is named.
        for _ in range(bulk.STEP):
            try:
                more = await bulk.step(one.maker, one.id, self._zone, 1)
            except (Denied, NotFound, Sealed, Unavailable):
                raise
            except HouseError as error:
                more = await bulk.step(one.maker, one.id, self._zone, 1, error.code)
            if not more:
                return False
        return True
