"""The server side of the CommerceML exchange: a 1C base connects by address, login and password."""

from collections.abc import Sequence

from appliance.domain.events import OrderChanged, OrderPlaced, OrderStatusChanged
from appliance.plugin_api.core import Core
from appliance.plugin_api.hooks import (
    Answers,
    Every,
    Finding,
    On,
    RouteReply,
    RouteRequest,
    Routes,
    hookimpl,
)
from appliance.plugin_api.screens import DeedAsked, DeedDone
from plugins.exchange_1c import protocol
from plugins.exchange_1c.exchange import bases


@hookimpl
def register_handlers(on: On) -> None:
    """Orders that are new or changed go into the queue to 1C."""
    on(OrderPlaced, queue)
    on(OrderChanged, queue)
    on(OrderStatusChanged, queue)


@hookimpl
def register_routes(route: Routes) -> None:
    """The address that 1C is given."""
    route("exchange", answer)


@hookimpl
def register_jobs(every: Every) -> None:
    """Files that nobody asked for."""
    every("tick", tick)


@hookimpl
def register_answers(answer: Answers) -> None:
    """Buttons of the screens."""
    answer("screen.deed", press)


@hookimpl
async def diagnose(core: Core, account: str) -> Sequence[Finding]:
    """The address answers: 1C comes by itself, so it is told what waits for each base."""
    return await (await bases(core)).diagnose(account)


async def queue(event: OrderPlaced | OrderChanged | OrderStatusChanged, core: Core) -> None:
    """An order waits for 1C."""
    await (await bases(core)).changed(event.order_id)


async def answer(request: RouteRequest, core: Core) -> RouteReply:
    """Answer 1C."""
    command = protocol.command(
        request.query.encode("latin-1", "replace"), dict(request.headers), request.body
    )
    made = await (await bases(core)).answer(command)
    return RouteReply(
        status=made.status, headers=(("content-type", made.content_type),), body=made.body
    )


async def press(asked: DeedAsked, core: Core) -> DeedDone:
    """Do what a button says."""
    return await (await bases(core)).press(asked)


async def tick(core: Core) -> None:
    """Work that no request waits for."""
    await (await bases(core)).tick()
