"""«Склады операторов»: whose stock a warehouse is, when orders go out, what statuses mean."""

from functools import cache
from typing import Any, Final
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.datastructures import FormMultiDict
from litestar.params import FromPath

from appliance.actions import operators
from appliance.actions.operators import OperatorsScreen
from appliance.domain.fulfilments import MAPPED, Operator
from appliance.domain.ids import uuid7
from appliance.errors import Conflict, HouseError, Invalid, NotFound
from appliance.plugin_api.fulfilments import OwnState, States, StatesAsked
from appliance.plugin_host.finding import Lying, look_around
from appliance.web import operator_words, order_cards, texts
from appliance.web.answers import WebRequest, go, site_of, told
from appliance.web.order_form import Told
from appliance.web.orders import word
from appliance.web.screens import Reader, draw, look_of, reader_of, shell_of, toast

HOME: Final = "/admin/operators"


class OrderAtOperator(Controller):
    """What is done with one order: handed over, called off, sorted out."""

    path = "/orders/{number:int}/operator"

    @post()
    async def send(self, request: WebRequest, number: FromPath[int]) -> Response[Any]:
        """Hand it over."""
        form, reader = await request.form(), reader_of(request)
        chosen = _id(word(form, "operator"))
        try:
            await operators.send(reader.actor, number, chosen)
        except (Invalid, Conflict, NotFound) as error:
            return await order_cards.show(request, number, headers=toast(told(request, error)))
        said = reader._("Заказ передаётся на склад оператора")
        return await order_cards.show(request, number, headers=toast(said))

    @post("/cancel")
    async def cancel(self, request: WebRequest, number: FromPath[int]) -> Response[Any]:
        """Ask the operator to cancel it."""
        reader = reader_of(request)
        try:
            await operators.call_off(reader.actor, number)
        except (Conflict, NotFound) as error:
            return await order_cards.show(request, number, headers=toast(told(request, error)))
        said = reader._("Оператору отправлена отмена")
        return await order_cards.show(request, number, headers=toast(said))

    @post("/settled")
    async def settle(self, request: WebRequest, number: FromPath[int]) -> Response[Any]:
        """Say that it is sorted out."""
        reader = reader_of(request)
        await operators.settle(reader.actor, number)
        return await order_cards.show(request, number)


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        return UUID(int=0)


class OperatorPages(Controller):
    """Connections to operators."""

    path = HOME

    @get()
    async def index(self, request: WebRequest) -> Response[Any]:
        """Show every connection with its mapping."""
        return await _page(request, None, {})

    @post()
    async def put(self, request: WebRequest) -> Response[Any]:
        """Set one up."""
        form, reader = await request.form(), reader_of(request)
        wanted = _read(form)
        try:
            await operators.keep(reader.actor, wanted)
        except Invalid as error:
            return await _page(request, wanted, dict(error.fields))
        return go(request, f"{HOME}#{wanted.plugin}-{wanted.account}")


def _read(form: FormMultiDict) -> Operator:
    own = [name.removeprefix("stage-") for name in form if name.startswith("stage-")]
    return Operator(
        id=uuid7(),
        plugin=word(form, "plugin"),
        account=word(form, "account") or "main",
        warehouse=word(form, "warehouse"),
        send_on=word(form, "send_on"),
        statuses={
            stage.value: code for stage in MAPPED if (code := word(form, f"status-{stage.value}"))
        },
        stages={code: stage for code in own if (stage := word(form, f"stage-{code}"))},
        names={code: word(form, f"name-{code}")[:120] for code in own},
        active="active" in form,
    )


