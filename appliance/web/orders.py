"""The list of orders: tabs, filter, pages by key, preview, moves of the chosen ones."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from litestar import Controller, Response, get, post
from litestar.datastructures import FormMultiDict
from litestar.params import FromPath

from appliance.actions import desk, mass
from appliance.actions import order_groups as grouping
from appliance.domain import formats
from appliance.domain.bulk import Section
from appliance.domain.desk import Codes, OrderGroupsScreen, OrdersScreen
from appliance.domain.fields import Owner
from appliance.domain.grants import Scope
from appliance.domain.orders import OrderCounts, Tally
from appliance.domain.references import Status
from appliance.domain.statuses import allowed_moves
from appliance.errors import Invalid
from appliance.http.errors import is_fragment
from appliance.roles import Permission
from appliance.web import (
    custom_filters,
    order_cards,
    order_filters,
    order_groups,
    order_rows,
    views,
)
from appliance.web.answers import WebRequest
from appliance.web.bulk_words import KEYS, fields_for
from appliance.web.order_filters import Asked
from appliance.web.parts import Column, column_rows
from appliance.web.screens import (
    Reader,
    draw,
    look_of,
    reader_of,
    refreshed,
    shell_of,
    toast,
)
from appliance.web.views import ViewBar

MOST_MOVED: Final = 250
SHOWN_TABS: Final = 5


@dataclass(frozen=True, slots=True)
class Tab:
    """One kept view above the list."""

    label: str
    href: str
    count: int | None
    current: bool


class OrderPages(Controller):
    """Orders."""

    path = "/orders"

    @get()
    async def index(self, request: WebRequest) -> Response[Any]:
        """Show a page of the list; the filter is in the address."""
        query = request.query_params
        reader, asked = reader_of(request), order_filters.read(query)
        bar = await views.bar(reader, "orders", asked.query)
        first = views.opens_with(request, bar)
        if first is not None:
            return first
        return await _list(
            request,
            reader,
            asked,
            after=cursor(query.get("after")),
            before=cursor(query.get("before")),
            bar=bar,
        )

    @get("/group")
    async def group(self, request: WebRequest) -> Response[Any]:
        """Give the next orders of one group."""
        query, reader = request.query_params, reader_of(request)
        asked, key = order_filters.read(query), query.get("key", "")
        if not asked.by or not order_groups.is_key(asked.by, key):
            raise Invalid("cursor_unreadable")
        page, codes = await grouping.more(
            reader.actor,
            asked.as_filter(reader.zone),
            asked.by,
            key,
            reader.zone,
            cursor(query.get("after")),
        )
        bar = await views.bar(reader, "orders", asked.query)
        return draw(
            request,
            reader,
            "orders/group_more.html",
            group=order_groups.rest(reader, asked, key, page, codes),
            cols=_shown_columns(asked, bar, codes),
            pick_label=reader._("Выбрать заказ"),
        )

    @post("/find")
    async def find(self, request: WebRequest) -> Response[Any]:
        """Read a typed line: conditions go into the address, a text stays on the page."""
        form, reader = await request.form(), reader_of(request)
        asked = order_filters.read(dict(order_filters.pairs(word(form, "filter"))))
        codes = await desk.names(reader.actor)
        asked = order_filters.understand(word(form, "q"), asked, codes, reader.today)
        if not asked.text:
            if is_fragment(request):
                return Response(b"", status_code=204, headers={"hx-redirect": asked.address()})
            return Response(b"", status_code=303, headers={"location": asked.address()})
        return await _list(
            request,
            reader,
            asked,
            after=cursor(word(form, "after")),
            before=cursor(word(form, "before")),
        )

    @get("/{number:int}")
    async def card(self, request: WebRequest, number: FromPath[int]) -> Response[Any]:
        """Show an order."""
        return await order_cards.show(request, number)

    @get("/{number:int}/peek")
    async def peek(self, request: WebRequest, number: FromPath[int]) -> Response[Any]:
        """Show an order beside the list."""
        return await order_cards.show(request, number, template="orders/peek.html")

    @post("/status")
    async def move_all(self, request: WebRequest) -> Response[Any]:
        """Move the chosen orders; those whose matrix forbids it stay, and the answer says so."""
        form, reader = await request.form(), reader_of(request)
        numbers = numbers_of(",".join(str(one) for one in form.getall("pick", [])))
        moved = await mass.move(reader.actor, numbers, word(form, "status"))
        text = reader.ngettext(
            "Статус изменён у %(num)s заказа", "Статус изменён у %(num)s заказов", len(moved.moved)
        )
        if moved.refused:
            text += reader._(". Нельзя: %(count)d") % {"count": len(moved.refused)}
        undo = f"/orders/undo?numbers={','.join(map(str, moved.moved))}" if moved.moved else ""
        asked = order_filters.read(dict(order_filters.pairs(word(form, "filter"))))
        return await _list(
            request, reader, asked, after=cursor(word(form, "after")), headers=toast(text, undo)
        )

    @post("/undo")
    async def undo(self, request: WebRequest) -> Response[Any]:
        """Take back the moves just made."""
        numbers = numbers_of(request.query_params.get("numbers", ""))
        await mass.undo(reader_of(request).actor, numbers)
        return refreshed()


def word(form: FormMultiDict, name: str) -> str:
    """A text field of a form; empty when absent."""
    value = form.get(name, "")
    return value if isinstance(value, str) else ""


def cursor(text: str | None) -> int | None:
    """A cursor of an address.

    Raises:
        Invalid: `cursor_unreadable`.
    """
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise Invalid("cursor_unreadable")
    return int(text)


def numbers_of(text: str) -> list[int]:
    """Order numbers of a list divided by commas; what is no number is left out."""
    words = [one for one in text.split(",") if one.isascii() and one.isdigit() and len(one) <= 11]
    return [int(one) for one in words[:MOST_MOVED]]


async def _list(
    request: WebRequest,
    reader: Reader,
    asked: Asked,
    *,
    after: int | None = None,
    before: int | None = None,
    headers: Mapping[str, str] | None = None,
    bar: ViewBar | None = None,
) -> Response[Any]:
    if bar is None:
        bar = await views.bar(reader, "orders", asked.query)
    if asked.by:
        grouped = await grouping.screen(
            reader.actor, asked.as_filter(reader.zone), asked.by, reader.zone
        )
        counts, codes = grouped.counts, grouped.codes
        shown = _grouped(reader, asked, grouped)
    else:
        found = await desk.orders(reader.actor, asked.as_filter(reader.zone), after, before)
        counts, codes = found.counts, found.codes
        shown = _found(reader, asked, found, after)
    cols = _shown_columns(asked, bar, codes)
    part = is_fragment(request)
    context: dict[str, Any] = (
        {}
        if part
        else {
            "look": look_of(request),
            "shell": shell_of(request, reader, "orders", counts, codes),
            "tabs": (tabs := _tabs(reader, asked, counts, codes)),
            "shown_tabs": _shown(tabs),
            "may_statuses": reader.may(Permission.REFERENCE_EDIT),
            "may_take": reader.may(Permission.ORDER_TAKE),
            "may_coupons": reader.may(Permission.COUPON_EDIT),
            "conditions": lambda: {
                "asked": asked,
                "made": custom_filters.inputs(
                    custom_filters.made(codes, Owner.ORDER), asked.custom, reader._
                ),
                "options": {
                    **order_filters.options(codes),
                    "by": [*order_groups.names(reader).items()],
                    "operator": order_filters.operators(codes, asked, reader._),
                },
            },
        }
    )
    return draw(
        request,
        reader,
        "orders/part.html" if part else "orders/list.html",
        headers=headers,
        part=part,
        bar=bar,
        **_around(reader, asked, cols, codes),
        **shown,
        **context,
    )


def _shown_columns(asked: Asked, bar: ViewBar, codes: Codes) -> tuple[str, ...]:
    """Those of the view, else those the reader chose, else as delivered with the house's own."""
    made = custom_filters.listed(custom_filters.made(codes, Owner.ORDER))
    known = {*order_filters.COLUMNS, *made}
    chosen = tuple(one for one in asked.cols or bar.columns if one in known)
    return chosen or (*order_filters.USUAL, *made)


