"""Steps of a card: lines, delivery, money, shipments. Each answers with the card as it is now."""

from collections.abc import Callable
from datetime import date
from typing import Any, Final

from litestar import Controller, Response, post
from litestar.datastructures import FormMultiDict
from litestar.params import FromPath

from appliance.actions import order_edits, payments, shipments
from appliance.actions.order_edits import LineStep
from appliance.domain import inputs
from appliance.domain.orders import (
    UNSET,
    DeliveryDraft,
    OrderChange,
    PaymentDraft,
    Unset,
)
from appliance.domain.personal import Personal
from appliance.domain.shipments import ShipmentDraft
from appliance.errors import Conflict, HouseError, Invalid
from appliance.web import merging, order_cards, order_clashes, order_moves, texts
from appliance.web.answers import WebRequest
from appliance.web.order_clashes import Deed
from appliance.web.orders import numbers_of, word
from appliance.web.screens import Reader, draw, reader_of, toast

MOST_LINES: Final = 200


class OrderEdits(Controller):
    """What is changed on an order's card."""

    path = "/orders/{number:int}"

    @post("/line")
    async def line(self, request: WebRequest, number: FromPath[int]) -> Response[Any]:
        """Add, change or drop a line."""
        form, reader = await request.form(), reader_of(request)

        async def deed(form: FormMultiDict) -> None:
            step = LineStep(
                line=_whole(form, "line"),
                drop=word(form, "do") == "drop",
                offer=_whole(form, "add") or None,
                name=word(form, "add_name"),
                quantity_milli=_given(form, "quantity", inputs.quantity),
                price=_given(form, "price", inputs.money, "add_price"),
                discount_percent_milli=_given(form, "discount", _percent),
                status=word(form, "status") or UNSET,
            )
            await order_edits.line(reader.actor, number, step, _version(form))

        return await _done(request, reader, number, form, deed, "lines")

    @post("/delivery")
    async def delivery(self, request: WebRequest, number: FromPath[int]) -> Response[Any]:
        """Change how the goods go."""
        form, reader = await request.form(), reader_of(request)

        async def deed(form: FormMultiDict) -> None:
            address = word(form, "address").strip()
            draft = DeliveryDraft(
                type=word(form, "delivery") if "delivery" in form else UNSET,
                cost=_given(form, "cost", inputs.money),
                date=_day(form, reader),
                address=Personal({"text": address}) if "address" in form else None,
                track_number=word(form, "track") if "track" in form else UNSET,
            )
            await order_edits.delivery(reader.actor, number, draft, _version(form))

        return await _done(request, reader, number, form, deed, "delivery")

    @post("/terms")
    async def terms(self, request: WebRequest, number: FromPath[int]) -> Response[Any]:
        """Change the order's discount and how it is to be paid."""
        form, reader = await request.form(), reader_of(request)

        async def deed(form: FormMultiDict) -> None:
            amount, share = _discount(form)
            said = {"discount_reason": word(form, "reason").strip()} if "reason" in form else None
            wanted = OrderChange(
                discount_amount=amount,
                discount_percent_milli=share,
                coupon=word(form, "coupon") if "coupon" in form else UNSET,
                contact=None if said is None else Personal(said),
                version=_version(form),
            )
            scheme = word(form, "scheme") if "scheme" in form else None
            await order_edits.change(reader.actor, number, wanted, scheme=scheme)

        return await _done(request, reader, number, form, deed, "terms")

    @post("/remarks")
    async def remarks(self, request: WebRequest, number: FromPath[int]) -> Response[Any]:
        """Change the comments."""
        form, reader = await request.form(), reader_of(request)

        async def deed(form: FormMultiDict) -> None:
            said = {
                name: word(form, name).strip()
                for name in ("customer_comment", "manager_comment")
                if name in form
            }
            wanted = OrderChange(contact=Personal(said), version=_version(form))
            await order_edits.change(reader.actor, number, wanted)

        return await _done(request, reader, number, form, deed, "remarks")

    @post("/payer")
    async def payer(self, request: WebRequest, number: FromPath[int]) -> Response[Any]:
        """Make a client the payer, or the buyer pay himself."""
        form, reader = await request.form(), reader_of(request)

        async def deed(form: FormMultiDict) -> None:
            await order_edits.parties(
                reader.actor, number, payer=_whole(form, "number"), version=_version(form)
            )

        return await _done(request, reader, number, form, deed, "payer")

    @post("/buyer")
    async def buyer(self, request: WebRequest, number: FromPath[int]) -> Response[Any]:
        """Make another client the buyer."""
        form, reader = await request.form(), reader_of(request)

        async def deed(form: FormMultiDict) -> None:
            chosen = _whole(form, "number")
            if not chosen:
                raise Invalid("buyer_missing", fields={"who": "buyer_missing"})
            await order_edits.parties(reader.actor, number, buyer=chosen, version=_version(form))

        return await _done(request, reader, number, form, deed, "buyer")

    @post("/pay")
    async def pay(self, request: WebRequest, number: FromPath[int]) -> Response[Any]:
        """«Оплачено»: money that came, by one of the ways of the dictionary."""
        form, reader = await request.form(), reader_of(request)

        async def deed(form: FormMultiDict) -> None:
            draft = PaymentDraft(
                type=word(form, "type"), amount=_given(form, "amount", inputs.money)
            )
            await payments.receive(
                reader.actor,
                number,
                draft,
                payer=_payer(form),
                version=_version(form),
            )

        return await _done(request, reader, number, form, deed, "pay")

    @post("/refund")
    async def refund(self, request: WebRequest, number: FromPath[int]) -> Response[Any]:
        """Give money of a payment back."""
        form, reader = await request.form(), reader_of(request)

        async def deed(form: FormMultiDict) -> None:
            await payments.refund(
                reader.actor,
                _whole(form, "payment"),
                amount=_given(form, "amount", inputs.money),
                to_account=word(form, "to") == "account",
            )

        return await _done(request, reader, number, form, deed, "refund")

    @post("/ship")
    async def ship(self, request: WebRequest, number: FromPath[int]) -> Response[Any]:
        """Make a shipment and, if asked, send it off."""
        form, reader = await request.form(), reader_of(request)

        async def deed(form: FormMultiDict) -> None:
            day = word(form, "date").strip()
            cost = _given(form, "cost", inputs.money)
            draft = ShipmentDraft(
                lines=_shipped(form),
                warehouse=word(form, "warehouse"),
                delivery_type=word(form, "delivery"),
                cost=0 if cost is UNSET else cost,
                planned_for=inputs.day(day, reader.today) if day else None,
                track_number=word(form, "track").strip(),
            )
            await shipments.create(reader.actor, number, draft, send=bool(word(form, "send")))

        return await _done(request, reader, number, form, deed, "ship")

    @post("/shipments/{shipment:int}/{deed:str}")
    async def shipment(
        self,
        request: WebRequest,
        number: FromPath[int],
        shipment: FromPath[int],
        deed: FromPath[str],
    ) -> Response[Any]:
        """Change a shipment, send it off, hand it over, or take it back."""
        form, reader = await request.form(), reader_of(request)
        deeds = {
            "dispatch": shipments.dispatch,
            "deliver": shipments.deliver,
            "cancel": shipments.cancel,
        }

        async def done(form: FormMultiDict) -> None:
            if deed == "edit":
                day, cost = word(form, "date").strip(), _given(form, "cost", inputs.money)
                await shipments.edit(
                    reader.actor,
                    shipment,
                    track_number=word(form, "track").strip(),
                    cost=0 if cost is UNSET else cost,
                    planned_for=inputs.day(day, reader.today) if day else None,
                )
                return
            if deed not in deeds:
                raise Invalid("invalid")
            await deeds[deed](reader.actor, shipment)

        place = f"ship-{shipment}" if deed == "edit" else "ship"
        return await _done(request, reader, number, form, done, place)

    @post("/delivered")
    async def delivered(self, request: WebRequest, number: FromPath[int]) -> Response[Any]:
        """«Вручено»: the buyer has the whole order."""
        form, reader = await request.form(), reader_of(request)

        async def deed(form: FormMultiDict) -> None:
            await shipments.deliver_whole(reader.actor, number, _version(form))

        return await _done(request, reader, number, form, deed, "ship")


