"""Relays the box's events to an address of the administrator's choice, signed."""

from time import time

import msgspec

from appliance.domain.events import (
    CustomerChanged,
    Event,
    OrderChanged,
    OrderPlaced,
    OrderStatusChanged,
    SubjectDestroyed,
)
from appliance.plugin_api.core import Core
from appliance.plugin_api.hooks import Finding, On, hookimpl
from appliance.plugin_api.outcomes import Permanent
from plugins.webhook_relay.client import Client, account_of, signed

EVENTS = (OrderPlaced, OrderChanged, OrderStatusChanged, CustomerChanged, SubjectDestroyed)
TOO_MANY = 429

client = Client()
last: dict[str, int] = {}


@hookimpl
def register_handlers(on: On) -> None:
    for event in EVENTS:
        on(event, relay)


@hookimpl
def diagnose() -> list[Finding]:
    status = last.get("status")
    if status is None:
        return []
    return [Finding(code="last_answer", is_good=200 <= status < 300, numbers={"status": status})]


async def relay(event: Event, core: Core) -> None:
    """Send one event. May run again: `X-Korobka-Delivery` stays the same over retries.

    Raises:
        Pause: the address is down, answers 5xx or 429: all events wait, in order.
        Permanent: it refuses this very event.
    """
    only = {one.strip() for one in str(core.settings.get("only") or "").split(",") if one.strip()}
    if only and event.name not in only:
        return
    url = str(core.settings["url"])
    account = account_of(url)
    core.account(account)
    body = msgspec.json.encode({"event": event.name, "data": event})
    moment = str(int(time()))
    headers = {
        "content-type": "application/json",
        "x-korobka-event": event.name,
        "x-korobka-delivery": str(core.delivery_id),
        "x-korobka-attempt": str(core.attempt),
        "x-korobka-time": moment,
        "x-korobka-signature": signed(str(core.settings["secret"]), moment, body),
    }
    status, after = await client.post(url, headers, body)
    last["status"] = status
    if status in (0, TOO_MANY) or status >= 500:
        await core.journal("down", direction="out", state="warn", status=status)
        raise core.down(account, after)
    if not 200 <= status < 300:
        await core.journal("refused", direction="out", state="bad", event=event.name, status=status)
        raise Permanent("refused")
    await core.journal("sent", direction="out", event=event.name, status=status)
