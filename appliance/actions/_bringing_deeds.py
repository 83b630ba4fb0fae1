"""Bringing in goods, stock, orders, deals and tasks, row by row in one transaction."""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from typing import Final

import msgspec

from appliance.actions import _deal_making, _order_checks, _placing, _tasks
from appliance.actions._outcomes import Brought, Looked, refused
from appliance.domain import import_deeds, import_rows
from appliance.domain.customers import CustomerDraft, CustomerKind
from appliance.domain.deals import DealDraft
from appliance.domain.fields import Owner
from appliance.domain.import_deeds import Words
from appliance.domain.import_rows import Cells, World
from appliance.domain.imports import ImportKind, Match, Outcome, Tally, WrongCell
from appliance.domain.references import ReferenceKind
from appliance.domain.sources import SourceMarks
from appliance.errors import Invalid
from appliance.storage import (
    customers,
    feed,
    fields,
    import_goods,
    import_people,
    orders,
    pipelines,
    references,
    tasks,
)
from appliance.storage.fields import Record
from appliance.storage.imports import Done, FileRow, Import
from appliance.storage.references import Lists
from appliance.storage.tx import Tx

_NAMES: Final = {
    Outcome.CREATED: "created",
    Outcome.UPDATED: "updated",
    Outcome.SAME: "same",
    Outcome.SKIPPED: "skipped",
    Outcome.WRONG: "wrong",
}


def groups(one: Import, rows: Sequence[FileRow]) -> Iterator[list[FileRow]]:
    """Rows that are one record: those of one order stand together, others alone."""
    place = key_of(one)
    group: list[FileRow] = []
    for row in rows:
        if group and (place < 0 or said(row, place) != said(group[-1], place)):
            yield group
            group = []
        group.append(row)
    if group:
        yield group


def key_of(one: Import) -> int:
    """The column by which rows belong together; -1 for none."""
    columns = one.way.columns
    return columns.index("number") if one.kind == ImportKind.ORDERS and "number" in columns else -1


def said(row: FileRow, place: int) -> str:
    """What a row says in a column."""
    return row[1][place] if place < len(row[1]) else ""


Step = Callable[[list[Cells]], Awaitable[Done]]


async def _each(one: Import, rows: Sequence[FileRow], step: Step) -> Brought:
    outcomes: list[Done] = []
    tally = Tally()
    for group in groups(one, rows):
        try:
            done = await step([import_rows.cells_of(one.way, cells) for _, cells in group])
        except Invalid as error:
            done = refused(error)
        outcomes += [done] * len(group)
        name = _NAMES[done.outcome]
        tally = tally.plus(Tally(**{name: len(group) if name == "wrong" else 1}))
    return Brought(outcomes, tally)


async def goods(tx: Tx, one: Import, rows: Sequence[FileRow], around: World) -> Brought:
    """Products with prices, or figures of stock."""
    plan, lists = one.way, await references.lists()
    named = one.kind == ImportKind.PRODUCTS
    known = import_goods.Articles()
    read: dict[int, import_deeds.GoodsRow] = {}
    for place, (_, cells) in enumerate(rows):
        try:
            read[place] = import_deeds.goods(import_rows.cells_of(plan, cells), named=named)
        except Invalid:
            continue  # told below, at its row
    await known.find(list(read.values()))
    first = next(iter(lists.warehouse_ids.values()))
    warehouse = lists.warehouse_ids.get(plan.warehouse, first)

    async def step(cells: list[Cells]) -> Done:
        if import_rows.is_heading(plan, cells[0]):
            return Done(Outcome.SKIPPED)
        row = import_deeds.goods(cells[0], named=named)
        if not named:
            return await import_goods.set_stock(tx, known.of(row), warehouse, row.quantity_milli)
        done = await import_goods.bring(
            tx, row, known.of(row), plan.match, plan.price_type, plan.shop
        )
        if done.outcome is Outcome.CREATED:
            await known.find([row])
        await _custom(tx, lists, cells[0], around, done)
        if row.quantity_milli is not None and (article := known.of(row)) is not None:
            await import_goods.set_stock(tx, article, warehouse, row.quantity_milli)
        return done

    return await _each(one, rows, step)


def _words(lists: Lists) -> Words:
    def by_name(entries: dict[str, str]) -> dict[str, str]:
        return {name.lower(): code for code, name in entries.items()} | {
            code.lower(): code for code in entries
        }

    def of(kind: ReferenceKind) -> dict[str, str]:
        return by_name({code: one.name for code, one in lists.of(kind).items()})

    settled = [code for code in lists.of(ReferenceKind.PAYMENT_STATUS) if lists.settles(code)]
    return Words(
        statuses=by_name({code: one.name for code, one in lists.statuses.items()}),
        deliveries=of(ReferenceKind.DELIVERY_TYPE),
        payments=of(ReferenceKind.PAYMENT_TYPE),
        paid=settled[0] if settled else "",
    )


async def order_rows(tx: Tx, one: Import, rows: Sequence[FileRow], around: World) -> Brought:
    """Orders, each once: one with this number from an earlier file is left alone."""
    plan, lists = one.way, await references.lists()
    words, shop = _words(lists), one.way.shop or next(iter(lists.shops), "")

    async def step(cells: list[Cells]) -> Done:
        draft = import_deeds.order(plan, cells, around, words, f"import:{one.number}", shop)
        known = await orders.find_by_external_id(shop, draft.external_id or "")
        if known is not None:
            return Done(Outcome.SKIPPED, known.id, known.number)
        _order_checks.check_draft(draft, lists)
        placed = await _placing.place(tx, draft, lists, of_deal=True)
        return Done(Outcome.CREATED, placed.order_id, placed.number)

    return _with_entries(tx, await _each(one, rows, step))


