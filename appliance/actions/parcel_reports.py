"""What carriers' plugins ask about parcels, and what they report of them."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from appliance.actions import _carrying, _changing, _fulfilment, _operators, _plugin_asking
from appliance.actions._changing import Edit
from appliance.actions._gate import action
from appliance.actions._papers import address_line
from appliance.domain.orders import OrderSelector
from appliance.domain.parcels import Deed, State
from appliance.domain.personal import Personal
from appliance.errors import Invalid, NotFound
from appliance.plugin_api import parcels as api
from appliance.roles import Permission
from appliance.storage import addresses, files, orders, parcels, plugin_feed, references
from appliance.storage.orders import Order
from appliance.storage.parcels import Parcel, Told
from appliance.storage.statements import any_of, fetch
from appliance.storage.tx import Tx

REPORTED = frozenset({State.DRAFT, State.REGISTERED, State.ERROR, State.CANCELLED})
"""What a report may say of a request; the way of the parcel itself is told by steps."""
LABEL_MEDIA = frozenset({"application/pdf", "image/png", "text/html"})


class _Of(NamedTuple):
    """What a list of parcels says of an order."""

    id: UUID
    number: int
    shop: str


async def _own(tx: Tx, parcel_id: UUID | None, number: str = "") -> Parcel | None:
    """A parcel of the plugin that asks."""
    plugin = _plugin_asking.plugin_of(tx)
    if parcel_id is None:
        return await parcels.by_carrier(plugin, number) if number else None
    found = await parcels.by_id(parcel_id)
    return None if found is None or found.plugin != plugin else found


async def _found(tx: Tx, parcel_id: UUID) -> Parcel:
    found = await _own(tx, parcel_id)
    if found is None:
        raise NotFound("parcel_not_found")
    return found


@action(Permission.PARCEL_CARRY, reads=True, quiet=True)
async def plain(tx: Tx, asked: api.ParcelAsked) -> api.Found:
    """A parcel without a word about who gets it."""
    _plugin_asking.close_fields(tx)
    found = await _own(tx, asked.id, asked.number)
    if found is None:
        return api.Found()
    order = await orders.get(tx, OrderSelector(id=found.order_id))
    return api.Found(parcels=(_parcel(found, order, await _items(order.id), {}),))


@action(Permission.PARCEL_CARRY)
async def with_buyer(tx: Tx, asked: api.ParcelAsked) -> api.Found:
    """A parcel with its buyer's granted fields; the hand-over is written down.

    Raises:
        Denied: `field_not_granted`.
        Throttled: `plugin_budget_spent`.
    """
    fields = _plugin_asking.open_fields(tx, asked.fields, asked.purpose)
    found = await _own(tx, asked.id, asked.number)
    if found is None:
        return api.Found()
    order = await orders.get(tx, OrderSelector(id=found.order_id))
    buyers = await plugin_feed.buyers(tx, [order.id])
    ground = await _plugin_asking.grounds(tx, buyers.values(), asked.purpose)
    customer = buyers.get(order.id)
    if customer is None or customer not in ground:
        bare = _parcel(found, order, await _items(order.id), {}, withheld=True)
        return api.Found(parcels=(bare,))
    people = await _people(tx, order, fields)
    await _plugin_asking.hand_over(
        tx, [(customer, order.id, ground[customer])], fields, asked.purpose
    )
    return api.Found(parcels=(_parcel(found, order, await _items(order.id), people),))


async def _people(tx: Tx, order: Order, fields: Sequence[str]) -> dict[str, Personal[object]]:
    """Who gets it: granted fields only; others are not even opened."""
    wanted = set(fields)
    given: dict[str, Personal[object]] = {}
    if wanted & {"name", "phone", "email", "comment"}:
        contact = orders.open_contact(
            tx,
            order,
            name="name" in wanted,
            reach=bool(wanted & {"phone", "email"}),
            comments="comment" in wanted,
        )
        names = (contact.last_name, contact.first_name, contact.patronymic)
        every = {
            "name": " ".join(one for one in names if one),
            "phone": contact.phone,
            "email": contact.email,
        }
        given = {name: Personal(text) for name, text in every.items() if name in wanted}
    if "address" in wanted:
        parts = await addresses.stored(tx, order.id, order.subject_id)
        if parts is not None:
            street = " ".join(one for one in (parts.street_type, parts.street) if one)
            given["address"] = Personal(
                api.Address(
                    index=parts.index,
                    region=parts.region,
                    city=parts.city,
                    street=street,
                    house=parts.building or parts.house,
                    flat=parts.flat,
                    text=address_line(parts),
                )
            )
    return given


def _parcel(
    one: Parcel,
    order: "Order | _Of",
    items: Sequence[api.Item],
    people: dict[str, Personal[object]],
    *,
    withheld: bool = False,
) -> api.Parcel:
    return api.Parcel(
        id=one.id,
        number=one.number,
        own_number=one.own_number,
        order_id=order.id,
        order_number=order.number,
        shop=order.shop,
        account=one.account,
        tariff=one.tariff,
        gives=one.gives,  # pyright: ignore[reportArgumentType] - stored from the same list
        point=one.point,
        state=one.state,
        deed=one.deed,
        carrier_id=one.carrier_id,
        track=one.track,
        box=api.Box(
            grams=one.grams,
            length_mm=one.length_mm,
            width_mm=one.width_mm,
            height_mm=one.height_mm,
        ),
        items=tuple(items),
        declared=one.declared,
        cod=one.cod,
        buyer_pays=one.buyer_pays,
        day="" if one.day is None else one.day.isoformat(),
        window=one.hours,
        withheld=withheld,
        **people,  # pyright: ignore[reportArgumentType] - names and kinds as `_people` makes them
    )


async def _items(order_id: UUID) -> list[api.Item]:
    rows = await fetch(
        "SELECT l.number, l.sku, l.name, l.quantity_milli, l.total, l.vat_rate, v.weight_grams "
        "FROM order_line l LEFT JOIN variant v ON v.id = l.variant_id WHERE l.order_id = {} "
        "ORDER BY l.position",
        order_id,
    )
    return [
        api.Item(
            sku=sku or str(number),
            name=name,
            quantity_milli=milli,
            price=total * 1000 // milli if milli else 0,
            grams=grams or 0,
            vat_rate=vat,
        )
        for number, sku, name, milli, total, vat, grams in rows
    ]


@action(Permission.PARCEL_CARRY, reads=True, quiet=True)
async def open_ones(tx: Tx, asked: api.OpenAsked) -> api.Found:
    """Parcels that the carrier has to do with, by number, without who gets them."""
    plugin = _plugin_asking.plugin_of(tx)
    _plugin_asking.close_fields(tx)
    limit = min(max(asked.limit, 1), api.MOST_OPEN)
    found = await parcels.open_of(plugin, asked.account, asked.after, limit)
    rows = await fetch(
        "SELECT id, number, shop FROM orders WHERE id IN {}",
        any_of([one.order_id for one in found]),
    )
    known = {row[0]: _Of(*row) for row in rows}
    return api.Found(
        parcels=tuple(
            _parcel(one, known[one.order_id], (), {}) for one in found if one.order_id in known
        )
    )


@action(Permission.PARCEL_CARRY)
async def report(tx: Tx, said: api.Report) -> api.Done:
    """Take over what became of a request: the order's track, cost and trace follow.

    Raises:
        NotFound: `parcel_not_found`.
        Invalid: `parcel_state`: a step, not a state of a request.
    """
    _plugin_asking.plugin_of(tx)
    parcel = await _found(tx, said.id)
    order = await orders.get(tx, OrderSelector(id=parcel.order_id))
    columns = {
        name: value
        for name in ("trouble", "carrier_id", "track", "track_url", "billed")
        if (value := getattr(said, name)) is not None
    }
    if isinstance(columns.get("track_url"), str):
        columns["track_url"] = _address(str(columns["track_url"]))
    if said.done and parcel.deed == said.done:
        columns["deed"] = ""
    other = bool(said.point) and bool(parcel.point) and said.point != parcel.point
    if other:
        columns |= {"point": said.point or "", "point_name": said.point_name[:500]}
    base = _base(parcel, said)
    became = await parcels.change(
        tx, parcel, **{key: _cut(key, one) for key, one in columns.items()}, base_state=base.value
    )
    became = await parcels.change(tx, became, state=(await parcels.state_of(became)).value)
    await _follow(tx, order, parcel, became)
    if other:
        title = f"Перевозчик сменил пункт выдачи по заказу № {order.number}"
        await _carrying.tell_manager(tx, order, title, f"{parcel.point_name} → {said.point_name}")
    if said.done in {Deed.CANCEL.value, Deed.REFUSE.value} and said.trouble:
        title = f"Перевозчик не отменил заявку по заказу № {order.number}"
        await _carrying.tell_manager(tx, order, title)
    return api.Done()


def _cut(name: str, value: object) -> object:
    longest = {"trouble": 64, "carrier_id": 64, "track": 64}.get(name)
    return value if longest is None else str(value)[:longest]


def _address(text: str) -> str:
    """Only a page of the carrier's: whatever else a plugin says leads nowhere."""
    return text[:500] if text.startswith("https://") else ""


