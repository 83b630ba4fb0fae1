"""Text messages by SMSC.ru: sent once, followed to their end, priced before they are sent."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl
from uuid import UUID

from appliance.domain.events import ServiceWished
from appliance.plugin_api.accounts import account_for
from appliance.plugin_api.callers import say_stranger
from appliance.plugin_api.calls import utc_now
from appliance.plugin_api.client_messages import Cost, CostAsked, Message, Report
from appliance.plugin_api.core import Core
from appliance.plugin_api.hooks import (
    Answers,
    Every,
    Finding,
    On,
    RouteReply,
    RouteRequest,
    Routes,
    hookimpl,
)
from appliance.plugin_api.messages import Account
from appliance.plugin_api.outcomes import Pause, Permanent, Retry, for_each
from plugins.sms_smsc.client import Refused, Service
from plugins.sms_smsc.mapping import (
    NOT_FOUND,
    REFUSALS,
    STATUSES,
    is_signed,
    kopecks_of,
    whole_of,
)

if TYPE_CHECKING:
    import httpx

PRICES_KEPT: Final = timedelta(hours=12)
MOST_PRICES: Final = 2_000
AT_ONCE: Final = 100
"""Messages of one look: at five a second they are through before a call has to end."""
LENGTH: Final = 11
"""Digits of a number: the range that the box names is filled up to it by zeros."""
BAD_FORM: Final = 400
FOREIGN: Final = 403

transport: "httpx.AsyncBaseTransport | None" = None
"""Of httpx, in place of the way out through the host (tests)."""
_seen = [0]
"""Number of the message at which the last look ended."""
_strange: set[tuple[UUID, str]] = set()
"""Messages and words that nobody knows, as the journal has told: a look meets them every time."""
_services: dict[tuple[str, str], Service] = {}
_prices: dict[tuple[str, str, int, bool], tuple[datetime, int]] = {}


@hookimpl
def register_handlers(on: On) -> None:
    on(ServiceWished, wished)


@hookimpl
def register_answers(answer: Answers) -> None:
    answer("messages.cost", cost)


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
        if account not in ("", one.code):
            continue
        service = service_of(one)
        try:
            left = await service.balance(core)
        except (Refused, Retry):
            found.append(Finding(code="silent", is_good=False, account=one.code))
            continue
        numbers = {"rubles": left // 100}
        found.append(Finding(code="works", is_good=True, numbers=numbers, account=one.code))
        if not service.sender:
            found.append(Finding(code="no_sender", is_good=False, account=one.code))
    return found


def service_of(account: Account) -> Service:
    """The client of an account; its connections are kept."""
    key = (account.code, str(sorted(account.settings.items(), key=str)))
    if key not in _services:
        _services[key] = Service(account, transport)
    return _services[key]


async def wished(event: ServiceWished, core: Core) -> None:
    """Send a message, if it is still to be sent and the service does not have it already."""
    if (event.kind, event.deed) != ("message", "send"):
        return
    _up(core)
    message = await core.messages.take(event.record_id)
    if message is None or message.text is None:
        return
    service = service_of(account_for(core, message.account, message.shop))
    try:
        if message.attempt > 1 and await _is_there(core, service, message):
            return
        said = await service.send(core, message.id, message.phone.reveal(), message.text.reveal())
    except Refused as error:
        await _refused(core, service, message, error.number)
        return
    await core.messages.report(
        Report(
            id=message.id,
            state="sent",
            account=service.account.code,
            vendor_id=str(said.get("id") or "")[:64],
            price=kopecks_of(said.get("cost")),
            parts=whole_of(said.get("cnt")),
        )
    )
    left = kopecks_of(said.get("balance"))
    if left is not None:
        await core.messages.balance(service.account.code, left)


def _up(core: Core) -> None:
    """Take nobody's number while every account is down.

    Raises:
        Pause: until the first of them is asked again.
    """
    pauses: list[Pause] = []
    for one in core.accounts():
        try:
            core.account(one.code)
        except Pause as pause:
            pauses.append(pause)
        else:
            return
    if pauses:
        raise min(pauses, key=lambda pause: pause.seconds)


async def _is_there(core: Core, service: Service, message: Message) -> bool:
    """Whether the service has a message whose answer was lost; then the box learns how it is."""
    status = await service.status(core, message.id, message.phone.reveal())
    if status == NOT_FOUND:
        return False
    await _tell(core, service, message, status)
    return True


async def _refused(core: Core, service: Service, message: Message, number: int) -> None:
    await core.journal(
        "message_refused", direction="out", state="warn", account=service.account.code,
        kind="order" if message.order_number else "", number=message.order_number,
        message=message.number, error=number,
    )  # fmt: skip
    await core.messages.report(
        Report(
            id=message.id,
            state="failed",
            raw=f"error {number}",
            reason=REFUSALS.get(number, "refused"),
            account=service.account.code,
        )
    )


async def _tell(core: Core, service: Service, message: Message, status: int | None) -> None:
    """Tell the box how a message stands; a word that nobody knows moves nothing."""
    meaning = None if status is None else STATUSES.get(status)
    raw = "" if status is None else str(status)
    if meaning is None and (message.id, raw) not in _strange:
        _strange.add((message.id, raw))
        await core.journal(
            "status_unknown", direction="in", state="warn", account=service.account.code,
            status=raw or "—", message=message.number,
        )  # fmt: skip
    report = Report(id=message.id, raw=raw, account=service.account.code)
    if meaning is not None:
        report = Report(
            id=message.id,
            state=meaning.state,
            reason=meaning.reason,
            raw=raw,
            account=service.account.code,
        )
    await core.messages.report(report)


async def _look(core: Core, message: Message) -> None:
    """Read how a message stands."""
    service = service_of(account_for(core, message.account, message.shop))
    try:
        status = await service.status(core, message.id, message.phone.reveal())
    except Refused as error:
        await core.journal(
            "message_refused", direction="in", state="warn", account=service.account.code,
            message=message.number, error=error.number,
        )  # fmt: skip
        return
    if message.stale and (status is None or STATUSES.get(status, None) in _WAITS):
        await core.messages.report(
            Report(id=message.id, state="unknown", reason="silent", raw=str(status))
        )
        return
    await _tell(core, service, message, status)


_WAITS: Final = (None, STATUSES[-1])


async def push(request: RouteRequest, core: Core) -> RouteReply:
    """A callback is a hint: the message it speaks of is read anew, and only that is believed."""
    try:
        form = dict(parse_qsl(request.body.decode(), keep_blank_values=True))
        named = UUID(hex=form.get("id", ""))
    except (UnicodeDecodeError, ValueError):
        await say_stranger(core, "push_unreadable")
        return RouteReply(status=BAD_FORM)
    message = await core.messages.look(named)
    if message is None:
        await say_stranger(core, "push_unknown")
        return RouteReply()
    secret = service_of(account_for(core, message.account, message.shop)).secret
    if secret and is_signed(form, secret) is False:
        await say_stranger(core, "push_foreign")
        return RouteReply(status=FOREIGN)
    await _look(core, message)
    return RouteReply()


async def poll(core: Core) -> None:
    """The callback's twin: look at what is not at its end, and at what is left to spend.

    So many at a time, from where the last look ended: a thousand on their way are seen within ten
    minutes, and none of them keeps the others waiting.
    """
    await for_each((_look_on, _balances), lambda part: part(core))


async def _look_on(core: Core) -> None:
    found = await core.messages.open(_seen[-1], AT_ONCE)
    _seen[-1] = found[-1].number if len(found) == AT_ONCE else 0
    await for_each(found, lambda message: _look(core, message))


async def _balances(core: Core) -> None:
    async def ask(account: Account) -> None:
        with suppress(Refused):
            await core.messages.balance(account.code, await service_of(account).balance(core))

    await for_each(core.accounts(), ask)


async def cost(asked: CostAsked, core: Core) -> Cost:
    """What so many signs to such a number cost: neither words nor a number leave the box."""
    account = account_for(core, "", asked.shop)
    service, moment = service_of(account), utc_now()
    key = (account.code, asked.prefix, asked.parts, asked.is_plain)
    kept = _prices.get(key)
    if kept is None or moment - kept[0] > PRICES_KEPT:
        text = ("a" if asked.is_plain else "ж") * asked.units
        try:
            price = await service.price(core, asked.prefix[:LENGTH].ljust(LENGTH, "0"), text)
        except Refused:
            price = None
        if price is None:
            raise Permanent("no_price")
        if len(_prices) >= MOST_PRICES:
            _prices.clear()
        kept = _prices[key] = (moment, price)
    return Cost(price=kept[1], sender=service.sender)
