"""The admin door's part about four eyes: what waits for a second person, agreeing, the rule."""

from typing import Any, Final

import msgspec
from litestar import Request, Router, post
from litestar.params import JSONBody

from appliance.actions import agreements
from appliance.api.console import Answer, ByNumber, Input, Nothing, actor_of, first_field
from appliance.api.seconds import with_second
from appliance.domain.agreements import Agreement, Deed, Hands
from appliance.domain.personal import Personal
from appliance.errors import Invalid


class ByCode(Input):
    """The recovery code in place of a second person."""

    number: int
    code: str

    def __repr__(self) -> str:
        return "ByCode(•••)"


class Rule(Input):
    """When a second person is needed."""

    hands: Hands


def _row(one: Agreement) -> Answer:
    shown = msgspec.to_builtins(one)
    for name in ("asked_by", "asked_session", "asked_device"):
        del shown[name]
    return shown


@post("/agreements/list", status_code=200)
async def listed(request: Request[Any, Any, Any], data: JSONBody[Nothing]) -> Answer:
    """What waits or is agreed to: `{"hands", "agreements"}`."""
    found = await agreements.listed(actor_of(request))
    return {"hands": found.hands.value, "agreements": [_row(one) for one in found.kept]}


@post("/agreements/agree", status_code=200)
async def agree(request: Request[Any, Any, Any], data: JSONBody[ByNumber]) -> Answer:
    """Agree to what another administrator asks."""
    return _row(await agreements.agree(actor_of(request), data.number))


@post("/agreements/agree-by-code", status_code=200)
async def agree_by_code(request: Request[Any, Any, Any], data: JSONBody[ByCode]) -> Answer:
    """The same by the recovery code; 72 hours from now on."""
    code = Personal(data.code)
    return _row(await agreements.agree_by_code(actor_of(request), data.number, code))


@post("/agreements/refuse", status_code=200)
async def refuse(request: Request[Any, Any, Any], data: JSONBody[ByNumber]) -> Answer:
    """Take an asking back, or refuse it."""
    await agreements.refuse(actor_of(request), data.number)
    return {}


@post("/agreements/rule", status_code=200)
async def set_rule(request: Request[Any, Any, Any], data: JSONBody[Rule]) -> Answer:
    """Say when a second person is needed."""
    actor = actor_of(request)
    work = agreements.set_hands(actor, data.hands)
    await with_second(actor, Deed.HANDS, data.hands.value, work)
    return {"hands": data.hands.value}


HANDLERS: Final = (
    Router(
        path="/",
        route_handlers=[listed, agree, agree_by_code, refuse, set_rule],
        exception_handlers={Invalid: first_field},
    ),
)
