"""Taking tables out: by right, confirmed anew, with a reason, watermarked and written down."""

from types import NoneType
from typing import Final, NamedTuple
from uuid import UUID

import msgspec

from appliance.actions import _export_cells, _order_checks
from appliance.actions._actors import needs_step_up
from appliance.actions._export_cells import ALL, Part, begin, following
from appliance.actions._gate import action
from appliance.domain.client_lists import ClientList
from appliance.domain.exports import (
    COLUMNS,
    FILTERS,
    LONGEST_REASON,
    PAGE,
    SHORTEST_REASON,
    Asked,
    ExportForm,
    ExportKind,
    ExportList,
    ExportState,
    Wanted,
)
from appliance.domain.fields import CustomField, Owner
from appliance.domain.notices import NoticeKind
from appliance.domain.orders import OrderFilter
from appliance.domain.personal import Personal
from appliance.errors import Conflict, Denied, Invalid, NotFound
from appliance.roles import Permission
from appliance.storage import (
    budgets,
    bulk_picks,
    customer_views,
    export_fields,
    exports,
    fields,
    notices,
    order_views,
    products,
    references,
    staff,
)
from appliance.storage.exports import Reach
from appliance.storage.statements import any_of
from appliance.storage.tx import Tx

RIGHTS: Final = {
    ExportKind.CLIENTS: Permission.CUSTOMER_VIEW,
    ExportKind.ORDERS: Permission.ORDER_VIEW,
    ExportKind.PRODUCTS: Permission.PRODUCT_VIEW,
    ExportKind.DEALS: Permission.DEAL_VIEW,
    ExportKind.TASKS: Permission.TASK_VIEW,
}
JOURNAL: Final = 30


class Due(NamedTuple):
    """An export to be made: for whom, how far he saw when he asked, and of which rows.

    Attributes:
        wanted: JSON of a list's filter; empty: all.
    """

    id: UUID
    number: int
    kind: ExportKind
    form: ExportForm
    maker: UUID
    maker_number: int
    maker_name: str
    reach: dict[str, Reach]
    wanted: Personal[str]


@action(Permission.DATA_EXPORT, reads=True, quiet=True)
async def page(tx: Tx, before: int | None = None) -> ExportList:
    """The journal, the newest first."""
    rows = await exports.page(before, JOURNAL + 1)
    return ExportList(
        rows=tuple(exports.view(tx, one) for one in rows[:JOURNAL]),
        after=rows[JOURNAL - 1].number if len(rows) > JOURNAL else None,
    )


@action(Permission.DATA_EXPORT)
async def ask(
    tx: Tx,
    kind: ExportKind,
    form: ExportForm,
    reason: Personal[str],
    wanted: Wanted | None = None,
) -> int:
    """Ask for a table of all the actor may see, or of what a list's filter chooses; its number.

    What his role hides or masks is hidden and masked in the file.

    Raises:
        Denied: `step_up_needed`; `export_leaving`: he has given notice; the role does not see
            such records.
        Invalid: `export_reason_short`, `text_too_long` at `reason`.
    """
    needs_step_up(tx)
    if await budgets.is_leaving(tx.actor.id):
        raise Denied("export_leaving")
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
    if wanted is not None and not isinstance(wanted, FILTERS.get(kind, NoneType)):
        raise Invalid("code_unknown", fields={"kind": "code_unknown"})
    rows = "" if wanted is None else msgspec.json.encode(wanted).decode()
    number = await exports.add(tx, kind, form, Asked(said, rows), reach)
    tx.payload = {
        "export": number, "kind": kind.value, "form": form.value, "reason": said,
        "narrowed": bool(rows),
    }  # fmt: skip
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
            Personal(exports.asked_of(tx, one).wanted),
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
    one = await exports.get(export_id)
    kind = NoticeKind.WORK_FAILED if error else NoticeKind.EXPORT_DONE
    await notices.tell(
        tx, one.made_by, kind, entity="export", entity_id=one.id, entity_number=one.number
    )