def _base(parcel: Parcel, said: api.Report) -> State:
    """What is known of the request after this; a late report does not undo what came after it."""
    known = State(parcel.base_state)
    if said.state is None:
        return known
    wanted = State(said.state)
    if wanted not in REPORTED:
        raise Invalid("parcel_state", fields={"state": "parcel_state"})
    if known is State.CANCELLED or (known is State.REGISTERED and wanted is State.DRAFT):
        return known
    return wanted


@action(Permission.PARCEL_CARRY)
async def steps(tx: Tx, told: api.Steps) -> api.Stepped:
    """Keep the steps that are new; the parcel, its order and the buyer's page follow.

    Raises:
        NotFound: `parcel_not_found`.
        Invalid: `batch_too_long`.
    """
    _plugin_asking.plugin_of(tx)
    _plugin_asking.not_too_many(told.steps, api.MOST_STEPS)
    parcel = await _found(tx, told.id)
    order = await orders.get(tx, OrderSelector(id=parcel.order_id))
    fresh, state = await parcels.tell(tx, parcel, [_told(one) for one in told.steps])
    if not fresh:
        return api.Stepped(new=0, state=parcel.state)
    became = await parcels.change(tx, parcel, state=state.value)
    tx.concern("order", order.id)
    await _follow(tx, order, parcel, became)
    return api.Stepped(new=fresh, state=became.state)


