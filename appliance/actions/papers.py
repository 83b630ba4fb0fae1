"""Documents of an order: numbered, drawn outside of transactions, kept under the buyer's key."""

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from appliance.actions import _changing, _papers, _typesetting
from appliance.actions._gate import action
from appliance.domain.access import Actor
from appliance.domain.grants import Access
from appliance.domain.ids import uuid7
from appliance.domain.orders import OrderSelector, OrderView
from appliance.domain.papers import (
    INSIDE,
    NUMBERED,
    OwnEntity,
    Paper,
    PaperKind,
    Sheet,
    start_of,
)
from appliance.domain.personal import Personal
from appliance.domain.timeline import Entry, Kind
from appliance.errors import Denied, Invalid, NotFound
from appliance.roles import Permission
from appliance.storage import (
    counters,
    customers,
    files,
    form_tokens,
    legal_entities,
    order_views,
    orders,
    papers,
    print_templates,
    references,
    timeline,
    vat,
)
from appliance.storage.references import Lists
from appliance.storage.statements import fetch_value
from appliance.storage.tx import Tx

MEDIA: Final = "application/pdf"


class Pages(msgspec.Struct, frozen=True, kw_only=True):
    """A document on its way out."""

    name: Personal[str]
    body: Personal[bytes]


class Begun(msgspec.Struct, frozen=True, kw_only=True):
    """A document whose number is taken; `sheet` is None where its pages are kept already."""

    number: int
    sheet: Sheet | None


async def issue(
    actor: Actor,
    order_number: int,
    kind: PaperKind,
    zone: ZoneInfo,
    *,
    entity: int = 0,
    token: UUID | None = None,
) -> int:
    """Make a document of an order and give its number.

    The number is taken first and the pages kept last: what is cut off in between stays in the
    list and is printed again by `print_again`, under the same number.

    Args:
        actor: who asks.
        order_number: of the order, for people.
        kind: of the document.
        zone: of the box; its day is the document's.
        entity: number of our entity; 0: the one that the order's shop or warehouse goes under.
        token: of the form; the same one again gives the same document.

    Raises:
        NotFound: `order_not_found`, `entity_not_found`.
        Invalid: `entity_missing`, `order_without_lines`, `template_wrong`.
        Denied: a role that sees no requisites asks for a document that has them.
        Unavailable: `printing_failed`.
    """
    begun = await begin(actor, order_number, kind, zone, entity, token or uuid7())
    return await _drawn(actor, begun)


async def print_again(actor: Actor, number: int, zone: ZoneInfo) -> int:
    """Draw the pages of a document whose printing was cut off.

    Raises:
        NotFound: `paper_not_found`.
        Invalid, Unavailable: see `issue`.
    """
    return await _drawn(actor, await resume(actor, number, zone))


async def _drawn(actor: Actor, begun: Begun) -> int:
    if begun.sheet is not None:
        pages = await _typesetting.drawn(begun.sheet)
        await finish(actor, begun.number, Personal(pages))
    return begun.number


def _may_make(tx: Tx, kind: PaperKind) -> None:
    """Who sees no requisites makes and reads only what stays in the house or on the parcel."""
    if kind not in INSIDE and tx.may("tax_id") is Access.HIDDEN:
        raise Denied(message="the role sees no requisites")


async def _view_of(tx: Tx, number: int) -> tuple[Lists, OrderView]:
    lists = await references.lists()
    views = await order_views.load(tx, lists, "o.number = {}", [number], 1)
    if not views:
        raise NotFound("order_not_found")
    tx.about("order", views[0].id)
    return lists, views[0]


async def _places(lists: Lists, view: OrderView) -> list[str]:
    """Where the order belongs, the closest first: warehouse, shop, branch."""
    branch = await fetch_value(
        "SELECT b.code FROM shop s JOIN branch b ON b.id = s.branch_id WHERE s.code = {}", view.shop
    )
    stored = view.shipment_store or ""
    found = [f"warehouse:{stored}" if stored in lists.warehouses else "", f"shop:{view.shop}"]
    return [one for one in (*found, f"branch:{branch}" if branch else "") if one]


@action(Permission.PAPER_MAKE)
async def begin(
    tx: Tx, order_number: int, kind: PaperKind, zone: ZoneInfo, entity: int, token: UUID
) -> Begun:
    """Take a number for a document and gather what it is drawn from. A step of `issue`."""
    _may_make(tx, kind)
    made = await form_tokens.spent_on(token)
    if made is not None:
        stored = await papers.get(tx, made)
        return Begun(number=made, sheet=await _again(tx, stored, zone))
    lists, view = await _view_of(tx, order_number)
    if kind in NUMBERED and not view.lines:
        raise Invalid("order_without_lines")
    known = await legal_entities.list_all(tx)
    if entity and all(one.number != entity for one in known):
        raise NotFound("entity_not_found")
    named = [one for one in known if one.number == entity]
    ours = named[0] if named else legal_entities.chosen(known, await _places(lists, view))
    if kind in NUMBERED and ours is None:
        raise Invalid("entity_missing")
    number = await counters.draw("paper")
    shown = view.shown_number or str(view.number)
    if kind in NUMBERED and ours is not None:
        prefix = ours.parts.prefixes.get(kind.value, "")
        shown = start_of(prefix, await legal_entities.draw_number(ours, kind))
    day = tx.now.astimezone(zone).date()
    template = await print_templates.current(kind)
    row_id = uuid7()
    await papers.add(
        tx,
        row_id,
        day,
        number=number,
        kind=kind.value,
        shown_number=shown,
        order_id=view.id,
        entity_id=None if ours is None else ours.id,
        template_version=template.version,
        total=view.total,
    )
    await form_tokens.spend(tx, token, number)
    stored = await papers.get(tx, number)
    return Begun(number=number, sheet=await _sheet(tx, lists, view, stored, ours, zone))


