"""The admin door, how the box is: judged lines, the queue, the timetable."""

from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

import msgspec
from litestar import Request, Router, post
from litestar.params import JSONBody

from appliance.actions import upkeep
from appliance.api.console import Answer, Input, Nothing, actor_of, control_of, first_field
from appliance.domain import health
from appliance.errors import Invalid


class ByKind(Input):
    """The kind of a chore."""

    kind: str


class ById(Input):
    """The id of a delivery."""

    id: UUID


@post("/box/health", status_code=200)
async def look(request: Request[Any, Any, Any], data: JSONBody[Nothing]) -> Answer:
    """Judged lines, the worst on top: `{"state", "lines": [{"code", "state", …}]}`."""
    seen = await upkeep.look(actor_of(request))
    machine = control_of(request).machine()
    if seen.server_bytes:
        machine = msgspec.structs.replace(machine, database_bytes=seen.server_bytes)
    lines = health.judge(
        machine,
        seen.queue,
        seen.chores,
        datetime.now(UTC),
        seen.copies,
        seen.anchors,
        seen.mail,
        seen.plugins,
        seen.terms,
        seen.bare,
        seen.deciding,
    )
    return {
        "state": health.worst(lines),
        "lines": [msgspec.to_builtins(line) for line in lines],
    }


@post("/outbox/list", status_code=200)
async def list_dead(request: Request[Any, Any, Any], data: JSONBody[Nothing]) -> Answer:
    """Deliveries that were given up, without what they told."""
    found = await upkeep.list_dead(actor_of(request))
    return {"dead": [msgspec.to_builtins(one._asdict()) for one in found]}


@post("/outbox/retry", status_code=200)
async def retry(request: Request[Any, Any, Any], data: JSONBody[ById]) -> Answer:
    """Send one again."""
    await upkeep.retry(actor_of(request), data.id)
    return {}


@post("/outbox/drop", status_code=200)
async def drop(request: Request[Any, Any, Any], data: JSONBody[ById]) -> Answer:
    """Delete one."""
    await upkeep.drop(actor_of(request), data.id)
    return {}


@post("/jobs/list", status_code=200)
async def list_chores(request: Request[Any, Any, Any], data: JSONBody[Nothing]) -> Answer:
    """The timetable: last and next run of every chore."""
    seen = await upkeep.look(actor_of(request))
    return {"jobs": [msgspec.to_builtins(one) for one in seen.chores]}


@post("/jobs/run", status_code=200)
async def hasten(request: Request[Any, Any, Any], data: JSONBody[ByKind]) -> Answer:
    """Have a chore come within half a minute."""
    await upkeep.hasten(actor_of(request), data.kind)
    return {}


HANDLERS: Final = (
    Router(
        path="/",
        route_handlers=[look, list_dead, retry, drop, list_chores, hasten],
        exception_handlers={Invalid: first_field},
    ),
)
