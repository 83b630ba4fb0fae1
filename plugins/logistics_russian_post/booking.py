"""An order at the Post: made once whatever happens, taken back, its label printed.

The Post refuses no second order of the same number, so that is looked for before anything is made
again: in the backlog and, where somebody has put it into a batch, among the parcels.
"""

import asyncio
import re
from typing import Any, Final

from appliance.plugin_api.core import Core
from appliance.plugin_api.outcomes import Retry
from appliance.plugin_api.parcels import Address, Item, Parcel, Report
from appliance.plugin_api.vendor import Reply
from plugins.logistics_russian_post import quoting, statuses
from plugins.logistics_russian_post.client import Post
from plugins.logistics_russian_post.wire import Cleaned, Made, Order, Person, Wrong

TRACKING: Final = "https://www.pochta.ru/tracking?barcode="
RUSSIA: Final = 643
"""ISO 3166-1, numeric."""
VAT: Final = frozenset({"0", "5", "7", "10", "20", "22"})
NO_VAT: Final = -1
LONGEST: Final = 60
NOT_FOUND: Final = 404
_DIGITS: Final = re.compile(r"\d+")


def number_of(post: Post, parcel: Parcel) -> str:
    """Our number there: the key by which an order is found again."""
    return f"{post.text('prefix')}{parcel.own_number}"


async def found(post: Post, core: Core, parcel: Parcel) -> Order | None:
    """The order as it stands there, by its id, else by our number; None: there is none.

    Raises:
        Retry: the Post does not say whether there is one: it might be made twice.
    """
    number = number_of(post, parcel)
    for place in ("backlog", "shipment"):
        if parcel.carrier_id:
            reply = await _there(post, core, f"/1.0/{place}/{parcel.carrier_id}")
            same = [reply.json(Order)] if reply is not None and reply.data else []
        else:
            reply = await _there(post, core, f"/1.0/{place}/search", query={"query": number})
            listed = reply.json(list[Order]) if reply is not None else []
            # The search finds numbers that only hold this one, too.
            same = [one for one in listed if one.order_num == number]
        if same:
            return same[-1]
    return None


async def _there(
    post: Post, core: Core, path: str, query: dict[str, str | int] | None = None
) -> Reply | None:
    """What stands at this address; None: nothing does."""
    reply = await post.ask(core, "GET", path, query=query)
    if not reply.is_good and reply.status != NOT_FOUND:
        raise Retry(f"status_{reply.status}")
    return reply if reply.is_good else None


async def book(post: Post, core: Core, parcel: Parcel) -> None:
    """Make the order, unless it is there already; its answer may have been lost."""
    known = await found(post, core, parcel)
    if known is None:
        if parcel.withheld or parcel.name is None or parcel.address is None:
            await refused(core, parcel, "buyer_withheld")
            return
        body = await request_of(post, core, parcel)
        if body is None:
            await refused(core, parcel, "address_unclear")
            return
        reply = await post.ask(core, "PUT", "/1.0/user/backlog", json=[body])
        said = reply.json(Made) if reply.is_good else Made()
        if not said.result_ids:
            # 200 as well: each position is refused by itself.
            wrong = said.errors[0].word if said.errors else reply.json(Wrong).word
            await refused(core, parcel, statuses.trouble_of(wrong), wrong)
            return
        read = await post.ask(core, "GET", f"/1.0/backlog/{said.result_ids[0]}")
        known = read.json(Order) if read.is_good else Order(id=said.result_ids[0])
    await report(core, parcel, known)


async def report(core: Core, parcel: Parcel, known: Order) -> None:
    """Tell that it is there; without a number it waits, the job looks again."""
    billed = known.total_rate_wo_vat + known.total_vat
    await core.parcels.report(
        Report(
            id=parcel.id,
            done="book" if known.barcode else "",
            state="registered" if known.barcode else "draft",
            trouble="" if parcel.state == "draft" else None,
            carrier_id=str(known.id),
            track=known.barcode or None,
            track_url=TRACKING + known.barcode if known.barcode else None,
            billed=billed or None,
        )
    )


async def refused(core: Core, parcel: Parcel, trouble: str, code: str = "") -> None:
    """Say why it was not made; a colleague mends it and asks again."""
    await core.journal(
        "book_refused",
        direction="out",
        state="bad",
        kind="order",
        number=parcel.order_number,
        why=(code or trouble)[:64],
    )
    await core.parcels.report(
        Report(id=parcel.id, done="book", state="error", trouble=trouble, carrier_id="")
    )


async def request_of(post: Post, core: Core, parcel: Parcel) -> dict[str, Any] | None:
    """The order as the Post reads it; None: it is not sure of the address."""
    address = Address() if parcel.address is None else parcel.address.reveal()
    name = "" if parcel.name is None else parcel.name.reveal()
    place, person = await asyncio.gather(
        clean_address(post, core, address, parcel.point), clean_name(post, core, name)
    )
    if place is None:
        return None
    declared = quoting.declared_of(post, parcel.declared, parcel.cod)
    digits = phone("" if parcel.phone is None else parcel.phone.reveal())
    return {
        **where(place),
        "given-name": person.name or name,
        "surname": person.surname,
        "middle-name": person.middle_name,
        "recipient-name": name,
        **({"tel-address": int(digits)} if digits else {}),
        "mail-category": quoting.category(parcel.cod, declared),
        "mail-type": parcel.tariff,
        "mail-direct": RUSSIA,
        "mass": parcel.box.grams,
        "order-num": number_of(post, parcel),
        "payment-method": "CASHLESS",
        "postoffice-code": post.text("postoffice"),
        "fragile": False,
        **quoting.dimension(parcel.box),
        **({"insr-value": declared} if declared else {}),
        **({"sms-notice-recipient": 1} if post.flag("notify") else {}),
        **({"payment": parcel.cod, "goods": {"items": goods(parcel)}} if parcel.cod else {}),
    }


