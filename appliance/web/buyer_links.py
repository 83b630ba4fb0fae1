"""Links for buyers on an order's card: making one, copying it, taking it back."""

from typing import Any
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from appliance.actions import buyers, desk
from appliance.domain import formats
from appliance.domain.buyers import LinkView
from appliance.domain.desk import Codes
from appliance.domain.personal import Personal
from appliance.http.origin import header
from appliance.web.answers import WebRequest, site_of
from appliance.web.screens import Reader, draw, reader_of, toast


class BuyerLinks(Controller):
    """The window «Ссылка покупателю»."""

    path = "/orders/{number:int}/link"

    @get()
    async def index(self, request: WebRequest, number: FromPath[int]) -> Response[Any]:
        """Show who was given a link."""
        return await _window(request, number)

    @post()
    async def make(self, request: WebRequest, number: FromPath[int]) -> Response[Any]:
        """Make a link and show it, this once."""
        made = await buyers.make_link(reader_of(request).actor, number)
        return await _window(request, number, token=made.token)

    @post("/{link_id:uuid}/revoke")
    async def revoke(
        self, request: WebRequest, number: FromPath[int], link_id: FromPath[UUID]
    ) -> Response[Any]:
        """Take a link back."""
        reader = reader_of(request)
        await buyers.revoke(reader.actor, number, link_id)
        return await _window(request, number, said=reader._("Ссылка больше не действует"))


def base_of(request: WebRequest) -> str:
    """`https://name` under which buyers reach the box."""
    return site_of(request).outside or f"https://{header(request.scope, b'host')}"


async def _window(
    request: WebRequest, number: int, *, token: Personal[str] | None = None, said: str = ""
) -> Response[Any]:
    reader = reader_of(request)
    found = await buyers.links(reader.actor, number)
    codes = await desk.names(reader.actor)
    return draw(
        request,
        reader,
        "orders/link.html",
        headers=toast(said) if said else None,
        number=number,
        shown=formats.order_number(number),
        links=[_row(reader, one, codes) for one in found],
        token=token,
        base=f"{base_of(request)}/s/",
    )


def _row(reader: Reader, one: LinkView, codes: Codes) -> dict[str, Any]:
    def moment(at: Any) -> str:
        return formats.moment_short(at, reader.now, reader.zone, reader.language)

    works = one.works(reader.now)
    if one.revoked_at is not None:
        state = reader._("отозвана %(when)s") % {"when": moment(one.revoked_at)}
    elif not works:
        state = reader._("срок истёк")
    else:
        day = formats.day_short(
            one.expires_at.astimezone(reader.zone).date(), reader.today, reader.language
        )
        state = reader._("действует до %(day)s") % {"day": day}
    opened = one.opened_at
    return {
        "id": one.id,
        "made": moment(one.created_at),
        "who": codes.name_of(one.made_by) or reader._("коробка"),
        "works": works,
        "state": state,
        "opened": reader._("ещё не открывали")
        if opened is None
        else reader._("открывали %(when)s") % {"when": moment(opened)},
    }
