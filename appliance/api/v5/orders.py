"""Calls about orders and their payments."""

from collections.abc import Sequence
from typing import Any, Final

from appliance.actions import orders, payments, shop_orders, shop_pairs
from appliance.actions.payments import PaymentSelector
from appliance.actions.shop_orders import SentOrder, ShopOrders
from appliance.api.v5 import errors, wire
from appliance.api.v5.call import MOST_ROWS, Answer, Call, paging, shop_of
from appliance.api.v5.door import batch
from appliance.api.v5.entity import LONGEST, Entity
from appliance.api.v5.errors import PARAMETERS, Refused
from appliance.api.v5.filters import ORDER_FILTERS, order_filter
from appliance.api.v5.read_orders import read_change, read_draft, read_payment
from appliance.api.v5.write_orders import order as shown
from appliance.domain.orders import OrderFilter, OrderSelector, Technique
from appliance.domain.personal import Personal
from appliance.domain.shops import RefusedRow
from appliance.errors import HouseError, NotFound
from appliance.roles import Permission

MOST_ASKED: Final = 500
"""Ids in one question for statuses."""


def _shown(call: Call, found: ShopOrders) -> list[dict[str, Any]]:
    return [
        shown(
            view,
            call.zone,
            found.clients.get(view.customer_number or 0),
            found.links.get(view.id, ()),
            found.firms.get(view.customer_number or 0),
        )
        for view in found.orders
    ]


def selector(call: Call, shop: str, name: str, by: str) -> OrderSelector:
    """Which order the path means."""
    if by == "externalId":
        return OrderSelector(external_id=name, shop=shop)
    if not name.isdecimal() or len(name) > 18:
        raise Refused(PARAMETERS, errors=["ID must be an integer"])
    return OrderSelector(number=int(name))


async def index(call: Call) -> Answer:
    """`GET orders`."""
    pages = paging(call)
    given = call.filter(ORDER_FILTERS)
    if wire.flag_of(given, "expired"):
        # No term is kept for orders, so none has run out.
        return Answer({"pagination": pages.shown(0), "orders": []})
    asked = await order_filter(call, given)
    found = await shop_orders.browse(call.actor, asked, pages.page, pages.limit)
    return Answer({"pagination": pages.shown(found.total_count), "orders": _shown(call, found)})


async def show(call: Call) -> Answer:
    """`GET orders/{x}`."""
    by = call.by()
    wanted = selector(call, await shop_of(call) if by == "externalId" else "", call.names[0], by)
    found = await shop_orders.find(call.actor, [wanted])
    if not found.orders:
        raise NotFound("order_not_found")
    return Answer({"order": _shown(call, found)[0]})


async def create(call: Call) -> Answer:
    """`POST orders/create`."""
    call.what, call.sent = "Order", wire.json_map(call.form, "order")
    draft = read_draft(call.sent, await shop_of(call), call.zone)
    whole = _shown(call, await shop_orders.accept(call.actor, draft))[0]
    return Answer({"id": whole["id"], "order": whole}, 201)


async def edit(call: Call) -> Answer:
    """`POST orders/{x}/edit`."""
    call.what, call.sent = "Order", wire.json_map(call.form, "order")
    wanted = selector(call, await shop_of(call), call.names[0], call.by())
    found = await shop_orders.revise(call.actor, wanted, read_change(call.sent, call.zone))
    whole = _shown(call, found)[0]
    return Answer({"id": whole["id"], "order": whole})