async def clean_address(post: Post, core: Core, address: Address, point: str) -> Cleaned | None:
    """An address in the Post's parts; None: it would not vouch for the delivery.

    Whoever chose another office than that of his address gets it there poste restante.
    """
    original = address.text or " ".join((address.index, address.city, address.street))
    if point and point != address.index:
        # The words by which the Post knows that the parcel waits at the office.
        original = f"{point}, {address.city}, до востребования"
    asked = [{"id": "1", "original-address": original}]
    reply = await post.ask(core, "POST", "/1.0/clean/address", json=asked)
    if not reply.is_good:
        return None
    said = reply.json(list[Cleaned])
    one = next((each for each in said if each.id == "1"), None)
    if one is None or not statuses.is_deliverable(one.quality_code, one.validation_code):
        return None
    return one if quoting.is_index(one.index) else None


async def clean_name(post: Post, core: Core, name: str) -> Person:
    """A name in its parts; as it stands where the Post cannot tell them apart."""
    asked = [{"id": "1", "original-fio": name}]
    reply = await post.ask(core, "POST", "/1.0/clean/physical", json=asked)
    said = reply.json(list[Person]) if reply.is_good else []
    return said[0] if said else Person(name=name)


def where(place: Cleaned) -> dict[str, Any]:
    """The fields of an order that say where to."""
    parts = {
        "area-to": place.area,
        "location-to": place.location,
        "slash-to": place.slash,
        "letter-to": place.letter,
        "corpus-to": place.corpus,
        "building-to": place.building,
        "hotel-to": place.hotel,
        "room-to": place.room,
        "office-to": place.office,
        "vladenie-to": place.vladenie,
        "num-address-type-to": place.num_address_type,
    }
    return {
        "address-type-to": place.address_type or "DEFAULT",
        "index-to": int(place.index),
        "region-to": place.region,
        "place-to": place.place,
        "street-to": place.street,
        "house-to": place.house,
        **{name: text for name, text in parts.items() if text},
    }


def phone(text: str) -> str:
    """Digits alone: 8 (912) 000-12-34 is 79120001234; empty: there is none to call."""
    digits = "".join(_DIGITS.findall(text))
    if len(digits) == 11 and digits[0] == "8":
        digits = f"7{digits[1:]}"
    return f"7{digits}" if len(digits) == 10 else digits


def goods(parcel: Parcel) -> list[dict[str, Any]]:
    """Lines of the receipt that the Post prints when it collects money."""
    return [
        {
            "description": one.name[:LONGEST],
            "quantity": one.quantity_milli / 1000,
            "value": one.price,
            "vat-rate": vat(one),
            "item-number": one.sku[:LONGEST],
        }
        for one in parcel.items
    ]


def vat(one: Item) -> int:
    """The Post's word for a rate."""
    return int(one.vat_rate) if one.vat_rate in VAT else NO_VAT


async def cancel(post: Post, core: Core, parcel: Parcel) -> None:
    """Take an order back: from the backlog, or out of a batch that the office does not have yet."""
    known = await found(post, core, parcel)
    if known is None:
        await core.parcels.report(Report(id=parcel.id, done="cancel", state="cancelled"))
        return
    if known.batch_status in statuses.SENT:
        await core.parcels.report(Report(id=parcel.id, done="cancel", trouble="too_late"))
        return
    place = "shipment" if known.batch_name else "backlog"
    reply = await post.ask(core, "DELETE", f"/1.0/{place}", json=[known.id])
    said = reply.json(Made) if reply.is_good else Made()
    if known.id not in said.result_ids:
        await core.parcels.report(Report(id=parcel.id, done="cancel", trouble="not_cancelled"))
        return
    await core.parcels.report(Report(id=parcel.id, done="cancel", state="cancelled"))
    await core.journal("cancelled", direction="out", kind="order", number=parcel.order_number)


async def label(post: Post, core: Core, parcel: Parcel) -> None:
    """Have the label printed: form 7p once it is in a batch, before that the backlog's forms.

    Raises:
        Retry: `label_waits`: an empty file came.
    """
    known = await found(post, core, parcel)
    if known is None:
        await core.parcels.report(Report(id=parcel.id, done="label", trouble="not_found"))
        return
    path = f"{known.id}/f7pdf" if known.batch_name else f"backlog/{known.id}/forms"
    file = await post.ask(core, "GET", f"/1.0/forms/{path}", wants_json=False)
    if not file.is_good:
        await core.parcels.report(Report(id=parcel.id, done="label", trouble="label_refused"))
        return
    if not file.body.startswith(b"%PDF"):
        raise Retry("label_waits")
    await core.parcels.label(parcel.id, file.body)
