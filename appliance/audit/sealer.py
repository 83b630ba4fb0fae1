"""Moves outbox rows into the log, in order, and keeps its epochs and checkpoints.

Every step can be cut off anywhere: sealed rows that were not deleted are passed over by their
ids, a seal whose epoch key was not advanced yet is found by its number.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import NamedTuple
from uuid import UUID

from appliance.audit.chain import EpochKey
from appliance.audit.entry import milliseconds
from appliance.audit.keys import ChainVault
from appliance.audit.log import AuditLog
from appliance.audit.outbox import OutboxRow
from appliance.errors import Damaged

EPOCH_SECONDS = 15 * 60
CHECKPOINT_EVENTS = 1000
CHECKPOINT_SECONDS = 10 * 60
BATCH = 256
"""Rows per transaction, so per fsync; above this the fsync is no longer what costs."""

Fetch = Callable[[int], Awaitable[Sequence[OutboxRow]]]
"""The oldest rows of the outbox, in order, at most so many."""
Delete = Callable[[Sequence[UUID]], Awaitable[None]]


class Sealed(NamedTuple):
    """What one round did.

    Attributes:
        moved: events that were new to the log.
        epoch: number of the epoch that was ended, if one was.
        checkpoint: the newest signed note, if one was written.
    """

    moved: int
    epoch: int | None
    checkpoint: str | None


class Sealer:
    """The log's only writer. Call `start` once, then `run` every second or so."""

    def __init__(
        self,
        log: AuditLog,
        vault: ChainVault,
        fetch: Fetch,
        delete: Delete,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._log = log
        self._vault = vault
        self._fetch = fetch
        self._delete = delete
        self._clock = clock
        self._monotonic = monotonic
        self._epoch_due = self._checkpoint_due = monotonic()
        self._turn = asyncio.Lock()

    def start(self, anchors: Sequence[str] = ()) -> None:
        """Bring vault and log to the same epoch after a stop, or refuse.

        Args:
            anchors: checkpoints kept outside `audit.db`.

        Raises:
            Damaged: the log is older than the chain or than an anchor (`audit_log_behind`), or
                not the one that was anchored (`audit_log_forked`).
        """
        for anchor in anchors:
            self._log.must_contain(anchor)
        self._catch_up()
        # Epochs are measured on the monotone clock: setting the wall clock back must not stop
        # sealing. Across a restart only the wall clock is left; when it went back, seal at once.
        age = (milliseconds(self._clock()) - self._log.sealed_at) / 1000
        left = EPOCH_SECONDS - age if 0 <= age <= EPOCH_SECONDS else 0
        self._epoch_due = self._monotonic() + left
        self._checkpoint_due = self._monotonic() + CHECKPOINT_SECONDS

    async def run(self) -> Sealed:
        """Move everything that waits; end the epoch and write a checkpoint when due."""
        async with self._turn:
            return await self._run()

    async def _run(self) -> Sealed:
        self._catch_up()
        epoch = await self._end_epoch() if self._monotonic() >= self._epoch_due else None
        moved, note = 0, None
        while rows := await self._fetch(BATCH):
            moved += await asyncio.to_thread(self._log.append, rows, self._key())
            await self._delete([row.id for row in rows])
            if self._log.size - self._log.checkpoint_size >= CHECKPOINT_EVENTS:
                note = await self._checkpoint()
            if len(rows) < BATCH:
                break
        if self._monotonic() >= self._checkpoint_due:
            note = await self._checkpoint() or note
        return Sealed(moved, epoch, note)

    async def checkpoint(self) -> str | None:
        """Write a checkpoint now; None when the log has not grown since the last."""
        async with self._turn:
            return await self._checkpoint()

    async def newest(self) -> str:
        """The newest checkpoint; a new one where the log has grown since.

        Raises:
            NotFound: `audit_checkpoint_missing`: the log is empty.
        """
        async with self._turn:
            note = await self._checkpoint()
            return note or await asyncio.to_thread(self._log.note, self._log.checkpoint_size)

    async def _checkpoint(self) -> str | None:
        self._checkpoint_due = self._monotonic() + CHECKPOINT_SECONDS
        public, sign = self._vault.checkpoint_public_key(), self._vault.sign_checkpoint
        return await asyncio.to_thread(self._log.checkpoint, public, sign, self._key())

    async def restart_chain(self, start: Callable[[], None]) -> None:
        """End the epoch with the old chain's key, then let a new recovery code start anew.

        Args:
            start: replaces the code in the vault, which moves it to the next epoch.
        """
        async with self._turn:
            await self._end_epoch(start)

    async def _end_epoch(self, advance: Callable[[], None] | None = None) -> int:
        seal = await asyncio.to_thread(self._log.seal_epoch, self._clock(), self._key())
        (advance or self._vault.advance_audit_epoch)()
        self._epoch_due = self._monotonic() + EPOCH_SECONDS
        return seal.no

    def _key(self) -> EpochKey:
        return EpochKey(*self._vault.audit_epoch_key())

    def _catch_up(self) -> None:
        """Advance a vault that stopped before it could follow its seal, or was restored."""
        target = self._log.open_epoch
        epoch = self._key().epoch
        if epoch > target:
            raise Damaged("audit_log_behind", f"chain at epoch {epoch}, log at {target}")
        for _ in range(target - epoch):
            self._vault.advance_audit_epoch()