async def upload(call: Call) -> Answer:
    """`POST orders/upload`: the rows share one commit; a bad one leaves the others alone."""
    rows = wire.json_list(call.form, "orders")
    check_rows(rows)
    shop = await shop_of(call)
    read = [_read(call, shop, row) for row in rows]
    good = [one for one in read if isinstance(one, SentOrder)]
    done = iter(await shop_orders.upload(call.actor, shop, good, unread("orders", rows, read)))
    uploaded: list[dict[str, Any]] = []
    failed: list[dict[str, Any]] = []
    texts: list[str] = []
    for place, (row, one) in enumerate(zip(rows, read, strict=True)):
        result = next(done) if isinstance(one, SentOrder) else one
        if isinstance(result, int):
            uploaded.append(uploaded_row(result, row))
        else:
            failed.append(named(row))
            texts += row_errors("orders", place, result, "Order", row)
    whole: list[dict[str, Any]] = []
    if uploaded and Permission.ORDER_VIEW.value in call.actor.grants:
        wanted = [OrderSelector(number=row["id"]) for row in uploaded]
        whole = _shown(call, await shop_orders.find(call.actor, wanted))
    body = {
        "uploadedOrders": uploaded,
        "failedOrders": failed,
        "orders": whole,
        "site": shop,
    }
    return batch("Orders", body, texts)


def _read(call: Call, shop: str, row: dict[str, Any]) -> SentOrder | HouseError:
    try:
        draft = read_draft(row, shop, call.zone, strict=False)
        return SentOrder(draft=draft, change=read_change(row, call.zone))
    except HouseError as refusal:
        return refusal


def check_rows(rows: list[dict[str, Any]]) -> None:
    """Refuse a batch that is too long or empty.

    Raises:
        Refused: more than 50 rows.
    """
    if len(rows) > MOST_ROWS:
        raise Refused(PARAMETERS, errors=[f"At most {MOST_ROWS} entities in one call."])


def named(row: dict[str, Any]) -> dict[str, Any]:
    """A row of a batch as an answer names it."""
    return {key: str(row[key]) for key in ("externalId",) if isinstance(row.get(key), (str, int))}


def unread(kind: str, rows: list[dict[str, Any]], read: Sequence[object]) -> list[RefusedRow]:
    """Rows of a batch that could not be read, for the shop's report."""
    found: list[RefusedRow] = []
    for row, one in zip(rows, read, strict=True):
        if isinstance(one, HouseError):
            code = next(iter(getattr(one, "fields", {}).values()), one.code)
            name = named(row).get("externalId", "")
            found.append(RefusedRow(kind=kind, external_id=str(name), code=str(code)))
    return found


def uploaded_row(number: int, row: dict[str, Any]) -> dict[str, Any]:
    """A good row of a batch."""
    return {"id": number} | named(row)


def row_errors(name: str, place: int, result: object, what: str, row: dict[str, Any]) -> list[str]:
    """What was wrong with one row, as flat texts.

    Raises:
        BaseException: what is no refusal of the house.
    """
    if not isinstance(result, HouseError):
        assert isinstance(result, BaseException)  # noqa: S101  a row gives a number or a refusal
        raise result
    trouble = errors.of_house(result, what, row)
    if trouble.status >= 500 or trouble.status == 403:
        raise result
    head = f"{name}[{place}]"
    if isinstance(trouble.errors, dict):
        return [f"{head}.{path}: {text}" for path, text in trouble.errors.items()]
    return [f"{head}: {text}" for text in trouble.errors or [trouble.text]]


async def fix_external_ids(call: Call) -> Answer:
    """`POST orders/fix-external-ids`."""
    pairs = fixes(call, "orders")
    await shop_of(call)
    await orders.fix_external_ids(call.actor, dict(pairs))
    return Answer({})


def fixes(call: Call, name: str) -> list[tuple[int, str]]:
    """Pairs of our number and the shop's id.

    Raises:
        Refused: too many; Invalid: unreadable.
    """
    call.sent = rows = wire.json_list(call.form, name)
    check_rows(rows)
    entity = Entity({name: rows}, call.zone)
    pairs = [(one.integer("id"), one.text("externalId")) for one in entity.parts(name)]
    entity.check()
    return [(number, text) for number, text in pairs if number is not None and text]


