"""Calls as a channel reports them and as the call card shows them."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from uuid import UUID

import msgspec

from appliance.domain.customers import CustomerBrief, CustomerView
from appliance.domain.desk import ClientOrderLine, Codes
from appliance.domain.personal import Personal


class Direction(StrEnum):
    """Who rang whom."""

    IN = "in"
    OUT = "out"


class CallState(StrEnum):
    """Where a call stands; it never goes back."""

    RINGING = "ringing"
    TALKING = "talking"
    ENDED = "ended"
    MISSED = "missed"


_PLACE: Mapping[str, int] = {"ringing": 0, "talking": 1, "ended": 2, "missed": 2}

RESULTS = ("question", "order", "no_answer", "wrong_number", "again")
"""What a colleague says came of a call."""


def later(was: str, reported: str) -> str:
    """The state after a report; reports come late and twice, and a call does not go back.

    >>> later("ringing", "talking"), later("ended", "ringing"), later("missed", "ended")
    ('talking', 'ended', 'missed')
    """
    return reported if _PLACE[reported] > _PLACE[was] else was


class CallPhone(msgspec.Struct, frozen=True, omit_defaults=True):
    """Blob of `call.phone`."""

    v: int = 1
    typed: str = ""
    normal: str = ""


class CallReport(msgspec.Struct, frozen=True, kw_only=True):
    """What a channel says about a call.

    Attributes:
        provider_id: the exchange's own id of the call.
        user_number: colleague at whose desk it rings.
    """

    provider_id: str
    user_number: int
    phone: Personal[str]
    state: CallState = CallState.RINGING
    direction: Direction = Direction.IN
    line: str = ""


class CallLog(msgspec.Struct, frozen=True, kw_only=True):
    """A call that is over, as an exchange reports it afterwards.

    Attributes:
        code: the exchange's word for the colleague: his number or login; `user_number` wins.
        seconds: of the talk; `waited` of the ringing before it.
        answered: somebody took it.
        record_url: where the exchange keeps the sound; sealed, as it opens without a password.
    """

    provider_id: str
    phone: Personal[str]
    at: datetime
    direction: Direction = Direction.IN
    code: str = ""
    user_number: int | None = None
    seconds: int = 0
    waited: int = 0
    answered: bool = True
    record_url: Personal[str] = Personal("")
    line: str = ""


class CallTold(msgspec.Struct, frozen=True, kw_only=True):
    """What an exchange says is happening now.

    Attributes:
        provider_id: empty where the exchange has no id for the call.
        state: RINGING, or how it ended.
        codes, user_numbers: at whose desks it rings.
    """

    phone: Personal[str]
    state: CallState
    direction: Direction = Direction.IN
    provider_id: str = ""
    codes: tuple[str, ...] = ()
    user_numbers: tuple[int, ...] = ()
    line: str = ""


class CallWho(msgspec.Struct, frozen=True, kw_only=True):
    """Whose phone it is: client, who leads him, his newest order; 0 and None for nobody."""

    client: CustomerView | None = None
    manager_number: int = 0
    manager_name: str = ""
    last_order: int = 0


class CallCard(msgspec.Struct, frozen=True, kw_only=True):
    """A call as its card shows it.

    Attributes:
        phone: None where the actor's roles hide phones; masked where they mask them.
        region: code of the region a landline number tells; empty where it does not.
        client: None for an unknown caller, or one out of the actor's reach.
        leader: number of the colleague who leads a client out of reach; 0 for none.
        open: the client's newest order that is still worked on.
        last: number of his newest order, 0 for none.
    """

    id: UUID
    direction: str
    state: str
    line: str
    started_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    phone: Personal[str] | None
    region: str
    client: CustomerBrief | None
    leader: int | None
    open: ClientOrderLine | None
    last: int
    orders: int
    total: int
    codes: Codes
