"""What colleagues do with carriers: compare, choose, ask for it, print its label, give it up."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import msgspec

from appliance.actions import _carrying, _changing, _editing, _order_checks
from appliance.actions._changing import Edit
from appliance.actions._gate import action
from appliance.domain.orders import DeliveryDraft, OrderChange, OrderSelector
from appliance.domain.parcels import (
    BEFORE,
    MOST_GRAMS,
    MOST_MM,
    SETTING,
    Choice,
    Deed,
    Gives,
    ParcelDesk,
    ParcelSettings,
    State,
    Town,
    packed,
    town_of,
)
from appliance.domain.personal import Personal
from appliance.domain.references import Reference, ReferenceKind
from appliance.errors import Conflict, Invalid, NotFound
from appliance.plugin_api.parcels import Point
from appliance.roles import Permission
from appliance.storage import (
    addresses,
    carrier_towns,
    files,
    orders,
    parcels,
    plugins,
    references,
    settings,
)
from appliance.storage.orders import Order
from appliance.storage.parcels import Parcel
from appliance.storage.references import Lists
from appliance.storage.tx import Tx

WAYS: Final = {
    Gives.DOOR: "courier",
    Gives.POINT: "pickup-point",
    Gives.LOCKER: "pickup-point",
    Gives.SHOP: "self-delivery",
}
"""Where the buyer gets it → the way of delivery an order of it has, where the list knows it."""


class LabelFile(msgspec.Struct, frozen=True, kw_only=True):
    """A label to print."""

    name: str
    media: str
    body: bytes


@action(Permission.PARCEL_BOOK)
async def desk(tx: Tx, order_number: int) -> ParcelDesk:
    """What the window of carriers begins with: where to, how heavy, how much is still to be paid.

    Raises:
        NotFound: `order_not_found`.
    """
    order = await orders.get(tx, OrderSelector(number=order_number))
    usual = await settings.get(SETTING, ParcelSettings)
    live = await parcels.live_of(order.id)
    left = max(order.total - order.paid_total, 0)
    return ParcelDesk(
        order_id=order.id,
        order_number=order.number,
        version=order.version,
        package=packed(await parcels.goods_of(order.id), usual),
        town=await _town(tx, order),
        total=order.total,
        goods_total=max(order.goods_total - order.discount_total, 0),
        left=left,
        cod=left if order.payment_scheme == "receipt" else 0,
        shop=order.shop,
        delivery_cost=order.delivery_cost,
        live=None if live is None else parcels.view(live),
    )


async def _town(tx: Tx, order: Order) -> Personal[Town] | None:
    address = await addresses.address_of(tx, order.id)
    if address is None:
        return None
    parts = address.reveal()
    return Personal(town_of(parts.city, parts.index, parts.text))


@action(Permission.PARCEL_BOOK)
async def choose(
    tx: Tx, order_number: int, choice: Choice, *, ask: bool = False, version: int | None = None
) -> int:
    """Choose a tariff for an order, and ask the carrier for it at once if wanted.

    The order's way, cost and total follow. A request made before is cancelled while that costs
    nothing, else flagged.

    Returns:
        the parcel's number.

    Raises:
        NotFound: `order_not_found`.
        Conflict: `order_changed` since `version`.
        Invalid: `carrier_unknown`, `point_missing`, `weight_out_of_range`, `size_out_of_range`,
            `amount_out_of_range`.
    """
    lists = await references.lists()
    order = await orders.get(tx, OrderSelector(number=order_number))
    orders.check_version(order, version)
    await _check(choice)
    lists = await _carrier_listed(lists, choice)
    live = await parcels.live_of(order.id)
    parcel = await _put(tx, order, live, choice)
    edit = Edit(order)
    edit.carried = True
    change = OrderChange(delivery=_delivery(lists, order, choice))
    _order_checks.check_change(change, lists)
    await _editing.apply(tx, lists, edit, change)
    if live is not None and live.track and live.track == order.track_number:
        edit.set("track_number", "", "integration_delivery_data.track_number")
    if ask:
        parcel = await _ask(tx, edit, parcel)
    else:
        edit.set("delivery_request", "", "delivery_request")
    await _changing.finish(tx, edit)
    return parcel.number


async def _check(choice: Choice) -> None:
    fields: dict[str, str] = {}
    sizes = (choice.package.length_mm, choice.package.width_mm, choice.package.height_mm)
    if not 0 < choice.package.grams <= MOST_GRAMS:
        fields["weight"] = "weight_out_of_range"
    if not all(0 <= one <= MOST_MM for one in sizes):
        fields["size"] = "size_out_of_range"
    if choice.gives in {Gives.POINT, Gives.LOCKER} and not choice.point:
        fields["point"] = "point_missing"
    for name in ("buyer_pays", "cod", "quoted"):
        if not 0 <= getattr(choice, name) <= _order_checks.MOST:
            fields[name] = "amount_out_of_range"
    _order_checks.refuse(fields)
    if await plugins.find(choice.plugin) is None:
        raise Invalid("carrier_unknown", fields={"offer": "carrier_unknown"})


async def _carrier_listed(lists: Lists, choice: Choice) -> Lists:
    """See that the list of services knows the carrier, so that orders can be found by it."""
    known = lists.of(ReferenceKind.DELIVERY_SERVICE)
    if choice.plugin in known:
        return lists
    last = max((one.position for one in known.values()), default=0)
    entry = Reference(
        number=0, code=choice.plugin, name=choice.carrier or choice.plugin, position=last + 10
    )
    await references.set_entry(ReferenceKind.DELIVERY_SERVICE, None, entry)
    return await references.lists()


def _delivery(lists: Lists, order: Order, choice: Choice) -> DeliveryDraft:
    way = next(
        (
            code
            for code in (choice.way, WAYS[choice.gives])
            if code and (known := lists.delivery(code)) is not None and known.active
        ),
        order.delivery_type,
    )
    town = None if choice.town is None else choice.town.reveal()
    parts = {} if town is None else {"city": town.city.strip(), "index": town.index.strip()}
    given = {name: value for name, value in parts.items() if value}
    hours = choice.window.split("-") if choice.window else ["", ""]
    return DeliveryDraft(
        type=way,
        service=choice.plugin,
        cost=choice.buyer_pays,
        net_cost=choice.quoted,
        date=order.delivery_date if choice.date is None else choice.date,
        time_from=hours[0] or order.delivery_from,
        time_to=(hours[-1] if len(hours) == 2 else "") or order.delivery_to,
        address=Personal(given) if given else None,
    )


async def _put(tx: Tx, order: Order, live: Parcel | None, choice: Choice) -> Parcel:
    """The parcel of this choice: the one that waited unasked, else one in the old one's place."""
    if live is not None and live.state == State.CHOSEN.value:
        return await parcels.change(tx, live, **parcels.chosen(order, choice))
    if live is not None and not parcels.is_over(live):
        await _carrying.give_up(tx, live)
    return await parcels.add(tx, order, choice)