async def statuses(call: Call) -> Answer:
    """`GET orders/statuses`."""
    numbers = wire.integers_of(call.query, "ids")
    external_ids = wire.texts_of(call.query, "externalIds")
    if not numbers and not external_ids:
        raise Refused(PARAMETERS, errors=["ids or externalIds are expected."])
    if len(numbers) + len(external_ids) > MOST_ASKED:
        raise Refused(PARAMETERS, errors=[f"At most {MOST_ASKED} ids in one call."])
    shop = await shop_of(call)
    found = await orders.statuses_of(call.actor, numbers, external_ids, shop)
    listed: list[dict[str, Any]] = []
    for one in found:
        entry: dict[str, Any] = {"id": one.number, "status": one.status, "group": one.group}
        if one.external_id is not None:
            entry["externalId"] = one.external_id
        listed.append(entry)
    return Answer({"orders": listed})


async def combine(call: Call) -> Answer:
    """`POST orders/combine`: by our numbers."""
    call.what, call.sent = "Order", wire.json_map(call.form, "order")
    taken = Entity(call.sent, call.zone).integer("id")
    result = Entity(wire.json_map(call.form, "resultOrder"), call.zone).integer("id")
    technique = call.given("technique") or Technique.OURS.value
    if technique not in set(Technique):
        listed = ", ".join(Technique)
        raise Refused(PARAMETERS, errors=[f"technique: one of {listed} is expected."])
    if taken is None or result is None:
        raise Refused("Set one of the following fields: id")
    await shop_pairs.combine_orders(
        call.actor,
        OrderSelector(number=taken),
        OrderSelector(number=result),
        Technique(technique),
    )
    return Answer({})


async def link(call: Call) -> Answer:
    """`POST orders/links/create`."""
    call.what, call.sent = "Order", wire.json_map(call.form, "link")
    entity = Entity(call.sent, call.zone)
    parts = entity.parts("orders")
    comment = Personal(entity.text("comment", LONGEST))
    shop = await shop_of(call)
    wanted = [await _named(call, part, shop) for part in parts[:2]]
    entity.check()
    if len(parts) != 2:
        raise Refused(PARAMETERS, errors={"orders": "Two orders are expected."})
    await shop_pairs.link(call.actor, wanted[0], wanted[1], comment)
    return Answer({}, 201)


async def _named(call: Call, part: Entity, shop: str) -> OrderSelector:
    """An order named by `id`, `externalId` or `number`.

    Raises:
        Refused: by none of them; NotFound: no order has this number.
    """
    number, external_id = part.integer("id"), part.text_or_none("externalId")
    shown_number = part.text("number")
    if number is None and external_id is None and shown_number:
        asked = OrderFilter(shown_numbers=(shown_number,), shops=(shop,))
        found = await orders.list_page(call.actor, asked, limit=1)
        if not found.rows:
            raise NotFound("order_not_found")
        number = found.rows[0].number
    if number is None and external_id is None:
        raise Refused("Set one of the following fields: id, externalId, number")
    return OrderSelector(number=number, external_id=external_id, shop=shop)


# --- payments ---


async def payment_create(call: Call) -> Answer:
    """`POST orders/payments/create`."""
    call.what, call.sent = "Payment", wire.json_map(call.form, "payment")
    shop = await shop_of(call)
    entity = Entity(call.sent, call.zone)
    draft = read_payment(entity)
    target = entity.part("order")
    entity.check()
    wanted = await _named(call, target, shop)
    entity.check()
    paid = await payments.create(call.actor, wanted, draft)
    return Answer({"id": paid.number}, 201)


async def payment_edit(call: Call) -> Answer:
    """`POST orders/payments/{x}/edit`: by our number first, then by the shop's id."""
    call.what, call.sent = "Payment", wire.json_map(call.form, "payment")
    entity = Entity(call.sent, call.zone)
    draft = read_payment(entity)
    entity.check()
    paid = await payments.edit(call.actor, await _payment(call), draft)
    return Answer({"id": paid.number})


async def payment_delete(call: Call) -> Answer:
    """`POST orders/payments/{id}/delete`."""
    await payments.delete(call.actor, await _payment(call))
    return Answer({})


async def _payment(call: Call) -> PaymentSelector:
    name, by = call.names[0], call.given("by")
    number = int(name) if name.isdecimal() and len(name) <= 18 else None
    return PaymentSelector(
        number=None if by == "externalId" else number,
        external_id=None if by == "id" else name,
        shop=await shop_of(call),
    )
