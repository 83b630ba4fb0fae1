"""The admin door's part about people's requests: terms, holds, agreeing, destruction.

People are numbers here: the screen may stand open. Names stand in acts (`console_acts`).
"""

from datetime import date
from typing import Any, Final
from uuid import UUID

import msgspec
from litestar import Request, Router, post
from litestar.params import JSONBody

from appliance.actions import desk, subjects, upkeep
from appliance.api.console import Answer, Input, Nothing, actor_of, first_field
from appliance.domain.holds import MINIMAL
from appliance.domain.personal import Personal
from appliance.domain.privacy import PurposeCode
from appliance.domain.subjects import (
    UNDER_WAY,
    DestructionRules,
    Found,
    RequestKind,
    RequestState,
    RequestView,
)
from appliance.errors import Conflict, Invalid

CHORE: Final = "subjects.destroy"
"""What destroys; `execute` has it come at once."""


class Page(Input):
    """Which requests: all states where none is named; older than a number."""

    states: tuple[RequestState, ...] = ()
    before: int | None = None


class Numbered(Input):
    """The number of a request."""

    number: int


class OfClient(Input):
    """The number of a client."""

    customer: int


class NewRequest(Input):
    """What a client asks; `received_on`: the day it came in, today without it."""

    customer: int
    kind: RequestKind
    received_on: date | None = None
    channel: str = ""
    note: str = ""

    def __repr__(self) -> str:
        return "NewRequest(•••)"


class Worded(Input):
    """A request's number and what is answered."""

    number: int
    text: str

    def __repr__(self) -> str:
        return "Worded(•••)"


class ByCode(Input):
    """The recovery code in place of a second person."""

    number: int
    code: str

    def __repr__(self) -> str:
        return "ByCode(•••)"


class NewHold(Input):
    """A law that keeps a client's data until a day."""

    customer: int
    purpose: PurposeCode
    law: str
    until: date


class Place(Input):
    """A place of copies, as its path is spelled in the settings."""

    path: str


class ById(Input):
    """The id of a hold."""

    id: UUID


class Rules(Input):
    """The pause, and whether acts name people in full."""

    pause_hours: int
    full_name: bool = False


def _row(one: RequestView) -> Answer:
    """A request without what names the person."""
    return {
        "number": one.number,
        "kind": one.kind.value,
        "state": one.state.value,
        "customer": one.customer_number,
        "channel": one.channel,
        "received_on": one.received_on.isoformat(),
        "due_on": one.due_on.isoformat(),
        "norm": one.norm,
        "extended": one.extended,
        "asked_by": one.asked_by,
        "asked_at": one.asked_at.isoformat(),
        "needed": one.needed,
        "code_needed": one.code_needed,
        "pause_hours": one.pause_hours,
        "cooling_left": one.cooling_left,
        "found": _found(one.found),
        "approvals": [msgspec.to_builtins(given) for given in one.approvals],
        "holds": [
            {**msgspec.to_builtins(hold), "keeps": sorted(MINIMAL[hold.purpose])}
            for hold in one.holds
        ],
        "blocked_at": _moment(one.blocked_at),
        "approved_at": _moment(one.approved_at),
        "erased_at": _moment(one.erased_at),
        "closed_at": _moment(one.closed_at),
        "ledger": one.ledger,
        "waits_for": list(one.waits_for),
        "is_lost": one.is_lost,
    }


def _found(found: Found) -> Answer:
    """Counts, also those that are nothing."""
    said = msgspec.to_builtins(found.kept_for)
    return {**msgspec.structs.asdict(found), "kept_for": said, "values": sum(found.cells.values())}


def _moment(at: Any) -> str | None:
    return None if at is None else at.isoformat()


@post("/subjects/list", status_code=200)
async def list_requests(request: Request[Any, Any, Any], data: JSONBody[Page]) -> Answer:
    """A page of requests, the newest first, and names of colleagues by number."""
    actor = actor_of(request)
    found = await subjects.list_requests(actor, data.states, data.before)
    people = await desk.names(actor)
    names = {**people.former, **people.colleagues}
    numbers = {n for one in found for n in (one.asked_by, *(given.by for given in one.approvals))}
    return {
        "requests": [_row(one) for one in found],
        "people": {str(number): names.get(number, "") for number in sorted(numbers)},
    }


@post("/subjects/show", status_code=200)
async def show(request: Request[Any, Any, Any], data: JSONBody[Numbered]) -> Answer:
    """One request."""
    return _row(await subjects.show(actor_of(request), data.number))


@post("/subjects/find", status_code=200)
async def find(request: Request[Any, Any, Any], data: JSONBody[OfClient]) -> Answer:
    """What the box holds of a client: counts only."""
    return _found(await subjects.find(actor_of(request), data.customer))


