"""What colleagues wish of a posting: packing, codes, a label, a cancellation.

Each deed looks before it does: a wish that is delivered again, or whose answer was lost, finds
the posting as it is at Ozon and does nothing twice.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final, cast

from appliance.domain.events import LOOK, ServiceWished
from appliance.plugin_api.calls import Row, Value
from appliance.plugin_api.core import Core
from appliance.plugin_api.marketplaces import CLOCK, boxes_of, finish, lacks_codes, spread
from appliance.plugin_api.outcomes import Permanent, Retry
from appliance.plugin_api.postings import Deed, Posting, Reason, Reasons, ReasonsAsked
from plugins.marketplace_ozon import mapping, orders
from plugins.marketplace_ozon.accounts import WAYS, Account
from plugins.marketplace_ozon.client import Refusal
from plugins.marketplace_ozon.shapes import Posting as Theirs

CODES_MISSING: Final = "codes_missing"
CHECKED: Final = "ship_available"
FAILED_CHECK: Final = frozenset({"ship_not_available", "ship_failed", "validation_failed"})
LABEL: Final = "label"
OTHER_REASON: Final = 402
"""Ozon wants words with this reason."""


async def wished(event: ServiceWished, core: Core) -> None:
    """Do what is wished of a posting, unless it is not wished any more."""
    if event.kind != "posting":
        return
    posting = await core.markets.posting(event.record_id)
    account = WAYS.one(core, posting.account)
    run = DEEDS.get(event.deed)
    if account is not None and event.deed == LOOK:
        await orders.look(core, account, posting.posting)
        return
    if account is None or run is None or posting.wish != event.deed:
        return
    deed = cast("Deed", posting.wish)  # it has a run, so it is one
    try:
        code = await run(core, account, posting)
    except Refusal as refusal:
        if refusal.word in mapping.MOVED_ON:
            await orders.look(core, account, posting.posting)
            code = ""
        else:
            code = refusal.word.lower()[:60] or "ozon_refused"
    await finish(core, posting, deed, code)


async def _now(core: Core, account: Account, posting: Posting) -> Theirs:
    return await account.ozon.posting(core, posting.posting)


async def pack(core: Core, account: Account, posting: Posting) -> str:
    """Say how it is packed; Ozon makes a posting of each parcel.

    The answer 200 means only that Ozon thinks about it.
    """
    found = await _now(core, account, posting)
    if found.status == mapping.PACKING:
        if lacks_codes(posting.lines, mapping.MARK_TYPES):
            return CODES_MISSING
        lines = [(one.sku, one.quantity) for one in found.products]
        parcels = spread(lines, boxes_of(posting))
        numbers = await account.ozon.ship(core, posting.posting, parcels)
        for number in (*numbers, posting.posting):
            await orders.look(core, account, number)
        found = await _now(core, account, posting)
    else:
        await orders.look(core, account, posting.posting)
    if found.status == mapping.PACKING:
        raise Retry("ship_failed" if found.substatus == mapping.SHIP_FAILED else "not_packed_yet")
    return ""


async def codes(core: Core, account: Account, posting: Posting) -> str:
    """Tell the codes of the pieces, and wait for Ozon's check of them."""
    pieces = await account.ozon.exemplars(core, posting.posting)
    marks: dict[int, list[tuple[int, str, str]]] = {}
    for line in posting.lines:
        sku = int(line.vendor_id or 0)
        given = [one.partition(":") for one in line.codes]
        known = [(kind, code) for kind, _, code in given if kind in mapping.MARK_TYPES]
        if known:
            marks[sku] = [
                (piece, mapping.MARK_TYPES[kind], code)
                for piece, (kind, code) in zip(pieces.get(sku, ()), known, strict=False)
            ]
    if not marks:
        return CODES_MISSING
    await account.ozon.set_exemplars(core, posting.posting, marks)
    status = await account.ozon.exemplar_status(core, posting.posting)
    if status in FAILED_CHECK:
        return "codes_refused"
    if status != CHECKED:
        raise Retry("codes_being_checked")
    return ""


async def cancel(core: Core, account: Account, posting: Posting) -> str:
    """Cancel for the reason that the colleague chose."""
    found = await _now(core, account, posting)
    if found.status != mapping.CANCELLED:
        reason = int(posting.data.get("reason") or OTHER_REASON)
        message = posting.data.get("message", "")
        if reason == OTHER_REASON and not message:
            return "cancel_needs_words"
        await account.ozon.cancel(core, posting.posting, reason, message)
    await orders.look(core, account, posting.posting)
    return ""


async def label(core: Core, account: Account, posting: Posting) -> str:
    """Fetch the label into the order's files; it is made for most of a minute after packing."""
    found = await _now(core, account, posting)
    if found.status != mapping.PACKED:
        await orders.look(core, account, posting.posting)
        return "label_not_now"
    try:
        body = await account.ozon.label(core, posting.posting)
    except Refusal:
        raise Retry("label_not_ready") from None
    name = f"ozon-{posting.posting}.pdf"
    await core.file_put(posting.order_id, f"label:{posting.posting}", name, LABEL, body)
    return ""


async def act(core: Core, account: Account, posting: Posting) -> str:
    """Hand the day's packed postings over and fetch the act: one a day for a delivery method."""
    found = await _now(core, account, posting)
    if found.status != mapping.PACKED:
        await orders.look(core, account, posting.posting)
        return "label_not_now"
    day, method = CLOCK.now(), found.delivery_method.id
    key: tuple[Value, ...] = (account.code, str(method), day.date().isoformat())
    known = await core.rows_get("acts", [key])
    if known:
        carriage = int(known[0].values["carriage"] or 0)
    else:
        carriage = await account.ozon.carriage(core, method, day)
        values: dict[str, Value] = dict(zip(("account", "method", "day"), key, strict=True))
        await core.rows_put("acts", [Row(values={**values, "carriage": carriage})])
    status = (await account.ozon.act_status(core, carriage)).status
    if status in mapping.ACT_WAITS:
        raise Retry("act_not_ready")
    if status not in mapping.ACT_READY:
        return "act_refused"
    body = await account.ozon.act(core, carriage)
    await core.file_put(posting.order_id, f"act:{carriage}", f"ozon-{carriage}.pdf", "act", body)
    return ""


Run = Callable[[Core, Account, Posting], Awaitable[str]]
DEEDS: Final[Mapping[str, Run]] = {
    "pack": pack,
    "codes": codes,
    "cancel": cancel,
    "label": label,
    "act": act,
}


async def reasons(asked: ReasonsAsked, core: Core) -> Reasons:
    """Why Ozon lets this posting be cancelled."""
    account = WAYS.one(core, asked.account)
    if account is None:
        raise Permanent("account_off")
    try:
        found = await account.ozon.reasons(core, asked.posting)
    except Refusal as refusal:
        raise Permanent(refusal.word.lower() or "ozon_refused") from None
    return Reasons(
        reasons=tuple(
            Reason(code=str(one.id), title=one.title, needs_words=one.id == OTHER_REASON)
            for one in found
        )
    )
