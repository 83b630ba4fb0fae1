"""Moving an order and giving it to a colleague; what a move still needs, and who was faster."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, TypeVar

from litestar import Controller, Response, post
from litestar.params import FromPath

from appliance.actions import desk, history, mass
from appliance.domain import formats
from appliance.domain.statuses import Need
from appliance.errors import Conflict, Invalid
from appliance.web import order_cards
from appliance.web.answers import WebRequest, told
from appliance.web.orders import cursor, word
from appliance.web.screens import Reader, draw, reader_of, toast, toast_and
from appliance.web.shell import N_

Done = TypeVar("Done")
NEEDS: Final[Mapping[Need, str]] = {
    Need.LINES: N_("добавить товар"),
    Need.DELIVERY: N_("выбрать способ доставки"),
    Need.ADDRESS: N_("записать адрес"),
    Need.MANAGER: N_("назначить ответственного"),
    Need.STOCK: N_("отложить товар на складе"),
    Need.PAID: N_("получить оплату полностью"),
    Need.SHIPPED: N_("отгрузить всё"),
}
"""What a status may ask for, as a thing to do."""


class OrderMoves(Controller):
    """Where an order stands, and with whom."""

    path = "/orders/{number:int}"

    @post("/status")
    async def move(self, request: WebRequest, number: FromPath[int]) -> Response[Any]:
        """Move an order to another status; one that was moved meanwhile is shown as it is now."""
        form, reader = await request.form(), reader_of(request)
        status, seen = word(form, "status"), cursor(word(form, "version"))
        try:
            moved = await _once_more(
                reader,
                number,
                seen,
                "status",
                lambda version: desk.move(reader.actor, number, status, version),
            )
        except (Conflict, Invalid) as error:
            return await refused(request, reader, number, error)
        text = _moved(reader, number, moved.status_name)
        return await order_cards.show(
            request, number, headers=toast(text, f"/orders/undo?numbers={number}")
        )

    @post("/next")
    async def advance(self, request: WebRequest, number: FromPath[int]) -> Response[Any]:
        """Move an order of the list to where it usually goes next."""
        reader = reader_of(request)
        try:
            name = await mass.advance(reader.actor, number)
        except (Conflict, Invalid) as error:
            return await refused(request, reader, number, error)
        headers = toast_and(
            _moved(reader, number, name), f"/orders/undo?numbers={number}", "list-changed"
        )
        return Response(b"", status_code=204, headers=headers)

    @post("/manager")
    async def assign(self, request: WebRequest, number: FromPath[int]) -> Response[Any]:
        """Make a colleague responsible."""
        form, reader = await request.form(), reader_of(request)
        manager = cursor(word(form, "manager")) or 0
        try:
            await _once_more(
                reader,
                number,
                cursor(word(form, "version")),
                "manager",
                lambda version: desk.assign(reader.actor, number, manager, version),
            )
        except (Conflict, Invalid) as error:
            return await refused(request, reader, number, error)
        return await order_cards.show(
            request, number, headers=toast(reader._("Ответственный изменён"))
        )


async def _once_more(
    reader: Reader,
    number: int,
    seen: int | None,
    field: str,
    deed: Callable[[int | None], Awaitable[Done]],
) -> Done:
    """Do a deed; if the order was changed meanwhile, but not in this field, on it as it is now."""
    try:
        return await deed(seen)
    except Conflict as error:
        if error.code != "order_changed" or seen is None:
            raise
        found = await history.order_since(reader.actor, number, seen)
        if any(one.field == field for one in found.lines):
            raise
        return await deed(found.version)


def _moved(reader: Reader, number: int, status: str) -> str:
    return reader._("Заказ № %(number)s: %(status)s") % {
        "number": formats.order_number(number),
        "status": status,
    }


async def refused(
    request: WebRequest, reader: Reader, number: int, error: Conflict | Invalid
) -> Response[Any]:
    """A window that says what stands there now, over the page as it was."""
    found = await desk.order(reader.actor, number)
    order = found.order
    return draw(
        request,
        reader,
        "orders/conflict.html",
        status=409 if isinstance(error, Conflict) else 422,
        headers={"hx-retarget": "#dialogs", "hx-reswap": "innerHTML", "hx-reselect": "#conflict"},
        sentence=told(request, error),
        needs=[reader._(NEEDS[one]) for one in Need if one.value in _missing(error)],
        changed=isinstance(error, Conflict),
        order=order,
        number=formats.order_number(number),
        last=found.stream.entries[0] if found.stream.entries else None,
        last_by=found.codes.name_of(found.stream.entries[0].author_number)
        if found.stream.entries
        else "",
        href=f"/orders/{number}",
    )


def _missing(error: Conflict | Invalid) -> list[str]:
    return str(error.params.get("missing", "")).split(",")
