"""CDEK as a carrier: prices, points, requests, labels, and the way of parcels."""

import hmac

import msgspec

from appliance.domain.events import LOOK, ServiceWished
from appliance.plugin_api.accounts import quoted, tried
from appliance.plugin_api.callers import say_stranger
from appliance.plugin_api.core import Core
from appliance.plugin_api.handing import (
    CourierAsked,
    CourierCalled,
    Papers,
    PapersAsked,
)
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
from appliance.plugin_api.parcels import (
    Offers,
    Parcel,
    Points,
    PointsAsked,
    QuoteAsked,
    Report,
)
from plugins.logistics_cdek import booking, calling, following, printing, quoting
from plugins.logistics_cdek.client import Cdek, Clients
from plugins.logistics_cdek.wire import Hook, Subscription

BUYER = ("customer.name", "customer.phone", "customer.address")
KIND = "ORDER_STATUS"
LEAST_WORD = 20

clients = Clients()


@hookimpl
def register_handlers(on: On) -> None:
    on(ServiceWished, wished)


@hookimpl
def register_answers(answer: Answers) -> None:
    answer("carrier.quote", quote)
    answer("carrier.points", points)
    answer("carrier.papers", papers)
    answer("carrier.courier", courier)


@hookimpl
def register_jobs(every: Every) -> None:
    every("waiting", waiting)
    every("follow", follow)
    every("subscribe", subscribe)


@hookimpl
def register_routes(route: Routes) -> None:
    route("hook", hook)


def of_parcel(core: Core, parcel: Parcel) -> Cdek:
    """The account a parcel goes by.

    Raises:
        Pause: it is off: what is for it waits.
    """
    return clients.of(core.account_of(parcel.account or "main"))


async def quote(asked: QuoteAsked, core: Core) -> Offers:
    """Prices of every account."""
    return await quoted(core, lambda one: quoting.offers(clients.of(one), core, asked))


async def points(asked: PointsAsked, core: Core) -> Points:
    """Offices and lockers of a town, by the account whose tariff was chosen."""
    return await quoting.points(clients.of(core.account_of(asked.account or "main")), core, asked)


async def papers(asked: PapersAsked, core: Core) -> Papers:
    """Waybills of what is handed over."""
    return await printing.papers(clients.of(core.account_of(asked.account or "main")), core, asked)


async def courier(asked: CourierAsked, core: Core) -> CourierCalled:
    """Have CDEK's courier collect what waits."""
    return await calling.call(clients.of(core.account_of(asked.account or "main")), core, asked)


async def wished(event: ServiceWished, core: Core) -> None:
    """Do what the box wants of CDEK, as the parcel stands now."""
    if event.kind != "parcel":
        return
    parcel = await core.parcels.get(event.record_id)
    if parcel is None:
        return
    cdek = of_parcel(core, parcel)
    if event.deed == LOOK:
        await _look(cdek, core, parcel)
    else:
        await _do(cdek, core, parcel, event.deed)


async def _look(cdek: Cdek, core: Core, parcel: Parcel) -> None:
    """Ask where it is, and nothing else."""
    if parcel.carrier_id:
        await following.look(cdek, core, parcel, parcel.carrier_id)


async def _do(cdek: Cdek, core: Core, parcel: Parcel, deed: str) -> None:
    match deed:
        case "book" if parcel.deed == "book" and parcel.state == "draft":
            told = await core.parcels.get(parcel.id, fields=BUYER, purpose="delivery")
            if told is not None:
                await booking.book(cdek, core, told)
        case "cancel" if parcel.deed == "cancel":
            await booking.cancel(cdek, core, parcel)
        case "refuse" if parcel.deed == "refuse":
            await booking.cancel(cdek, core, parcel, refuse=True)
        case "label" if parcel.carrier_id:
            await printing.label(cdek, core, parcel)
        case _:
            await core.parcels.report(Report(id=parcel.id, done=deed))


async def waiting(core: Core) -> None:
    """Look after requests that CDEK had not read when they were made."""
    await _all(core, drafts=True)


