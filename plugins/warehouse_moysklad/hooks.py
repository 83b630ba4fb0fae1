"""Pushes: they hold references alone, so each is a hint to read on; and keeping them ordered."""

import hmac
from collections import deque
from typing import Any, Final
from urllib.parse import parse_qs

import msgspec

from appliance.plugin_api.callers import say_stranger
from appliance.plugin_api.core import Core
from appliance.plugin_api.hooks import RouteReply, RouteRequest
from plugins.warehouse_moysklad.sides import SIDES, Side, inside, listed, rows_of

WANTED: Final = (
    ("customerorder", "UPDATE"),
    ("demand", "CREATE"),
    ("demand", "UPDATE"),
    ("salesreturn", "CREATE"),
)
MOST_SEEN: Final = 1000

hinted: Final[set[str]] = set()
"""Accounts to be read on as soon as may be; one that is lost is read by the clock."""
_seen: Final[deque[str]] = deque(maxlen=MOST_SEEN)


async def pushed(request: RouteRequest, core: Core) -> RouteReply:
    """Note that something happened and answer at once: МойСклад waits 1.5 s.

    There is no signature: the secret part of the address, and the number of the account, are all.
    """
    code, _, secret = request.rest.partition("/")
    side = SIDES.find(core, code)
    if side is None or not side.hook or not _is_secret(side, secret):
        await say_stranger(core)
        return RouteReply(status=404)
    ident = parse_qs(request.query).get("requestId", [""])[0]
    if ident and ident in _seen:
        return RouteReply(status=204)
    try:
        told: Any = msgspec.json.decode(request.body or b"{}")
    except msgspec.DecodeError:
        return RouteReply(status=204)
    if not _is_ours(side, told):
        await say_stranger(core)
        return RouteReply(status=404)
    if ident:
        _seen.append(ident)
    hinted.add(side.code)
    return RouteReply(status=204)


def _is_secret(side: Side, secret: str) -> bool:
    return hmac.compare_digest(side.hook.encode(), secret.encode("utf-8", "replace"))


def _is_ours(side: Side, told: Any) -> bool:
    """Whether all it tells of is of the account that is set up; unknown yet: believe it."""
    known = side.known.get("account", "")
    events = listed(inside({"told": told}, "told"), "events")
    found = {str(one["accountId"]) for one in events if one.get("accountId")}
    return not known or not found or found == {known}


async def order_them(core: Core, side: Side) -> None:
    """Have pushes sent to the box, and switch on those that МойСклад switched off."""
    if not side.box or not side.hook:
        return
    address = f"{side.box}/x/warehouse_moysklad/hook/{side.code}/{side.hook}"
    reply = await side.ask(core, "GET", "entity/webhook", query={"limit": 100})
    if not reply.is_good:
        await core.journal("hooks_refused", state="warn", status=reply.status)
        return
    known = {
        (str(row.get("entityType")), str(row.get("action"))): row
        for row in rows_of(reply)
        if row.get("url") == address
    }
    missing = [one for one in WANTED if one not in known]
    for kind, deed in missing:
        body = {"url": address, "action": deed, "entityType": kind}
        await side.ask(core, "POST", "entity/webhook", json=body)
    off = [row for row in known.values() if row.get("enabled") is False]
    for row in off:
        await side.ask(core, "PUT", f"entity/webhook/{row['id']}", json={"enabled": True})
    if missing or off:
        await core.journal("hooks_ordered", made=len(missing), on=len(off))