def _told(one: api.Step) -> Told:
    return Told(
        code=one.code[:64],
        at=one.at,
        state=one.state or "",
        place=one.place[:120],
        reason=one.reason[:64],
        taken_back=one.taken_back,
    )


@action(Permission.PARCEL_CARRY)
async def label(tx: Tx, given: api.Label) -> api.Done:
    """Keep the label, sealed under the buyer's key; a newer one takes its place.

    Raises:
        NotFound: `parcel_not_found`.
        Invalid: `attachment_empty`, `attachment_too_large`, `label_media`.
    """
    _plugin_asking.plugin_of(tx)
    parcel = await _found(tx, given.id)
    if given.media not in LABEL_MEDIA:
        raise Invalid("label_media")
    if len(given.body) > api.MOST_LABEL:
        raise Invalid("attachment_too_large", size=len(given.body))
    order = await orders.get(tx, OrderSelector(id=parcel.order_id))
    end = {"application/pdf": "pdf", "image/png": "png"}.get(given.media, "html")
    kept = await files.keep(
        tx, order.subject_id, f"{parcel.own_number}.{end}", given.body, given.media
    )
    done = {"deed": ""} if parcel.deed == Deed.LABEL.value else {}
    await parcels.change(tx, parcel, label=kept, **done)
    await _operators.labelled(tx, order.id)
    return api.Done()


async def _follow(tx: Tx, order: Order, was: Parcel, became: Parcel) -> None:
    """What a parcel's move means for its order."""
    live = await parcels.live_of(order.id)
    speaks = live is not None and live.id == became.id
    edit = Edit(order)
    edit.carried = True
    if speaks and became.track and became.track != order.track_number:
        edit.set("track_number", became.track, "integration_delivery_data.track_number")
    if speaks and became.billed is not None:
        edit.set("delivery_net_cost", became.billed, "delivery_net_cost")
    if became.state != was.state:
        edit.note(_carrying.state_note(was.state, became.state, became))
        _standing(edit, order, became, speaks=speaks or live is None)
    order = await _changing.finish(tx, edit)
    if became.state != was.state:
        await _mind(tx, order, became, speaks=speaks)


def _standing(edit: Edit, order: Order, became: Parcel, *, speaks: bool) -> None:
    """Whether the order's request stands after this move."""
    if not speaks:
        return
    if became.state not in {State.CANCELLED.value, State.ERROR.value}:
        return
    if order.delivery_request:
        edit.set("delivery_request", "", "delivery_request")
    if became.track and became.track == order.track_number:
        edit.set("track_number", "", "integration_delivery_data.track_number")


async def _mind(tx: Tx, order: Order, became: Parcel, *, speaks: bool) -> None:
    """Tell people what a machine cannot settle; what the buyer has, has arrived."""
    state = State(became.state)
    if state is State.DELIVERED and speaks and order.delivered_at is None:
        await _fulfilment.deliver_whole(tx, await references.lists(), order)
    said = {
        State.ERROR: f"Перевозчик не принял заявку по заказу № {order.number}",
        State.LOST: f"Перевозчик потерял посылку по заказу № {order.number}",
        State.RETURNING: f"Посылка по заказу № {order.number} возвращается",
        State.ATTEMPT_FAILED: f"Посылку по заказу № {order.number} не удалось вручить",
    }.get(state)
    if said is not None and not (became.stale and state is State.RETURNING):
        await _carrying.tell_manager(tx, order, said)
