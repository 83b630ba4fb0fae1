"""The house as a subscriber of its own outbox: letters out, buyers told of a new status."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Final
from uuid import UUID

from appliance.actions import letter_post, message_post
from appliance.domain.access import Actor
from appliance.domain.events import Event, LetterRequested, OrderStatusChanged
from appliance.domain.letters import MOST_TRIES, Outgoing
from appliance.errors import Sealed
from appliance.plugin_api.outcomes import Pause, Retry
from appliance.plugin_host import smtp

HOUSE: Final = "house"
DOWN_SECONDS: Final = 60.0
SEALED_SECONDS: Final = 30.0
NOT_SET_SECONDS: Final = 600.0

Handler = Callable[[Event, UUID], Awaitable[None]]
Words = Callable[[tuple[str, str, int, str]], Mapping[str, str]]
"""Kind, entity, number and language of a notice → what its template may name."""


def handlers(
    actor: Actor, clock: Callable[[], datetime], words: Words, base: str
) -> dict[tuple[str, str], Handler]:
    """(subscriber, event) → handler.

    Args:
        actor: the house.
        clock: for `Date`.
        words: puts a notice into words.
        base: `https://name` under which buyers reach the box.
    """

    async def letter(event: Event, delivery: UUID) -> None:
        assert isinstance(event, LetterRequested)  # noqa: S101 (the outbox hands each its own)
        try:
            outgoing = await letter_post.take(actor, event.letter_id)
        except Sealed:
            raise Pause(SEALED_SECONDS) from None
        if outgoing is None:
            return
        if not outgoing.host:
            raise Pause(NOT_SET_SECONDS)
        await _carry(actor, letter_post.worded(outgoing, words), delivery, clock())

    async def status(event: Event, delivery: UUID) -> None:
        assert isinstance(event, OrderStatusChanged)  # noqa: S101 (the same)
        try:
            await letter_post.tell_status(actor, event.order_id, event.became, delivery, base)
            await message_post.tell_status(actor, event.order_id, event.became, base)
        except Sealed:
            raise Pause(SEALED_SECONDS) from None

    return {
        (HOUSE, LetterRequested.name): letter,
        (HOUSE, OrderStatusChanged.name): status,
    }


async def _carry(actor: Actor, outgoing: Outgoing, delivery: UUID, now: datetime) -> None:
    """Send a letter and write down what came of it.

    Raises:
        Pause: the server is down: the lane waits, and no attempt is used up.
        Retry: the server asked for this letter again.
    """
    domain = outgoing.from_address.rpartition("@")[2]
    message = smtp.message_of(outgoing, f"{delivery}@{domain}", now)
    try:
        await smtp.send(outgoing, message)
    except smtp.Down as error:
        await letter_post.hold(actor, outgoing.id, error.code)
        raise Pause(DOWN_SECONDS) from None
    except smtp.Refused as error:
        await letter_post.refuse(actor, outgoing.id, error.code)
    except smtp.Later as error:
        if outgoing.attempts >= MOST_TRIES:
            await letter_post.refuse(actor, outgoing.id, "mail_gave_up")
            return
        await letter_post.come_again(actor, outgoing.id, error.code)
        raise Retry(error.code) from None
    else:
        await letter_post.done(actor, outgoing.id)
