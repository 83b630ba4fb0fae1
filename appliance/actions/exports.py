"""Taking tables out: by right, confirmed anew, with a reason, watermarked and written down."""

from collections.abc import Sequence
from typing import Final, NamedTuple
from uuid import UUID

import msgspec

from appliance.actions import _order_checks
from appliance.actions._actors import needs_step_up
from appliance.actions._gate import action
from appliance.domain.customers import ContactKind, CustomerKind, CustomerView
from appliance.domain.exports import (
    COLUMNS,
    LONGEST_REASON,
    PAGE,
    SHORTEST_REASON,
    Asked,
    ExportForm,
    ExportKind,
    ExportList,
    ExportState,
)
from appliance.domain.fields import CustomField, Owner
from appliance.domain.grants import Access
from appliance.domain.orders import OrderView
from appliance.domain.personal import Personal, reveal_or_none
from appliance.errors import Conflict, Denied, Invalid, NotFound
from appliance.roles import Permission
from appliance.storage import (
    customer_views,
    export_fields,
    exports,
    order_views,
    products,
    references,
    staff,
)
from appliance.storage.exports import Reach
from appliance.storage.tx import Tx

RIGHTS: Final = {
    ExportKind.CLIENTS: Permission.CUSTOMER_VIEW,
    ExportKind.ORDERS: Permission.ORDER_VIEW,
    ExportKind.PRODUCTS: Permission.PRODUCT_VIEW,
    ExportKind.DEALS: Permission.DEAL_VIEW,
    ExportKind.TASKS: Permission.TASK_VIEW,
}
JOURNAL: Final = 30

Cells = list[str | int | float]


class Due(NamedTuple):
    """An export to be made: for whom, and how far he saw when he asked."""

    id: UUID
    number: int
    kind: ExportKind
    form: ExportForm
    maker: UUID
    maker_number: int
    maker_name: str
    reach: dict[str, Reach]


class Part(NamedTuple):
    """Some rows, where the next begin, and how many people are among them."""

    rows: Personal[list[Cells]]
    after: int
    people: int


@action(Permission.DATA_EXPORT, reads=True, quiet=True)
async def page(tx: Tx, before: int | None = None) -> ExportList:
    """The journal, the newest first."""
    rows = await exports.page(before, JOURNAL + 1)
    return ExportList(
        rows=tuple(exports.view(tx, one) for one in rows[:JOURNAL]),
        after=rows[JOURNAL - 1].number if len(rows) > JOURNAL else None,
    )


@action(Permission.DATA_EXPORT)
async def ask(tx: Tx, kind: ExportKind, form: ExportForm, reason: Personal[str]) -> int:
    """Ask for a table of all the actor may see; its number.

    What his role hides or masks is hidden and masked in the file.

    Raises:
        Denied: `step_up_needed`; the role does not see such records.
        Invalid: `export_reason_short`, `text_too_long` at `reason`.
    """
    needs_step_up(tx)
    _order_checks.also_needs(tx, RIGHTS[kind])
    said = " ".join(reason.reveal().split())
    if len(said) < SHORTEST_REASON:
        raise Invalid(fields={"reason": "export_reason_short"})
    if len(said) > LONGEST_REASON:
        raise Invalid(fields={"reason": "text_too_long"})
    seen = {
        name.value: tx.actor.grants[name.value]
        for name in (RIGHTS[kind], Permission.PRODUCT_COST, Permission.DATA_EXPORT)
        if name.value in tx.actor.grants
    }
    reach = exports.reach_of(seen, tx.actor.department)
    number = await exports.add(tx, kind, form, Asked(said), reach)
    tx.payload = {"export": number, "kind": kind.value, "form": form.value, "reason": said}
    return number


@action(Permission.DATA_EXPORT)
async def take(tx: Tx, number: int) -> tuple[ExportKind, ExportForm]:
    """Say that the file is taken, by him who asked for it; its pieces follow.

    Raises:
        NotFound: `export_not_found`.
        Denied: `export_not_yours`.
        Conflict: `export_not_ready`.
    """
    one = await exports.find(number)
    tx.about("export", one.id)
    if one.made_by != tx.actor.id:
        raise Denied("export_not_yours")
    if one.state not in (ExportState.READY, ExportState.TAKEN):
        raise Conflict("export_not_ready")
    await exports.change(tx, one.id, state=ExportState.TAKEN.value)
    tx.payload = {"export": number, "rows": one.done, "people": one.people}
    return ExportKind(one.kind), ExportForm(one.form)


@action(Permission.DATA_EXPORT, reads=True, quiet=True)
async def piece(tx: Tx, number: int, position: int) -> bytes:
    """A piece of the file; empty behind the last.

    Raises:
        NotFound: `export_not_found`: another's, or none at all.
    """
    one = await exports.find(number)
    if one.made_by != tx.actor.id:
        raise NotFound("export_not_found")
    return await exports.piece(tx, one.id, position)


# --- for the house ---


@action(Permission.HOUSE, reads=True, quiet=True)
async def due(tx: Tx) -> list[Due]:
    """Exports to be made, the oldest first."""
    return [
        Due(
            one.id, one.number, ExportKind(one.kind), ExportForm(one.form), one.made_by,
            one.made_by_number, await staff.name_of(tx, one.made_by_number),
            msgspec.json.decode(one.grant, type=dict[str, Reach]),
        )
        for one in await exports.waiting()
    ]  # fmt: skip


