"""Two people on one order: what only one of them touched goes on, what both did is asked about."""

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from litestar import Response
from litestar.datastructures import FormMultiDict

from appliance.actions import history
from appliance.domain.history import HistoryLine, Since
from appliance.errors import Conflict
from appliance.web import changes, merging
from appliance.web.answers import WebRequest, told
from appliance.web.screens import Reader, draw

Deed = Callable[[FormMultiDict], Awaitable[None]]

TOUCHED: Final[Mapping[str, Mapping[str, str]]] = {
    "lines": {
        "order_product.quantity": "quantity",
        "order_product.initial_price": "price",
        "order_product.discount_total": "discount",
        "order_product.status": "status",
        "order_product": "line",
    },
    "delivery": {
        "delivery_type": "delivery",
        "delivery_cost": "cost",
        "delivery_date": "date",
        "integration_delivery_data.track_number": "track",
        "delivery_address.": "address",
    },
    "terms": {
        "discount_manual_amount": "discount",
        "discount_manual_percent": "discount",
        "coupon": "coupon",
        "discount_reason": "reason",
        "payment_scheme": "scheme",
    },
    "remarks": {
        "customer_comment": "customer_comment",
        "manager_comment": "manager_comment",
    },
    "payer": {"payer": "number"},
    "buyer": {"customer": "number"},
    "pay": {"payments": "amount", "payments.": "amount"},
}
"""Part of the card → field of the history, or the beginning of one → input of its form."""


async def again(
    request: WebRequest,
    reader: Reader,
    number: int,
    form: FormMultiDict,
    place: str,
    deed: Deed,
    error: Conflict,
) -> Response[Any] | None:
    """Do the deed on the order as it is now, if nobody else touched what it is about.

    Returns:
        A window with what was, is now and was typed, where somebody did; None where it is done.
    """
    found = await history.order_since(reader.actor, number, _seen(form))
    mine = _mine(form, found.version)
    clashes = list(_clashes(reader, found, place, mine))
    if not clashes:
        await deed(mine)
        return None
    return draw(
        request,
        reader,
        "orders/clash.html",
        status=409,
        headers={"hx-retarget": "#dialogs", "hx-reswap": "innerHTML", "hx-reselect": "#conflict"},
        sentence=told(request, error),
        rows=clashes,
        kept=[(n, value) for n, value in mine.multi_items() if n != "csrf"],
        action=request.url.path,
        query=request.url.query,
        number=number,
        who=found.codes.name_of(found.lines[0].user_number),
        at=found.lines[0].at,
    )


def _seen(form: FormMultiDict) -> int:
    text = str(form.get("version", ""))
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else 0


def _mine(form: FormMultiDict, version: int) -> FormMultiDict:
    """What the reader changed: inputs that hold what they held at first are left out."""
    said = [(name, value) for name, value in form.multi_items() if isinstance(value, str)]
    was = merging.opened(dict(said))
    chosen = merging.settled(form).multi_items()
    kept = [
        (name, value)
        for name, value in chosen
        if name != "version" and not (name in was and was[name] == value)
    ]
    return FormMultiDict([*kept, ("version", str(version))])


def _clashes(
    reader: Reader, found: Since, place: str, mine: FormMultiDict
) -> Iterator[dict[str, Any]]:
    known, shown = TOUCHED.get(place, {}), set[str]()
    line = str(mine.get("line", ""))
    for one in found.lines:
        name = _input_of(known, one.field)
        if name not in mine or name in shown:
            continue
        if place == "lines" and str(one.part.get("id", "")) != line:
            continue
        shown.add(name)
        first = _first(found.lines, one)
        yield {
            "name": name,
            "label": changes.field_name(reader, "order", one.field, found.codes),
            "was": changes.shown(reader, "order", one.field, first.old, found.codes),
            "theirs": changes.shown(reader, "order", one.field, one.new, found.codes),
            "mine": "" if name in {"line", "number"} else str(mine.get(name, "")),
        }


def _first(lines: Sequence[HistoryLine], last: HistoryLine) -> HistoryLine:
    """The earliest change of the same field: what it held when the form was opened."""
    same = [
        one
        for one in lines
        if one.field == last.field and one.part.get("id") == last.part.get("id")
    ]
    return same[-1]


def _input_of(known: Mapping[str, str], field: str) -> str:
    if field in known:
        return known[field]
    parts = {start: name for start, name in known.items() if start.endswith(".")}
    return next((name for start, name in parts.items() if field.startswith(start)), "-")