@post("/subjects/request", status_code=200)
async def ask(request: Request[Any, Any, Any], data: JSONBody[NewRequest]) -> Answer:
    """Write a request down; kinds that block do it at once."""
    made = await subjects.request(
        actor_of(request),
        data.customer,
        data.kind,
        received_on=data.received_on,
        channel=data.channel,
        note=Personal(data.note),
    )
    return _row(made)


@post("/subjects/block", status_code=200)
async def block(request: Request[Any, Any, Any], data: JSONBody[Numbered]) -> Answer:
    """Block the person of an open request."""
    return _row(await subjects.block(actor_of(request), data.number))


@post("/subjects/refuse", status_code=200)
async def refuse(request: Request[Any, Any, Any], data: JSONBody[Worded]) -> Answer:
    """Take a request back with a reason; the person is as before."""
    return _row(await subjects.refuse(actor_of(request), data.number, Personal(data.text)))


@post("/subjects/answer", status_code=200)
async def answer(request: Request[Any, Any, Any], data: JSONBody[Worded]) -> Answer:
    """Close a request that needs no destruction with what was answered."""
    return _row(await subjects.answer(actor_of(request), data.number, Personal(data.text)))


@post("/subjects/extend", status_code=200)
async def extend(request: Request[Any, Any, Any], data: JSONBody[Numbered]) -> Answer:
    """Add five working days, once."""
    return _row(await subjects.extend(actor_of(request), data.number))


@post("/subjects/hold", status_code=200)
async def hold(request: Request[Any, Any, Any], data: JSONBody[NewHold]) -> Answer:
    """Keep a client's data for a law."""
    found = await subjects.hold(
        actor_of(request), data.customer, data.purpose, data.law, data.until
    )
    return {"id": str(found)}


@post("/subjects/release", status_code=200)
async def release(request: Request[Any, Any, Any], data: JSONBody[ById]) -> Answer:
    """End a hold before its day."""
    await subjects.release(actor_of(request), data.id)
    return {}


@post("/subjects/give-up-place", status_code=200)
async def give_up_place(request: Request[Any, Any, Any], data: JSONBody[Place]) -> Answer:
    """A place of copies is gone for good: no request waits for it."""
    await subjects.give_up_place(actor_of(request), data.path)
    return {}


@post("/subjects/approve", status_code=200)
async def approve(request: Request[Any, Any, Any], data: JSONBody[Numbered]) -> Answer:
    """Agree to a destruction."""
    return _row(await subjects.approve(actor_of(request), data.number))


@post("/subjects/approve-by-code", status_code=200)
async def approve_by_code(request: Request[Any, Any, Any], data: JSONBody[ByCode]) -> Answer:
    """Agree by the recovery code, where the firm has no second person."""
    return _row(await subjects.approve_by_code(actor_of(request), data.number, Personal(data.code)))


@post("/subjects/execute", status_code=200)
async def execute(request: Request[Any, Any, Any], data: JSONBody[Numbered]) -> Answer:
    """Have a destruction whose pause is over begin within half a minute.

    Raises:
        Conflict: `destroy_not_asked`, `destroy_cooling` with the hours left, `destroy_held`.
    """
    actor = actor_of(request)
    one = await subjects.show(actor, data.number)
    if one.state not in (*UNDER_WAY, RequestState.COOLING, RequestState.HELD):
        raise Conflict("destroy_not_asked", number=one.number)
    await upkeep.hasten(actor, CHORE)  # what is left of a pause is as the chore counted it last
    if one.cooling_left:
        raise Conflict("destroy_cooling", hours=-(-one.cooling_left // 3600))
    if one.holds and one.found.kept_of:
        until = one.holds[0].until.isoformat()
        raise Conflict("destroy_held", until=until, law=one.holds[0].law)
    return _row(one)


@post("/subjects/rules", status_code=200)
async def rules(request: Request[Any, Any, Any], data: JSONBody[Nothing]) -> Answer:
    """The pause, and how acts name people."""
    return msgspec.structs.asdict(await subjects.rules(actor_of(request)))


@post("/subjects/set-rules", status_code=200)
async def set_rules(request: Request[Any, Any, Any], data: JSONBody[Rules]) -> Answer:
    """Set them."""
    wanted = DestructionRules(pause_hours=data.pause_hours, full_name=data.full_name)
    await subjects.set_rules(actor_of(request), wanted)
    return {}


HANDLERS: Final = (
    Router(
        path="/",
        route_handlers=[
            list_requests,
            show,
            find,
            ask,
            block,
            refuse,
            answer,
            extend,
            hold,
            release,
            give_up_place,
            approve,
            approve_by_code,
            execute,
            rules,
            set_rules,
        ],
        exception_handlers={Invalid: first_field},
    ),
)
