"""What CDEK prints: barcodes for parcels, waybills for what is handed over.

It prints after it has answered: the form is looked at until it is ready, and fetched at once, its
link lives an hour.
"""

from typing import Any, Final, Literal

from appliance.domain.personal import Personal
from appliance.plugin_api.core import Core
from appliance.plugin_api.handing import Paper, Papers, PapersAsked
from appliance.plugin_api.outcomes import Permanent, Retry
from appliance.plugin_api.parcels import Parcel, Report
from plugins.logistics_cdek import booking
from plugins.logistics_cdek.client import Cdek
from plugins.logistics_cdek.wire import Answer, PrintAnswer

LOOKS: Final = (1.0, 2.0, 3.0, 5.0, 8.0)
"""Seconds before each look at a form."""
COPIES: Final = 2
"""Of a waybill: one goes with the parcel, one stays with the shop, as CDEK advises."""

Form = Literal["barcodes", "orders"]


async def label(cdek: Cdek, core: Core, parcel: Parcel) -> None:
    """Have the barcode of a parcel printed.

    Raises:
        Retry: `label_waits`: it is not ready yet.
    """
    asked = {"orders": [{"order_uuid": parcel.carrier_id}], "copy_count": 1, "format": "A6"}
    try:
        body = await _printed(cdek, core, "barcodes", asked)
    except Permanent:
        await core.parcels.report(Report(id=parcel.id, done="label", trouble="label_refused"))
        return
    await core.parcels.label(parcel.id, body)


async def papers(cdek: Cdek, core: Core, asked: PapersAsked) -> Papers:
    """Waybills of what is handed over, in one file.

    Raises:
        Permanent: `papers_refused`.
        Retry: `papers_wait`: they are not ready yet.
    """
    orders = [{"order_uuid": one} for one in asked.numbers]
    try:
        body = await _printed(cdek, core, "orders", {"orders": orders, "copy_count": COPIES})
    except Permanent:
        raise Permanent("papers_refused") from None
    except Retry:
        raise Permanent("papers_wait") from None
    return Papers(papers=(Paper(name=f"cdek-{asked.day}.pdf", body=Personal(body)),))


async def _printed(cdek: Cdek, core: Core, form: Form, asked: dict[str, Any]) -> bytes:
    """Have a form printed and fetch it.

    Raises:
        Permanent: `label_refused`.
        Retry: `label_waits`.
    """
    reply = await cdek.ask(core, "POST", f"/v2/print/{form}", json=asked)
    said = reply.json(Answer)
    if not reply.is_good or said.entity is None or said.refusal:
        raise Permanent("label_refused")
    path = f"/v2/print/{form}/{said.entity.uuid}"
    for seconds in LOOKS:
        await booking.sleep(seconds)
        state = await _state(cdek, core, path)
        if state == "READY":
            file = await cdek.ask(core, "GET", f"{path}.pdf", wants_json=False)
            if file.is_good and file.body.startswith(b"%PDF"):
                return file.body
            break  # the link is gone already, or a page came in its place: ask for another
        if state == "INVALID":
            raise Permanent("label_refused")
        if state == "REMOVED":
            break
    raise Retry("label_waits")


async def _state(cdek: Cdek, core: Core, path: str) -> str:
    said = (await cdek.ask(core, "GET", path)).json(PrintAnswer)
    if said.entity is None or not said.entity.statuses:
        return ""
    return max(said.entity.statuses, key=lambda one: one.date_time).code