async def deal_rows(tx: Tx, one: Import, rows: Sequence[FileRow], around: World) -> Brought:
    """Deals; a client nobody knows is added with the basis of the file."""
    plan, funnels = one.way, await pipelines.funnels()
    line = funnels.pipeline(plan.pipeline)
    stages = {} if line is None else {s.name.lower(): s.number for s in line.open_stages}
    words = Words(stages=stages)

    async def step(cells: list[Cells]) -> Done:
        row = import_deeds.deal(plan, cells[0], around, words, f"import:{one.number}")
        client = await _client(tx, row.client)
        if client is None:
            client = await customers.add(tx, row.client, owner_id=None)
        made = await _deal_making.make(
            tx,
            DealDraft(
                customer_number=client.number,
                title=row.title,
                pipeline=plan.pipeline,
                stage=row.stage,
                amount=row.amount,
                expected_on=row.due,
                note=row.note,
                manager_number=row.manager,
                source=SourceMarks(source=row.source),
            ),
        )
        record = Record(Owner.DEAL, made.id, client.subject_id)
        await fields.begin(tx, await references.lists(), record, row.custom)
        return Done(Outcome.CREATED, made.id, made.number)

    return _with_entries(tx, await _each(one, rows, step))


async def _custom(tx: Tx, lists: Lists, cells: Cells, around: World, done: Done) -> None:
    """What a row says of a product's own fields."""
    given = import_rows.custom_of(cells, around)
    if given is None or done.outcome is Outcome.SKIPPED or done.id is None:
        return
    changes = await fields.change(tx, lists, Record(Owner.PRODUCT, done.id), given)
    await feed.record(tx, "product", done.id, done.number, "", done.id, changes)


def _with_entries(tx: Tx, brought: Brought) -> Brought:
    """With the change entries of this step: the way back knows by them who came with the file."""
    if not tx.drawn:
        return brought
    first, last = min(one.first for one in tx.drawn), max(one.last for one in tx.drawn)
    return brought._replace(first=first, last=last)


async def _client(tx: Tx, draft: CustomerDraft) -> customers.Known | None:
    meant = import_people.meant(tx, draft)
    known = await import_people.known_by([meant], CustomerKind.PERSON, draft.shop)
    found = import_people.first_match(meant, known)
    return None if found is None else found[1]


async def task_rows(tx: Tx, one: Import, rows: Sequence[FileRow], around: World) -> Brought:
    """Tasks, of a client where the file names one who is known."""
    plan, lists = one.way, await references.lists()

    async def step(cells: list[Cells]) -> Done:
        row = import_deeds.task(plan, cells[0], around)
        client = None if row.client is None else await _client(tx, row.client)
        draft = await _tasks.draft_of(tx, lists, row.task)
        if client is not None:
            draft = msgspec.structs.replace(draft, customer_id=client.id)
        task = await tasks.add(tx, draft)
        await fields.begin(tx, lists, Record(Owner.TASK, task), row.custom)
        return Done(Outcome.CREATED, task)

    return await _each(one, rows, step)


async def look(
    tx: Tx, one: Import, rows: Sequence[FileRow], around: World, seen: AbstractSet[object]
) -> Looked:
    """Count what would become of rows."""
    plan, lists = one.way, await references.lists()
    words = _words(lists)
    funnels = await pipelines.funnels()
    line = funnels.pipeline(plan.pipeline)
    stages = {} if line is None else {s.name.lower(): s.number for s in line.open_stages}
    words = msgspec.structs.replace(words, stages=stages)
    shop = plan.shop or next(iter(lists.shops), "")
    kind = ImportKind(one.kind)
    tally, wrong, met = Tally(), list[WrongCell](), set[object]()
    for group in groups(one, rows):
        cells: list[Cells] = [import_rows.cells_of(plan, row) for _, row in group]
        try:
            name, token = await _fate(tx, kind, one, cells, around, words, shop)
        except Invalid as error:
            done = refused(error)
            wrong += [WrongCell(number, done.field, done.code) for number, _ in group]
            tally = tally.plus(Tally(wrong=len(group)))
            continue
        if token is not None and (token in seen or token in met):
            name = "in_file"
        met.add(token)
        tally = tally.plus(Tally(**{name: 1}))
    return Looked(tally, tuple(wrong), frozenset(met - {None}), len(rows))


async def _fate(
    tx: Tx,
    kind: ImportKind,
    one: Import,
    cells: list[Cells],
    around: World,
    words: Words,
    shop: str,
) -> tuple[str, object]:
    plan, source = one.way, f"import:{one.number}"
    match kind:
        case ImportKind.ORDERS:
            draft = import_deeds.order(plan, cells, around, words, source, shop)
            known = await orders.find_by_external_id(shop, draft.external_id or "")
            return ("created" if known is None else "skipped"), draft.external_id
        case ImportKind.DEALS:
            import_deeds.deal(plan, cells[0], around, words, source)
            return "created", None
        case ImportKind.TASKS:
            import_deeds.task(plan, cells[0], around)
            return "created", None
        case _:
            named = kind is ImportKind.PRODUCTS
            if import_rows.is_heading(plan, cells[0]):
                return "skipped", None
            row = import_deeds.goods(cells[0], named=named)
            import_rows.custom_of(cells[0], around)
            articles = import_goods.Articles()
            await articles.find([row])
            article = articles.of(row)
            if not named and article is None:
                raise Invalid("article_unknown", fields={"sku": "article_unknown"})
            token = row.external_id or row.sku or row.barcode or None
            if article is None:
                return "created", token
            return ("updated" if plan.match is Match.UPDATE or not named else "skipped"), token
