"""A request of CDEK: made once whatever happens, taken back, refused, its label printed.

CDEK takes a request before it has read it (202): it is made when it has a number there. Until then
the parcel waits as `draft`, and the job `waiting` looks again.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable
from typing import Any, Final

from appliance.plugin_api.core import Core
from appliance.plugin_api.outcomes import Retry
from appliance.plugin_api.parcels import Address, Item, Parcel, Report
from plugins.logistics_cdek import following, quoting, statuses
from plugins.logistics_cdek.client import Cdek
from plugins.logistics_cdek.wire import Answer

LOOKS: Final = (2.5, 5.0, 10.0)
"""Seconds before each look at what becomes of a request; usually it is read in half a second."""
NOT_FOUND: Final = 404
LONGEST_NUMBER: Final = 40
VAT: Final = frozenset({"0", "5", "7", "10", "16", "22"})
MOST_ITEMS: Final = 126
_DIGITS: Final = re.compile(r"\d+")

sleep: Callable[[float], Awaitable[None]] = asyncio.sleep


def number_of(cdek: Cdek, parcel: Parcel) -> str:
    """Our number there: the key by which a request is found again."""
    return f"{cdek.text('prefix')}{parcel.own_number}"[:LONGEST_NUMBER]


async def found(cdek: Cdek, core: Core, parcel: Parcel) -> Answer | None:
    """The request as it stands there, by its id, else by our number; None: there is none.

    Raises:
        Retry: CDEK does not say whether there is one: it might be made twice, or be taken for gone.
    """
    if parcel.carrier_id:
        reply = await cdek.ask(core, "GET", f"/v2/orders/{parcel.carrier_id}")
    else:
        query = {"im_number": number_of(cdek, parcel)}
        reply = await cdek.ask(core, "GET", "/v2/orders", query=query)
    if reply.status == NOT_FOUND:
        return None
    said = reply.json(Answer)
    if reply.is_good and said.entity is not None and said.entity.uuid:
        return said
    if said.refusal in statuses.ABSENT:
        return None
    raise Retry("error_in_answer" if reply.is_good else said.refusal or "refused")


async def book(cdek: Cdek, core: Core, parcel: Parcel) -> None:
    """Make the request, unless it is there already; its answer may have been lost."""
    known = await found(cdek, core, parcel)
    if known is None or _is_void(known):
        if parcel.withheld or parcel.name is None or parcel.phone is None:
            await refused(core, parcel, "buyer_withheld")
            return
        uuid = await _ask(cdek, core, parcel)
        if not uuid:
            return
    else:
        uuid = known.entity.uuid if known.entity is not None else ""
    await core.parcels.report(Report(id=parcel.id, state="draft", carrier_id=uuid))
    for seconds in LOOKS:
        await sleep(seconds)
        if await following.look(cdek, core, parcel, uuid):
            return


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


async def _ask(cdek: Cdek, core: Core, parcel: Parcel) -> str:
    """Send the request; its id there, empty where it is refused."""
    reply = await cdek.ask(core, "POST", "/v2/orders", json=await request_of(cdek, core, parcel))
    said = reply.json(Answer)
    if reply.is_good and said.entity is not None and not said.refusal:
        return said.entity.uuid
    code = said.refusal or "refused"
    if code in statuses.AGAIN:
        raise Retry(code)
    if code == statuses.THERE_ALREADY:
        known = await found(cdek, core, parcel)
        if known is not None and known.entity is not None:
            return known.entity.uuid
    await refused(core, parcel, statuses.trouble_of(code), code)
    return ""


async def request_of(cdek: Cdek, core: Core, parcel: Parcel) -> dict[str, Any]:
    """The request as CDEK reads it."""
    address = Address() if parcel.address is None else parcel.address.reveal()
    point = cdek.text("shipment_point")
    made: dict[str, Any] = {
        "type": quoting.SHOP,
        "number": number_of(cdek, parcel),
        "tariff_code": int(parcel.tariff),
        "recipient": {
            "name": parcel.name.reveal() if parcel.name is not None else "",
            "phones": [{"number": phone(parcel.phone.reveal() if parcel.phone else "")}],
        },
        "packages": [
            {
                "number": parcel.own_number[:30],
                **quoting.package_of(parcel.box),
                "items": items(parcel, insured=cdek.account.settings.get("insured") is not False),
            }
        ],
    }
    rest = parcel.cod - collected(parcel)
    if rest > 0:
        made["delivery_recipient_cost"] = {"value": rest / 100}
    if point:
        made["shipment_point"] = point
    else:
        sender = await quoting.town_code(cdek, core, cdek.text("from_city"), "")
        made["from_location"] = {"code": sender, "address": cdek.text("from_address") or "-"}
    if parcel.point:
        made["delivery_point"] = parcel.point
    else:
        town = await quoting.town_code(cdek, core, address.city, address.index)
        place = {"code": town} if town else {"city": address.city, "postal_code": address.index}
        known = {name: value for name, value in place.items() if value}
        made["to_location"] = {**known, "address": address.text or address.street}
    return made


def phone(text: str) -> str:
    """In the form of all countries: 8 (912) 000-12-34 is +79120001234."""
    digits = "".join(_DIGITS.findall(text))
    if len(digits) == 11 and digits[0] == "8":
        digits = f"7{digits[1:]}"
    return f"+7{digits}" if len(digits) == 10 else f"+{digits}"


def _share(parcel: Parcel) -> tuple[int, int]:
    """How much of the goods' worth is collected: a fraction, so that no kopeck is made up."""
    worth = sum(one.price * amount(one) for one in parcel.items)
    return (min(parcel.cod, worth), worth) if worth else (0, 1)


