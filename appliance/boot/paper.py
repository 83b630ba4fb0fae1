"""A new recovery code, from the drawing to the day it is the only one."""

import time
from typing import TYPE_CHECKING, Final

from appliance.errors import Conflict, Invalid, Sealed
from appliance.vault.recovery import RecoveryCode

if TYPE_CHECKING:
    from appliance.boot.house import OpenHouse

KEPT_SECONDS: Final = 15 * 60
"""How long a code that was shown waits to be typed back: long enough to find a printer."""


class Paper:
    """Remembers a code that was shown until it is typed back, in memory only.

    The one way to another code, of the first run as of the section «Ключи»: until it is typed back
    the earlier paper opens everything, so a code that was never written down locks nobody out.
    """

    def __init__(self, opened: "OpenHouse") -> None:
        self._opened = opened
        self._drawn: RecoveryCode | None = None
        self._until = 0.0

    def draw(self) -> str:
        """Draw a code and show it; one that was shown before is worth nothing any more.

        Raises:
            Sealed: there is nothing to put it into.
        """
        if not self._opened.vault.is_open:
            raise Sealed
        self._drawn, self._until = RecoveryCode.new(), time.monotonic() + KEPT_SECONDS
        return self._drawn.text

    @property
    def is_waiting(self) -> bool:
        """Whether a code was shown and is not typed back yet."""
        return self._drawn is not None and time.monotonic() <= self._until

    def groups_right(self, typed: str) -> list[bool]:
        """Which groups of what is being typed are the shown code's; empty where none waits."""
        return self._drawn.groups_right(typed) if self._drawn and self.is_waiting else []

    def must_be(self, typed: str, old: str) -> None:
        """Refuse what is not the code that was shown, and an old one that is mistyped.

        Raises:
            Conflict: `recovery_code_expired`: nothing was shown, or too long ago.
            Invalid: mistyped (see `RecoveryCode.parse`), `recovery_code_other`.
        """
        self._shown(typed)
        if old:
            self._opened.vault.must_open_with_code(old)

    async def replace(self, typed: str, old: str) -> None:
        """Put it in the old one's place; the log ends its epoch under the old one's key first.

        Raises:
            Conflict, Invalid: as `must_be`.
            Sealed: the box was sealed meanwhile.
        """
        code, sealer = self._shown(typed), self._opened.sealer
        if sealer is None:
            raise Sealed
        vault = self._opened.vault
        await self._opened.drain_log()
        await sealer.restart_chain(lambda: _done(vault.replace_recovery_code(code, old)))
        self._drawn = None

    def _shown(self, typed: str) -> RecoveryCode:
        if self._drawn is None or not self.is_waiting:
            raise Conflict("recovery_code_expired")
        if RecoveryCode.parse(typed).secret != self._drawn.secret:
            raise Invalid("recovery_code_other")
        return self._drawn


def _done(_: RecoveryCode) -> None:
    """It was shown already."""
