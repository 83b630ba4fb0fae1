"""The admin door, keys: rotations and how far they are; keys of programs."""

from typing import Any, Final

import msgspec
from litestar import Request, Router, post
from litestar.params import JSONBody

from appliance.actions import api_keys, backups, box, key_rotation
from appliance.api.console import (
    Answer,
    ByNumber,
    Input,
    Nothing,
    Paper,
    actor_of,
    control_of,
    first_field,
)
from appliance.api.seconds import change_slots
from appliance.domain.access import Actor
from appliance.domain.backups import CopyKind
from appliance.domain.key_rotation import Turn
from appliance.domain.users import NewApiKey
from appliance.errors import HouseError, Invalid, Unavailable


class Rotate(Input):
    """Which keys: `kek`, `index`, `people`."""

    what: Turn


class AddKey(Input):
    """`shops`: one shop's code, or none for all of them; the rest as `NewApiKey` says."""

    name: str
    scopes: tuple[str, ...] = ()
    shops: tuple[str, ...] = ()
    hide_own: bool = False
    role: str = ""
    fields: tuple[str, ...] = ()
    people_a_day: int = 0


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
    await change_slots(actor_of(request), "recovery code drawn")
    return {"code": _paper(request).draw()}


@post("/vault/confirm-recovery-code", status_code=200)
async def confirm_code(request: Request[Any, Any, Any], data: JSONBody[TypedBack]) -> Answer:
    """Put the new code in the old one's place and begin a copy that it opens: `{"copy"}`."""
    actor, paper = actor_of(request), _paper(request)
    paper.must_be(data.typed, data.old_code)
    lost = "" if data.old_code else ", the old one is lost"
    await box.change_slots(actor, f"recovery code replaced{lost}", is_agreed=True)
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


@post("/api-keys/list", status_code=200)
async def list_keys(request: Request[Any, Any, Any], data: JSONBody[Nothing]) -> Answer:
    """Keys by number, never the keys themselves."""
    found = await api_keys.list_all(actor_of(request))
    return {"keys": [msgspec.to_builtins(one) for one in found]}


@post("/api-keys/add", status_code=200)
async def add_key(request: Request[Any, Any, Any], data: JSONBody[AddKey]) -> Answer:
    """Make a key: `{"number", "key"}`, the key once."""
    if len(data.shops) > 1:
        raise Invalid(fields={"shops": "key_one_shop"})
    shop = data.shops[0] if data.shops else ""
    new = NewApiKey(
        name=data.name,
        shop=shop,
        scopes=data.scopes,
        hide_own=data.hide_own,
        role=data.role,
        fields=data.fields,
        people_a_day=data.people_a_day,
    )
    made = await api_keys.create(actor_of(request), new)
    return {"number": made.number, "key": made.key.reveal()}


@post("/api-keys/revoke", status_code=200)
async def revoke_key(request: Request[Any, Any, Any], data: JSONBody[ByNumber]) -> Answer:
    """End a key."""
    await api_keys.revoke(actor_of(request), data.number)
    return {}


HANDLERS: Final = (
    Router(
        path="/",
        route_handlers=[
            rotate,
            rotations,
            draw_code,
            confirm_code,
            list_keys,
            add_key,
            revoke_key,
        ],
        exception_handlers={Invalid: first_field},
    ),
)
