"""The admin door's part about packs: for an inspection, for a person who asks."""

from base64 import b64encode
from typing import Any, Final

from litestar import Request, Router, post
from litestar.params import JSONBody

from appliance.actions import packs, person_packs
from appliance.api.console import Answer, ByNumber, Input, actor_of, control_of, first_field
from appliance.domain.personal import Personal
from appliance.errors import Denied, Invalid


class For(Input):
    """Who gets the pack."""

    receiver: str

    def __repr__(self) -> str:
        return "For(•••)"


@post("/subjects/pack", status_code=200)
async def make_pack(request: Request[Any, Any, Any], data: JSONBody[For]) -> Answer:
    """Registers and acts as a ZIP: `{"zip"}`, base64; first a second person is asked."""
    actor, receiver = actor_of(request), Personal(data.receiver)
    try:
        await packs.allow(actor, receiver)
    except Denied as error:
        if error.code != "agreement_needed":
            raise
        raise Denied("agreement_asked", number=await packs.ask(actor)) from error
    known = control_of(request).status()
    found = await packs.gather(actor, receiver, str(known["name"]), int(known["log_size"]))
    return {"zip": b64encode(found.reveal()).decode()}


@post("/subjects/give", status_code=200)
async def give(request: Request[Any, Any, Any], data: JSONBody[ByNumber]) -> Answer:
    """All that is kept of the person of an open request as a ZIP: `{"zip"}`, base64."""
    box = str(control_of(request).status()["name"])
    found = await person_packs.make(actor_of(request), data.number, box)
    return {"zip": b64encode(found.reveal()).decode()}


HANDLERS: Final = (
    Router(path="/", route_handlers=[make_pack, give], exception_handlers={Invalid: first_field}),
)
