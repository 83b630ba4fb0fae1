"""The new composition of an order: which incoming line is which stored one, and what follows."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from appliance.actions import _discounts, _intake, _placing
from appliance.actions._changing import Edit
from appliance.domain.orders import UNSET, ExternalId, LineDraft
from appliance.domain.statuses import Goods, goods_of
from appliance.errors import Invalid
from appliance.storage import feed, offers, order_lines, orders
from appliance.storage.order_lines import Line, part_of
from appliance.storage.orders import Order
from appliance.storage.references import Lists
from appliance.storage.tx import Tx


class _Matched(NamedTuple):
    """Stored lines by the place of the incoming line that means them, and the others."""

    known: dict[int, Line]
    gone: list[Line]


def _by_name(draft: LineDraft, stored: Iterable[Line]) -> Line | None:
    """The stored line an incoming one names: by its number, then by the shop's ids for it."""
    given: set[ExternalId] = set() if draft.external_ids is UNSET else set(draft.external_ids)
    for line in stored:
        if draft.id is not None and line.number == draft.id:
            return line
    for line in stored:
        if given & set(line.external_ids):
            return line
    for line in stored:
        if draft.external_id and draft.external_id in {one.value for one in line.external_ids}:
            return line
    return None


async def _match(
    tx: Tx, order: Order, drafts: Sequence[LineDraft], stored: Sequence[Line]
) -> tuple[_Matched, dict[int, offers.Offer | None]]:
    """Match by number, ids, then by the same goods; the goods of the rest come along."""
    left = {line.number: line for line in stored}
    known: dict[int, Line] = {}
    for place, draft in enumerate(drafts):
        line = _by_name(draft, list(left.values()))
        if line is not None:
            known[place] = left.pop(line.number)
    others = [place for place in range(len(drafts)) if place not in known]
    found = await offers.resolve(tx, order.shop, [drafts[place] for place in others])
    goods = dict(zip(others, found, strict=True))
    for place, offer in list(goods.items()):
        line = next(
            (one for one in left.values() if offer is not None and one.variant_id == offer.id), None
        )
        if line is not None:
            known[place] = left.pop(line.number)
            del goods[place]
    return _Matched(known, list(left.values())), goods


_FIELDS = {
    "external_ids": "external_ids",
    "product_name": "name",
    "quantity_milli": "quantity_milli",
    "price": "price",
    "purchase_price": "purchase_price",
    "discount_amount": "discount_amount",
    "discount_percent_milli": "discount_percent_milli",
    "price_type": "price_type",
    "vat_rate": "vat_rate",
    "status": "status",
    "properties": "properties",
}
"""Field of an incoming line → column of the stored one."""


def _merge(tx: Tx, order: Order, line: Line, draft: LineDraft, position: int) -> Line:
    """A stored line with what came in for it; fields not given keep their value."""
    given: dict[str, Any] = {
        column: getattr(draft, field)
        for field, column in _FIELDS.items()
        if getattr(draft, field) is not UNSET
    }
    if draft.comment is not UNSET:
        text = draft.comment.reveal()
        if orders.remark_of(tx, "order_line", line.id, order.subject_id, line.comment) != text:
            given["comment"] = _intake.remark(
                tx, "order_line", line.id, order.subject_id, draft.comment
            )
    return line._replace(position=position, **given)


async def change_lines(tx: Tx, lists: Lists, edit: Edit, drafts: Sequence[LineDraft]) -> None:
    """Give an order the lines that came in as its whole composition.

    Raises:
        Invalid: `offer_unknown`.
    """
    order = edit.order
    stored = await order_lines.of_order(order.id)
    matched, goods = await _match(tx, order, drafts, stored)
    fresh = await _intake.new_lines(
        tx, order.subject_id, [drafts[place] for place in goods], list(goods.values()), list(goods)
    )
    merged = {
        place: _merge(tx, order, line, drafts[place], place)
        for place, line in matched.known.items()
    }
    _check_shipped(matched, merged)
    merged = await _let_go(tx, lists, order, matched, merged)
    lines = sorted([*merged.values(), *fresh], key=lambda line: line.position)
    lines = await _set_aside(tx, lists, order, lines)
    await store(tx, edit, stored, lines)


def _check_shipped(matched: _Matched, merged: dict[int, Line]) -> None:
    """What has left the warehouse stays in the order: it comes back by a return only.

    Raises:
        Invalid: `line_shipped`.
    """
    fields = {
        f"items[{place}].quantity": "line_shipped"
        for place, line in merged.items()
        if line.quantity_milli < line.shipped_milli
    }
    gone = [line for line in matched.gone if line.shipped_milli]
    if fields or gone:
        raise Invalid("line_shipped", fields=fields)


async def _let_go(
    tx: Tx, lists: Lists, order: Order, matched: _Matched, merged: dict[int, Line]
) -> dict[int, Line]:
    """Let go what was set aside for lines that are gone or have another quantity now."""
    changed = {
        place: line
        for place, line in matched.known.items()
        if line.quantity_milli != merged[place].quantity_milli
    }
    state = goods_of(lists.group_of(order.status))
    await order_lines.turn(tx, order.id, [*matched.gone, *changed.values()], state, Goods.FREE)
    return {
        place: line._replace(reserved_at=None) if place in changed else line
        for place, line in merged.items()
    }