@action(Permission.HOUSE, quiet=True)
async def keep(tx: Tx, export_id: UUID, position: int, data: bytes) -> None:
    """Keep a piece of the file."""
    await exports.put_piece(tx, export_id, position, data)


@action(Permission.HOUSE, quiet=True)
async def progress(tx: Tx, export_id: UUID, done: int) -> None:
    """Say how many rows are written."""
    await exports.change(tx, export_id, done=done)


@action(Permission.HOUSE)
async def finish(
    tx: Tx, export_id: UUID, rows: int, people: int, size: int, error: str = ""
) -> None:
    """Say that a file is ready, or why there is none."""
    state = ExportState.FAILED if error else ExportState.READY
    await exports.change(
        tx, export_id, state=state.value, done=rows, people=people, size=size, error=error,
        finished_at=tx.now,
    )  # fmt: skip
    tx.about("export", export_id)
    tx.payload = {"rows": rows, "people": people, "bytes": size}


@action(Permission.HOUSE, quiet=True)
async def sweep(tx: Tx) -> int:
    """Forget files that nobody took."""
    return await exports.forget_old(tx.now)


# --- rows, by the right of whoever asked ---


def roubles(kopecks: int | None) -> str | float:
    """Kopecks as a table has them."""
    return "" if kopecks is None else kopecks / 100


_OWNERS: Final = {
    ExportKind.CLIENTS: (Owner.CUSTOMER, Owner.COMPANY),
    ExportKind.ORDERS: (Owner.ORDER,),
}
"""Whose fields of the house's own making stand behind the columns of a kind."""


async def _made(kind: ExportKind) -> list[CustomField]:
    return export_fields.of(await references.lists(), *_OWNERS.get(kind, ()))


@action(Permission.DATA_EXPORT, reads=True, quiet=True)
async def headings(tx: Tx, kind: ExportKind) -> tuple[str, ...]:
    """Columns of a kind, with those of the house's own fields."""
    return (*COLUMNS[kind], *(one.name for one in await _made(kind)))


@action(Permission.CUSTOMER_VIEW, slow=True)
async def clients(tx: Tx, before: int) -> Part:
    """Clients with smaller numbers, the newest first."""
    _order_checks.also_needs(tx, Permission.DATA_EXPORT)
    tx.purpose = "export"
    rows = await customer_views.list_visible(
        tx, "c.state = 'live' AND c.number < {}", [before], PAGE
    )
    views = await customer_views.views_of(tx, rows)
    names, made = await staff.directory(tx), await _made(ExportKind.CLIENTS)
    return Part(
        Personal(
            [[*_client(tx, one, names), *export_fields.cells(made, one.custom)] for one in views]
        ),
        views[-1].number if len(views) == PAGE else 0,
        len(views),
    )


def _client(tx: Tx, one: CustomerView, names: dict[int, staff.Colleague]) -> Cells:
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
        roubles(one.orders_total),
        roubles(one.paid_total),
        one.created_at.date().isoformat(),
    ]


@action(Permission.ORDER_VIEW, slow=True)
async def orders(tx: Tx, before: int) -> Part:
    """Orders with smaller numbers, the newest first."""
    _order_checks.also_needs(tx, Permission.DATA_EXPORT)
    tx.purpose = "export"
    lists = await references.lists()
    views = await order_views.load(tx, lists, "o.number < {}", [before], PAGE)
    made = await _made(ExportKind.ORDERS)
    return Part(
        Personal([[*_order(one), *export_fields.cells(made, one.custom)] for one in views]),
        views[-1].number if len(views) == PAGE else 0,
        len({one.customer_number for one in views}),
    )


def _order(one: OrderView) -> Cells:
    contact = reveal_or_none(one.contact)

    def shown(kind: ContactKind) -> str:
        texts: Sequence[str] = [
            text for c in one.contacts if c.kind is kind and (text := reveal_or_none(c.shown))
        ]
        return "; ".join(texts)

    return [
        one.shown_number,
        one.created_at.date().isoformat(),
        one.status.name,
        "" if contact is None else contact.last_name,
        "" if contact is None else contact.first_name,
        shown(ContactKind.PHONE),
        shown(ContactKind.EMAIL),
        one.manager_name,
        "; ".join(line.name for line in one.lines),
        roubles(one.total),
        roubles(one.paid_total),
        one.delivery.type_name,
        one.shop_name,
    ]


@action(Permission.PRODUCT_VIEW, slow=True)
async def goods(tx: Tx, after: int) -> Part:
    """Variants of products with greater numbers, the oldest first; cost by right."""
    _order_checks.also_needs(tx, Permission.DATA_EXPORT)
    asked = products.GoodsFilter(after=after)
    views = await products.products(tx, asked, skipped=0, limit=PAGE)
    costs = Permission.PRODUCT_COST in tx.actor.grants
    rows: list[Cells] = [
        [
            variant.name,
            variant.sku,
            variant.barcode,
            one.group,
            one.manufacturer,
            roubles(variant.prices.get("base")),
            roubles(variant.purchase_price) if costs else "",
            sum(place.on_hand_milli for place in variant.stock) / 1000,
            variant.external_id or "",
        ]
        for one in views
        for variant in one.variants
    ]
    return Part(Personal(rows), views[-1].number if len(views) == PAGE else 0, 0)
