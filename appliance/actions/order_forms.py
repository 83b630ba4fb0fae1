"""Writing an order down by hand: what a form asks for while it is filled in, and its saving."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from appliance.actions import _frame, _order_checks, _placing
from appliance.actions._gate import action
from appliance.domain.customers import CustomerBrief
from appliance.domain.grants import Access
from appliance.domain.order_forms import (
    FormChoices,
    FormLine,
    FormReckoned,
    FormStart,
    GoodsFound,
    KeptForm,
    vat_within,
)
from appliance.domain.order_sums import WHOLE_MILLI, LineInput, add_up, part_of
from appliance.domain.orders import OrderDraft, OrderSelector, Placed
from appliance.domain.personal import Personal
from appliance.domain.references import ReferenceKind
from appliance.errors import Invalid, NotFound
from appliance.roles import Permission
from appliance.storage import (
    calls,
    customer_figures,
    customer_orders,
    customer_views,
    customers,
    form_drafts,
    form_tokens,
    goods_search,
    order_views,
    orders,
    references,
)
from appliance.storage.references import Lists
from appliance.storage.tx import Tx

MOST_LINES = 200
MOST_TYPED = 20_000
DRAFT = "order"


@action(Permission.PRODUCT_VIEW, reads=True, quiet=True)
async def goods(tx: Tx, text: str) -> Sequence[GoodsFound]:
    """Goods that a typed fragment, SKU or barcode means, best first."""
    return await goods_search.by_text(text)


@action(Permission.ORDER_VIEW, reads=True)
async def start(
    tx: Tx, customer: int = 0, repeat: int = 0, call: UUID | None = None, *, drafts: bool = False
) -> FormStart:
    """What a new form begins with.

    Args:
        tx: of the actor; whom he may see decides whom the form may begin with.
        customer: number of the client it is for; 0 for nobody yet.
        repeat: number of the order whose buyer, lines and delivery it takes over; 0 for none.
        call: the call at the actor's desk that it comes of: its caller is the buyer.
        drafts: a draft of the same beginning comes with it; of any, where the form begins empty.

    Raises:
        NotFound: `order_not_found`: the order to repeat is absent or not for this actor.
        Denied: the actor may see orders but not write them.
    """
    _order_checks.also_needs(tx, Permission.ORDER_CREATE)
    lists = await references.lists()
    begun: dict[str, Any] = {}
    buyer: UUID | None = None
    if repeat:
        views = await order_views.load(tx, lists, "o.number = {}", [repeat], 1)
        if not views:
            raise NotFound("order_not_found")
        order = views[0]
        tx.about("order", order.id)
        buyer = None if order.customer is None else order.customer.id
        begun = {
            "lines": order.lines,
            "delivery_type": order.delivery.type,
            "payment_type": order.payments[0].type if order.payments else "",
            "repeated": order.number,
        }
    elif call is not None:
        buyer, begun["caller"] = await _caller(tx, call)
    elif customer and (known := await customers.find_by_number(customer)) is not None:
        buyer = known.id
    shown = await _brief(tx, buyer)
    if shown is not None and tx.may("comment") is Access.VISIBLE:
        wishes = await customers.wishes_of(tx, shown.id)
        begun["note"] = Personal(wishes.note)
        for name in ("delivery_type", "payment_type"):
            begun[name] = begun.get(name) or getattr(wishes, name)
    last = 0 if repeat or shown is None else await _last(tx, shown.id)
    if drafts:
        begun |= await _draft(tx, origin_of(customer, repeat, call))
    return FormStart(
        choices=_choices(lists),
        frame=await _frame.frame_of(tx),
        **begun,
        buyer=shown,
        last=last,
    )


def origin_of(customer: int, repeat: int, call: UUID | None) -> str:
    """What a form began with, as its draft names it; empty for nothing."""
    told = (f"client={customer}", f"repeat={repeat}", f"call={call}")
    return "&".join(one for one, given in zip(told, (customer, repeat, call), strict=True) if given)


async def _draft(tx: Tx, origin: str) -> dict[str, Any]:
    found = await form_drafts.find(tx, DRAFT)
    if found is None or origin not in {"", found[0].words.get("origin", "")}:
        return {}
    return {"draft": found[0], "draft_at": found[1]}


@action(Permission.ORDER_CREATE, quiet=True)
async def keep(tx: Tx, token: UUID, form: Personal[KeptForm]) -> None:
    """Keep what is typed into a new order, sealed, for the actor alone; one that was saved is not.

    Raises:
        Invalid: `order_too_long`.
    """
    if form_drafts.is_too_long(form, MOST_LINES, MOST_TYPED):
        raise Invalid("order_too_long", fields={"find": "order_too_long"})
    if await form_tokens.spent_on(token) is None:
        await form_drafts.keep(tx, DRAFT, form)


@action(Permission.ORDER_CREATE, quiet=True)
async def forget(tx: Tx) -> None:
    """Forget the actor's draft of an order."""
    await form_drafts.drop(tx, DRAFT)


