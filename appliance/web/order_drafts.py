"""What is typed into a new order is kept on the server, so that a reload loses nothing."""

from dataclasses import replace
from typing import Any

from litestar import Controller, Response, post

from appliance.actions import order_forms
from appliance.domain.order_forms import KeptForm
from appliance.domain.personal import Personal
from appliance.web import order_typed
from appliance.web.answers import WebRequest, go
from appliance.web.order_typed import Typed, TypedLine
from appliance.web.screens import reader_of


class OrderDrafts(Controller):
    """The draft of a new order."""

    path = "/orders/new/draft"

    @post()
    async def keep(self, request: WebRequest) -> Response[Any]:
        """Keep the form as it stands."""
        typed = order_typed.read(await request.form())
        await order_forms.keep(reader_of(request).actor, typed.token, Personal(packed(typed)))
        return Response(b"", status_code=204)

    @post("/drop")
    async def drop(self, request: WebRequest) -> Response[Any]:
        """Begin anew."""
        await order_forms.forget(reader_of(request).actor)
        return go(request, "/orders/new")


def packed(typed: Typed) -> KeptForm:
    """The form for keeping; only what somebody typed or chose."""
    return KeptForm(
        token=typed.token,
        words={name: text for name, text in typed.words.items() if text},
        lines=tuple(
            (one.key, str(one.offer or ""), one.name, one.quantity, one.price, one.discount)
            for one in typed.lines
        ),
    )


def unpacked(kept: KeptForm) -> Typed:
    """The form as it was; fields of a newer release are empty."""
    typed = order_typed.empty(**kept.words)
    return replace(
        typed,
        token=kept.token,
        lines=tuple(
            TypedLine(key, int(offer) if offer else None, name, quantity, price, discount)
            for key, offer, name, quantity, price, discount in kept.lines
        ),
    )