async def _done(
    request: WebRequest,
    reader: Reader,
    number: int,
    form: FormMultiDict,
    deed: Deed,
    place: str,
) -> Response[Any]:
    """The card after a deed; or what is wrong, beside what was typed; or the conflict window."""
    try:
        try:
            await deed(merging.settled(form))
        except Conflict as error:
            if error.code != "order_changed":
                return await order_moves.refused(request, reader, number, error)
            asked = await order_clashes.again(request, reader, number, form, place, deed, error)
            if asked is not None:
                return asked
    except Invalid as error:
        return draw(
            request,
            reader,
            "orders/problem.html",
            status=422,
            headers={
                "hx-retarget": f"#{place}-problem",
                "hx-reswap": "innerHTML",
                "hx-reselect": "#problem",
            },
            sentences=_sentences(reader, error),
        )
    return await order_cards.show(request, number, headers=toast(reader._("Сохранено")))


def _sentences(reader: Reader, error: HouseError) -> list[str]:
    codes = [code for code in getattr(error, "fields", {}).values() if code != "code_unknown"]
    found = [
        texts.error(code, reader.language, error.params)
        for code in dict.fromkeys(codes or [error.code])
    ]
    return [". ".join(part for part in (one.title, one.hint) if part) for one in found]


def _version(form: FormMultiDict) -> int | None:
    text = word(form, "version")
    return int(text) if text.isascii() and text.isdigit() else None


