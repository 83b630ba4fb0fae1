"""Four eyes for what opens the box and for where its copies go (security.md, section E).

One administrator asks, another one agrees, and only then the first may do it, once, as it was
asked. Nothing secret waits meanwhile: what is kept is which deed, not the passphrase of it.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, NamedTuple
from uuid import UUID

import msgspec

KEY: Final = "agreements"

LIFE: Final = timedelta(days=3)
"""How long an asking waits for the other person, and an agreement for the deed."""

ALONE: Final = timedelta(hours=72)
"""The pause where the recovery code stands for a second person."""

MOST: Final = 50
"""Askings that are kept; the log has them all."""


class Deed(StrEnum):
    """What needs a second person."""

    SLOTS = "slots"
    COPIES = "copies"
    PACK = "pack"
    HANDS = "hands"


class Hands(StrEnum):
    """When a second person is needed: where there is one, or in any case."""

    AUTO = "auto"
    ALWAYS = "always"


class Stand(StrEnum):
    """How an asking stands."""

    WAITING = "waiting"
    COOLING = "cooling"
    AGREED = "agreed"
    OVER = "over"


class Agreement(msgspec.Struct, frozen=True, kw_only=True):
    """An asking, and whether somebody agreed. No personal data.

    Attributes:
        about: which slot, which places; the deed has to be this very one.
        asked_session, asked_device: of whoever asked: the other one comes from elsewhere.
        agreed_by: number of the colleague; his own where the code stood for a second person.
    """

    number: int
    deed: Deed
    about: str
    asked_by: UUID
    asked_number: int
    asked_session: str = ""
    asked_device: str = ""
    asked_at: datetime
    agreed_by: int = 0
    agreed_at: datetime | None = None
    by_code: bool = False

    def stand(self, now: datetime) -> Stand:
        """How it stands."""
        if self.agreed_at is None:
            return Stand.WAITING if now - self.asked_at < LIFE else Stand.OVER
        since = self.agreed_at + (ALONE if self.by_code else timedelta())
        if now < since:
            return Stand.COOLING
        return Stand.AGREED if now - since < LIFE else Stand.OVER

    def until(self, now: datetime) -> datetime:
        """When it stands otherwise if nobody does anything: the end of a wait, a pause, its use."""
        if self.agreed_at is None:
            return self.asked_at + LIFE
        since = self.agreed_at + (ALONE if self.by_code else timedelta())
        return since if now < since else since + LIFE


class Agreements(msgspec.Struct, frozen=True, kw_only=True):
    """Setting `KEY`.

    Attributes:
        hands: when a second person is needed.
        last: number of the newest asking.
        kept: the newest last.
    """

    hands: Hands = Hands.AUTO
    last: int = 0
    kept: tuple[Agreement, ...] = ()

    def without(self, number: int) -> "Agreements":
        """The same less one."""
        kept = tuple(one for one in self.kept if one.number != number)
        return msgspec.structs.replace(self, kept=kept)

    def with_(self, one: Agreement, now: datetime) -> "Agreements":
        """The same with one put in the place of what it was; what is over goes."""
        kept = [e for e in self.kept if e.number != one.number and e.stand(now) is not Stand.OVER]
        kept = sorted([*kept, one], key=lambda each: each.number)[-MOST:]
        last = max(self.last, one.number)
        return msgspec.structs.replace(self, kept=tuple(kept), last=last)


class Desk(NamedTuple):
    """What a page of askings shows.

    Attributes:
        alone: no other colleague could agree: the recovery code stands for one.
    """

    known: Agreements
    alone: bool