async def _set_aside(tx: Tx, lists: Lists, order: Order, lines: list[Line]) -> list[Line]:
    state = goods_of(lists.group_of(order.status))
    if state is Goods.FREE:
        return lines
    warehouse = _intake.warehouse_of(lists, order.shipment_store, order.shop)
    held = await order_lines.hold(tx, order.id, warehouse, lines)
    fresh = [new for new, old in zip(held, lines, strict=True) if new != old]
    await order_lines.turn(tx, order.id, fresh, Goods.HELD, state)
    return held


async def give_goods(tx: Tx, lists: Lists, edit: Edit, goods: Mapping[UUID, offers.Offer]) -> None:
    """Say which variants lines mean that meant none, by id of the line, and set them aside."""
    stored = await order_lines.of_order(edit.order.id)
    lines = [
        line._replace(
            variant_id=goods[line.id].id,
            offer_external_id=goods[line.id].external_id,
            offer_xml_id=goods[line.id].xml_id,
            purchase_price=line.purchase_price or goods[line.id].purchase_price,
        )
        if line.id in goods and line.variant_id is None
        else line
        for line in stored
    ]
    given = [new for new, old in zip(lines, stored, strict=True) if new != old]
    for line in given:
        number = {"id": goods[line.id].number}
        edit.note(feed.Change(field="order_product.offer", new=number, part=part_of(line)))
    if given:
        await store(tx, edit, stored, await _set_aside(tx, lists, edit.order, lines))


async def add_up_again(tx: Tx, edit: Edit) -> None:
    """Sums of an order whose discount or delivery changed, and of its lines."""
    lines = await order_lines.of_order(edit.order.id)
    await store(tx, edit, lines, lines)


async def store(tx: Tx, edit: Edit, stored: Sequence[Line], lines: Sequence[Line]) -> None:
    """Add up, write the lines that differ, and note what became of each.

    Raises:
        Invalid: `discount_above_limit`, `discount_reason`.
    """
    coupon = await _discounts.worth_of(edit.value("coupon"), lines)
    summed, sums = _intake.with_sums(
        lines,
        discount_amount=edit.value("discount_amount") + coupon,
        discount_percent_milli=edit.value("discount_percent_milli"),
        delivery_cost=edit.value("delivery_cost"),
    )
    edit.quietly(coupon_discount=coupon)
    if sums.discount_total > coupon and _more_off(edit, stored, summed):
        await _discounts.check_manual(tx, sums, coupon, _reason(tx, edit))
    known = {line.number: line for line in stored}
    await order_lines.remove(
        [line for line in stored if line.number not in {one.number for one in summed}]
    )
    await order_lines.add(edit.order.id, [one for one in summed if one.number not in known])
    for line in summed:
        old = known.pop(line.number, None)
        if old is None:
            edit.note(_whole(None, line))
        elif old != line:
            await order_lines.change(line)
            for change in _differences(old, line):
                edit.note(change)
    for line in known.values():
        edit.note(_whole(line, None))
    edit.quietly(**_placing.composition(summed, sums))


def _more_off(edit: Edit, stored: Sequence[Line], lines: Sequence[Line]) -> bool:
    """Whether this edit touches what is taken off by hand."""
    if {"discount_amount", "discount_percent_milli"} & edit.columns.keys():
        return True
    known = {line.number: (line.discount_amount, line.discount_percent_milli) for line in stored}
    return any(
        known.get(line.number, (0, 0)) != (line.discount_amount, line.discount_percent_milli)
        for line in lines
    )


def _reason(tx: Tx, edit: Edit) -> str:
    order = edit.order._replace(comments=edit.value("comments"))
    found = orders.open_contact(tx, order, name=False, reach=False, comments=True)
    return found.discount_reason


def _whole(old: Line | None, new: Line | None) -> feed.Change:
    """An added or removed line."""
    line = new or old
    assert line is not None  # noqa: S101  one of them is given
    return feed.Change(
        field="order_product",
        old=None if old is None else {"id": old.number},
        new=None if new is None else {"id": new.number},
        part=part_of(line),
    )


def _differences(old: Line, new: Line) -> list[feed.Change]:
    part = part_of(new)
    changes = [
        feed.Change(field=f"order_product.{field}", old=before, new=after, part=part)
        for field, before, after in (
            ("quantity", old.quantity_milli, new.quantity_milli),
            ("initial_price", old.price, new.price),
            ("discount_total", old.discount_total, new.discount_total),
            ("summ", old.total, new.total),
        )
        if before != after
    ]
    changes += [
        feed.Change(
            field=f"order_product.{field}", old={"code": before}, new={"code": after}, part=part
        )
        for field, before, after in (
            ("status", old.status, new.status),
            ("price_type", old.price_type, new.price_type),
        )
        if before != after
    ]
    return changes
