"""The list of orders in groups: what its templates print."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from appliance.domain import formats
from appliance.domain.desk import Codes, OrderGroup
from appliance.domain.orders import OrderPage
from appliance.web import order_rows
from appliance.web.order_filters import Asked
from appliance.web.screens import Reader

_DAY = re.compile(r"20\d\d-(0[1-9]|1[0-2])-(0[1-9]|[12]\d)")


@dataclass(frozen=True, slots=True)
class Group:
    """A group as its head says it.

    Attributes:
        rows: empty while it is folded.
        more: address that gives its rows; `next` gives those after the ones shown.
    """

    name: str
    count: int
    sum: str
    rows: list[order_rows.Row]
    more: str
    next: str
    tone: str = ""
    shape: str = ""


def names(reader: Reader) -> dict[str, str]:
    """What orders can be grouped by."""
    _ = reader._
    return {
        "status": _("статус"),
        "manager": _("менеджер"),
        "shop": _("магазин"),
        "delivery": _("доставка"),
        "day": _("день"),
    }


def groups(
    reader: Reader, asked: Asked, found: tuple[OrderGroup, ...], codes: Codes
) -> list[Group]:
    """Write out the groups of a page."""
    return [_group(reader, asked, one, codes) for one in found]


def _group(reader: Reader, asked: Asked, one: OrderGroup, codes: Codes) -> Group:
    status = codes.statuses.get(one.key) if asked.by == "status" else None
    page = one.page
    return Group(
        name=status.name if status else name_of(reader, asked.by, one.key, codes),
        count=one.tally.orders,
        sum=formats.money(one.tally.total, reader.language),
        rows=[] if page is None else order_rows.rows(reader, page.rows, codes, asked.query),
        more=_address(asked, one.key),
        next="" if page is None or page.after is None else _address(asked, one.key, page.after),
        tone=status.tone if status else "",
        shape=status.shape if status else "",
    )


def rest(reader: Reader, asked: Asked, key: str, page: OrderPage, codes: Codes) -> Group:
    """The next rows of a group."""
    return Group(
        name="",
        count=0,
        sum="",
        rows=order_rows.rows(reader, page.rows, codes, asked.query),
        more="",
        next="" if page.after is None else _address(asked, key, page.after),
    )


def is_key(by: str, key: str) -> bool:
    """Whether an address's key can be one of a group."""
    if by == "manager":
        return key.isascii() and key.isdigit() and len(key) < 10
    if by == "day":
        return _DAY.fullmatch(key) is not None
    return len(key) <= 64


def name_of(reader: Reader, by: str, key: str, codes: Codes) -> str:
    """What the key of a group is called."""
    if by == "manager":
        return codes.name_of(int(key)) or reader._("никто")
    if by == "day":
        return formats.day(date.fromisoformat(key), reader.language)
    known: Mapping[str, str] = codes.shops if by == "shop" else codes.deliveries
    return known.get(key, key) or reader._("не указано")


def _address(asked: Asked, key: str, after: str = "") -> str:
    pairs: dict[str, Any] = {"key": key, **({"after": after} if after else {})}
    return f"/orders/group?{asked.query}&{urlencode(pairs)}"
