"""Payments by YooKassa: links, two stages, refunds and receipts by 54-FZ."""

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from appliance.domain.events import LOOK, ServiceWished
from appliance.plugin_api.accounts import account_for
from appliance.plugin_api.callers import say_stranger
from appliance.plugin_api.calls import utc_now
from appliance.plugin_api.core import Core
from appliance.plugin_api.hooks import (
    Every,
    Finding,
    On,
    RouteReply,
    RouteRequest,
    Routes,
    hookimpl,
)
from appliance.plugin_api.messages import Account
from appliance.plugin_api.outcomes import for_each
from appliance.plugin_api.pays import Found, Payment, Receipt, Refund
from plugins.payments_yookassa import deeds, hearing
from plugins.payments_yookassa.client import Shop

if TYPE_CHECKING:
    import httpx

NET: Final = timedelta(days=1)
"""How far back the list is read at every look: twice what a lost push could cost."""

transport: "httpx.AsyncBaseTransport | None" = None
"""Of httpx, in place of the way out through the host (tests)."""
_shops: dict[tuple[str, str], Shop] = {}


@hookimpl
def register_handlers(on: On) -> None:
    on(ServiceWished, wished)


@hookimpl
def register_jobs(every: Every) -> None:
    every("poll", poll)


@hookimpl
def register_routes(route: Routes) -> None:
    route("push", push)


@hookimpl
async def diagnose(core: Core, account: str) -> Sequence[Finding]:
    found: list[Finding] = []
    for one in core.accounts():
        if account in ("", one.code):
            me = await shop_of(one).me(core)
            enabled = me.get("status") == "enabled"
            found.append(
                Finding(
                    code="enabled" if enabled else "disabled", is_good=enabled, account=one.code
                )
            )
            if me.get("test"):
                found.append(Finding(code="test_shop", is_good=False, account=one.code))
    return found


def shop_of(account: Account) -> Shop:
    """The client of an account; its connections are kept."""
    key = (account.code, str(sorted(account.settings.items(), key=str)))
    if key not in _shops:
        _shops[key] = Shop(account, transport)
    return _shops[key]


async def wished(event: ServiceWished, core: Core) -> None:
    """Do what the box wishes, if it still does."""
    if event.deed == LOOK:
        await _look(core, await _meant(event, core))
        return
    if event.kind == "payment":
        payment = await core.pays.payment(event.record_id)
        if payment is not None and payment.wished == event.deed:
            await deeds.pay(core, _at(core, payment), payment, event.deed)
    elif event.kind == "refund":
        refund = await core.pays.refund(event.record_id)
        if refund is not None and refund.state in ("created", "pending"):
            await deeds.give_back(core, _at(core, refund.payment), refund)
    elif event.kind == "receipt":
        receipt = await core.pays.receipt(event.record_id)
        if receipt is not None and receipt.state == "waiting":
            await deeds.hand_over(core, _at(core, receipt.payment), receipt)


async def _meant(event: ServiceWished, core: Core) -> Found:
    """The one record that is to be read again."""
    payment = await core.pays.payment(event.record_id) if event.kind == "payment" else None
    refund = await core.pays.refund(event.record_id) if event.kind == "refund" else None
    receipt = await core.pays.receipt(event.record_id) if event.kind == "receipt" else None
    return Found(
        payments=() if payment is None else (payment,),
        refunds=() if refund is None else (refund,),
        receipts=() if receipt is None else (receipt,),
    )


async def push(request: RouteRequest, core: Core) -> RouteReply:
    """A notification is a hint: what it speaks of is read anew, and only that is believed."""
    if not hearing.from_there(request):
        await say_stranger(core, "push_foreign")
        return RouteReply(status=403)
    told = hearing.spoken_of(request.body)
    if told is None:
        await core.journal("push_unreadable", direction="in", state="warn")
        return RouteReply(status=400)
    payment = None
    if told.payment:
        payment = await core.pays.payment(vendor_id=told.payment)
    if payment is None and told.own is not None:
        payment = await core.pays.payment(told.own)
    if payment is None:
        await core.journal("push_unknown", direction="in", state="warn", event=told.event)
        return RouteReply()
    shop = _at(core, payment)
    if told.refund:
        await deeds.look_at_refund(core, shop, payment, told.refund)
    else:
        await deeds.look_at(core, shop, payment, told.payment)
    return RouteReply()


async def poll(core: Core) -> None:
    """The webhooks' twin: look at whatever is not at its end, and at what was paid lately."""
    await for_each((_look_at_open, _read_all_back), lambda part: part(core))


async def _look_at_open(core: Core) -> None:
    opened: list[Payment | Refund | Receipt] = []
    after = 0
    while (found := await core.pays.open(after)).payments or not after:
        opened += (*found.payments, *found.refunds, *found.receipts)
        if not found.payments:
            break
        after = found.payments[-1].number
    await for_each(opened, lambda one: _look_at(core, one))


async def _look(core: Core, found: Found) -> None:
    """Read each anew; a shop that is down keeps no other waiting."""
    each = (*found.payments, *found.refunds, *found.receipts)
    await for_each(each, lambda one: _look_at(core, one))


async def _look_at(core: Core, one: Payment | Refund | Receipt) -> None:
    match one:
        case Payment():
            if one.vendor_id:
                await deeds.look_at(core, _at(core, one), one, one.vendor_id)
        case Refund():
            await deeds.follow_refund(core, _at(core, one.payment), one)
        case Receipt():
            await deeds.follow_receipt(core, _at(core, one.payment), one)


async def _read_all_back(core: Core) -> None:
    since = (utc_now() - NET).isoformat(timespec="seconds").replace("+00:00", "Z")
    await for_each(core.accounts(), lambda one: _read_back(core, shop_of(one), since))


async def _read_back(core: Core, shop: Shop, since: str) -> None:
    for one in await shop.payments(core, since):
        await _catch_up(core, shop, one)


def _at(core: Core, payment: Payment) -> Shop:
    """The shop that a payment is at."""
    return shop_of(account_for(core, payment.account, payment.shop))


async def _catch_up(core: Core, shop: Shop, one: Any) -> None:
    """Money of a link that the box takes for dead: somebody paid it all the same."""
    key = hearing.own_id(one)
    if key is None or one.get("status") not in ("succeeded", "waiting_for_capture"):
        return
    payment = await core.pays.payment(UUID(str(key)))
    if payment is None:
        return
    refunded = deeds.kopecks_of(one.get("refunded_amount")) or 0
    settled = payment.state in ("paid", "partly_refunded", "refunded")
    if not settled or refunded > payment.refunded:
        await deeds.tell(core, shop, payment, one)
