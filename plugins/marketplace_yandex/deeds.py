"""What colleagues wish of an order: boxes, codes, labels, the act, a cancellation.

Each deed looks before it does: a wish that is delivered again, or whose answer was lost, finds
the order as it is at Yandex and does nothing twice.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final, cast

from appliance.domain.events import LOOK, ServiceWished
from appliance.plugin_api.core import Core
from appliance.plugin_api.marketplaces import boxes_of, finish, lacks_codes, spread
from appliance.plugin_api.outcomes import Permanent, Retry
from appliance.plugin_api.postings import Deed, Posting, Reason, Reasons, ReasonsAsked
from plugins.marketplace_yandex import mapping, orders
from plugins.marketplace_yandex.accounts import WAYS, Account
from plugins.marketplace_yandex.client import Refusal
from plugins.marketplace_yandex.shapes import Order

CODES_MISSING: Final = "codes_missing"
TOO_EARLY: Final = "act_not_yet"
CONFIRM: Final = "CONFIRM"
DOWNLOAD: Final = "DOWNLOAD_ACT"


async def wished(event: ServiceWished, core: Core) -> None:
    """Do what is wished of an order, unless it is not wished any more."""
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
        # Refused it may be for having moved on: then the order is over there, and taken as it is.
        found = await orders.look(core, account, posting.posting)
        is_over = found is not None and found.status != mapping.PROCESSING
        code = "" if is_over and deed != "label" else refusal.word.lower() or "yandex_refused"
    await finish(core, posting, deed, code)


async def _now(core: Core, account: Account, posting: Posting) -> Order:
    return await account.yandex.order(core, posting.posting)


def _is_packing(order: Order) -> bool:
    return order.status == mapping.PROCESSING and mapping.state_of(order) == "assembling"


def _boxes(order: Order, posting: Posting) -> list[list[Mapping[str, Any]]]:
    """What lies in which box, with the codes of the pieces in it."""
    codes = {line.vendor_id: _pieces(line.codes) for line in posting.lines}
    boxes: list[list[Mapping[str, Any]]] = []
    for parcel in spread([(line.id, line.count) for line in order.items], boxes_of(posting)):
        items: list[Mapping[str, Any]] = []
        for line, pieces in parcel:
            item: dict[str, Any] = {"id": line, "fullCount": pieces}
            left = codes.get(str(line), [])
            if left:
                item["instances"] = left[:pieces]
                codes[str(line)] = left[pieces:]
            items.append(item)
        boxes.append(items)
    return boxes


def _pieces(codes: Sequence[str]) -> list[dict[str, str]]:
    """Codes of one line as Yandex takes them: one entry for each piece."""
    by_kind: dict[str, list[str]] = {}
    for one in codes:
        kind, _, code = one.partition(":")
        if kind in mapping.FIELDS:
            by_kind.setdefault(mapping.FIELDS[kind], []).append(code)
    most = max(map(len, by_kind.values()), default=0)
    return [
        {field: codes[place] for field, codes in by_kind.items() if place < len(codes)}
        for place in range(most)
    ]


async def pack(core: Core, account: Account, posting: Posting) -> str:
    """Say what lies in the box and that it is ready; afterwards the order is read again."""
    order = await _now(core, account, posting)
    if _is_packing(order):
        if lacks_codes(posting.lines, mapping.FIELDS):
            return CODES_MISSING
        if mapping.wants_codes(order.items):
            refused = await _tell_codes(core, account, order, posting)
            if refused:
                return refused
        else:
            await account.yandex.pack(core, order, _boxes(order, posting))
        await account.yandex.move(core, order, mapping.PROCESSING, mapping.READY)
    found = await orders.look(core, account, posting.posting)
    if found is not None and _is_packing(found):
        raise Retry("not_packed_yet")
    return ""


async def codes(core: Core, account: Account, posting: Posting) -> str:
    """Tell the codes of the pieces, and wait for Yandex's check of them."""
    order = await _now(core, account, posting)
    if not _is_packing(order):
        await orders.look(core, account, posting.posting)
        return ""
    if lacks_codes(posting.lines, mapping.FIELDS):
        return CODES_MISSING
    return await _tell_codes(core, account, order, posting)


async def _tell_codes(core: Core, account: Account, order: Order, posting: Posting) -> str:
    """Tell boxes and codes, unless these codes are there; why they were refused, or empty.

    Raises:
        Retry: they are being checked.
    """
    found = await account.yandex.checked(core, order)
    ours = [code.partition(":")[2] for line in posting.lines for code in line.codes]
    theirs = [code.value for line in found for code in (*line.cis, *line.uin)]
    if len(theirs) < len(ours) or not all(_is_there(one, theirs) for one in ours):
        await account.yandex.pack(core, order, _boxes(order, posting))
        found = await account.yandex.checked(core, order)
    states = {code.status for line in found for code in (*line.cis, *line.uin)}
    if states & mapping.CHECK_FAILED:
        return "codes_refused"
    if states - mapping.CHECK_OVER:
        raise Retry("codes_being_checked")
    return ""


def _is_there(code: str, told: Sequence[str]) -> bool:
    """Whether a code is among those told: Yandex shows them without their secret tail."""
    return any(one and code.startswith(one) for one in told)


async def cancel(core: Core, account: Account, posting: Posting) -> str:
    """Give the order up: Yandex knows one reason of a seller's."""
    order = await _now(core, account, posting)
    if order.status != mapping.CANCELLED:
        await account.yandex.move(core, order, mapping.CANCELLED, mapping.SHOP_FAILED)
    await orders.look(core, account, posting.posting)
    return ""


async def label(core: Core, account: Account, posting: Posting) -> str:
    """Fetch the labels of all boxes into the order's files."""
    order = await _now(core, account, posting)
    if (order.status, order.substatus) != (mapping.PROCESSING, mapping.READY):
        await orders.look(core, account, posting.posting)
        return "label_not_now"
    try:
        body = await account.yandex.label(core, order, account.form)
    except Refusal:
        raise Retry("label_not_ready") from None
    name = f"yandex-{posting.posting}.pdf"
    await core.file_put(posting.order_id, f"label:{posting.posting}", name, "label", body)
    return ""


async def act(core: Core, account: Account, posting: Posting) -> str:
    """Confirm the hand-over that the order is part of, and fetch its act.

    Yandex lets it be confirmed when its cut-off has passed: until then this is refused in words.
    """
    order = await _now(core, account, posting)
    shipment = await account.yandex.shipment_of(core, order)
    if not shipment:
        return TOO_EARLY
    found = await account.yandex.shipment(core, order.campaign_id, shipment)
    if DOWNLOAD not in found.available_actions:
        if CONFIRM not in found.available_actions:
            return TOO_EARLY
        try:
            await account.yandex.confirm(core, order.campaign_id, shipment)
        except Refusal as refusal:
            if "cutoff" not in refusal.message.lower():
                raise
            return TOO_EARLY
    body = await account.yandex.act(core, order.campaign_id, shipment)
    name = f"yandex-act-{shipment}.pdf"
    await core.file_put(posting.order_id, f"act:{shipment}", name, "act", body)
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
    """Why Yandex lets a seller cancel: for one reason, whatever the order."""
    if WAYS.one(core, asked.account) is None:
        raise Permanent("account_off")
    title = mapping.REASONS[mapping.SHOP_FAILED]
    return Reasons(reasons=(Reason(code=mapping.SHOP_FAILED, title=title),))
