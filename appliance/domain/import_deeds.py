"""From the cells of rows to products, stock, orders, deals and tasks."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time
from typing import Final

import msgspec
from msgspec import UnsetType

from appliance.domain import inputs
from appliance.domain.customers import CustomerDraft
from appliance.domain.fields import Given
from appliance.domain.import_rows import (
    MOST_CODE,
    MOST_TEXT,
    Cells,
    World,
    address_of,
    client,
    contacts,
    custom_of,
    day_of,
    manager,
    moment,
    moment_of,
    one,
    wrong,
)
from appliance.domain.imports import ImportKind, Plan
from appliance.domain.orders import (
    UNSET,
    DeliveryDraft,
    LineDraft,
    OrderContact,
    OrderDraft,
    PaymentDraft,
    SourceMarks,
)
from appliance.domain.personal import Personal, reveal_or_none
from appliance.domain.tasks import NewTask, end_of_day
from appliance.errors import Invalid

_YES: Final = frozenset({"да", "yes", "оплачен", "оплачено", "true", "+"})
_UNITS: Final = {"шт": "pc", "штука": "pc", "pcs": "pc", "кг": "kg", "г": "g", "л": "l", "м": "m"}


class GoodsRow(msgspec.Struct, frozen=True, kw_only=True):
    """An article of a file; None and empty: the file does not say."""

    name: str = ""
    external_id: str = ""
    sku: str = ""
    barcode: str = ""
    price: int | None = None
    purchase_price: int | None = None
    group: str = ""
    manufacturer: str = ""
    unit: str = ""
    weight_grams: int | None = None
    quantity_milli: int | None = None


class Words(msgspec.Struct, frozen=True, kw_only=True):
    """Lists of codes by code and by name, in small letters."""

    statuses: Mapping[str, str] = {}
    deliveries: Mapping[str, str] = {}
    payments: Mapping[str, str] = {}
    paid: str = ""
    stages: Mapping[str, int] = {}


def goods(cells: Cells, *, named: bool) -> GoodsRow:
    """An article with what is said of it.

    Raises:
        Invalid: at the field: `text_too_long`, `money_unreadable` and its like,
            `quantity_unreadable`, `value_negative`, `row_nameless`.
    """
    found = GoodsRow(
        name=one(cells, "name", 500),
        external_id=one(cells, "external_id", MOST_CODE),
        sku=one(cells, "sku", MOST_CODE),
        barcode=one(cells, "barcode", 64),
        price=_money(cells, "price"),
        purchase_price=_money(cells, "purchase_price"),
        group=one(cells, "group"),
        manufacturer=one(cells, "manufacturer"),
        unit=_UNITS.get(one(cells, "unit").lower().rstrip("."), ""),
        weight_grams=_whole(cells, "weight"),
        quantity_milli=_quantity(cells, "quantity"),
    )
    if (named and not found.name) or not (
        found.name or found.sku or found.barcode or found.external_id
    ):
        raise wrong("name" if named else "sku", "row_nameless_goods")
    return found


def _money(cells: Cells, field: str) -> int | None:
    return _read(cells, field, inputs.money)


def _quantity(cells: Cells, field: str) -> int | None:
    return _read(cells, field, inputs.quantity)


def _read(cells: Cells, field: str, how: Callable[[str], int]) -> int | None:
    text = one(cells, field)
    if not text:
        return None
    try:
        value = how(text)
    except Invalid as error:
        raise wrong(field, error.code) from None
    if value < 0:
        raise wrong(field, "value_negative")
    return value


def _whole(cells: Cells, field: str) -> int | None:
    milli = _quantity(cells, field)
    return None if milli is None else milli // 1000


def _code(cells: Cells, field: str, known: Mapping[str, str], code: str) -> str:
    text = one(cells, field).lower()
    if text and text not in known:
        raise wrong(field, code)
    return known.get(text, "")


def order(
    plan: Plan, rows: Sequence[Cells], world: World, words: Words, source: str, shop: str
) -> OrderDraft:
    """An order of the rows that name its number: the first says who and when, each a line.

    Raises:
        Invalid: at the field.
    """
    first = rows[0]
    number = one(first, "number", 64)
    if not number:
        raise wrong("number", "order_number_unreadable")
    buyer = _buyer(plan, first, world, source, shop)
    total = _money(first, "total")
    lines = tuple(line for cells in rows if (line := _line(cells)) is not None)
    if not lines:
        if total is None:
            raise wrong("product", "row_nameless_goods")
        lines = (LineDraft(product_name=f"Заказ {number}", quantity_milli=1000, price=total),)
    status = _code(first, "status", words.statuses, "status_unknown")
    return OrderDraft(
        shop=shop,
        custom=custom_of(first, world),
        external_id=f"file:{number}"[:MOST_CODE],
        customer=buyer,
        contact=Personal(_contact(first, buyer)),
        created_at=moment(first, "created_at", world),
        lines=lines,
        payments=_payments(first, lines, words),
        delivery=_delivery(first, words),
        source=SourceMarks(source=one(first, "source", 100)),
        manager_number=manager(first, plan, world),
        status=status or UNSET,
    )


def _buyer(plan: Plan, cells: Cells, world: World, source: str, shop: str) -> CustomerDraft:
    few = {
        name: value
        for name, value in cells.items()
        if name in ("last_name", "first_name", "patronymic", "full_name", "phone", "email")
    }
    if not few:
        raise wrong("full_name", "row_nameless")
    found = client(ImportKind.CLIENTS, plan, few, world, source)
    return msgspec.structs.replace(found, shop=shop, manager_number=manager(cells, plan, world))


def _contact(cells: Cells, buyer: CustomerDraft) -> OrderContact:
    return OrderContact(
        first_name=reveal_or_none(buyer.first_name) or "",
        last_name=reveal_or_none(buyer.last_name) or "",
        patronymic=reveal_or_none(buyer.patronymic) or "",
        phone=one(cells, "phone"),
        email=one(cells, "email"),
        customer_comment=one(cells, "comment", MOST_TEXT),
    )


def _line(cells: Cells) -> LineDraft | None:
    name, sku = one(cells, "product", 500), one(cells, "sku", MOST_CODE)
    if not name and not sku:
        return None
    milli = _quantity(cells, "quantity")
    if milli == 0:
        raise wrong("quantity", "quantity_unreadable")
    return LineDraft(
        sku=sku or None,
        product_name=name or sku,
        quantity_milli=1000 if milli is None else milli,
        price=_money(cells, "price") or 0,
    )


def _sum(line: LineDraft) -> int:
    if isinstance(line.price, UnsetType) or isinstance(line.quantity_milli, UnsetType):
        return 0
    return line.price * line.quantity_milli // 1000


def _payments(cells: Cells, lines: Sequence[LineDraft], words: Words) -> tuple[PaymentDraft, ...]:
    kind = _code(cells, "payment_type", words.payments, "code_unknown")
    said = one(cells, "paid").lower()
    if not said or said in {"нет", "no", "0"}:
        return ()
    whole = sum(_sum(line) for line in lines)
    amount = whole if said in _YES else _money(cells, "paid") or 0
    kind = kind or next(iter(words.payments.values()), "")
    return (PaymentDraft(type=kind, status=words.paid, amount=amount),) if amount else ()


def _delivery(cells: Cells, words: Words) -> DeliveryDraft | None:
    kind = _code(cells, "delivery_type", words.deliveries, "code_unknown")
    cost, address = _money(cells, "delivery_cost"), address_of(cells)
    if not (kind or cost or address):
        return None
    return DeliveryDraft(type=kind, cost=cost or 0, address=Personal(address) if address else None)


class DealLine(msgspec.Struct, frozen=True, kw_only=True):
    """A deal of a file, its client still to be found."""

    title: Personal[str]
    client: CustomerDraft
    amount: int | None
    stage: int
    due: date | None
    note: Personal[str] | None
    manager: int | None
    source: str
    custom: Personal[Given] | None = None


def deal(plan: Plan, cells: Cells, world: World, words: Words, source: str) -> DealLine:
    """A deal.

    Raises:
        Invalid: at the field.
    """
    title = one(cells, "name")
    if not title:
        raise wrong("name", "deal_title_missing")
    stage = one(cells, "stage").lower()
    if stage and stage not in words.stages:
        raise wrong("stage", "stage_unknown")
    due = one(cells, "due")
    note = one(cells, "comment", MOST_TEXT)
    return DealLine(
        title=Personal(title),
        client=_buyer(plan, cells, world, source, plan.shop),
        amount=_money(cells, "amount"),
        stage=words.stages.get(stage, 0),
        due=day_of(due, "due", world.today) if due else None,
        note=Personal(note) if note else None,
        manager=manager(cells, plan, world),
        source=one(cells, "source", 100),
        custom=custom_of(cells, world),
    )


class TaskLine(msgspec.Struct, frozen=True, kw_only=True):
    """A task of a file, and by what its client is known."""

    task: NewTask
    client: CustomerDraft | None
    custom: Personal[Given] | None = None


def task(plan: Plan, cells: Cells, world: World) -> TaskLine:
    """A task; without a day it is due today, an unknown performer is wrong.

    Raises:
        Invalid: at the field.
    """
    title = one(cells, "title")
    if not title:
        raise wrong("title", "task_title_empty")
    due, named = one(cells, "due"), one(cells, "performer").lower()
    if named and named not in world.managers:
        raise wrong("performer", "user_unknown")
    at = _due(due, world)
    new = NewTask(
        title=Personal(title),
        due_at=at,
        all_day=":" not in due,
        text=Personal(one(cells, "note", MOST_TEXT)),
        performer=world.managers.get(named) or plan.manager or None,
    )
    reach = contacts(cells)
    known = CustomerDraft(contacts=reach) if reach else None
    return TaskLine(task=new, client=known, custom=custom_of(cells, world))


def _due(text: str, world: World) -> datetime:
    if text and ":" in text:
        return moment_of(text, "due", world, time(18)).astimezone(UTC)
    day = day_of(text, "due", world.today) if text else world.today
    return end_of_day(day, world.zone)
