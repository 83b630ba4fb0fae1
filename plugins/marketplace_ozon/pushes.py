"""Pushes of Ozon: unsigned, so nothing of them is believed; a posting they name is read again."""

import hmac
from datetime import datetime
from typing import Final

import msgspec

from appliance.plugin_api.callers import came_from, networks, say_stranger
from appliance.plugin_api.core import Core
from appliance.plugin_api.hooks import RouteReply, RouteRequest
from appliance.plugin_api.marketplaces import CLOCK, hint
from plugins.marketplace_ozon.accounts import WAYS

ADDRESSES: Final = networks("195.34.21.0/24", "185.73.192.0/22", "91.223.93.0/24")
"""From which Ozon says that it sends pushes."""
PING: Final = "TYPE_PING"
LONGEST: Final = 64
VERSION: Final = "1.0.0"


class Push(msgspec.Struct, frozen=True):
    """What is read of a push."""

    message_type: str = ""
    posting_number: str = ""
    seller_id: int = 0


async def pushed(request: RouteRequest, core: Core) -> RouteReply:
    """Answer at once; the posting is read by the next round of hints."""
    wanted = str(core.settings.get("push_key") or "")
    if not wanted or not hmac.compare_digest(request.rest.encode(), wanted.encode()):
        await say_stranger(core)
        return _said(404, {"error": _error("ERROR_UNKNOWN", "unknown address")})
    if not came_from(request, ADDRESSES):
        await say_stranger(core)
        return _said(403, {"error": _error("ERROR_UNKNOWN", "not an address of Ozon")})
    try:
        push = msgspec.json.decode(request.body, type=Push, strict=False)
    except msgspec.DecodeError:
        return _said(400, {"error": _error("ERROR_PARAMETER_VALUE_MISSED", "not JSON")})
    if push.message_type == PING:
        return _said(200, {"version": VERSION, "name": "korobka", "time": _now()})
    if not push.message_type:
        return _said(400, {"error": _error("ERROR_PARAMETER_VALUE_MISSED", "message_type")})
    if push.posting_number and len(push.posting_number) <= LONGEST:
        known = WAYS.of(core)
        named = [one for one in known if one.ozon.client_id == str(push.seller_id)]
        for account in named or known:
            await hint(core, account.code, push.posting_number)
    return _said(200, {"result": True})


def _error(code: str, message: str) -> dict[str, str | None]:
    return {"code": code, "message": message, "details": None}


def _now() -> str:
    moment: datetime = CLOCK.now()
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _said(status: int, data: object) -> RouteReply:
    body = msgspec.json.encode(data)
    return RouteReply(status=status, headers=(("content-type", "application/json"),), body=body)