def _whole(form: FormMultiDict, name: str) -> int:
    text = word(form, name)
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 11 else 0


def _given(
    form: FormMultiDict, name: str, read: Callable[[str], int], other: str = ""
) -> int | Unset:
    """A number of a form; UNSET where the field is absent or empty.

    Raises:
        Invalid: it cannot be read, or is below zero.
    """
    text = (word(form, name) or word(form, other)).strip()
    if not text:
        return UNSET
    value = read(text)
    if value < 0:
        raise Invalid("amount_out_of_range", fields={name: "amount_out_of_range"})
    return value


def _day(form: FormMultiDict, reader: Reader) -> date | Unset | None:
    """A day of a form; UNSET where the field is absent, None where it is empty."""
    if "date" not in form:
        return UNSET
    text = word(form, "date").strip()
    return inputs.day(text, reader.today) if text else None


def _discount(form: FormMultiDict) -> tuple[int | Unset, int | Unset]:
    """The order's own discount: kopecks and thousandths of a percent, one of them zero."""
    if "discount" not in form:
        return UNSET, UNSET
    text = word(form, "discount").strip()
    share = text.endswith("%")
    return 0 if share or not text else inputs.money(text), _percent(text) if share else 0


def _percent(text: str) -> int:
    value = inputs.percent(text) * 10
    if value > 100_000:
        raise Invalid("percent_too_large")
    return value


def _shipped(form: FormMultiDict) -> dict[int, int] | None:
    """Quantities by lines; None where the form names none."""
    names = numbers_of(",".join(str(one) for one in form.getall("ship_line", [])))
    if not names:
        return None
    amounts = [str(one).strip() for one in form.getall("ship_quantity", [])]
    taken = {
        name: inputs.quantity(text) for name, text in zip(names, amounts, strict=False) if text
    }
    return {name: milli for name, milli in taken.items() if milli}


def _payer(form: FormMultiDict) -> Personal[dict[str, str]] | None:
    """Who really paid, where the form says so."""
    said = {name: word(form, name).strip() for name in ("payer_name", "payer_inn", "payer_card")}
    return Personal(said) if any(said.values()) else None
