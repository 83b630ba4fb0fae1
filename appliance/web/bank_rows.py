"""Receipts of money, uploads and the orders they may pay, written out for people."""

from typing import Any, Final

from appliance.domain import formats
from appliance.domain.desk import Codes
from appliance.domain.reconciling import (
    Basis,
    DocumentState,
    DocumentView,
    OrderBrief,
    StatementState,
    StatementView,
)
from appliance.web.screens import Reader
from appliance.web.shell import N_

STATES: Final = {
    StatementState.READING: (N_("загружается"), "info", "half"),
    StatementState.CHECKED: (N_("проверена"), "info", "ring"),
    StatementState.RUNNING: (N_("проводится"), "info", "half"),
    StatementState.DONE: (N_("проведена"), "ok", "check"),
    StatementState.UNDOING: (N_("отменяется"), "info", "half"),
    StatementState.UNDONE: (N_("отменена"), "grey", "cross"),
}
"""State → words, tone, shape."""
RECEIPT_STATES: Final = {
    DocumentState.MATCHED: (N_("найден заказ"), "info", "ring"),
    DocumentState.OPEN: (N_("разобрать"), "warn", "ring"),
    DocumentState.SETTLED: (N_("проведён"), "ok", "check"),
    DocumentState.ASIDE: (N_("не оплата заказа"), "grey", "cross"),
    DocumentState.KEPT: (N_("оставлен: с платежом работали"), "warn", "check"),
}
BASES: Final = {
    Basis.BILL: N_("по номеру счёта"),
    Basis.PAYER: N_("по ИНН плательщика и сумме"),
    Basis.HAND: N_("указан вручную"),
    Basis.ORDER: N_("номер заказа в назначении"),
    Basis.SUM: N_("та же сумма"),
}
_TABS: Final = (
    (DocumentState.MATCHED, N_("К проведению")),
    (DocumentState.OPEN, N_("Разобрать")),
    (DocumentState.SETTLED, N_("Проведены")),
    (DocumentState.ASIDE, N_("Отложены")),
    (DocumentState.KEPT, N_("Оставлены")),
)


def first_state(view: StatementView) -> str:
    """Which receipts an upload shows first: those that ask for something."""
    for state, _ in _TABS:
        if view.counts.get(state.value, (0, 0))[0]:
            return state.value
    return DocumentState.MATCHED.value


def tabs(reader: Reader, view: StatementView, current: str) -> list[tuple[str, str, int, bool]]:
    """Tabs of an upload: those with something in them."""
    here = f"/money/bank/{view.number}?state="
    return [
        (here + state.value, reader._(label), view.counts[state.value][0], state.value == current)
        for state, label in _TABS
        if view.counts.get(state.value, (0, 0))[0]
    ]


def statement(reader: Reader, one: StatementView, codes: Codes) -> dict[str, Any]:
    """An upload."""
    state, tone, shape = STATES[one.state]
    days = [
        formats.day(day, reader.language)
        for day in dict.fromkeys((one.first_day, one.last_day))
        if day is not None
    ]
    fresh = one.incoming - one.known
    return {
        "number": one.number,
        "href": f"/money/bank/{one.number}",
        "days": " – ".join(days) or reader._("без поступлений"),
        "state": reader._(state),
        "tone": tone,
        "shape": shape,
        "fresh": reader.ngettext("%(num)s поступление", "%(num)s поступлений", fresh)
        if fresh
        else reader._("ничего нового"),
        "amount": formats.money(one.amount, reader.language) if one.amount else "",
        "maker": codes.name_of(one.made_by_number),
        "made": formats.moment_short(one.made_at, reader.now, reader.zone, reader.language),
    }


def counts(reader: Reader, view: StatementView) -> list[tuple[str, str, str, str]]:
    """Counts that say something: (what, how many, of which sum, tone)."""
    _ = reader._
    told = [
        (_("К проведению"), DocumentState.MATCHED, "info"),
        (_("Разобрать"), DocumentState.OPEN, "warn"),
        (_("Проведены"), DocumentState.SETTLED, "ok"),
        (_("Отложены"), DocumentState.ASIDE, ""),
        (_("Оставлены"), DocumentState.KEPT, "warn"),
    ]
    found = [
        (
            label,
            formats.number(view.counts[state.value][0], reader.language),
            formats.money(view.counts[state.value][1], reader.language),
            tone,
        )
        for label, state, tone in told
        if view.counts.get(state.value, (0, 0))[0]
    ]
    rest = (
        (_("Уже были загружены"), view.known),
        (_("Списания, не смотрим"), view.documents - view.incoming - len(view.problems)),
    )
    number = formats.number
    told_too = [(text, number(many, reader.language), "", "") for text, many in rest if many]
    return found + told_too


def receipt(reader: Reader, one: DocumentView, codes: Codes) -> dict[str, Any]:
    """A receipt of money."""
    state, tone, shape = RECEIPT_STATES[one.state]
    return {
        "id": one.id,
        "href": f"/money/bank/receipts/{one.id}",
        "day": formats.day(one.day, reader.language),
        "amount": formats.money(one.amount, reader.language, exact=True),
        "kopecks": one.amount,
        "words": one.words,
        "state": reader._(state),
        "tone": tone,
        "shape": shape,
        "basis": reader._(BASES[Basis(one.basis)]) if one.basis else "",
        "order": None if one.order is None else order(reader, one.order, codes, one.amount),
        "proposed": [order(reader, here, codes, one.amount) for here in one.proposed],
        "who": codes.name_of(one.settled_by) if one.settled_by else "",
        "when": ""
        if one.settled_at is None
        else formats.moment_short(one.settled_at, reader.now, reader.zone, reader.language),
    }


def order(reader: Reader, one: OrderBrief, codes: Codes, amount: int) -> dict[str, Any]:
    """An order that money may be for, and what the money would leave of what is due."""
    language, left = reader.language, one.due - amount
    if one.due <= 0:
        after, tone = reader._("уже оплачен"), "warn"
    elif left > 0:
        after = reader._("останется %(sum)s") % {"sum": formats.money(left, language)}
        tone = "warn"
    elif left < 0:
        after = reader._("лишних %(sum)s") % {"sum": formats.money(-left, language)}
        tone = "warn"
    else:
        after, tone = reader._("сумма сходится"), "ok"
    return {
        "number": one.number,
        "shown": one.shown_number or formats.order_number(one.number),
        "href": f"/orders/{one.number}",
        "name": one.name,
        "day": formats.day(one.day, language),
        "due": formats.money(max(one.due, 0), language),
        "total": formats.money(one.total, language),
        "after": after,
        "tone": tone,
        "basis": reader._(BASES[Basis(one.basis)]) if one.basis else "",
    }
