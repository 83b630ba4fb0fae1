"""The box tells programs' addresses what happened: through the outbox, signed, one by one."""

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from appliance.actions import webhooks
from appliance.domain.access import Actor
from appliance.domain.ids import uuid7
from appliance.domain.personal import Personal
from appliance.domain.webhooks import TEST, Parcel, WebhookTry, number_of, signature, subscriber_of
from appliance.errors import HouseError, NotFound, Sealed
from appliance.http import outbound
from appliance.plugin_api.outcomes import Pause, Permanent, Retry
from appliance.plugin_host.postman import Subscriber, plugin_subscriber

SECONDS: Final = 45.0
"""Of one delivery: longer than an answer is waited for."""
DOWN_SECONDS: Final = 120.0
"""How long an address that does not answer is left alone; no attempt is lost by it."""
SEALED_SECONDS: Final = 15.0
_GONE: Final = 410
_BUSY: Final = 429


class Webhooks:
    """Keeps the outbox's list of addresses as the administrator has it, and delivers.

    Args:
        actor: the house.
        admit: has somebody take events.
        dismiss: has him take none.
        clock: seconds since 1970.
    """

    def __init__(
        self,
        actor: Actor,
        admit: Callable[[str, Subscriber], None],
        dismiss: Callable[[str], None],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._actor = actor
        self._admit = admit
        self._dismiss = dismiss
        self._clock = clock
        self._known: set[str] = set()
        self._following: asyncio.Task[None] | None = None

    async def follow(self) -> None:
        """Bring the list up to date, now."""
        found = {subscriber_of(one.number): one for one in await webhooks.listening(self._actor)}
        for name, one in found.items():
            events = (*one.events, TEST)
            self._admit(
                name,
                plugin_subscriber(name, events, self.deliver, seconds=SECONDS, is_on=True),
            )
        for name in self._known - set(found):
            self._dismiss(name)
        self._known = set(found)

    def changed(self) -> None:
        """Somebody changed an address: follow soon. Called on the loop."""
        self._following = asyncio.get_running_loop().create_task(self.follow())

    async def deliver(
        self, name: str, event: str, payload: bytes, delivery_id: UUID, attempt: int
    ) -> None:
        """Send one event.

        Raises:
            Pause: the address is down, or the box sealed; Retry, Permanent: it refuses.
        """
        number = number_of(name)
        try:
            parcel = await webhooks.parcel(
                self._actor, number, event, Personal(payload), delivery_id
            )
        except NotFound:
            return
        except Sealed:
            raise Pause(SEALED_SECONDS) from None
        if parcel.body is None:
            return
        begun = time.perf_counter()
        status, code = await self._send(parcel, parcel.body, event, delivery_id)
        made = WebhookTry(
            id=uuid7(),
            delivery_id=delivery_id,
            event=event,
            at=datetime.now(UTC),
            status=status,
            code=code,
            milliseconds=int((time.perf_counter() - begun) * 1000),
            state="",
        )
        await webhooks.note(self._actor, number, made)
        _settle(status, code)

    async def _send(
        self, parcel: Parcel, body: bytes, event: str, delivery_id: UUID
    ) -> tuple[int, str]:
        secret = parcel.secret.reveal()
        headers = {
            "content-type": "application/json",
            "korobka-event": event,
            "korobka-delivery": str(delivery_id),
            "korobka-signature": signature(secret, int(self._clock()), body),
        }
        try:
            return await outbound.post(parcel.url, body, headers, lan=parcel.lan), ""
        except HouseError as error:
            return 0, error.code


def _settle(status: int, code: str) -> None:
    """Say what becomes of a delivery that was answered so."""
    if 200 <= status < 300:
        return
    if status == _GONE or code in {"address_unreadable", "address_not_allowed"}:
        raise Permanent(code or f"status_{status}")
    if not status or status == _BUSY or status >= 500:
        raise Pause(DOWN_SECONDS)
    raise Retry(f"status_{status}")