def amount(one: Item) -> int:
    """Pieces; half a metre of cloth is one piece."""
    return max(-(-one.quantity_milli // 1000), 1)


def _payment(one: Item, parcel: Parcel) -> int:
    """Kopecks to be collected for one piece."""
    part, whole = _share(parcel)
    return one.price * part // whole


def collected(parcel: Parcel) -> int:
    """Kopecks that the pieces collect; the rest of the cash is asked for the delivery."""
    return sum(_payment(one, parcel) * amount(one) for one in parcel.items[:MOST_ITEMS])


def items(parcel: Parcel, *, insured: bool) -> list[dict[str, Any]]:
    """What lies in the package."""
    pieces = sum(amount(one) for one in parcel.items) or 1
    usual = max(parcel.box.grams // pieces, 1)
    made: list[dict[str, Any]] = []
    for one in parcel.items[:MOST_ITEMS]:
        value = _payment(one, parcel)
        paid: dict[str, Any] = {"value": value / 100}
        if value and one.vat_rate in VAT:
            rate = int(one.vat_rate)
            paid |= {"vat_rate": rate, "vat_sum": round(value * rate / (100 + rate)) / 100}
        made.append(
            {
                "name": one.name[:255],
                "ware_key": one.sku[:50],
                "payment": paid,
                "cost": one.price / 100 if insured else 0,
                "weight": one.grams or usual,
                "amount": min(amount(one), 999),
            }
        )
    return made


async def cancel(cdek: Cdek, core: Core, parcel: Parcel, *, refuse: bool = False) -> None:
    """Take a request back: delete it while nobody has the parcel, else only if asked to, for money.

    A refusal of one that is only created is billed, too: so that is deleted whatever was asked.
    """
    done = "refuse" if refuse else "cancel"
    known = await found(cdek, core, parcel)
    if known is None or known.entity is None or _is_removed(known):
        await core.parcels.report(Report(id=parcel.id, done=done, state="cancelled"))
        return
    uuid = known.entity.uuid
    first = {one.code for one in known.entity.statuses if not one.deleted} <= statuses.FIRST
    if not first and not refuse:
        await core.parcels.report(Report(id=parcel.id, done="cancel", trouble="too_late"))
        await following.look(cdek, core, parcel, uuid)
        return
    method, path = ("DELETE", f"/v2/orders/{uuid}") if first else (
        "POST", f"/v2/orders/{uuid}/refusal")  # fmt: skip
    reply = await cdek.ask(core, method, path)
    said = reply.json(Answer)
    if not reply.is_good or said.refusal:
        if said.refusal in statuses.AGAIN:
            raise Retry(said.refusal)
        await core.parcels.report(Report(id=parcel.id, done=done, trouble="not_cancelled"))
        return
    await core.parcels.report(Report(id=parcel.id, done=done, state="cancelled" if first else None))
    await core.journal(
        "cancelled" if first else "given_back",
        direction="out",
        kind="order",
        number=parcel.order_number,
    )


def _is_void(known: Answer) -> bool:
    """It was refused or deleted: the number is free again."""
    made = known.entity is not None and bool(known.entity.cdek_number)
    return (bool(known.refusal) and not made) or _is_removed(known)


def _is_removed(known: Answer) -> bool:
    return known.entity is not None and any(one.code == "REMOVED" for one in known.entity.statuses)
