"""The admin door's part about services: how each stands, what was given up, one handed again."""

from typing import Any, Final
from uuid import UUID

import msgspec
from litestar import Request, Router, post
from litestar.params import JSONBody

from appliance.actions import integrations, shops
from appliance.api.console import Answer, Input, Nothing, actor_of
from appliance.api.console_plugin_lines import line
from appliance.api.console_plugins import desk_of
from appliance.domain.access import Actor
from appliance.errors import Denied
from appliance.plugin_host.desk import utc_now


class About(Input):
    """Deliveries about one order; 0: all."""

    order: int = 0


class One(Input):
    """A delivery that was given up: again, or off for good."""

    id: UUID
    drop: bool = False


class Line(Input):
    """A line of the journal by its number."""

    number: int


@post("/integrations/list", status_code=200)
async def list_services(request: Request[Any, Any, Any], data: JSONBody[Nothing]) -> Answer:
    """Services, an account a line: state of the plugin and of the account, what waits; shops."""
    desk, actor = desk_of(request), actor_of(request)
    found = await integrations.overview(actor)
    return {
        "shops": await _shops(actor),
        "services": [
            {
                "plugin": line(desk, one.plugin),
                "account": one.account,
                "account_title": one.title,
                "used": one.is_used,
                "standing": msgspec.to_builtins(one.standing),
                "waiting": one.waiting.ready,
                "dead": one.waiting.dead,
            }
            for one in found
        ],
    }


async def _shops(actor: Actor) -> list[Answer]:
    """Shops with how their exchange goes; none for who may not manage their keys."""
    try:
        found = await shops.list_all(actor, own=True)
    except Denied:
        return []
    now = utc_now()
    return [
        {
            "code": one.shop.code,
            "name": one.shop.name,
            "state": one.standing(now),
            "used_at": None if one.key.used_at is None else one.key.used_at.isoformat(),
        }
        for one in found
    ]


@post("/integrations/letters", status_code=200)
async def list_letters(request: Request[Any, Any, Any], data: JSONBody[About]) -> Answer:
    """Deliveries to plugins that were given up, oldest first."""
    found = await integrations.letters(actor_of(request), data.order)
    return {"letters": [msgspec.to_builtins(one) for one in found]}


@post("/integrations/settle", status_code=200)
async def settle(request: Request[Any, Any, Any], data: JSONBody[One]) -> Answer:
    """Hand one delivery over again, or never."""
    await integrations.settle(actor_of(request), data.id, drop=data.drop)
    await desk_of(request).compare()  # pokes whoever delivers
    return {}


@post("/integrations/repeat", status_code=200)
async def repeat(request: Request[Any, Any, Any], data: JSONBody[Line]) -> Answer:
    """Repeat the exchange of one line of the journal; `deed` says how: `again` or `look`."""
    deed = await integrations.repeat(actor_of(request), data.number)
    await desk_of(request).compare()  # pokes whoever delivers
    return {"deed": deed}


HANDLERS: Final = (Router(path="/", route_handlers=[list_services, list_letters, settle, repeat]),)
