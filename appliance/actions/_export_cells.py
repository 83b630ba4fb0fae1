"""Rows of a table that is taken out: what the role hides is empty, what it masks stays masked."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from appliance.actions import _order_checks
from appliance.actions._gate import house
from appliance.domain.customers import ContactKind, CustomerBrief, CustomerKind, CustomerView
from appliance.domain.deals import DealRow, DealState, Funnels
from appliance.domain.exports import PAGE
from appliance.domain.grants import Access
from appliance.domain.orders import OrderView
from appliance.domain.personal import Personal, reveal_or_none
from appliance.domain.products import ProductView, VariantView
from appliance.domain.references import ReferenceKind
from appliance.domain.tasks import TaskState, TaskView
from appliance.roles import Permission
from appliance.storage import staff
from appliance.storage.references import Lists
from appliance.storage.tx import Tx

Cells = list[str | int | float]
Names = Mapping[int, staff.Colleague]


class Part(NamedTuple):
    """Some rows, where the next begin, and how many people are among them."""

    rows: Personal[list[Cells]]
    after: int
    people: int


ALL: Final = Personal("")
"""No filter: whatever may be seen."""


def begin(tx: Tx) -> None:
    """Check the right to take tables out, and say for what people's records are opened.

    Raises:
        Denied: without it.
    """
    _order_checks.also_needs(tx, Permission.DATA_EXPORT)
    tx.purpose = "export"


def following(numbers: Sequence[int]) -> int:
    """The number that the next rows come after; 0 behind the last."""
    return numbers[-1] if len(numbers) == PAGE else 0


_STATES: Final = {
    TaskState.OPEN: "открыта",
    TaskState.DONE: "выполнена",
    TaskState.CANCELLED: "отменена",
}
"""As the headings: words an import knows, so they are not translated."""


def _roubles(kopecks: int | None) -> str | float:
    return "" if kopecks is None else kopecks / 100


def _day(at: datetime | None) -> str:
    return "" if at is None else at.astimezone(house().zone).date().isoformat()


def _moment(at: datetime) -> str:
    return at.astimezone(house().zone).strftime("%Y-%m-%d %H:%M")


def _named(names: Names, number: int | None) -> str:
    found = names.get(number or 0)
    return "" if found is None else found.name


def _whom(brief: CustomerBrief | None) -> str:
    return "" if brief is None else reveal_or_none(brief.name) or ""


def client(tx: Tx, one: CustomerView, names: dict[int, staff.Colleague]) -> Cells:
    """A client."""
    owner = names.get(one.owner_number or 0)
    address = reveal_or_none(one.address)
    shown = tx.may("tax_id") is Access.VISIBLE
    legal = reveal_or_none(one.requisites) if shown else None
    emails = [c for c in one.contacts if c.kind is ContactKind.EMAIL]
    phones = [c for c in one.contacts if c.kind is ContactKind.PHONE]
    return [
        one.number,
        "компания" if one.kind is CustomerKind.COMPANY else "человек",
        reveal_or_none(one.last_name) or "",
        reveal_or_none(one.first_name) or "",
        reveal_or_none(one.patronymic) or "",
        reveal_or_none(one.company_name) or "",
        "; ".join(text for c in phones if (text := reveal_or_none(c.shown))),
        "; ".join(text for c in emails if (text := reveal_or_none(c.shown))),
        "" if address is None else address.city,
        "" if address is None else address.text,
        "" if legal is None else legal.inn,
        ", ".join(one.tags),
        "" if owner is None else owner.name,
        one.orders_count,
        _roubles(one.orders_total),
        _roubles(one.paid_total),
        _day(one.created_at),
    ]


def order(one: OrderView) -> Cells:
    """An order."""
    contact = reveal_or_none(one.contact)

    def shown(kind: ContactKind) -> str:
        texts: Sequence[str] = [
            text for c in one.contacts if c.kind is kind and (text := reveal_or_none(c.shown))
        ]
        return "; ".join(texts)

    return [
        one.shown_number,
        _day(one.created_at),
        one.status.name,
        "" if contact is None else contact.last_name,
        "" if contact is None else contact.first_name,
        shown(ContactKind.PHONE),
        shown(ContactKind.EMAIL),
        one.manager_name,
        "; ".join(line.name for line in one.lines),
        _roubles(one.total),
        _roubles(one.paid_total),
        one.delivery.type_name,
        one.shop_name,
    ]


def variant(product: ProductView, one: VariantView, *, costs: bool) -> Cells:
    """A variant of a product; `costs`: with what it was bought for."""
    return [
        one.name,
        one.sku,
        one.barcode,
        product.group,
        product.manufacturer,
        _roubles(one.prices.get("base")),
        _roubles(one.purchase_price) if costs else "",
        sum(place.on_hand_milli for place in one.stock) / 1000,
        one.external_id or "",
    ]


def deal(one: DealRow, funnels: Funnels, names: Names) -> Cells:
    """A deal."""
    stage = funnels.stage(one.stage_id)
    return [
        one.number,
        reveal_or_none(one.title) or "",
        _whom(one.customer),
        funnels.of(stage.pipeline_id).name,
        stage.name,
        _roubles(one.amount),
        "" if one.expected_on is None else one.expected_on.isoformat(),
        _named(names, one.manager_number),
        funnels.reason(one.reason_id) if one.state is DealState.LOST else "",
        one.order_number or "",
        _day(one.created_at),
    ]


def task(one: TaskView, lists: Lists, names: Names) -> Cells:
    """A task."""
    kind = lists.of(ReferenceKind.TASK_KIND).get(one.kind)
    result = lists.of(ReferenceKind.TASK_RESULT).get(one.result)
    said = [
        "" if result is None else result.name,
        reveal_or_none(one.outcome) or "",
    ]
    return [
        one.number,
        reveal_or_none(one.title) or "",
        one.kind if kind is None else kind.name,
        _STATES[TaskState(one.state)],
        _day(one.due_at) if one.all_day else _moment(one.due_at),
        _named(names, one.performer),
        _named(names, one.setter),
        _whom(one.customer),
        one.order_number or "",
        reveal_or_none(one.text) or "",
        ": ".join(text for text in said if text),
        _day(one.created_at),
        _day(one.closed_at),
    ]
