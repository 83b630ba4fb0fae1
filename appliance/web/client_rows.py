"""The list of clients written out: columns, sums of the page, groups."""

from collections.abc import Sequence
from typing import Any, Final

from appliance.domain import formats
from appliance.domain.customers import CustomerView
from appliance.domain.desk import ClientGroupsScreen, ClientsScreen, Codes
from appliance.domain.regions import name_of
from appliance.web import client_cards, client_filters, custom_filters
from appliance.web.client_filters import COLUMNS, USUAL, Asked
from appliance.web.parts import Column, column_rows
from appliance.web.screens import Reader

PAGE: Final = 50
WIDTHS: Final = {
    "phone": "w-phone", "city": "w-city", "orders": "w-pay", "total": "w-sum", "ltv": "w-sum",
    "owed": "w-sum", "wait": "w-cr", "last": "w-cr", "talked": "w-cr", "manager": "w-mgr",
    "region": "w-city",
}  # fmt: skip


def shown_columns(chosen: Sequence[str], codes: Codes) -> tuple[str, ...]:
    """Those of the view, else those the reader chose, else as delivered with the house's own."""
    made = custom_filters.listed(client_filters.made_fields(codes))
    known = tuple(one for one in chosen if one in COLUMNS or one in made)
    return known or (*USUAL, *made)


def around(reader: Reader, cols: Sequence[str], codes: Codes) -> dict[str, Any]:
    """Heads of the table, and what its window offers."""
    made = custom_filters.listed(client_filters.made_fields(codes))
    heads = {**_columns(reader), **{code: Column(one.name) for code, one in made.items()}}
    others = [code for code in (*COLUMNS, *made) if code not in cols]
    return {
        "cols": cols,
        "widths": [WIDTHS.get(code, "w-made" if code in made else "") for code in cols],
        "columns": [heads[""], heads["name"], *(heads[code] for code in cols)],
        "column_rows": column_rows(cols, heads, others),
    }


def _columns(reader: Reader) -> dict[str, Column]:
    _ = reader._
    return {
        "": Column(_("№"), "fix fix-2"),
        "name": Column(_("Клиент")),
        "phone": Column(_("Телефон")),
        "city": Column(_("Город")),
        "orders": Column(_("Заказы"), "num"),
        "total": Column(_("Всего"), "num"),
        "ltv": Column(_("LTV"), "num"),
        "owed": Column(_("Долг"), "num"),
        "wait": Column(_("Платит за"), "num"),
        "last": Column(_("Последний"), "num"),
        "talked": Column(_("Общались"), "num"),
        "manager": Column(_("Менеджер")),
        "tags": Column(_("Метки")),
        "region": Column(_("Регион")),
    }


def page(
    reader: Reader, asked: Asked, found: ClientsScreen, text: str, seen: int
) -> dict[str, Any]:
    """A page of the list."""
    more = found.after is not None
    return {
        "rows": client_cards.rows(reader, found.rows, found.codes),
        "groups": [],
        "sums": _sums(reader, found.rows),
        "text": text,
        "count": len(found.rows),
        "next": asked.address(after=found.after or 0, seen=seen + PAGE) if more else "",
        "first": asked.address() if seen else "",
        "deep": found.deep,
    }


def _sums(reader: Reader, rows: Sequence[CustomerView]) -> dict[str, str]:
    """Sums of a page, by column."""
    language = reader.language
    return {
        "orders": formats.number(sum(one.orders_count for one in rows), language),
        "total": formats.money(sum(one.orders_total for one in rows), language),
        "ltv": formats.money(sum(one.paid_total for one in rows), language),
        "owed": formats.money(sum(one.money.owed for one in rows), language),
    }


def grouped(reader: Reader, asked: Asked, found: ClientGroupsScreen) -> dict[str, Any]:
    """The list in groups."""
    language = reader.language
    groups = [
        {
            "name": _name(reader, asked.by, one.figures.key, found.codes),
            "count": one.figures.clients,
            "total": formats.money(one.figures.total, language),
            "owed": formats.money(one.figures.owed, language) if one.figures.owed else "",
            "href": client_filters.of_group(asked, one.figures.key),
            "rows": client_cards.rows(reader, one.rows, found.codes),
            "more": one.figures.clients - len(one.rows),
        }
        for one in found.groups
    ]
    return {
        "rows": [],
        "groups": groups,
        "whole": found.whole,
        "text": "",
        "count": sum(len(one.rows) for one in found.groups),
        "next": "",
        "first": "",
        "deep": False,
    }


def _name(reader: Reader, by: str, key: str, codes: Codes) -> str:
    if by == "manager":
        return codes.name_of(int(key)) or reader._("никто")
    return name_of(key) or reader._("не указан")
