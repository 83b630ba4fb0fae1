"""«Кому заказы»: rules in their order, a trial on the last orders, alarms; the queue's button."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Final

from litestar import Controller, Response, get, post
from litestar.datastructures import FormMultiDict
from litestar.params import FromPath

from appliance.actions import assignment, desk
from appliance.actions.assignment import RulesScreen
from appliance.domain import formats, inputs
from appliance.domain.assignment import Alarms, Rule, Spreading, Tried
from appliance.domain.desk import Codes
from appliance.errors import Invalid, NotFound
from appliance.web import texts
from appliance.web.answers import WebRequest, go, told
from appliance.web.assignment_words import REASONS, WAYS
from appliance.web.orders import word
from appliance.web.screens import (
    Reader,
    counts_for,
    draw,
    look_of,
    reader_of,
    shell_of,
    toast,
)

HOME: Final = "/admin/assignment"


class AssignmentPages(Controller):
    """Rules and the queue."""

    path = "/"

    @get(HOME)
    async def index(self, request: WebRequest) -> Response[Any]:
        """Show the rules; `?rule=` puts one into the form, `?try` shows the trial."""
        reader, query = reader_of(request), request.query_params
        found = await assignment.screen(reader.actor)
        number = query.get("rule", "")
        rule = next((one for one in found.rules if str(one.number) == number), None)
        tried = await assignment.dry_run(reader.actor) if "try" in query else None
        return await _page(request, reader, found, _typed_of(rule), tried=tried)

    @post(HOME)
    async def put(self, request: WebRequest) -> Response[Any]:
        """Add a rule, or change one."""
        form, reader = await request.form(), reader_of(request)
        problems: dict[str, str] = {}
        rule = _read(form, problems)
        if not problems:
            try:
                await assignment.put_rule(reader.actor, rule)
                return go(request, HOME)
            except Invalid as error:
                problems = dict(error.fields)
        found = await assignment.screen(reader.actor)
        typed = _typed_of(rule) | {
            name: word(form, name) for name in ("name", "least_total", "least_orders")
        }
        return await _page(request, reader, found, typed, problems)

    @post(HOME + "/others")
    async def others(self, request: WebRequest) -> Response[Any]:
        """Say what happens to all other orders, and when somebody is told of a wait."""
        form, reader = await request.form(), reader_of(request)
        hours = [word(form, name).strip() for name in ("untouched_hours", "unpaid_hours")]
        numbers = [int(one) if one.isascii() and one.isdigit() else -1 for one in hours]
        way = word(form, "way")
        confirmed = tuple(one for one in form.getall("confirmed", []) if isinstance(one, str))
        alarms = Alarms(untouched_hours=numbers[0], unpaid_hours=numbers[1], confirmed=confirmed)
        chosen = Spreading(way) if way in set(Spreading) else Spreading.NOBODY
        try:
            await assignment.set_others(reader.actor, chosen, alarms)
        except Invalid as error:
            found = await assignment.screen(reader.actor)
            typed = _typed_of(None) | {
                "untouched_hours": hours[0], "unpaid_hours": hours[1]
            }  # fmt: skip
            return await _page(request, reader, found, typed, dict(error.fields))
        return go(request, HOME)

    @post(HOME + "/{number:int}/{deed:str}")
    async def move(
        self, request: WebRequest, number: FromPath[int], deed: FromPath[str]
    ) -> Response[Any]:
        """Ask a rule earlier or later, or forget it."""
        reader = reader_of(request)
        if deed == "remove":
            await assignment.remove_rule(reader.actor, number)
        elif deed in {"up", "down"}:
            await assignment.move_rule(reader.actor, number, -1 if deed == "up" else 1)
        else:
            raise NotFound("rule_not_found")
        return go(request, HOME)

    @post("/orders/take")
    async def take(self, request: WebRequest) -> Response[Any]:
        """Take the next order of the queue and open it."""
        reader = reader_of(request)
        try:
            number = await assignment.take_next(reader.actor)
        except NotFound as error:
            return Response(b"", status_code=200, headers=toast(told(request, error)))
        return go(request, f"/orders/{number}")


def _chosen(form: FormMultiDict, name: str) -> tuple[str, ...]:
    return tuple(one for one in form.getall(name, []) if isinstance(one, str) and one)


def _read(form: FormMultiDict, problems: dict[str, str]) -> Rule:
    least_total = least_orders = 0
    try:
        text = word(form, "least_total").strip()
        least_total = inputs.money(text) if text else 0
    except Invalid as error:
        problems["least_total"] = error.code
    text = word(form, "least_orders").strip()
    if text and not (text.isascii() and text.isdigit() and len(text) < 7):
        problems["least_orders"] = "number_unreadable"
    elif text:
        least_orders = int(text)
    number, way = word(form, "number"), word(form, "way")
    return Rule(
        number=int(number) if number.isdigit() else 0,
        name=word(form, "name"),
        active="off" not in form,
        order_types=_chosen(form, "order_type"),
        shops=_chosen(form, "shop"),
        branches=_chosen(form, "branch"),
        categories=tuple(int(one) for one in _chosen(form, "category") if one.isdigit()),
        vip="vip" in form,
        least_orders=least_orders,
        least_total=least_total,
        people=tuple(int(one) for one in _chosen(form, "people") if one.isdigit()),
        department=word(form, "department"),
        way=Spreading(way) if way in set(Spreading) else Spreading.LEAST_LOADED,
    )


def _typed_of(rule: Rule | None) -> dict[str, Any]:
    one = rule or Rule(name="")
    chosen = {
        *(f"order_type:{code}" for code in one.order_types),
        *(f"shop:{code}" for code in one.shops),
        *(f"branch:{code}" for code in one.branches),
        *(f"category:{number}" for number in one.categories),
        *(f"people:{number}" for number in one.people),
    }
    return {
        "number": str(one.number),
        "name": one.name,
        "off": not one.active,
        "vip": one.vip,
        "least_orders": str(one.least_orders or ""),
        "least_total": formats.money(one.least_total, sign=False) if one.least_total else "",
        "department": one.department,
        "way": one.way.value,
        "chosen": chosen,
    }


async def _page(
    request: WebRequest,
    reader: Reader,
    found: RulesScreen,
    typed: Mapping[str, Any],
    problems: Mapping[str, str] | None = None,
    tried: Sequence[Tried] | None = None,
) -> Response[Any]:
    codes = await desk.names(reader.actor)
    sentences = {
        name: texts.error(code, reader.language, {}).title
        for name, code in (problems or {}).items()
    }
    return draw(
        request,
        reader,
        "orders/assignment.html",
        status=422 if problems else 200,
        look=look_of(request),
        shell=shell_of(request, reader, "admin", await counts_for(reader), codes),
        rules=[_row(reader, one, found, codes) for one in found.rules],
        found=found,
        typed=typed,
        errors=defaultdict(str, sentences),
        ways=[(way.value, reader._(name)) for way, name in WAYS.items()],
        people=[(str(number), name) for number, name in codes.colleagues.items()],
        departments=[("", reader._("не важен")), *found.departments],
        tried=None if tried is None else [_tried(reader, one, codes) for one in tried],
    )


def _row(reader: Reader, one: Rule, found: RulesScreen, codes: Codes) -> dict[str, Any]:
    names = {
        "order": dict(found.order_types), "shop": dict(found.shops), "branch": dict(found.branches),
    }  # fmt: skip
    groups = dict(found.categories)
    when = [
        *(names["order"].get(code, code) for code in one.order_types),
        *(names["shop"].get(code, code) for code in one.shops),
        *(names["branch"].get(code, code) for code in one.branches),
        *(groups.get(number, str(number)) for number in one.categories),
        *([reader._("VIP")] if one.vip else []),
    ]
    if one.least_orders:
        when.append(reader.ngettext("от %(num)s заказа", "от %(num)s заказов", one.least_orders))
    if one.least_total:
        sum_ = formats.money(one.least_total, reader.language)
        when.append(reader._("от %(sum)s") % {"sum": sum_})
    who = [codes.name_of(number) for number in one.people]
    if not who and one.department:
        who = [dict(found.departments).get(one.department, one.department)]
    return {
        "number": one.number,
        "name": one.name,
        "active": one.active,
        "when": ", ".join(when) or reader._("любой заказ"),
        "who": ", ".join(who) or reader._("все продавцы"),
        "way": reader._(WAYS[one.way]),
    }


def _tried(reader: Reader, one: Tried, codes: Codes) -> dict[str, Any]:
    return {
        "number": one.order_number,
        "shown": formats.order_number(one.order_number),
        "now": codes.name_of(one.manager_number) or reader._("никто"),
        "then": codes.name_of(one.would_be) or reader._("никто"),
        "same": one.manager_number == one.would_be,
        "rule": one.rule or "–",
        "reason": reader._(REASONS[one.reason]),
    }


HANDLERS: Final = (AssignmentPages,)
