"""The admin door's part about acts of destruction: listed, handed out as files."""

from base64 import b64decode, b64encode
from typing import Any, Final

import msgspec
from litestar import Request, Router, post
from litestar.params import JSONBody

from appliance.actions import acts
from appliance.api.console import Answer, Input, Nothing, actor_of, first_field
from appliance.domain.acts import LONGEST_SCAN, ActRecord, ActSettings, Operator, PaperLine
from appliance.domain.personal import Personal
from appliance.errors import Invalid


class ByNumber(Input):
    """The number of an act."""

    number: int


class Papers(Input):
    """Which papers went with the data of a request."""

    number: int
    lines: tuple[PaperLine, ...]

    def __repr__(self) -> str:
        return "Papers(•••)"


class Rules(Input):
    """What acts say of the firm beside its requisites."""

    system: str = ""
    processors: tuple[Operator, ...] = ()


def _row(one: ActRecord) -> Answer:
    return {
        "number": one.number,
        "state": one.state.value,
        "made_at": one.made_at.isoformat(),
        "keep_until": None if one.keep_until is None else one.keep_until.isoformat(),
        "request": one.request,
    }


@post("/acts/list", status_code=200)
async def list_acts(request: Request[Any, Any, Any], data: JSONBody[Nothing]) -> Answer:
    """Every act, the newest first; nothing of what stands in them."""
    return {"acts": [_row(one) for one in await acts.list_all(actor_of(request))]}


@post("/acts/archive", status_code=200)
async def archive(request: Request[Any, Any, Any], data: JSONBody[ByNumber]) -> Answer:
    """Act and extract as a ZIP: `{"number", "zip"}`, base64."""
    found = await acts.archive(actor_of(request), data.number)
    return {"number": data.number, "zip": b64encode(found.reveal()).decode()}


class Scan(Input):
    """A scan of a signed act: base64."""

    number: int
    file: str

    def __repr__(self) -> str:
        return "Scan(•••)"


@post("/acts/attach", status_code=200, request_max_body_size=2 * LONGEST_SCAN)
async def attach(request: Request[Any, Any, Any], data: JSONBody[Scan]) -> Answer:
    """Lay a scan of the signed act to it: `{"name"}`."""
    try:
        body = b64decode(data.file, validate=True)
    except ValueError as error:
        raise Invalid("scan_kind", fields={"file": "scan_kind"}) from error
    return {"name": await acts.attach(actor_of(request), data.number, Personal(body))}


@post("/acts/papers", status_code=200)
async def papers(request: Request[Any, Any, Any], data: JSONBody[Papers]) -> Answer:
    """Write papers down for an act that is not written yet."""
    await acts.note_papers(actor_of(request), data.number, data.lines)
    return {}


@post("/acts/rules", status_code=200)
async def rules(request: Request[Any, Any, Any], data: JSONBody[Nothing]) -> Answer:
    """What acts say of the firm beside its requisites."""
    found = await acts.rules(actor_of(request))
    processors = [msgspec.structs.asdict(one) for one in found.processors]
    return {"system": found.system, "processors": processors}


@post("/acts/set-rules", status_code=200)
async def set_rules(request: Request[Any, Any, Any], data: JSONBody[Rules]) -> Answer:
    """Set it."""
    wanted = ActSettings(system=data.system.strip(), processors=data.processors)
    await acts.set_rules(actor_of(request), wanted)
    return {}


HANDLERS: Final = (
    Router(
        path="/",
        route_handlers=[list_acts, archive, attach, papers, rules, set_rules],
        exception_handlers={Invalid: first_field},
    ),
)