async def follow(core: Core) -> None:
    """Ask where every parcel is: the twin of the webhook, for boxes the Internet cannot reach."""
    await _all(core, drafts=False)


async def _all(core: Core, *, drafts: bool) -> None:
    async def account(one: Account) -> None:
        after, stopped = 0, None
        while page := await core.parcels.open(one.code, after):
            after = page[-1].number
            for parcel in page:
                if parcel.carrier_id and (parcel.state == "draft") == drafts:
                    try:
                        await following.look(clients.of(one), core, parcel, parcel.carrier_id)
                    except (Permanent, Retry) as error:
                        stopped = error  # this one is garbled; the others are not
        if stopped is not None:
            raise stopped

    await for_each(core.accounts(), account)


async def hook(request: RouteRequest, core: Core) -> RouteReply:
    """A hint that something changed: CDEK signs nothing, so all is read anew there.

    Whatever it holds is answered by 200: CDEK drops the subscription of an address that refuses.
    """
    account = next(
        (
            one
            for one in core.accounts()
            if len(word := str(one.settings.get("hook_word") or "")) >= LEAST_WORD
            and hmac.compare_digest(word.encode(), request.rest.encode())
        ),
        None,
    )
    if account is None:
        await say_stranger(core)
        return RouteReply(status=404)
    try:
        said = msgspec.json.decode(request.body, type=Hook)
    except msgspec.DecodeError:
        await core.journal("hook_garbled", direction="in", state="warn")
        return RouteReply()
    ids = [said.uuid]
    if said.attributes.is_return:
        # The status of a return order; what it says of the direct one is read there.
        ids = [one.uuid for one in said.attributes.related_entities if one.type == "direct_order"]
    for uuid in ids:
        parcel = await core.parcels.get(number=uuid) if uuid else None
        if parcel is None:
            continue
        try:
            await following.look(clients.of(account), core, parcel, parcel.carrier_id)
        except (Pause, Permanent, Retry):
            break  # the job asks again
    return RouteReply()


async def subscribe(core: Core) -> None:
    """See that one subscription stands, and no strays: CDEK drops them after failures."""
    await for_each([clients.of(one) for one in core.accounts()], lambda one: _subscribe(one, core))


async def _subscribe(cdek: Cdek, core: Core) -> None:
    public, word = cdek.text("public").rstrip("/"), cdek.text("hook_word")
    if not public or len(word) < LEAST_WORD:
        return
    wanted = f"{public}/x/logistics_cdek/hook/{word}"
    listed = (await cdek.ask(core, "GET", "/v2/webhooks")).json(list[Subscription])
    ours = [one for one in listed if one.type == KIND and one.url.startswith(f"{public}/")]
    good = next((one for one in ours if one.url == wanted), None)
    for one in ours:
        if one is not good:
            await cdek.ask(core, "DELETE", f"/v2/webhooks/{one.uuid}")
    if good is None:
        made = await cdek.ask(core, "POST", "/v2/webhooks", json={"type": KIND, "url": wanted})
        state = "ok" if made.is_good else "bad"
        await core.journal("subscribed" if made.is_good else "not_subscribed", state=state)


@hookimpl
async def diagnose(core: Core, account: str) -> list[Finding]:
    """Ask each account for its tariffs and the town of its sender: key, network, form are tried."""
    return await tried(core, account, lambda one: _tried(clients.of(one), core))


async def _tried(cdek: Cdek, core: Core) -> list[Finding]:
    code = cdek.account.code
    known = await quoting.contracted(cdek, core)
    town = await quoting.town_code(cdek, core, cdek.text("from_city"), "")
    found = [
        Finding(
            code="connected" if town else "from_city_unknown",
            is_good=bool(town),
            numbers={"tariffs": len(known)},
            account=code,
        )
    ]
    listed = quoting.listed(cdek)
    strange = len(listed - known)
    if strange:
        numbers = {"strange": strange, "listed": len(listed)}
        found.append(Finding(code="tariffs_strange", is_good=False, numbers=numbers, account=code))
    return found