async def _caller(tx: Tx, call: UUID) -> tuple[UUID | None, Personal[str] | None]:
    """Who rings at the actor's desk: a client, or a phone nobody has."""
    rung = await calls.mine(tx, call)
    if rung is None or rung.customer_id is not None:
        return (None if rung is None else rung.customer_id), None
    phone = calls.open_phone(tx, rung)
    return None, None if phone is None else Personal(phone.normal or phone.typed)


async def _last(tx: Tx, customer_id: UUID) -> int:
    newest = await customer_orders.of_customer(tx, customer_id)
    return newest[0].number if newest else 0


def _choices(lists: Lists) -> FormChoices:
    def active(kind: ReferenceKind) -> list[tuple[str, str]]:
        return [(one.code, one.name) for one in lists.of(kind).values() if one.active]

    return FormChoices(
        shops=[(one.code, one.name) for one in lists.shops.values()],
        deliveries=[
            (one.code, one.name, one.cost)
            for one in lists.of(ReferenceKind.DELIVERY_TYPE).values()
            if one.active
        ],
        payments=active(ReferenceKind.PAYMENT_TYPE),
        methods=active(ReferenceKind.ORDER_METHOD),
    )


async def _brief(tx: Tx, customer_id: UUID | None) -> CustomerBrief | None:
    """The buyer if the actor may see him; a form never begins with anybody else."""
    if customer_id is None:
        return None
    row = (await customer_views.rows_by_ids(tx, [customer_id])).get(customer_id)
    return None if row is None else customer_views.brief(tx, *row)


@action(Permission.PRODUCT_VIEW, reads=True, quiet=True)
async def reckon(
    tx: Tx,
    lines: Sequence[FormLine],
    *,
    discount_amount: int = 0,
    discount_percent_milli: int = 0,
    delivery_cost: int = 0,
    client: int = 0,
) -> FormReckoned:
    """Sums of a form, what its lines show of their goods, and whether its buyer owes too much.

    Args:
        tx: of the actor; a buyer out of his reach is reckoned as nobody.
        lines: as far as they can be read.
        discount_amount: on the whole order, kopecks.
        discount_percent_milli: the same, thousandths of a percent.
        delivery_cost: kopecks.
        client: number of the buyer; 0 for nobody, or one who is new.
    """
    found = await goods_search.by_numbers([one.offer for one in lines if one.offer is not None])
    sums = add_up(
        [LineInput(one.quantity_milli, one.price, 0, one.discount_percent_milli) for one in lines],
        discount_amount=discount_amount,
        discount_percent_milli=discount_percent_milli,
        delivery_cost=delivery_cost,
    )
    known = [found.get(one.offer or 0) for one in lines]
    return FormReckoned(
        sums=sums,
        goods=found,
        vat=sum(
            vat_within(one.total, "none" if goods is None else goods.vat_rate)
            for one, goods in zip(sums.lines, known, strict=True)
        ),
        weight_grams=sum(
            part_of(goods.weight_grams, one.quantity_milli, WHOLE_MILLI)
            for one, goods in zip(lines, known, strict=True)
            if goods is not None
        ),
        choices=_choices(await references.lists()),
        breach=await customer_figures.breach_by_number(tx, client, sums.total) if client else None,
    )


@action(Permission.ORDER_CREATE)
async def save(tx: Tx, token: UUID, draft: OrderDraft, call: UUID | None = None) -> Placed:
    """Accept an order that was written by hand, once per form.

    Args:
        tx: of the actor.
        token: of the form; the same one sent again answers with the order it made.
        draft: what was typed; without a client's number its contact fields make a client.
        call: the call at the actor's desk that it comes of.

    Raises:
        Invalid: `order_empty`, `buyer_missing`, `code_unknown`, `offer_unknown`…
    """
    number = await form_tokens.spent_on(token)
    if number is not None:
        known = await orders.get(tx, OrderSelector(number=number))
        return Placed(order_id=known.id, number=number, created=False)
    if not draft.lines:
        raise Invalid("order_empty", fields={"find": "order_empty"})
    if len(draft.lines) > MOST_LINES:
        raise Invalid("order_too_long", fields={"find": "order_too_long"})
    lists = await references.lists()
    _order_checks.check_draft(draft, lists)
    if draft.customer_ref is not None and draft.customer_ref.number is not None:
        await _order_checks.check_reach(tx, draft.customer_ref.number)
    placed = await _placing.place(tx, draft, lists)
    await form_tokens.spend(tx, token, placed.number)
    await form_drafts.drop(tx, DRAFT)
    rung = None if call is None else await calls.mine(tx, call)
    if rung is not None:
        order = await orders.get(tx, OrderSelector(number=placed.number))
        buyer = await customers.find_by_id(order.customer_id)
        if buyer is not None:
            await calls.settle(tx, rung, order.id, calls.Holder(buyer.id, buyer.subject_id))
    return placed