async def _ask(tx: Tx, edit: Edit, parcel: Parcel) -> Parcel:
    asked = await _carrying.ask(tx, parcel)
    edit.set("delivery_request", _carrying.MADE, "delivery_request")
    edit.note(_carrying.state_note(parcel.state, asked.state, asked))
    return asked


async def _find(tx: Tx, number: int) -> tuple[Parcel, Order]:
    """A parcel whose order is for the actor.

    Raises:
        NotFound: `parcel_not_found`.
    """
    parcel = await parcels.by_number(number)
    try:
        return parcel, await orders.get(tx, OrderSelector(id=parcel.order_id))
    except NotFound:
        raise NotFound("parcel_not_found") from None


@action(Permission.PARCEL_BOOK)
async def book(tx: Tx, number: int) -> int:
    """Ask the carrier for what was chosen, or again for what he refused; the order's number.

    Raises:
        NotFound: `parcel_not_found`.
        Conflict: `parcel_asked`: the request is made already.
    """
    parcel, order = await _find(tx, number)
    if parcel.state not in {State.CHOSEN.value, State.ERROR.value}:
        raise Conflict("parcel_asked", number=number)
    edit = Edit(order)
    edit.carried = True
    await _ask(tx, edit, parcel)
    await _changing.finish(tx, edit)
    return order.number


