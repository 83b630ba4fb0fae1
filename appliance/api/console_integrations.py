"""The admin door's part about services: how each stands, what was given up, one handed again."""

from typing import Any, Final
from uuid import UUID

import msgspec
from litestar import Request, Router, post
from litestar.params import JSONBody

from appliance.actions import integrations
from appliance.api.console import Answer, Input, Nothing, actor_of
from appliance.api.console_plugin_lines import line
from appliance.api.console_plugins import desk_of


class About(Input):
    """Deliveries about one order; 0: all."""

    order: int = 0


class One(Input):
    """A delivery that was given up: again, or off for good."""

    id: UUID
    drop: bool = False


@post("/integrations/list", status_code=200)
async def list_services(request: Request[Any, Any, Any], data: JSONBody[Nothing]) -> Answer:
    """Services, an account a line: state of the plugin and of the account, what waits."""
    desk = desk_of(request)
    found = await integrations.overview(actor_of(request))
    return {
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
        ]
    }


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


HANDLERS: Final = (Router(path="/", route_handlers=[list_services, list_letters, settle]),)
