"""Steps that actions on deals share: reading what came in, editing, moving, making the order."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any
from uuid import UUID

import msgspec

from appliance.actions import _order_checks, _placing
from appliance.domain import funnel
from appliance.domain.access import NOBODY
from appliance.domain.customers import ContactValue, CustomerDraft, Person
from appliance.domain.deals import (
    MOST_LINES,
    NOTE_LIMIT,
    TITLE_LIMIT,
    DealChange,
    DealField,
    DealLineDraft,
    DealState,
    DealTexts,
    Funnels,
    Stage,
    StageKind,
)
from appliance.domain.orders import (
    UNSET,
    CustomerRef,
    LineDraft,
    OrderContact,
    OrderDraft,
    SourceMarks,
)
from appliance.domain.personal import Personal
from appliance.errors import Conflict, Damaged, Destroyed, Invalid
from appliance.roles import Permission
from appliance.storage import customers, deals, deals_close, feed, goods_wanted, references, staff
from appliance.storage.deals import Deal, DealLine
from appliance.storage.statements import fetch, fetch_one, fetch_value
from appliance.storage.tx import Tx


def check_texts(title: str | None, note: str | None, amount: int | None) -> dict[str, str]:
    """What is wrong with the plain fields of a deal, by field."""
    wrong: dict[str, str] = {}
    if title is not None and not title.strip():
        wrong["title"] = "deal_title_missing"
    if title is not None and len(title) > TITLE_LIMIT:
        wrong["title"] = "deal_text_long"
    if note is not None and len(note) > NOTE_LIMIT:
        wrong["note"] = "deal_text_long"
    if amount is not None and amount < 0:
        wrong["amount"] = "amount_negative"
    return wrong


def refuse(wrong: Mapping[str, str]) -> None:
    """Refuse what is wrong, with the first code as the sentence.

    Raises:
        Invalid: with the fields.
    """
    if wrong:
        raise Invalid(next(iter(wrong.values())), fields=wrong)


async def goods(drafts: Sequence[DealLineDraft]) -> list[DealLine]:
    """Goods that came in; an article that the catalogue knows brings its name and price.

    Raises:
        Invalid: `lines_too_many`; `line_name_missing`, `quantity_not_positive`,
            `amount_negative` at `lines.N`.
    """
    if len(drafts) > MOST_LINES:
        raise Invalid("lines_too_many", fields={"lines": "lines_too_many"}, most=MOST_LINES)
    wrong: dict[str, str] = {}
    for place, one in enumerate(drafts):
        if not one.name.strip():
            wrong[f"lines.{place}"] = "line_name_missing"
        elif one.quantity_milli <= 0:
            wrong[f"lines.{place}"] = "quantity_not_positive"
        elif one.price is not None and one.price < 0:
            wrong[f"lines.{place}"] = "amount_negative"
    refuse(wrong)
    known = await goods_wanted.by_name_or_sku([one.name.strip() for one in drafts])
    made: list[DealLine] = []
    for place, one in enumerate(drafts, 1):
        found = known.get(one.name.strip())
        price = one.price if one.price is not None else (0 if found is None else found.price)
        made.append(
            deals.new_line(
                place,
                one.name.strip() if found is None else found.name,
                one.quantity_milli,
                price,
                variant_number=None if found is None else found.number,
                sku="" if found is None else found.sku,
            )
        )
    return made


async def edit(tx: Tx, deal: Deal, change: DealChange) -> Deal:
    """Take over an edit; one that changes nothing leaves no trace.

    Raises:
        Invalid: what is wrong, by field.
        Conflict: `deal_changed`; `deal_goods_ordered`: the goods are in the order already.
    """
    title = None if change.title is UNSET else change.title.reveal()
    note = None if change.note is UNSET else change.note.reveal()
    amount = None if change.amount is UNSET else change.amount
    refuse(check_texts(title, note, amount))
    columns: dict[str, Any] = {}
    changes: list[feed.Change] = []
    _set_texts(tx, deal, title, note, columns, changes)
    lines = None if change.lines is UNSET else await _lines(deal, change.lines)
    if lines is not None:
        changes.append(feed.Change(field="lines", old=deal.lines_count, new=len(lines)))
        columns["lines_count"] = len(lines)
        await deals.replace_lines(deal.id, lines)
        if amount is None and lines:
            amount = sum(one.total for one in lines)
    _set_plain(deal, amount, change, columns, changes)
    if change.manager is not UNSET:
        await _set_manager(tx, deal, change.manager, columns, changes)
    return await deals.change(tx, deal, changes, **columns) if columns else deal


def _set_plain(
    deal: Deal,
    amount: int | None,
    change: DealChange,
    columns: dict[str, Any],
    changes: list[feed.Change],
) -> None:
    """Amount, day and source. An order decides the amount of its deal."""
    if amount is not None and amount != deal.amount and deal.order_id is None:
        changes.append(feed.Change(field="amount", old=deal.amount, new=amount))
        columns["amount"] = amount
    if change.expected_on is not UNSET and change.expected_on != deal.expected_on:
        days = (deal.expected_on, change.expected_on)
        old, new = (None if one is None else str(one) for one in days)
        changes.append(feed.Change(field="expected_on", old=old, new=new))
        columns["expected_on"] = change.expected_on
    if change.source is not UNSET:
        _set_source(deal, change.source, columns, changes)


async def _set_manager(
    tx: Tx, deal: Deal, number: int, columns: dict[str, Any], changes: list[feed.Change]
) -> None:
    fresh = await colleague(number)
    if fresh != deal.manager_id:
        _order_checks.also_needs(tx, Permission.DEAL_ASSIGN)
        columns["manager_id"] = fresh
        changes.append(await deals.manager_change(deal.manager_id, fresh))


async def colleague(number: int) -> UUID | None:
    """The id behind a colleague's number; None for 0, nobody.

    Raises:
        Invalid: `manager_unknown`.
    """
    found = await staff.id_of(number) if number else None
    if number and found is None:
        raise Invalid("manager_unknown", fields={"manager": "manager_unknown"})
    return found


def _set_texts(
    tx: Tx,
    deal: Deal,
    title: str | None,
    note: str | None,
    columns: dict[str, Any],
    changes: list[feed.Change],
) -> None:
    if title is None and note is None:
        return
    old = _texts(tx, deal)
    new = DealTexts(
        title=old.title if title is None else title.strip(),
        note=old.note if note is None else note.strip(),
    )
    for field in ("title", "note"):
        was, became = getattr(old, field), getattr(new, field)
        if was != became:
            entry = feed.Change(field=f"deal_{field}", old=was, new=became, personal=True)
            changes.append(entry)
    if new != old:
        columns["texts"] = deals.seal_texts(tx, deal.id, deal.subject_id, new)
        columns["has_note"] = bool(new.note)


def _texts(tx: Tx, deal: Deal) -> DealTexts:
    """Title and note whatever the grant, for writing only."""
    if deal.texts is not None:
        with suppress(Damaged, Destroyed):
            return tx.open(
                "deal", "texts", deal.id, deal.subject_id, deal.texts, DealTexts, "comment"
            )
    return DealTexts()


async def _lines(deal: Deal, drafts: Sequence[DealLineDraft]) -> list[DealLine] | None:
    lines = await goods(drafts)
    known = await deals.lines_of(deal.id)
    if [one[2:] for one in lines] == [one[2:] for one in known]:
        return None
    if deal.order_id is not None:
        raise Conflict("deal_goods_ordered", f"deal {deal.number}")
    return lines


def _set_source(
    deal: Deal, source: str, columns: dict[str, Any], changes: list[feed.Change]
) -> None:
    marks = msgspec.json.decode(deal.source, type=SourceMarks)
    if marks.source == source.strip():
        return
    fresh = msgspec.structs.replace(marks, source=source.strip())
    columns["source"] = msgspec.json.encode(fresh).decode()
    changes.append(feed.Change(field="source", old=marks.source, new=fresh.source))


def filled(deal: Deal) -> dict[DealField, bool]:
    """What a deal has of all that a stage can ask for."""
    source = msgspec.json.decode(deal.source, type=SourceMarks).source
    return {
        DealField.AMOUNT: deal.amount > 0,
        DealField.EXPECTED: deal.expected_on is not None,
        DealField.LINES: deal.lines_count > 0,
        DealField.NOTE: deal.has_note,
        DealField.SOURCE: bool(source),
        DealField.MANAGER: deal.manager_id is not None,
    }


def check_gate(known: Funnels, deal: Deal, here: Stage | None, wanted: Stage) -> None:
    """Refuse a move that skips a stage or leaves something unfilled.

    Raises:
        Invalid: `stage_skipped`; `deal_incomplete` with `fields`.
    """
    line = known.of(deal.pipeline_id)
    funnel.check_skips(line, here, wanted)
    lacking = funnel.missing(line, here, wanted, filled(deal))
    if lacking:
        fields = {field.value: "deal_field_missing" for field in lacking}
        raise Invalid("deal_incomplete", fields=fields, stage=wanted.name)


def stage_of(known: Funnels, deal: Deal, number: int) -> Stage:
    """The stage that a move names.

    Raises:
        Invalid: `stage_unknown`: no such stage in the deal's pipeline.
    """
    stage = known.numbered(number)
    if stage is None or not stage.active or stage.pipeline_id != deal.pipeline_id:
        raise Invalid("stage_unknown", fields={"stage": "stage_unknown"})
    return stage


async def go(tx: Tx, known: Funnels, deal: Deal, stage: Stage, reason: int = 0) -> Deal:
    """Move a deal to another stage of its pipeline, with all that the stage brings about.

    Raises:
        Invalid: `stage_skipped`, `deal_incomplete`, `loss_reason_missing`, `deal_order_open`
            (it wins by itself), `deal_order_done` (it stays won), as `_placing.place`.
        Denied: the stage makes an order, and the actor may not.
    """
    check_gate(known, deal, known.stage(deal.stage_id), stage)
    if deal.order_id is not None:
        await _check_order(deal, stage)
    if stage.kind is StageKind.LOST:
        return await deals.move(tx, deal, stage, reason=_reason(known, reason))
    if stage.kind is not StageKind.INVOICE or deal.order_id is not None:
        return await deals.move(tx, deal, stage)
    _order_checks.also_needs(tx, Permission.ORDER_CREATE)
    order_id = await _make_order(tx, deal)
    became = await deals.move(tx, deal, stage, order_id=order_id)
    await deals_close.settle(tx, order_id)
    tx.about("deal", deal.id)
    return await deals.of_order(order_id) or became


async def _check_order(deal: Deal, stage: Stage) -> None:
    if stage.kind is StageKind.WON:
        raise Invalid("deal_order_open", fields={"stage": "deal_order_open"})
    if deal.state == DealState.WON.value:
        raise Invalid("deal_order_done", fields={"stage": "deal_order_done"})


def _reason(known: Funnels, number: int) -> UUID:
    found = next((one for one in known.reasons if one.number == number and one.active), None)
    if found is None:
        raise Invalid("loss_reason_missing", fields={"reason": "loss_reason_missing"})
    return found.id


async def _make_order(tx: Tx, deal: Deal) -> UUID:
    """Place the order of a deal's goods, once: the deal keeps it from then on."""
    lists = await references.lists()
    client = await customers.find_by_id(deal.customer_id)
    if client is None or client.state != "live":
        raise Invalid("customer_not_live", fields={"customer": "customer_not_live"})
    lines = tuple(
        LineDraft(
            offer_id=one.variant_number,
            product_name=one.name,
            quantity_milli=one.quantity_milli,
            price=one.price,
        )
        for one in await deals.lines_of(deal.id)
    )
    draft = OrderDraft(
        shop=deal.shop or next(iter(lists.shops)),
        customer_ref=CustomerRef(number=client.number),
        customer=CustomerDraft(),
        contact=Personal(await _contact(tx, deal)),
        lines=lines,
        source=msgspec.json.decode(deal.source, type=SourceMarks),
        manager_number=await _active_number(deal.manager_id),
    )
    _order_checks.check_draft(draft, lists)
    return (await _placing.place(tx, draft, lists, of_deal=True)).order_id


