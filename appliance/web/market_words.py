"""Words for postings of marketplaces: where they stand, what may be done, what was refused."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from appliance.domain import formats
from appliance.domain.market import BOXED, DEEDS, ENDED, MARKETS, URGENT, OfferView, PostingState
from appliance.domain.market import PostingView as View
from appliance.domain.statuses import CANCEL_GROUP
from appliance.roles import Permission
from appliance.web.market_codes import BUTTONS, REFUSALS
from appliance.web.screens import Reader
from appliance.web.shell import N_

STATES: Final[Mapping[PostingState, tuple[str, str, str]]] = {
    PostingState.NEW: (N_("новое"), "info", "ring"),
    PostingState.CONFIRMED: (N_("подтверждено"), "accent", "half"),
    PostingState.ASSEMBLING: (N_("собрать"), "accent", "dot"),
    PostingState.PACKED: (N_("собрано, ждёт передачи"), "info", "half"),
    PostingState.HANDED_OVER: (N_("передано маркетплейсу"), "info", "dot"),
    PostingState.IN_TRANSIT: (N_("в пути"), "info", "dot"),
    PostingState.READY_FOR_PICKUP: (N_("в пункте выдачи"), "info", "dot"),
    PostingState.DELIVERED: (N_("получено"), "ok", "check"),
    PostingState.CANCELLED: (N_("отменено"), "grey", "cross"),
    PostingState.PROBLEM: (N_("спор"), "bad", "cross"),
    PostingState.RETURNING: (N_("возвращается"), "warn", "half"),
    PostingState.RETURNED: (N_("вернулось"), "bad", "cross"),
}
BY_MARKET: Final[Mapping[tuple[str, str], tuple[str, str]]] = {
    ("wildberries", "confirm"): (N_("В поставку"), "package-plus"),
    ("wildberries", "label"): (N_("Стикер"), "printer"),
    ("wildberries", "act"): (N_("Передать поставку"), "truck"),
}
"""Deeds that a marketplace calls by words of its own."""
SURE: Final[Mapping[tuple[str, str], tuple[str, str]]] = {
    ("wildberries", "act"): (
        N_("Передать поставку в доставку?"),
        N_("Уйдут все задания этой поставки, и добавить к ней уже ничего нельзя."),
    ),
}
"""Deeds that take more along than this posting and cannot be undone: what is asked before."""
WAITING: Final[Mapping[str, str]] = {
    "confirm": N_("Подтверждаем на маркетплейсе"),
    "pack": N_("Сообщаем маркетплейсу, что собрано"),
    "codes": N_("Передаём коды, маркетплейс их проверяет"),
    "label": N_("Ждём этикетку: маркетплейс готовит её около минуты"),
    "act": N_("Ждём акт передачи"),
    "cancel": N_("Отменяем на маркетплейсе"),
}
KINDS: Final[Mapping[str, str]] = {
    "mark": N_("Честный знак"),
    "gtd": N_("номер ГТД"),
    "uin": N_("УИН"),
    "imei": N_("IMEI"),
    "country": N_("страна"),
    "rnpt": N_("РНПТ"),
    "weight": N_("вес"),
    "gtin": N_("GTIN"),
    "expiration": N_("годен до"),
}
TYPED: Final = ("mark", "uin", "imei", "gtd", "rnpt", "sgtin", "gtin", "expiration")
"""Kinds that are scanned piece by piece."""


def market_name(code: str) -> str:
    """A marketplace as people call it."""
    return MARKETS.get(code, code)


def refusal(reader: Reader, code: str) -> str:
    """What a refusal means."""
    return reader._(REFUSALS[code]) if code in REFUSALS else code


def deadline(reader: Reader, at: datetime | None, *, is_open: bool = True) -> tuple[str, str]:
    """When it must be handed over, and the tone: red when that is near or past."""
    if at is None:
        return "", ""
    text = formats.moment_short(at, reader.now, reader.zone, reader.language)
    if not is_open:
        return text, ""
    left = at - reader.now
    return text, "bad" if left < URGENT else "warn" if left < URGENT * 3 else ""


def card(reader: Reader, one: View | None, group: str = "") -> dict[str, Any]:
    """The block on an order's card; empty for an order that is of no marketplace.

    Args:
        reader: who looks.
        one: its posting.
        group: of the order's status: given up here is not yet given up there.
    """
    if one is None:
        return {"market": None}
    name, tone, shape = STATES[one.state]
    until, until_tone = deadline(reader, one.deadline, is_open=one.state not in ENDED)
    raw = ", ".join(x for x in (one.raw_status, one.raw_substatus) if x)
    may = reader.may(Permission.ORDER_STATUS)
    kinds = {kind for line in one.lines for kind in line.requires}
    missing = sum(
        max(line.quantity - len(line.codes), 0)
        for line in one.lines
        if any(kind in TYPED for kind in line.requires)
    )
    return {
        "market": {
            "name": market_name(one.market),
            "account": one.account,
            "posting": one.posting,
            "state": (reader._(name), tone, shape),
            "raw": raw,
            "until": until,
            "until_tone": until_tone,
            "method": one.method,
            "express": one.express,
            "reason": one.reason,
            "parent": one.parent,
            "short": one.short and group != CANCEL_GROUP,
            "parted": group == CANCEL_GROUP and one.state not in ENDED,
            "unmatched": one.unmatched,
            "siblings": one.siblings,
            "requires": ", ".join(reader._(KINDS.get(kind, kind)) for kind in sorted(kinds)),
            "missing": missing,
            "back": ", ".join(
                reader._("%(name)s: %(back)s из %(all)s")
                % {"name": line.name or line.article, "back": line.returned, "all": line.quantity}
                for line in one.lines
                if line.returned
            ),
            "boxes": one.market in BOXED and sum(line.quantity for line in one.lines) > 1,
            "sure": {
                deed: (reader._(title), reader._(text))
                for (market, deed), (title, text) in SURE.items()
                if market == one.market
            },
            "waits": reader._(WAITING[one.wish]) if one.wish and not one.wish_error else "",
            "refused": refusal(reader, one.wish_error) if one.wish_error else "",
            "buttons": _buttons(reader, one) if may else [],
        }
    }


def _buttons(reader: Reader, one: View) -> list[tuple[str, str, str]]:
    """(deed, label, icon) of what may be wished now."""
    waits = bool(one.wish) and not one.wish_error
    return [
        (deed, reader._(label), sign)
        for deed in DEEDS
        if deed in one.actions and not (waits and one.wish == deed)
        for label, sign in (BY_MARKET.get((one.market, deed), BUTTONS[deed]),)
    ]


def offer_row(reader: Reader, one: OfferView, accounts: Mapping[int, str]) -> dict[str, Any]:
    """A row of the page of offers."""
    language = reader.language
    price = "" if one.price is None else formats.money(one.price, language)
    when = (
        ""
        if one.stock_at is None
        else formats.moment_short(one.stock_at, reader.now, reader.zone, language)
    )
    return {
        "id": one.id,
        "article": one.article,
        "name": one.name or one.article,
        "account": accounts.get(one.account_number, ""),
        "postings": one.postings,
        "variant": one.variant_name,
        "sku": one.variant_sku,
        "href": f"/catalog/{one.product_number}" if one.product_number else "",
        "free": formats.quantity(one.free_milli, language),
        "free_tone": "bad" if one.free_milli <= 0 else "",
        "buffer": formats.quantity(one.buffer_milli, language) if one.own_buffer else "",
        "usual": formats.quantity(one.buffer_milli, language),
        "stock": "" if one.stock is None else str(one.stock),
        "when": when,
        "price": price,
        "error": refusal(reader, one.stock_error or one.price_error)
        if one.stock_error or one.price_error
        else "",
    }
