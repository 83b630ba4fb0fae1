"""The queue of orders to 1C: none is lost until 1C said that it took them (reference 12.5).

An order leaves the queue only by the `success` of the session that it was given out in, and only
if it did not change meanwhile. 1C loads a batch in one go, so a batch that nobody acknowledged
three times is halved, down to the one order that 1C refuses: that one is put aside for a person.
"""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime

import msgspec

from plugins.exchange_1c.shelves import Shelves

BATCH = 200
MISSES = 3
"""Unacknowledged deliveries before a batch is halved, and a single order is put aside."""
HELD = 1000
"""Orders of the queue that one query looks at."""


class Queued(msgspec.Struct, kw_only=True):
    """An order that waits for 1C.

    Attributes:
        revision: counts its changes since it was queued; `delivered`: the one that was given out.
        session: token of the session that it was given out in.
        reason: why it is put aside; empty: it may go.
        number: of the order, once it was read.
        hash: of what was given out.
    """

    order_id: str
    revision: int = 1
    delivered: int = 0
    session: str = ""
    tries: int = 0
    reason: str = ""
    hash: str = ""
    at: int = 0
    number: int | None = 0


class Aside(msgspec.Struct, kw_only=True):
    """An order that was put aside, as the plugin's screen shows it; `reason` is a code of texts."""

    number: int
    order_id: str
    account: str = ""
    reason: str
    at: str


class Known(msgspec.Struct, kw_only=True):
    """What 1C knows of an order: the hash of what it took or sent last, and its own number."""

    order_id: str
    hash: str = ""
    number_1c: str = ""


class Queue:
    """Orders on their way to 1C."""

    def __init__(self, store: Shelves, account: str = "") -> None:
        self._store, self._account = store, account

    async def add(self, order_id: str, now: int) -> None:
        """An order is new or changed; one that was put aside gets another chance."""
        found = await self._store.one("queue", Queued, order_id)
        if found is None:
            found = Queued(order_id=order_id, revision=0, at=now)
        if found.reason:
            await self._store.drop("aside", [(found.number or 0, self._account)])
        found.revision += 1
        found.reason, found.tries = "", 0
        await self._store.put("queue", [found])

    async def next(self, session: str) -> list[Queued]:
        """What may be given out in this session now; what it was given is not given again."""
        waiting = [one async for one in self._waiting()]
        missed = [one for one in waiting if one.session and one.session != session]
        if missed:
            await self._missed(missed)
        limit = await self.limit()
        free = [one for one in waiting if one.session != session]
        given = len(waiting) - len(free)
        return free[: max(0, limit - given) if limit < BATCH else limit]

    async def count(self) -> tuple[int, int]:
        """Orders that wait for 1C, and those that were put aside; each up to `HELD`."""
        waiting = aside = 0
        async for one in self._store.every("queue", Queued):
            waiting, aside = (waiting, aside + 1) if one.reason else (waiting + 1, aside)
            if waiting + aside >= HELD:
                break
        return waiting, aside

    async def _waiting(self) -> AsyncIterator[Queued]:
        count = 0
        async for one in self._store.every("queue", Queued):
            if one.reason:
                continue
            count += 1
            if count > HELD:
                return
            yield one

    async def limit(self) -> int:
        """Orders of one batch: less after misses, more again after successes."""
        return int(await self._store.state("batch") or BATCH)

    async def _missed(self, missed: Sequence[Queued]) -> None:
        """Sessions ended without `success`: their orders are free again."""
        misses = await self._store.count_up("misses")
        limit = await self.limit()
        if misses >= MISSES:
            if limit == 1:
                for one in missed:
                    one.reason = "refused_by_1c"
                    await self._show(one)
            await self._store.set_state(misses=0, batch=max(1, min(limit, len(missed)) // 2))
        for one in missed:
            one.session = ""
        await self._store.put("queue", missed)

    async def given(self, orders: Sequence[Queued], session: str) -> None:
        """These go out in this session."""
        for one in orders:
            one.session, one.delivered = session, one.revision
            one.tries += 1
        await self._store.put("queue", orders)

    async def aside(self, one: Queued, reason: str) -> None:
        """1C would refuse this one: it waits for a person."""
        one.reason, one.session = reason, ""
        await self._store.put("queue", [one])
        await self._show(one)

    async def _show(self, one: Queued) -> None:
        """On the screen of what waits for a person."""
        if one.number:
            row = Aside(
                number=one.number,
                order_id=one.order_id,
                account=self._account,
                reason=one.reason,
                at=datetime.now(UTC).isoformat(),
            )
            await self._store.put("aside", [row])

    async def settle(self, number: int, *, again: bool) -> bool:
        """A person's word about an order that was put aside: send it again, or not at all."""
        row = await self._store.one("aside", Aside, number, self._account)
        await self._store.drop("aside", [(number, self._account)])
        found = None if row is None else await self._store.one("queue", Queued, row.order_id)
        if row is None or found is None:
            return False
        if again:
            found.reason, found.tries, found.session = "", 0, ""
            await self._store.put("queue", [found])
        else:
            await self.drop([row.order_id])
        return True

    async def drop(self, ids: Sequence[str]) -> None:
        """1C knows these as they are."""
        await self._store.drop("queue", [(one,) for one in ids])

    async def acknowledged(self, session: str) -> int:
        """Everything given out in this session was taken; how many orders that were."""
        taken = [one async for one in self._store.every("queue", Queued) if one.session == session]
        await self._store.put("orders", [await self._known(one) for one in taken])
        for one in taken:
            one.session = ""
        changed = [one for one in taken if one.revision != one.delivered]
        await self._store.put("queue", changed)
        await self.drop([one.order_id for one in taken if one.revision == one.delivered])
        limit = await self.limit()
        await self._store.set_state(misses=0, batch=min(BATCH, limit * 2))
        return len(taken)

    async def _known(self, one: Queued) -> Known:
        known = await self._store.one("orders", Known, one.order_id)
        number = "" if known is None else known.number_1c
        return Known(order_id=one.order_id, hash=one.hash, number_1c=number)

    async def knows(self, order_id: str, content: str) -> bool:
        """Whether 1C has the order just so: then offering it would only be an echo."""
        known = await self._store.one("orders", Known, order_id)
        return known is not None and known.hash == content

    async def waits(self, order_id: str, content: str) -> bool:
        """Whether it was changed here since 1C took it last: 1C speaks of it as it was."""
        found = await self._store.one("queue", Queued, order_id)
        return found is not None and not await self.knows(order_id, content)

    async def heard(self, order_id: str, content: str, number_1c: str) -> None:
        """1C told us of this order: as it is now, it is not offered back."""
        known = await self._store.one("orders", Known, order_id)
        number = number_1c or ("" if known is None else known.number_1c)
        await self._store.put("orders", [Known(order_id=order_id, hash=content, number_1c=number)])
