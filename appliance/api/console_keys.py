"""The admin door, keys: rotations and how far they are."""

from typing import Any, Final

import msgspec
from litestar import Request, Router, post
from litestar.params import JSONBody

from appliance.actions import backups, box, key_rotation
from appliance.api.console import (
    Answer,
    Input,
    Nothing,
    Paper,
    actor_of,
    control_of,
    first_field,
)
from appliance.domain.access import Actor
from appliance.domain.backups import CopyKind
from appliance.domain.key_rotation import Turn
from appliance.errors import HouseError, Invalid, Unavailable


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


class TypedBack(Input):
    """`typed`: the new code; `old_code`: the one it replaces, empty where it is lost."""

    typed: str
    old_code: str = ""

    def __repr__(self) -> str:
        return "TypedBack(•••)"


@post("/vault/new-recovery-code", status_code=200)
async def draw_code(request: Request[Any, Any, Any], data: JSONBody[Nothing]) -> Answer:
    """Draw another recovery code: `{"code"}`, once. Nothing changes until it is typed back."""
    await box.change_slots(actor_of(request), "recovery code drawn")
    return {"code": _paper(request).draw()}


@post("/vault/confirm-recovery-code", status_code=200)
async def confirm_code(request: Request[Any, Any, Any], data: JSONBody[TypedBack]) -> Answer:
    """Put the new code in the old one's place and begin a copy that it opens: `{"copy"}`."""
    actor, paper = actor_of(request), _paper(request)
    paper.must_be(data.typed, data.old_code)
    lost = "" if data.old_code else ", the old one is lost"
    await box.change_slots(actor, f"recovery code replaced{lost}")
    await paper.replace(data.typed, data.old_code)
    return {"copy": await _copy(request, actor)}


async def _copy(request: Request[Any, Any, Any], actor: Actor) -> bool:
    """Whether a copy began: until there is one, the new paper opens nothing on a bare machine."""
    copying = request.app.state.copying
    try:
        if copying is None:
            return False
        with copying.alone():
            copying.start(CopyKind.COPY.value, await backups.begin(actor, CopyKind.COPY))
    except HouseError:
        return False
    return True


def _paper(request: Request[Any, Any, Any]) -> Paper:
    found = control_of(request).paper
    if found is None:
        raise Unavailable("not_started")
    return found


HANDLERS: Final = (
    Router(
        path="/",
        route_handlers=[rotate, rotations, draw_code, confirm_code],
        exception_handlers={Invalid: first_field},
    ),
)
