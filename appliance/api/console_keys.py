"""The admin door, keys: rotations and how far they are."""

from typing import Any, Final

import msgspec
from litestar import Request, Router, post
from litestar.params import JSONBody

from appliance.actions import key_rotation
from appliance.api.console import Answer, Input, Nothing, actor_of, control_of, first_field
from appliance.domain.key_rotation import Turn
from appliance.errors import Invalid


class Rotate(Input):
    """Which keys: `kek`, `index`, `people`."""

    what: Turn


@post("/keys/rotate", status_code=200)
async def rotate(request: Request[Any, Any, Any], data: JSONBody[Rotate]) -> Answer:
    """Make new keys; the work goes on by itself: as one of `/keys/rotations`."""
    begun = await key_rotation.begin(actor_of(request), data.what)
    control_of(request).turned()
    return msgspec.to_builtins(begun)


@post("/keys/rotations", status_code=200)
async def rotations(request: Request[Any, Any, Any], data: JSONBody[Nothing]) -> Answer:
    """How each rotation stands: `{"rotations": [{"turn", "number", "runs", "done", "total"}]}`."""
    found = await key_rotation.state(actor_of(request))
    return {"rotations": [msgspec.to_builtins(one) for one in found]}


HANDLERS: Final = (
    Router(
        path="/",
        route_handlers=[rotate, rotations],
        exception_handlers={Invalid: first_field},
    ),
)
