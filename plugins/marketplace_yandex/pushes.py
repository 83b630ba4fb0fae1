"""Notifications of Yandex: unsigned, so nothing of them is believed; the order is read again."""

import hmac
from typing import Final

import msgspec

from appliance.plugin_api.callers import came_from, networks, say_stranger
from appliance.plugin_api.core import Core
from appliance.plugin_api.hooks import RouteReply, RouteRequest
from appliance.plugin_api.marketplaces import CLOCK, hint
from plugins.marketplace_yandex.accounts import WAYS

ADDRESSES: Final = networks("5.45.207.0/25", "141.8.142.0/25", "5.255.253.0/25")
"""From which Yandex says that it sends notifications."""
VERSION: Final = "1.0.0"
NAME: Final = "korobka"
SUFFIX: Final = "notification"
"""Yandex puts this behind the address that it is told."""


class Notification(msgspec.Struct, frozen=True, rename="camel"):
    """What is read of one: of an order, which; of anything else, nothing."""

    notification_type: str = ""
    order_id: int = 0
    campaign_id: int = 0


async def pushed(request: RouteRequest, core: Core) -> RouteReply:
    """Answer at once; the order is read by the next round of hints."""
    refusal = _stranger(request, str(core.settings.get("push_key") or ""))
    if refusal is not None:
        await say_stranger(core)
        return refusal
    try:
        said = msgspec.json.decode(request.body, type=Notification, strict=False)
    except msgspec.DecodeError:
        return _refused(400, "WRONG_EVENT_FORMAT", "not a notification")
    if not said.notification_type:
        return _refused(400, "WRONG_EVENT_FORMAT", "notificationType")
    if said.order_id > 0:
        # An account whose shops are not learnt yet may be the one: its order is looked for there.
        for account in WAYS.of(core):
            if not account.yandex.known or said.campaign_id in account.yandex.known:
                await hint(core, account.code, str(said.order_id))
    moment = CLOCK.now().strftime("%Y-%m-%dT%H:%M:%SZ")
    return _said(200, {"version": VERSION, "name": NAME, "time": moment})


def _stranger(request: RouteRequest, wanted: str) -> RouteReply | None:
    """How who is not Yandex is answered."""
    key, _, rest = request.rest.partition("/")
    is_key = bool(wanted) and hmac.compare_digest(key.encode(), wanted.encode())
    if not is_key or rest not in ("", SUFFIX):
        return _refused(404, "UNKNOWN", "unknown address")
    if not came_from(request, ADDRESSES):
        return _refused(403, "UNKNOWN", "not an address of Yandex Market")
    return None


def _refused(status: int, code: str, message: str) -> RouteReply:
    return _said(status, {"error": {"type": code, "message": message}})


def _said(status: int, data: object) -> RouteReply:
    body = msgspec.json.encode(data)
    return RouteReply(status=status, headers=(("content-type", "application/json"),), body=body)
