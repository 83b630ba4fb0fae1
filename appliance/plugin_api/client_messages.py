"""Text messages as services' plugins see them: what is to be sent, and what became of it.

(`plugin_api.messages` is the wire between box and plugin; this is what people read.) The id of a
message is the one under which the service is to know it, so that it can be asked what became of a
message whose answer was lost, before it is sent again. Money is kopecks, times aware UTC.
"""

from collections.abc import Awaitable, Callable
from typing import Any, Final, Literal
from uuid import UUID

import msgspec

from appliance.domain.personal import Personal

MOST_OPEN: Final = 200

State = Literal["sent", "delivered", "read", "failed", "expired", "unknown"]
"""Neutral states; `domain.messages.MessageState` says what each means."""


class _Message(msgspec.Struct, frozen=True):
    """Unknown fields are ignored: a newer box may say more."""


class Done(_Message, frozen=True, kw_only=True, omit_defaults=True):
    """An answer that says only that it was taken."""


class TakeAsked(_Message, frozen=True, kw_only=True, omit_defaults=True):
    """A message to be sent now: who it is for is handed over, which is written down."""

    id: UUID


class LookAsked(_Message, frozen=True, kw_only=True, omit_defaults=True):
    """A message that was taken before."""

    id: UUID


class OpenAsked(_Message, frozen=True, kw_only=True, omit_defaults=True):
    """Messages behind a number that the service took and that are not at their end."""

    after: int = 0
    limit: int = 100


class Message(_Message, frozen=True, kw_only=True, omit_defaults=True):
    """A message.

    Attributes:
        state: `queued` as long as it is to be sent.
        attempt: which time it was taken, from 1: behind the first, ask the service what it knows
            of `id` before sending it again.
        stale: it was taken so long ago that the service knows of it no more.
        text: None unless it was taken to be sent.
    """

    id: UUID
    number: int
    order_id: UUID | None = None
    order_number: int = 0
    shop: str = ""
    account: str = ""
    kind: str = ""
    state: str
    attempt: int = 0
    stale: bool = False
    vendor_id: str = ""
    parts: int = 0
    phone: Personal[str]
    text: Personal[str] | None = None


class Found(_Message, frozen=True, kw_only=True, omit_defaults=True):
    """What was found."""

    messages: tuple[Message, ...] = ()


class Report(_Message, frozen=True, kw_only=True, omit_defaults=True):
    """What became of a message. None leaves a field alone; repeating changes nothing.

    Attributes:
        state: None: nobody knows the service's word `raw`: the message stays where it is.
        reason: a code of the plugin's texts: why it failed.
        price: kopecks that the service charged.
    """

    id: UUID
    state: State | None = None
    raw: str = ""
    reason: str = ""
    account: str = ""
    vendor_id: str = ""
    price: int | None = None
    parts: int | None = None


class BalanceSaid(_Message, frozen=True, kw_only=True, omit_defaults=True):
    """What is left on an account, kopecks."""

    account: str
    amount: int


class CostAsked(_Message, frozen=True, kw_only=True, omit_defaults=True):
    """What a message costs; neither its words nor a number, but what both are charged by.

    Attributes:
        prefix: country and range of the operator: 7912.
        units: signs, as they are charged.
        is_plain: of the seven-bit alphabet.
    """

    shop: str = ""
    prefix: str
    units: int
    parts: int
    is_plain: bool = False


class Cost(_Message, frozen=True, kw_only=True, omit_defaults=True):
    """What it costs in all, kopecks; a number that was taken along to another operator may differ.

    Attributes:
        sender: name that the client sees; empty: the service's own.
    """

    price: int
    sender: str = ""


class ClientMessages:
    """`core.messages`: questions of this subject."""

    def __init__(self, call: Callable[[str, msgspec.Struct], Awaitable[Any]]) -> None:
        self._call = call

    async def take(self, message_id: UUID) -> Message | None:
        """A message to be sent now; None: it is not to be sent any more."""
        found: Found = await self._call("messages_take", TakeAsked(id=message_id))
        return found.messages[0] if found.messages else None

    async def look(self, message_id: UUID) -> Message | None:
        """A message that was taken before, for a question about it; None: there is none."""
        found: Found = await self._call("messages_look", LookAsked(id=message_id))
        return found.messages[0] if found.messages else None

    async def open(self, after: int = 0, limit: int = 100) -> tuple[Message, ...]:
        """Messages that more may be heard of; ask again from the last one's number."""
        found: Found = await self._call("messages_open", OpenAsked(after=after, limit=limit))
        return found.messages

    async def report(self, report: Report) -> None:
        """Say what became of a message, as the service told."""
        await self._call("messages_report", report)

    async def balance(self, account: str, amount: int) -> None:
        """Say what is left on an account: people hear of it when that is little."""
        await self._call("messages_balance", BalanceSaid(account=account, amount=amount))
