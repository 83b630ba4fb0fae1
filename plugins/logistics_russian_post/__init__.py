"""Russian Post as a carrier: prices, offices, orders, labels, batches, and the way of parcels."""

from appliance.domain.events import LOOK, ServiceWished
from appliance.plugin_api.accounts import quoted, tried
from appliance.plugin_api.core import Core
from appliance.plugin_api.handing import Papers, PapersAsked
from appliance.plugin_api.hooks import Answers, Every, Finding, On, hookimpl
from appliance.plugin_api.parcels import (
    Offers,
    Parcel,
    Points,
    PointsAsked,
    QuoteAsked,
    Report,
)
from plugins.logistics_russian_post import booking, following, papers, quoting
from plugins.logistics_russian_post.client import Clients, Post
from plugins.logistics_russian_post.wire import Point, Quota

BUYER = ("customer.name", "customer.phone", "customer.address")
NOBODYS = "RA000000000RU"
"""A number that no parcel has: asking about it tries login and password alone."""
NEARLY = 90
"""Per cent of the day's requests behind which «Проверить» warns."""

clients = Clients()


@hookimpl
def register_handlers(on: On) -> None:
    on(ServiceWished, wished)


@hookimpl
def register_answers(answer: Answers) -> None:
    answer("carrier.quote", quote)
    answer("carrier.points", points)
    answer("carrier.papers", papers_of)


@hookimpl
def register_jobs(every: Every) -> None:
    every("follow", follow)


def of_parcel(core: Core, parcel: Parcel) -> Post:
    """The account a parcel goes by.

    Raises:
        Pause: it is off: what is for it waits.
    """
    return clients.of(core.account_of(parcel.account or "main"))


async def quote(asked: QuoteAsked, core: Core) -> Offers:
    """Prices of every account."""
    return await quoted(core, lambda one: quoting.offers(clients.of(one), core, asked))


async def points(asked: PointsAsked, core: Core) -> Points:
    """Post offices of a town."""
    return await quoting.points(clients.of(core.account_of(asked.account or "main")), core, asked)


async def papers_of(asked: PapersAsked, core: Core) -> Papers:
    """A batch of what is handed over, and its form 103."""
    post = clients.of(core.account_of(asked.account or "main"))
    return await papers.papers(post, core, asked)


async def wished(event: ServiceWished, core: Core) -> None:
    """Do what the box wants of the Post, as the parcel stands now."""
    if event.kind != "parcel":
        return
    parcel = await core.parcels.get(event.record_id)
    if parcel is None:
        return
    post = of_parcel(core, parcel)
    if event.deed == LOOK:
        await _look(post, core, parcel)
    else:
        await _do(post, core, parcel, event.deed)


async def _look(post: Post, core: Core, parcel: Parcel) -> None:
    """Ask where it is, and nothing else."""
    if parcel.track and post.text("tracking_login"):
        await following.look(post, core, parcel)


async def _do(post: Post, core: Core, parcel: Parcel, deed: str) -> None:
    match deed:
        case "book" if parcel.deed == "book" and parcel.state == "draft":
            told = await core.parcels.get(parcel.id, fields=BUYER, purpose="delivery")
            if told is not None:
                await booking.book(post, core, told)
        case "cancel" if parcel.deed == "cancel":
            await booking.cancel(post, core, parcel)
        case "refuse" if parcel.deed == "refuse":
            # The Post turns a parcel round at the counter only, against a paper.
            await core.parcels.report(Report(id=parcel.id, done="refuse", trouble="refuse_by_hand"))
        case "label" if parcel.carrier_id:
            await booking.label(post, core, parcel)
        case _:
            await core.parcels.report(Report(id=parcel.id, done=deed))


async def follow(core: Core) -> None:
    """Ask where parcels are: the Post tells nobody by itself."""
    await following.follow_all(core, [clients.of(one) for one in core.accounts()])


@hookimpl
async def diagnose(core: Core, account: str) -> list[Finding]:
    """Ask each account for its points; and the tracking service about a parcel nobody has."""
    return await tried(
        core,
        account,
        lambda one: _contract(clients.of(one), core),
        lambda one: _tracking(clients.of(one), core),
    )


async def _contract(post: Post, core: Core) -> list[Finding]:
    code = post.account.code
    reply = await post.ask(core, "GET", "/1.0/user-shipping-points")
    known = reply.json(list[Point]) if reply.is_good else []
    takes = any(one.operator_postcode == post.text("postoffice") and one.enabled for one in known)
    found = [
        Finding(code="connected" if takes else "postoffice_unknown", is_good=takes, account=code)
    ]
    limits = await post.ask(core, "GET", "/1.0/settings/limit")
    quota = limits.json(Quota) if limits.is_good and limits.data is not None else Quota()
    if quota.allowed_count and quota.current_count * 100 >= quota.allowed_count * NEARLY:
        numbers = {"used": quota.current_count, "most": quota.allowed_count}
        found.append(Finding(code="quota_low", is_good=False, numbers=numbers, account=code))
    return found


async def _tracking(post: Post, core: Core) -> list[Finding]:
    code = post.account.code
    if not post.text("tracking_login"):
        return [Finding(code="tracking_off", is_good=False, account=code)]
    fault = (await following.history(post, core, NOBODYS)).fault
    said = {"key": "tracking_refused", "limit": "tracking_spent", "other": "account_down"}
    return [
        Finding(code=said.get(fault, "tracking_connected"), is_good=fault not in said, account=code)
    ]
