"""Has every change taken to a second disk, every two minutes, beside all other work."""

import asyncio
import logging
import time
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from appliance import __version__
from appliance.actions import destruction
from appliance.boot import process
from appliance.boot.house import OpenHouse
from appliance.boot.index import HOUSE_ACTOR
from appliance.config import Config
from appliance.domain.backups import Guarded, stamp_after
from appliance.errors import Conflict, HouseError
from appliance.vault.vault import Vault

log = logging.getLogger(__name__)

STATE_FILE: Final = "guard.json"
"""In the folder of copies: how it stood; the next name has to be later, whatever the clock says."""

MIRROR: Final = ("guard-main.db", "guard-main.state")
"""What the protection of a box on PostgreSQL keeps beside its copies, see `backups.mirror`."""


def signature_of(vault: Vault, record: str, stamp: str) -> bytes:
    """Sign what belongs to the copy or step under way, and nothing else.

    Raises:
        Conflict: it is another one's.
        Sealed: the box was sealed meanwhile.
    """
    if msgspec.json.decode(record, type=dict[str, Any]).get("stamp") != stamp:
        raise Conflict("backup_failed", "asked to sign another copy's record")
    return vault.sign_document(record.encode()).hex().encode()


def moment_of(stamp: str) -> datetime:
    """The time that a copy is named by."""
    return datetime.strptime(f"{stamp}+0000", "%Y%m%dT%H%M%SZ%z")


class Guarding:
    """One step at a time.

    Attributes:
        state: how it stands.
    """

    def __init__(self, opened: OpenHouse) -> None:
        self._opened = opened
        self._task: asyncio.Task[None] | None = None
        self._began = -float("inf")
        self._is_tidy = False
        self.state = _state_of(opened.config)

    async def tick(self) -> None:
        """Take what changed to the second disk, when it is time."""
        settings, now = self._opened.config.backup, time.monotonic()
        idle = self._task is None or self._task.done()
        if not settings.guard and idle and not self._is_tidy:
            self._forget_mirror()
        self._is_tidy = not settings.guard
        if not (settings.guard and idle and self._opened.vault.is_open):
            return
        if now - self._began >= settings.guard_seconds:
            self._began = now
            self._task = asyncio.create_task(self._step(settings.guard))

    def _forget_mirror(self) -> None:
        """Delete the main.db that only the protection needs."""
        for name in MIRROR:
            with suppress(OSError):
                (self._opened.config.backups / name).unlink(missing_ok=True)

    async def close(self) -> None:
        """End what runs: the box stops."""
        if self._task is not None and not self._task.done():
            self._task.cancel()
            await asyncio.wait([self._task])

    async def _step(self, folder: str) -> None:
        opened, vault = self._opened, self._opened.vault
        stamp = stamp_after(self.state.stamp, datetime.now(UTC))
        try:
            order = {
                "type": "guard",
                "data": opened.config.data,
                "stamp": stamp,
                "version": __version__,
                "recovery": vault.age_recipient(),
                "drill": vault.drill_identity()[1],
                "public_key": vault.checkpoint_public_key().hex(),
                "guard": folder,
                "url": opened.config.database.url or "",
            }
            line = await process.carried_out(
                order, sign=lambda one: signature_of(vault, one, stamp)
            )
        except HouseError as error:
            line = process.Line(code=error.code)
        if line.code:
            log.warning("guard: %s", line.code)
        else:  # the step's keys took the place of those before
            with suppress(HouseError):
                await destruction.note_keys(HOUSE_ACTOR, [(folder, moment_of(stamp))])
        known = msgspec.to_builtins(self.state)
        fresh = {"at": datetime.now(UTC), **line.result} if line.result else {}
        self.state = msgspec.convert({**known, **fresh, "code": line.code}, Guarded, strict=False)
        with suppress(OSError):
            place = opened.config.backups / STATE_FILE
            place.write_bytes(msgspec.json.encode(self.state))


def _state_of(config: Config) -> Guarded:
    """How it stood when the box was stopped."""
    with suppress(OSError, msgspec.DecodeError):
        return msgspec.json.decode((config.backups / STATE_FILE).read_bytes(), type=Guarded)
    return Guarded()