async def _active_number(user: UUID | None) -> int | None:
    if user is None or user == NOBODY:
        return None
    number = await fetch_value("SELECT number FROM users WHERE id = {}", user)
    return number if number and await staff.id_of(number) is not None else None


async def _contact(tx: Tx, deal: Deal) -> OrderContact:
    """The buyer as his card has him now: the order keeps its own record of who ordered."""
    contact = OrderContact()
    row = await fetch_one("SELECT person, subject_id FROM customer WHERE id = {}", deal.customer_id)
    if row is None or row[0] is None:
        return contact
    with suppress(Damaged):
        who = tx.open("customer", "person", deal.customer_id, row[1], row[0], Person, "name")
        contact.first_name, contact.last_name = who.first_name, who.last_name
        contact.patronymic = who.patronymic
    for cell_id, kind, subject, cell in await fetch(
        "SELECT id, kind, subject_id, value FROM contact "
        "WHERE customer_id = {} AND value IS NOT NULL ORDER BY position, id",
        deal.customer_id,
    ):
        with suppress(Damaged):
            value = tx.open("contact", "value", cell_id, subject, cell, ContactValue, kind)
            if kind == "phone" and not contact.phone:
                contact.phone = value.typed
            elif kind == "email" and not contact.email:
                contact.email = value.typed
    return contact
