"""The warehouse's board on the screen, worked with a scanner or with keys."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from appliance.actions import desk as desk_actions
from appliance.actions import dispatch
from appliance.domain import formats
from appliance.domain.courier import RunState
from appliance.domain.desk import Codes
from appliance.domain.dispatch import PickLine, Standing, When, when_of
from appliance.domain.ids import uuid7
from appliance.errors import Conflict, Invalid
from appliance.http.origin import header
from appliance.roles import Permission
from appliance.web.answers import WebRequest, told
from appliance.web.courier import morning
from appliance.web.courier_words import REFUSALS
from appliance.web.orders import word
from appliance.web.screens import (
    Reader,
    counts_for,
    draw,
    look_of,
    reader_of,
    refreshed,
    shell_of,
    toast,
)
from appliance.web.shell import N_

COLUMNS: Final = (
    ("pick", N_("Собрать"), N_("Взять в сборку"), "package", "take"),
    ("pack", N_("Упаковать"), N_("Упаковано"), "package-check", "pack"),
    ("hand", N_("Передать"), N_("Передано"), "truck", "hand"),
    ("way", N_("В пути"), N_("Вручено"), "check", "brought"),
    ("done", N_("Вручено и возврат"), N_("Принять возврат"), "rotate-ccw", "return"),
)
TABS: Final = (
    (When.TODAY, N_("Сегодня")),
    (When.PICKUP, N_("Самовывоз")),
    (When.LATER, N_("Завтра и позже")),
)
DONE: Final = {
    "take": N_("Заказ № %(number)s в работе"),
    "whole": N_("Заказ № %(number)s собран целиком"),
    "pack": N_("Заказ № %(number)s упакован"),
    "hand": N_("Заказ № %(number)s передан"),
}
"""Steps that can be taken back, as the message says them."""
AGAIN: Final = N_("Возврат принят, повезём ещё раз")
CANCELLED: Final = N_("Возврат принят, заказ отменён")


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
        return await _board(request, done.number, said=_said(reader, done))

    @post("/{number:int}/lines/{line_id:uuid}/{deed:str}")
    async def line(
        self,
        request: WebRequest,
        number: FromPath[int],
        line_id: FromPath[UUID],
        deed: FromPath[str],
    ) -> Response[Any]:
        """Put a piece of a line by hand, take it out, or say that there is none on the shelf."""
        reader, place = reader_of(request), f"/ship/{number}/lines/{line_id}"
        try:
            if deed in {"plus", "minus"}:
                pieces = 1 if deed == "plus" else -1
                done = await dispatch.put(reader.actor, number, line_id, pieces)
                said, undo = _said(reader, done), f"{place}/minus"
            else:
                name = await dispatch.miss(reader.actor, number, line_id, missing=deed == "missing")
                said, undo = reader._("%(name)s: нет на полке") % {"name": name}, f"{place}/found"
        except (Invalid, Conflict) as error:
            return await _board(request, number, error=told(request, error))
        if deed in {"minus", "found"}:
            return await _after_undo(request, number)
        return await _board(request, number, said=said, undo=undo)

    @post("/{number:int}/{step:str}")
    async def step(
        self, request: WebRequest, number: FromPath[int], step: FromPath[str]
    ) -> Response[Any]:
        """Take one step with an order."""
        reader = reader_of(request)
        typed = word(await request.form(), "courier")
        chosen = int(typed) if typed.isdigit() else None
        try:
            again = await _take_step(reader, number, step, chosen or 0)
        except (Invalid, Conflict) as error:
            return await _board(request, number, error=told(request, error), courier=chosen)
        if step == "back":
            return await _after_undo(request, number)
        said = undo = ""
        if step in DONE:
            said = reader._(DONE[step]) % {"number": formats.order_number(number)}
            undo = f"/ship/{number}/back"
        elif step == "return":
            said = reader._(AGAIN if again else CANCELLED)
        return await _board(request, number, courier=chosen, said=said, undo=undo)


HANDLERS: Final = (ShipPages,)


async def _take_step(reader: Reader, number: int, step: str, courier: int) -> bool:
    """Do it; whether a returned order is driven once more."""
    steps = {
        "take": dispatch.take,
        "whole": dispatch.pick_all,
        "pack": dispatch.pack,
        "brought": dispatch.brought,
        "back": dispatch.back,
    }
    if step == "hand":
        await dispatch.hand_over(reader.actor, number, reader.today, courier)
    elif step == "return":
        return await dispatch.take_back(reader.actor, number)
    elif step in steps:
        await steps[step](reader.actor, number)
    return False


async def _after_undo(request: WebRequest, number: int) -> Response[Any]:
    """A message's «Отменить» swaps nothing in by itself: the page reads itself anew."""
    target = header(request.scope, b"hx-target")
    return await _board(request, number) if target == "main" else refreshed()


def _said(reader: Reader, done: dispatch.Scanned) -> str:
    shown = formats.order_number(done.number)
    if not done.name:
        return reader._("Заказ № %(number)s в работе") % {"number": shown}
    if done.whole:
        return reader._("Заказ № %(number)s собран целиком") % {"number": shown}
    return reader._("%(name)s: %(picked)s из %(all)s, заказ %(number)s") % {
        "name": done.name,
        "picked": formats.quantity(done.picked_milli, reader.language),
        "all": formats.quantity(done.quantity_milli, reader.language),
        "number": shown,
    }