@action(Permission.PAPER_MAKE)
async def resume(tx: Tx, number: int, zone: ZoneInfo) -> Begun:
    """Gather anew what a document is drawn from. A step of `print_again`."""
    stored = await papers.get(tx, number)
    _may_make(tx, stored.paper.kind)
    return Begun(number=number, sheet=await _again(tx, stored, zone))


async def _again(tx: Tx, stored: papers.Stored, zone: ZoneInfo) -> Sheet | None:
    if stored.file_id is not None:
        return None
    lists, view = await _view_of(tx, stored.paper.order_number)
    known = await legal_entities.list_all(tx)
    ours = next((one for one in known if one.id == stored.entity_id), None)
    return await _sheet(tx, lists, view, stored, ours, zone)


async def _sheet(
    tx: Tx,
    lists: Lists,
    view: OrderView,
    stored: papers.Stored,
    ours: OwnEntity | None,
    zone: ZoneInfo,
) -> Sheet:
    paper = stored.paper
    writer = _papers.Writer(view, lists, await vat.rates(), paper.day, zone)
    requisites = None
    if tx.may("tax_id") is not Access.HIDDEN:
        requisites = await customers.requisites(tx, view.payer_id or stored.customer_id)
    pictures = _papers.order_codes(view)
    due = max(view.total - view.paid_total, 0)
    if ours is not None:
        kept = await legal_entities.pictures(tx, ours.id)
        pictures |= {name: _papers.framed(body) for name, body in kept.items()}
        purpose = f"Оплата по счёту {paper.shown_number} от {writer.doc(paper.kind, '', payable=False)['day']}"  # noqa: E501  the purpose is one sentence
        code = _papers.payment_square(ours, due, purpose)
        if code is not None:
            pictures["qr.svg"] = code
    lines = writer.lines(ours)
    fields: Mapping[str, object] = {
        "doc": writer.doc(paper.kind, paper.shown_number, payable="qr.svg" in pictures),
        "seller": _papers.seller_of(ours),
        "buyer": writer.buyer(requisites, sees_ids=tx.may("tax_id") is not Access.HIDDEN),
        "order": writer.order(),
        "lines": lines,
        "totals": writer.totals(lines),
    }
    template = await print_templates.current(paper.kind)
    return Sheet(template=template.text, fields=Personal(fields), pictures=pictures)


@action(Permission.PAPER_MAKE)
async def finish(tx: Tx, number: int, pages: Personal[bytes]) -> None:
    """Keep the pages under the buyer's key, and tell the stream. A second delivery does nothing."""
    stored = await papers.get(tx, number)
    paper = stored.paper
    _may_make(tx, paper.kind)
    tx.about("order", stored.order_id)
    if stored.file_id is not None:
        return
    body = pages.reveal()
    file_id = await files.keep(tx, stored.subject_id, file_name(paper), body, MEDIA)
    await papers.finish(paper.id, file_id)
    await timeline.record(
        tx,
        Entry(
            kind=Kind.DOCUMENT,
            at=tx.now,
            customer_id=stored.customer_id,
            order_id=stored.order_id,
            subject_id=stored.subject_id,
            ref_id=file_id,
            data={
                "paper": paper.kind.value,
                "number": paper.number,
                "shown": paper.shown_number,
                "size": len(body),
            },
        ),
    )
    if paper.kind is PaperKind.INVOICE:
        await _note_invoice(tx, stored.order_id)


async def _note_invoice(tx: Tx, order_id: UUID) -> None:
    order = await orders.get(tx, OrderSelector(id=order_id))
    if order.invoiced_at is None:
        edit = _changing.Edit(order)
        edit.quietly(invoiced_at=tx.now)
        await _changing.finish(tx, edit)


def file_name(paper: Paper) -> str:
    """What a saved document is called; names nobody.

    Kinds whose number is the order's bear it, too.
    """
    title = _papers.TITLES[paper.kind].replace("×", "x")
    return f"{title} {paper.shown_number}.pdf".replace("/", "-")


@action(Permission.PAPER_MAKE, reads=True)
async def of_order(tx: Tx, order_number: int) -> Sequence[Paper]:
    """Documents of an order that this actor may open, the newest first.

    Raises:
        NotFound: `order_not_found`.
    """
    order = await orders.get(tx, OrderSelector(number=order_number))
    found = await papers.of_order(order.id)
    sees_all = tx.may("tax_id") is not Access.HIDDEN
    return [one for one in found if sees_all or one.kind in INSIDE]


@action(Permission.PAPER_MAKE, reads=True)
async def pages_of(tx: Tx, number: int) -> Pages:
    """Open the pages of a document; every opening is written down.

    Raises:
        NotFound: `paper_not_found`: absent, not printed yet, or not for this actor.
        Damaged, Destroyed: see `files.read`.
    """
    stored = await papers.get(tx, number)
    _may_make(tx, stored.paper.kind)
    if stored.file_id is None:
        raise NotFound("paper_not_found")
    tx.about("file", stored.file_id)
    _, body = await files.read(tx, stored.file_id)
    return Pages(name=Personal(file_name(stored.paper)), body=Personal(body))
