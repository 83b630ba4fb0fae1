"""A courier's page for a phone: his orders of the day, marks that wait for the network.

What the phone keeps while there is no network names nobody: numbers of orders, sums, marks. The
service worker keeps the shell only (`courier/shell.html` with its styles and scripts).
"""

from datetime import UTC, datetime, time
from hashlib import sha256
from typing import Any, Final
from uuid import UUID

from litestar import Controller, MediaType, Response, get, post
from litestar.params import FromPath

from appliance.actions import courier
from appliance.actions import desk as desk_actions
from appliance.domain import formats
from appliance.domain.courier import Mark, MarkKind, Run, RunState
from appliance.errors import Conflict, Invalid, NotFound
from appliance.http.frame import CSP
from appliance.web.answers import WebRequest, site_of, told
from appliance.web.courier_words import MARKS, REFUSALS
from appliance.web.orders import word
from appliance.web.screens import Reader, counts_for, draw, look_of, reader_of, shell_of

WORKER_CSP: Final = CSP.replace("worker-src 'none'", "worker-src 'self'")
_ALLOWED: Final = {"content-security-policy": WORKER_CSP}
_KEPT: Final = (
    "app.css",
    "htmx.js",
    "icons.svg",
    "favicon.svg",
    "korobka-ui-cyrillic.woff2",
    "korobka-ui-latin.woff2",
    "korobka-ui-latin-ext.woff2",
)


class CourierPages(Controller):
    """The courier's day."""

    path = "/courier"

    @get()
    async def index(self, request: WebRequest) -> Response[Any]:
        """Show what is to be delivered, and what was done today."""
        reader = reader_of(request)
        runs = await courier.day(reader.actor, morning(reader))
        codes = await desk_actions.names(reader.actor)
        mine = reader.actor.number
        shown = [_card(reader, one) for one in runs]
        for card, one in zip(shown, runs, strict=True):
            card["courier"] = (
                "" if one.courier_number == mine else codes.name_of(one.courier_number)
            )
        return draw(
            request,
            reader,
            "courier/day.html",
            headers=_ALLOWED,
            look=look_of(request),
            shell=shell_of(request, reader, "courier", await counts_for(reader), codes),
            given=[card for card in shown if card["state"] == RunState.GIVEN],
            done=[card for card in shown if card["state"] != RunState.GIVEN],
            take=sum(one.due for one in runs if one.state == RunState.GIVEN),
            refusals=_said(reader, REFUSALS),
            marks=_said(reader, MARKS),
        )

    @get("/shell")
    async def shell(self, request: WebRequest) -> Response[Any]:
        """Show the page that a phone keeps for times without a network: nothing of anybody."""
        reader = reader_of(request)
        return draw(
            request,
            reader,
            "courier/shell.html",
            headers=_ALLOWED,
            look=look_of(request),
            refusals=_said(reader, REFUSALS),
            marks=_said(reader, MARKS),
        )

    @get("/worker.js")
    async def worker(self, request: WebRequest) -> Response[Any]:
        """Give the service worker, with what it keeps; a new build is a new worker."""
        pages, reader = site_of(request).pages, reader_of(request)
        kept = pages.addresses(_KEPT)
        shell = pages.render(
            "courier/shell.html",
            reader.language,
            look=look_of(request),
            refusals=_said(reader, REFUSALS),
            marks=_said(reader, MARKS),
        )
        mark = sha256("\n".join((shell, *kept)).encode()).hexdigest()[:12]
        text = pages.render("courier/worker.js", reader.language, name=f"courier-{mark}", kept=kept)
        headers = {"service-worker-allowed": "/courier", "cache-control": "no-cache"}
        return Response(text, media_type="text/javascript; charset=utf-8", headers=headers)

    @post("/marks")
    async def mark(self, request: WebRequest) -> Response[Any]:
        """Take one mark of the queue; what is refused for good is told in words."""
        form, reader = await request.form(), reader_of(request)
        try:
            done = await courier.mark(reader.actor, _mark(form))
        except (Invalid, Conflict, NotFound) as error:
            return Response({"refused": told(request, error)}, status_code=200)
        return Response({"done": done.number, "again": done.again}, status_code=200)

    @post("/{number:int}/phone")
    async def phone(self, request: WebRequest, number: FromPath[int]) -> Response[Any]:
        """Show a buyer's phone in full: it is written down first, and counted."""
        reader = reader_of(request)
        value = await courier.reveal(reader.actor, number)
        href = f"/courier/{number}/phone"
        return draw(request, reader, "courier/phone.html", value=value, href=href)

    @post("/{number:int}/phone/copied")
    async def copied(self, request: WebRequest, number: FromPath[int]) -> Response[Any]:
        """Write down that a shown phone was copied."""
        await courier.note_copied(reader_of(request).actor, number)
        return Response(b"", status_code=204, media_type=MediaType.TEXT)


HANDLERS: Final = (CourierPages,)


def morning(reader: Reader) -> datetime:
    """When the box's day began."""
    return datetime.combine(reader.today, time(), reader.zone).astimezone(UTC)


def _said(reader: Reader, words: Any) -> dict[str, str]:
    return {str(code): reader._(text) for code, text in words.items()}


def _mark(form: Any) -> Mark:
    """Read a mark.

    Raises:
        Invalid: `invalid`: no phone of ours sends that.
    """
    try:
        return Mark(
            id=UUID(word(form, "id")),
            order=int(word(form, "order")),
            kind=MarkKind(word(form, "kind")),
            amount=int(word(form, "amount") or "0"),
            reason=word(form, "reason")[:32],
        )
    except ValueError:
        raise Invalid from None


def _card(reader: Reader, one: Run) -> dict[str, Any]:
    due = (
        formats.day_short(one.delivery_date, reader.today, reader.language)
        if one.delivery_date
        else ""
    )
    window = "–".join(part for part in (one.delivery_from, one.delivery_to) if part)
    return {
        "number": one.number,
        "shown": formats.order_number(one.number),
        "state": one.state,
        "when": " ".join(part for part in (due, window) if part),
        "late": one.delivery_date is not None and one.delivery_date < reader.today,
        "name": one.name,
        "phone": one.phone,
        "address": one.address,
        "comment": one.comment,
        "wish": one.wish,
        "total": one.total,
        "due": one.due,
        "typed": f"{one.due / 100:.2f}".replace(".", ",").removesuffix(",00"),
        "goods": [
            {"name": name, "quantity": formats.quantity(milli, reader.language)}
            for name, milli in one.goods
        ],
        "reason": reader._(REFUSALS[one.reason]) if one.reason in REFUSALS else "",
        "done_at": one.done_at,
    }