def _around(reader: Reader, asked: Asked, cols: Sequence[str], codes: Codes) -> dict[str, Any]:
    """What filter line, head of the table and windows print, in groups or not."""
    by, heads = order_groups.names(reader), _columns(reader)
    made = custom_filters.listed(custom_filters.made(codes, Owner.ORDER))
    heads |= {code: Column(one.name) for code, one in made.items()}
    others = [code for code in (*order_filters.COLUMNS, *made) if code not in cols]
    return {
        "asked": asked,
        "codes": codes,
        "cols": cols,
        "columns": [heads[""], heads["status"], *(heads[code] for code in cols)],
        "column_rows": column_rows(cols, heads, others),
        "groupings": lambda: {"asked": asked, "groupings": list(by.items())},
        "by_name": by.get(asked.by, ""),
        "chips": order_filters.chips(asked, codes, reader.language, reader._),
        "pick_label": reader._("Выбрать заказ"),
        "may_move": reader.may(Permission.ORDER_STATUS),
        "bulk": [one for one in fields_for(reader, Section.ORDERS) if one[0] != "status"],
        "bulk_keys": KEYS,
        "mass_moves": lambda: {"moves": _mass_moves(asked, codes)},
    }


def _mass_moves(asked: Asked, codes: Codes) -> list[Status]:
    """Where the chosen may go: of one status what it allows, its usual next step first."""
    if len(asked.status) != 1:
        return [one for one in codes.statuses.values() if one.active]
    here = codes.statuses.get(asked.status[0])
    usual = "" if here is None else here.next_main
    moves = allowed_moves(codes.statuses, asked.status[0])
    return sorted(moves, key=lambda one: one.code != usual)