async def _page(
    request: WebRequest, typed: Operator | None, problems: dict[str, str]
) -> Response[Any]:
    reader = reader_of(request)
    found = await operators.screen(reader.actor)
    shown: list[dict[str, Any]] = []
    for plugin, account, title in _connections(request, reader, found):
        is_typed = typed is not None and (typed.plugin, typed.account) == (plugin, account)
        states, why = await _states(request, plugin, account)
        shown.append(
            _section(
                reader,
                found,
                typed if is_typed else None,
                (plugin, account, title),
                (states, why),
                problems if is_typed else {},
            )
        )
    statuses = [(one.code, one.name) for one in found.frame.codes.statuses.values() if one.active]
    return draw(
        request,
        reader,
        "admin/operators.html",
        status=422 if problems else 200,
        look=look_of(request),
        shell=shell_of(request, reader, "admin", found.frame.counts, found.frame.codes),
        shown=shown,
        statuses=statuses,
        warehouses=list(found.warehouses),
        stage_choices=operator_words.choices(reader),
        mapped=operator_words.mapped(reader),
        troubles=found.troubles,
    )


def _connections(
    request: WebRequest, reader: Reader, found: OperatorsScreen
) -> list[tuple[str, str, str]]:
    """Plugin, account and title of all that run or were set up."""
    known: dict[tuple[str, str], str] = {
        (one.plugin, one.account): _title(reader, one.plugin) for one in found.operators
    }
    desk = site_of(request).desk
    for name in () if desk is None else desk.providing("warehouse"):
        enabled = None if desk is None else desk.keeper.enabled(name)
        if enabled is None:
            continue
        title = enabled.manifest.title.of(reader.language)
        accounts = [("main", "")]
        if enabled.accounts is not None:
            accounts = [(one.code, one.title) for one in enabled.accounts]
        for code, label in accounts:
            known[name, code] = f"{title}: {label}" if label else title
    return [(plugin, account, title) for (plugin, account), title in sorted(known.items())]


@cache
def _shipped() -> dict[str, Lying]:
    """Plugins that came with the release: they do not change while the box runs."""
    return look_around()


def _title(reader: Reader, plugin: str) -> str:
    """What a plugin that does not run is called; one of somebody else's by its name."""
    lying = _shipped().get(plugin)
    if lying is None or lying.manifest is None:
        return plugin
    return lying.manifest.title.of(reader.language)


async def _states(
    request: WebRequest, plugin: str, account: str
) -> tuple[tuple[OwnState, ...], str]:
    """Statuses of the operator's own, or why they cannot be asked for now."""
    desk = site_of(request).desk
    if desk is None:
        return (), "plugin_off"
    try:
        said: States = await desk.ask(plugin, "warehouse.states", StatesAsked(account=account))
    except HouseError as error:
        return (), error.code
    return said.states, ""


def _section(
    reader: Reader,
    found: OperatorsScreen,
    typed: Operator | None,
    which: tuple[str, str, str],
    asked: tuple[tuple[OwnState, ...], str],
    problems: dict[str, str],
) -> dict[str, Any]:
    plugin, account, title = which
    states, why = asked
    kept = next(
        (one for one in found.operators if (one.plugin, one.account) == (plugin, account)), None
    )
    one = (
        typed
        or kept
        or Operator(id=uuid7(), plugin=plugin, account=account, statuses=dict(found.usual))
    )
    rows = [
        (state.code, state.name, one.stages.get(state.code, "" if kept else state.hint))
        for state in states
    ]
    missing = (
        []
        if states
        else [(code, one.names.get(code) or code, stage) for code, stage in one.stages.items()]
    )
    return {
        "plugin": plugin,
        "account": account,
        "title": title,
        "is_new": kept is None,
        "warehouse": one.warehouse,
        "send_on": one.send_on,
        "statuses": {stage.value: one.statuses.get(stage.value, "") for stage in MAPPED},
        "active": one.active,
        "states": rows + missing,
        "why": told_why(reader, why),
        "starting": why == "plugin_starting",
        "problems": _said(reader, problems),
    }


def told_why(reader: Reader, code: str) -> str:
    """Why the operator's own statuses are not shown; empty: they are."""
    if not code:
        return ""
    if code == "plugin_starting":
        return reader._("Модуль запускается, статусы оператора появятся сами")
    return reader._("Плагин сейчас не отвечает, статусы оператора показаны, как были сохранены")


def _said(reader: Reader, problems: dict[str, str]) -> Told:
    found = {name: texts.error(code, reader.language) for name, code in problems.items()}
    return Told(
        (name, ". ".join(part for part in (one.title, one.hint) if part))
        for name, one in found.items()
    )