@action(Permission.HOUSE, quiet=True)
async def sweep(tx: Tx) -> int:
    """Forget files that nobody took."""
    return await exports.forget_old(tx.now)


# --- rows, by the right of whoever asked ---

_OWNERS: Final = {
    ExportKind.CLIENTS: (Owner.CUSTOMER, Owner.COMPANY),
    ExportKind.ORDERS: (Owner.ORDER,),
    ExportKind.PRODUCTS: (Owner.PRODUCT,),
    ExportKind.DEALS: (Owner.DEAL,),
    ExportKind.TASKS: (Owner.TASK,),
}
"""Whose fields of the house's own making stand behind the columns of a kind."""


async def _made(kind: ExportKind) -> list[CustomField]:
    return export_fields.of(await references.lists(), *_OWNERS.get(kind, ()))


@action(Permission.DATA_EXPORT, reads=True, quiet=True)
async def headings(tx: Tx, kind: ExportKind) -> tuple[str, ...]:
    """Columns of a kind, with those of the house's own fields."""
    return (*COLUMNS[kind], *(one.name for one in await _made(kind)))


@action(Permission.CUSTOMER_VIEW, slow=True)
async def clients(tx: Tx, before: int, wanted: Personal[str] = ALL) -> Part:
    """Clients with smaller numbers, the newest first."""
    begin(tx)
    condition, values, after = "c.state = 'live' AND c.number < {}", [before], None
    if wanted.reveal():
        asked = msgspec.json.decode(wanted.reveal(), type=ClientList)
        numbers = await bulk_picks.clients(tx, asked, before, PAGE)
        condition, values, after = "c.number IN {}", [any_of(numbers)], following(numbers)
    rows = await customer_views.list_visible(tx, condition, values, PAGE)
    views = await customer_views.views_of(tx, rows)
    names, made = await staff.directory(tx), await _made(ExportKind.CLIENTS)
    shown = [
        [*_export_cells.client(tx, one, names), *export_fields.cells(made, one.custom)]
        for one in views
    ]
    after = following([one.number for one in views]) if after is None else after
    return Part(Personal(shown), after, len(views))


@action(Permission.ORDER_VIEW, slow=True)
async def orders(tx: Tx, before: int, wanted: Personal[str] = ALL) -> Part:
    """Orders with smaller numbers, the newest first."""
    begin(tx)
    lists = await references.lists()
    condition, values, after = "o.number < {}", [before], None
    if wanted.reveal():
        asked = msgspec.json.decode(wanted.reveal(), type=OrderFilter)
        numbers = await bulk_picks.orders(tx, asked, before, PAGE)
        condition, values, after = "o.number IN {}", [any_of(numbers)], following(numbers)
    views = await order_views.load(tx, lists, condition, values, PAGE)
    made = await _made(ExportKind.ORDERS)
    shown = [[*_export_cells.order(one), *export_fields.cells(made, one.custom)] for one in views]
    after = following([one.number for one in views]) if after is None else after
    return Part(Personal(shown), after, len({one.customer_number for one in views}))


@action(Permission.PRODUCT_VIEW, slow=True)
async def goods(tx: Tx, after: int) -> Part:
    """Variants of products with greater numbers, the oldest first; cost by right."""
    _order_checks.also_needs(tx, Permission.DATA_EXPORT)
    asked = products.GoodsFilter(after=after)
    views = await products.products(tx, asked, skipped=0, limit=PAGE)
    costs = Permission.PRODUCT_COST in tx.actor.grants
    lists, made = await references.lists(), await _made(ExportKind.PRODUCTS)
    own = await fields.of_records(tx, lists, Owner.PRODUCT, [one.id for one in views])
    rows = [
        [
            *_export_cells.variant(one, each, costs=costs),
            *export_fields.cells(made, own.get(one.id, ())),
        ]
        for one in views
        for each in one.variants
    ]
    return Part(Personal(rows), views[-1].number if len(views) == PAGE else 0, 0)