@action(Permission.PARCEL_BOOK)
async def cancel(tx: Tx, number: int) -> int:
    """Give a parcel up; once the carrier has it, he is to bring it back. The order's number.

    Raises:
        NotFound: `parcel_not_found`.
        Conflict: `parcel_over`: it has arrived, or was given up before.
    """
    parcel, order = await _find(tx, number)
    if parcels.is_over(parcel):
        raise Conflict("parcel_over", number=number)
    edit = Edit(order)
    edit.carried = True
    if State(parcel.state) in BEFORE:
        became = await _carrying.give_up(tx, parcel)
        standing = "" if parcels.is_over(became) else _carrying.STALE
    else:
        became = await parcels.change(tx, parcel, deed=Deed.REFUSE.value, stale=True)
        _carrying.wish(tx, became, Deed.REFUSE)
        standing = _carrying.STALE
    edit.set("delivery_request", standing, "delivery_request")
    if became.state != parcel.state:
        edit.note(_carrying.state_note(parcel.state, became.state, became))
    await _changing.finish(tx, edit)
    return order.number


@action(Permission.PARCEL_BOOK)
async def want_label(tx: Tx, number: int) -> int:
    """Have the carrier make the label; it comes by itself. The order's number.

    Raises:
        NotFound: `parcel_not_found`.
        Conflict: `parcel_not_registered`: the carrier does not know it yet, or no more.
    """
    parcel, order = await _find(tx, number)
    state = State(parcel.state)
    if not parcel.is_asked or state is State.DRAFT:
        raise Conflict("parcel_not_registered", number=number)
    if not parcel.deed:
        wanted = await parcels.change(tx, parcel, deed=Deed.LABEL.value)
        _carrying.wish(tx, wanted, Deed.LABEL)
    return order.number


@action(Permission.PARCEL_BOOK)
async def label(tx: Tx, number: int) -> LabelFile:
    """The label to print; whose it is is written down.

    Raises:
        NotFound: `parcel_not_found`, `label_missing`.
        Damaged: its bytes are gone or changed.
    """
    parcel, order = await _find(tx, number)
    if parcel.label is None:
        raise NotFound("label_missing")
    tx.about("order", order.id)
    kept, body = await files.read(tx, parcel.label)
    return LabelFile(name=kept.name, media=kept.media, body=body)


class TownPoints(msgspec.Struct, frozen=True, kw_only=True):
    """Points of a town as they were listed last."""

    points: tuple[Point, ...]
    asked_at: datetime


@action(Permission.PARCEL_BOOK, reads=True, quiet=True)
async def points(tx: Tx, plugin: str, account: str, town: str) -> TownPoints | None:
    """A carrier's points of a town; None: nobody asked for them yet."""
    found = await carrier_towns.of_town(plugin, account, town)
    return None if found is None else TownPoints(points=found.points, asked_at=found.asked_at)


@action(Permission.PARCEL_BOOK, quiet=True)
async def keep_points(
    tx: Tx, plugin: str, account: str, town: str, listed: Sequence[Point]
) -> None:
    """Keep what a carrier listed for a town; an empty list takes no better one's place."""
    if await plugins.find(plugin) is not None and (
        listed or await carrier_towns.of_town(plugin, account, town) is None
    ):
        await carrier_towns.keep(tx, plugin, account, town, listed)


@action(Permission.REFERENCE_EDIT, reads=True, quiet=True)
async def usual(tx: Tx) -> ParcelSettings:
    """What a piece weighs and measures where its good does not say."""
    return await settings.get(SETTING, ParcelSettings)


@action(Permission.REFERENCE_EDIT)
async def set_usual(tx: Tx, wanted: ParcelSettings) -> None:
    """Set it.

    Raises:
        Invalid: `weight_out_of_range`, `size_out_of_range`.
    """
    fields: dict[str, str] = {}
    for name, least in (("grams", 1), ("tare_grams", 0)):
        if not least <= getattr(wanted, name) <= MOST_GRAMS:
            fields[name] = "weight_out_of_range"
    for name in ("length_mm", "width_mm", "height_mm"):
        if not 0 < getattr(wanted, name) <= MOST_MM:
            fields[name] = "size_out_of_range"
    _order_checks.refuse(fields)
    tx.object_type = "setting"
    await settings.put(SETTING, wanted)