def _grouped(reader: Reader, asked: Asked, found: OrderGroupsScreen) -> dict[str, Any]:
    groups = order_groups.groups(reader, asked, found.groups, found.codes)
    total = sum(one.tally.total for one in found.groups)
    count = sum(one.tally.orders for one in found.groups)
    return {
        "groups": groups,
        "whole": found.whole,
        "rows": [],
        "here": "",
        "count": sum(len(one.rows) for one in groups),
        "page_total": "",
        "kept": count if found.whole else None,
        "kept_total": formats.money(total, reader.language) if found.whole else None,
    }


def _found(reader: Reader, asked: Asked, found: OrdersScreen, after: int | None) -> dict[str, Any]:
    """What rows and status line print."""
    page, codes, language = found.page, found.codes, reader.language
    paid = sum(min(row.paid_total, row.total) for row in page.rows if row.total > 0)
    return {
        "groups": [],
        "rows": order_rows.rows(reader, page.rows, codes, asked.query),
        "after": page.after,
        "before": page.before,
        "here": after or "",
        "count": len(page.rows),
        "page_total": formats.money(page.page_total, language),
        "page_paid": formats.percent(paid * 100 // page.page_total * 100, language)
        if page.page_total > 0
        else "",
        "kept": page.kept_count,
        "kept_total": None if page.kept_total is None else formats.money(page.kept_total, language),
    }


def _columns(reader: Reader) -> dict[str, Column]:
    _ = reader._
    return {
        "": Column(_("№"), "fix fix-2", "descending"),
        "status": Column(_("Статус"), "fix fix-3"),
        "client": Column(_("Клиент")),
        "goods": Column(_("Состав")),
        "sum": Column(_("Сумма"), "num"),
        "pay": Column(_("Оплата")),
        "delivery": Column(_("Доставка")),
        "manager": Column(_("Менеджер")),
        "created": Column(_("Создан"), "num"),
        "wait": Column(_("Ждёт"), "num", hint=_("Сколько заказ стоит в этом статусе")),
        "shop": Column(_("Магазин")),
    }


def _tabs(reader: Reader, asked: Asked, counts: OrderCounts, codes: Codes) -> list[Tab]:
    """Kept views: my work, orders of nobody, every group, all of them; kept counts beside."""
    open_groups = tuple(code for code, group in codes.groups.items() if group.process)
    views = [(reader._("В работе"), _view(open_groups), _of(counts, codes, open_groups))]
    grant = reader.actor.grants[Permission.ORDER_VIEW.value]
    if grant.scope is not Scope.OWN and counts.mine:
        views.insert(0, (reader._("Мои в работе"), _view(open_groups, mine=True), counts.mine))
    if grant.scope is not Scope.OWN and counts.nobody:
        views.append((reader._("Ничьи"), _view(open_groups, manager=("0",)), counts.nobody))
    views += [
        (group.name, _view((code,)), _of(counts, codes, (code,)))
        for code, group in codes.groups.items()
    ]
    every = sum(one.orders for one in counts.statuses.values())
    views.append((reader._("Все"), _view(()), every))
    here = asked.query
    return [Tab(label, address, count, query == here) for label, (query, address), count in views]


@lru_cache(256)
def _view(
    groups: tuple[str, ...], *, mine: bool = False, manager: tuple[str, ...] = ()
) -> tuple[str, str]:
    """Query and address of a tab; the same for everybody, and nobody is named in it."""
    view = Asked(group=groups, mine=mine, manager=manager)
    return view.query, view.address()


def _shown(tabs: Sequence[Tab]) -> list[Tab]:
    """Those that fit beside the title; the one looked at is always among them."""
    first = list(tabs[:SHOWN_TABS])
    current = next((tab for tab in tabs[SHOWN_TABS:] if tab.current), None)
    return first if current is None else [*first[:-1], current]


def _of(counts: OrderCounts, codes: Codes, groups: tuple[str, ...]) -> int:
    none = Tally()
    return sum(
        counts.statuses.get(code, none).orders
        for code, status in codes.statuses.items()
        if status.group in groups
    )
