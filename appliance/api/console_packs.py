"""The admin door's part about a pack for an inspection."""

from base64 import b64encode
from typing import Any, Final

from litestar import Request, Router, post
from litestar.params import JSONBody

from appliance.actions import packs
from appliance.api.console import Answer, Input, actor_of, control_of, first_field
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


HANDLERS: Final = (
    Router(path="/", route_handlers=[make_pack], exception_handlers={Invalid: first_field}),
)