def _tab(request: WebRequest) -> When:
    """The tab of the page, also of the page from which a step was sent."""
    given = request.query_params.get("when", "")
    if not given and request.method == "POST":
        here = urlsplit(header(request.scope, b"hx-current-url"))
        given = parse_qs(here.query).get("when", [""])[0]
    return When(given) if given in {one.value for one in When} else When.TODAY


async def _board(
    request: WebRequest,
    number: int,
    *,
    said: str = "",
    error: str = "",
    scanned: str = "",
    courier: int | None = None,
    undo: str = "",
) -> Response[Any]:
    reader, tab = reader_of(request), _tab(request)
    found = await dispatch.board(reader.actor, morning(reader), number)
    codes = await desk_actions.names(reader.actor)
    picked = sum(line.picked_milli for line in found.lines)
    wanted = sum(line.quantity_milli for line in found.lines)
    waiting = [one for code in ("pick", "pack", "hand") for one in found.columns[code]]
    drivers = found.couriers
    chosen = courier if courier is not None else (drivers[0].number if drivers else 0)
    return draw(
        request,
        reader,
        "ship/board.html",
        headers=toast(said, undo) if undo else None,
        look=look_of(request),
        shell=shell_of(request, reader, "ship", await counts_for(reader), codes),
        current=found.number,
        couriers=drivers,
        courier=chosen,
        tabs=[
            (
                f"/ship?when={code.value}",
                reader._(name),
                sum(when_of(one, reader.today) is code for one in waiting),
                code is tab,
            )
            for code, name in TABS
        ],
        columns=[_column(reader, codes, found, tab, *one) for one in COLUMNS],
        lines=_lines(reader, found.lines),
        percent=picked * 100 // wanted if wanted else 0,
        said=said,
        error=error,
        scanned=scanned,
        hands=reader.may(Permission.PARCEL_BOOK),
    )


def _column(
    reader: Reader,
    codes: Codes,
    found: dispatch.Board,
    tab: When,
    code: str,
    name: str,
    deed: str,
    sign: str,
    step: str,
) -> dict[str, Any]:
    """One column; what is done today stands there whatever day it was meant for."""
    shown = [
        one for one in found.columns[code] if code == "done" or when_of(one, reader.today) is tab
    ]
    if code == "pick" and found.number:
        # What is in hand stands first, of whatever day and however late it came.
        shown = [one for one in found.columns[code] if one.number == found.number] + [
            one for one in shown if one.number != found.number
        ]
    return {
        "code": code,
        "name": reader._(name),
        "deed": reader._(deed),
        "icon": sign,
        "step": step,
        "count": len(shown),
        "cut": len(found.columns[code]) >= dispatch.MOST_STANDING,
        "cards": [
            {
                **_card(reader, codes, one, code, found.number),
                "carrier_label": _label(reader, found.labels, one),
                "wish": found.wishes.get(one.buyer_id) if one.buyer_id else None,
            }
            for one in shown
        ],
    }


def _lines(reader: Reader, lines: Sequence[PickLine]) -> list[dict[str, Any]]:
    """Lines of the order in hand; the first that is not there yet is the one to reach for."""
    reach = next(
        (one.id for one in lines if one.picked_milli < one.quantity_milli and not one.missing), None
    )
    return [
        {
            "id": line.id,
            "name": line.name,
            "shelf": line.shelf,
            "picked": formats.quantity(line.picked_milli, reader.language),
            "wanted": formats.quantity(line.quantity_milli, reader.language),
            "done": line.picked_milli >= line.quantity_milli,
            "missing": line.missing,
            "now": line.id == reach,
        }
        for line in lines
    ]


def _label(reader: Reader, labels: Mapping[UUID, int], one: Standing) -> str:
    """Where the carrier's own label is; empty where there is none, or it is not for this role."""
    parcel = labels.get(one.id)
    if parcel is None or not reader.may(Permission.PARCEL_BOOK):
        return ""
    return f"/orders/{one.number}/carriers/{parcel}/label"


def _card(reader: Reader, codes: Codes, one: Standing, column: str, current: int) -> dict[str, Any]:
    due = ""
    if one.delivery_date is not None:
        due = formats.day_short(one.delivery_date, reader.today, reader.language)
    refused = one.run_state == RunState.REFUSED
    return {
        "number": one.number,
        "shown": formats.order_number(one.number),
        "delivery": codes.deliveries.get(one.delivery_type, one.delivery_type),
        "summary": one.summary,
        "more": one.lines_count - 1,
        "due": f"{due} {one.delivery_to}".strip(),
        "late": column != "done" and (one.delivery_date or reader.today) < reader.today,
        "current": one.number == current,
        "courier": codes.name_of(one.courier_number) if one.courier_number else "",
        "refused": refused,
        "refusal": reader._(REFUSALS[one.refusal]) if one.refusal in REFUSALS else "",
        "done_at": one.done_at,
        "label": str(uuid7())
        if column in {"pack", "hand", "way"} and reader.may(Permission.PAPER_MAKE)
        else "",
        "step": column in {"pick", "pack", "hand"}
        or (column == "way" and one.run_state != RunState.GIVEN)
        or (column == "done" and refused),
    }
