"""Money and goods in what 1C says of an order: documents of their own, else the order's requisites.

A document of its own has a sum or lines; a requisite says only that it was paid, or went. Absent
is not "no": only a document marked for deletion or not posted, and an outspoken "false" of УНФ,
take something back.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta, timezone
from uuid import UUID

import msgspec

from appliance.plugin_api.bookkeeping import GoneLine, GoodsSaid, MoneySaid
from plugins.exchange_1c import values
from plugins.exchange_1c.records import Document, Line

CASH = frozenset({"выплата наличных денег", "возврат наличных денег"})
MONEY_IN = frozenset(
    {"выплата наличных денег", "выплата безналичных денег", "эквайринговая операция"}
)
MONEY_OUT = frozenset({"возврат наличных денег", "возврат безналичных денег"})
GOODS_OUT = "отпуск товара"
GOODS_BACK = "возврат товара"
GUID = 36
"""Letters of an id that is one for ever; others are one in their file only."""


class Ways(msgspec.Struct, frozen=True, kw_only=True):
    """Codes of our ways of payment for money in cash and other money; empty: the usual one."""

    cash: str = ""
    cashless: str = ""


class Here(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the order as it is here: by what a document may name it."""

    number: int
    id: str = ""
    article: str = ""
    name: str = ""


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """Of which order, for which base, by whose clock.

    Attributes:
        base: begins the keys of documents, so that those of two bases differ; empty: the first.
    """

    id: UUID
    number: int
    base: str = ""
    hours: int = 3
    ways: Ways = Ways()
    lines: tuple[Here, ...] = ()


def is_paper(document: Document) -> bool:
    """Whether it is a document of money or goods."""
    kind = _kind(document)
    return kind in MONEY_IN or kind in MONEY_OUT or kind in (GOODS_OUT, GOODS_BACK)


def _kind(document: Document) -> str:
    return document.operation.strip().casefold()


def of_document(document: Document, order: Order) -> MoneySaid | GoodsSaid | None:
    """What a document of its own says; None: goods that came back, which people take in."""
    kind, gone = _kind(document), _withdrawn(document)
    at = _moment(document, order.hours)
    if kind in MONEY_IN or kind in MONEY_OUT:
        amount = abs(document.amount or 0)
        return MoneySaid(
            order_id=order.id,
            key=_key(document, order, "money"),
            amount=-amount if kind in MONEY_OUT else amount,
            type=order.ways.cash if kind in CASH else order.ways.cashless,
            at=at,
            withdrawn=gone or not amount,
        )
    is_back = kind == GOODS_BACK
    if not is_back and kind != GOODS_OUT:
        return None
    lines = tuple(
        GoneLine(number=number, quantity_milli=one.quantity_milli or 0)
        for one in document.lines
        if not one.service and (number := line_of(one, order.lines)) is not None
    )
    goods = [one for one in document.lines if not one.service]
    if is_back and len(lines) < len(goods):
        return None  # a line of it is not the order's: people take it in
    return GoodsSaid(
        order_id=order.id,
        key=_key(document, order, "back" if is_back else "goods"),
        lines=lines if document.lines else None,
        at=at,
        track=document.requisites.get("Идентификатор отправления", ""),
        withdrawn=gone,
        back=is_back,
        number=document.number.strip()[:64] if is_back else "",
    )


def _key(document: Document, order: Order, kind: str) -> str:
    own = document.id.strip().lower()
    if len(own) != GUID:
        own = f"{document.number.strip()}/{document.day}"
    return f"{order.base}{order.number}:{kind}:{own}"[:160]


def _withdrawn(document: Document) -> bool:
    told = document.requisites
    is_posted = values.truth(told.get("Проведен", told.get("Проведён", "")))
    marked = values.truth(told.get("ПометкаУдаления", "")) is True
    return document.removed or marked or is_posted is False


def line_of(line: Line, here: Sequence[Here]) -> int | None:
    """Number of our line that a document means: by 1C's id, else by article, else by name."""
    wanted = values.key(line.id)
    for one in here:
        if wanted and values.key(one.id) == wanted:
            return one.number
    for told, of in ((line.article, "article"), (line.name, "name")):
        clean = told.strip().casefold()
        fitting = [one for one in here if clean and getattr(one, of).strip().casefold() == clean]
        if len(fitting) == 1:
            return fitting[0].number
    return None


def _moment(document: Document, hours: int) -> datetime | None:
    if document.day is None:
        return None
    zone = timezone(timedelta(hours=hours))
    return datetime.combine(document.day, document.at or time(), zone).astimezone(UTC)


def of_requisites(document: Document, order: Order) -> list[MoneySaid | GoodsSaid]:
    """What an order's own requisites say, where no document of its own says more."""
    told = document.requisites
    kinds = {_kind(one) for one in document.under}
    found: list[MoneySaid | GoodsSaid] = []
    if not kinds & (MONEY_IN | MONEY_OUT):
        is_so = _told(told, "Номер оплаты по 1С", ("Оплачен", "Оплачено"))
        if is_so is not None:
            found.append(
                MoneySaid(
                    order_id=order.id,
                    key=f"{order.base}{order.number}:money:order",
                    type=order.ways.cashless,
                    at=_day(told.get("Дата оплаты по 1С", ""), order.hours),
                    withdrawn=not is_so,
                )
            )
    if GOODS_OUT not in kinds:
        is_so = _told(told, "Номер отгрузки по 1С", ("Отгружен", "Отгружено"))
        if is_so is not None:
            found.append(
                GoodsSaid(
                    order_id=order.id,
                    key=f"{order.base}{order.number}:goods:order",
                    at=_day(told.get("Дата отгрузки по 1С", ""), order.hours),
                    withdrawn=not is_so,
                )
            )
    return found


def _told(told: dict[str, str], numbered: str, flags: tuple[str, ...]) -> bool | None:
    """Whether it is said to be so; None: nothing is said."""
    if told.get(numbered):
        return True
    said = [values.truth(told[one]) for one in flags if one in told]
    known = [one for one in said if one is not None]
    return any(known) if known else None


def _day(text: str, hours: int) -> datetime | None:
    found = values.day(text) if text else None
    if found is None:
        return None
    at = values.clock(text[10:].strip()) if len(text) > 10 else None
    zone = timezone(timedelta(hours=hours))
    return datetime.combine(found, at or time(), zone).astimezone(UTC)
