"""The warehouse's board on the screen, worked with a scanner or with keys."""

from typing import Any, Final

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from appliance.actions import desk as desk_actions
from appliance.actions import dispatch
from appliance.domain import formats
from appliance.domain.desk import Codes
from appliance.domain.dispatch import Standing
from appliance.errors import Conflict, Invalid
from appliance.web.answers import WebRequest, told
from appliance.web.orders import word
from appliance.web.screens import Reader, counts_for, draw, look_of, reader_of, shell_of
from appliance.web.shell import N_

COLUMNS: Final = (
    ("pick", N_("Собрать"), N_("Взять в сборку"), "package", "take"),
    ("pack", N_("Упаковать"), N_("Упаковано"), "package-check", "pack"),
    ("hand", N_("Передать"), N_("Передано"), "truck", "hand"),
    ("way", N_("В пути"), "", "", ""),
)


class ShipPages(Controller):
    """The board."""

    path = "/ship"

    @get()
    async def index(self, request: WebRequest) -> Response[Any]:
        """Show the board."""
        number = request.query_params.get("order", "")
        return await _board(request, int(number) if number.isdigit() else 0)

    @post("/scan")
    async def scan(self, request: WebRequest) -> Response[Any]:
        """Do what a scan means: an order's number or an article."""
        form, reader = await request.form(), reader_of(request)
        code, number = word(form, "code")[:255], word(form, "order")
        current = int(number) if number.isdigit() else 0
        try:
            done = await dispatch.scan(reader.actor, code, current)
        except Invalid as error:
            return await _board(request, current, error=told(request, error), scanned=code)
        shown = formats.order_number(done.number)
        if not done.name:
            text = reader._("Заказ № %(number)s в работе") % {"number": shown}
        elif done.whole:
            text = reader._("Заказ № %(number)s собран целиком") % {"number": shown}
        else:
            text = reader._("%(name)s: %(picked)s из %(all)s, заказ %(number)s") % {
                "name": done.name,
                "picked": formats.quantity(done.picked_milli, reader.language),
                "all": formats.quantity(done.quantity_milli, reader.language),
                "number": shown,
            }
        return await _board(request, done.number, said=text)

    @post("/{number:int}/{step:str}")
    async def step(
        self, request: WebRequest, number: FromPath[int], step: FromPath[str]
    ) -> Response[Any]:
        """Take one step with an order."""
        reader = reader_of(request)
        steps = {
            "take": dispatch.take,
            "whole": dispatch.pick_all,
            "pack": dispatch.pack,
        }
        typed = word(await request.form(), "courier")
        chosen = int(typed) if typed.isdigit() else None
        try:
            if step == "hand":
                await dispatch.hand_over(reader.actor, number, reader.today, chosen or 0)
            elif step in steps:
                await steps[step](reader.actor, number)
        except (Invalid, Conflict) as error:
            return await _board(request, number, error=told(request, error), courier=chosen)
        return await _board(request, number, courier=chosen)


HANDLERS: Final = (ShipPages,)


async def _board(
    request: WebRequest,
    number: int,
    *,
    said: str = "",
    error: str = "",
    scanned: str = "",
    courier: int | None = None,
) -> Response[Any]:
    reader = reader_of(request)
    found = await dispatch.board(reader.actor, number)
    codes = await desk_actions.names(reader.actor)
    picked = sum(line.picked_milli for line in found.lines)
    wanted = sum(line.quantity_milli for line in found.lines)
    return draw(
        request,
        reader,
        "ship/board.html",
        look=look_of(request),
        shell=shell_of(request, reader, "ship", await counts_for(reader), codes),
        current=found.number,
        couriers=found.couriers,
        courier=next((one.number for one in found.couriers), 0) if courier is None else courier,
        columns=[
            {
                "name": reader._(name),
                "deed": reader._(deed) if deed else "",
                "icon": icon,
                "step": step,
                "count": len(found.columns[code]),
                "cards": [_card(reader, codes, one, found.number) for one in found.columns[code]],
            }
            for code, name, deed, icon, step in COLUMNS
        ],
        lines=[
            {
                "name": line.name,
                "shelf": line.shelf,
                "picked": formats.quantity(line.picked_milli, reader.language),
                "wanted": formats.quantity(line.quantity_milli, reader.language),
                "done": line.picked_milli >= line.quantity_milli,
            }
            for line in found.lines
        ],
        percent=picked * 100 // wanted if wanted else 0,
        said=said,
        error=error,
        scanned=scanned,
    )


def _card(reader: Reader, codes: Codes, one: Standing, current: int) -> dict[str, Any]:
    due = ""
    late = False
    if one.delivery_date is not None:
        due = formats.day_short(one.delivery_date, reader.today, reader.language)
        late = one.delivery_date < reader.today
    return {
        "number": one.number,
        "shown": formats.order_number(one.number),
        "delivery": codes.deliveries.get(one.delivery_type, one.delivery_type),
        "summary": one.summary,
        "more": one.lines_count - 1,
        "due": f"{due} {one.delivery_to}".strip(),
        "late": late,
        "current": one.number == current,
    }
