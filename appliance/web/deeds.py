"""My deeds: what I did lately, and taking it back after a look at what that would do."""

from typing import Any, Final
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from appliance.actions import deeds, desk
from appliance.domain import formats
from appliance.domain.bulk import MOST_AT_ONCE
from appliance.domain.desk import Codes
from appliance.domain.personal import Personal
from appliance.domain.undo import Deed, Fate, Step
from appliance.errors import HouseError
from appliance.http.errors import status_of
from appliance.web import changes
from appliance.web.answers import WebRequest, go, told
from appliance.web.screens import Reader, counts_for, draw, look_of, reader_of, shell_of
from appliance.web.shell import N_

HOME: Final = "/me/deeds"
MOST_SHOWN: Final = 200
KINDS: Final = {
    "customers.create": N_("Новый клиент"),
    "customers.edit": N_("Правка клиента"),
    "orders.place": N_("Новый заказ"),
    "orders.edit": N_("Правка заказа"),
    "orders.set_status": N_("Статус заказа"),
    "orders.undo_status": N_("Статус заказа"),
    "orders.assign": N_("Ответственный за заказ"),
    "desk.move": N_("Статус заказа"),
    "desk.assign": N_("Ответственный за заказ"),
    "mass.move": N_("Статус нескольких заказов"),
    "mass.undo": N_("Отмена статусов"),
    "bulk.apply": N_("Правка выбранных"),
    "bulk.step": N_("Правка по условиям"),
    "bulk.take_back": N_("Отмена правки"),
    "tasks.create": N_("Новая задача"),
    "tasks.edit": N_("Правка задачи"),
    "tasks.move": N_("Срок задачи"),
    "tasks.close": N_("Задача сделана"),
    "tasks.cancel": N_("Задача отменена"),
    "payments.create": N_("Платёж"),
    "payments.edit": N_("Платёж"),
    "payments.delete": N_("Платёж"),
    "bank_steps.step": N_("Сверка с банком"),
    "bank_statements.settle": N_("Платёж из выписки"),
    "bank_statements.unsettle": N_("Платёж из выписки"),
    "duplicates.merge": N_("Объединение клиентов"),
    "duplicates.unmerge": N_("Разъединение клиентов"),
    "deeds.take_back": N_("Отмена действия"),
    "import": N_("Импорт"),
}
PLACES: Final = {"customer": "/clients", "order": "/orders", "deal": "/deals", "task": "/tasks"}


class DeedPages(Controller):
    """What I did."""

    path = HOME

    @get()
    async def index(self, request: WebRequest) -> Response[Any]:
        """List my deeds, newest first."""
        reader = reader_of(request)
        query = request.query_params
        found = await deeds.mine(reader.actor, query.get("after", ""))
        codes = await desk.names(reader.actor)
        return draw(
            request,
            reader,
            "me/deeds.html",
            days=_days(reader, found.rows),
            next=f"{HOME}?after={found.after}".replace("+", "%2B") if found.after else "",
            first=HOME if query.get("after") else "",
            undone="undone" in query,
            **await _frame(request, reader, codes),
        )

    @get("/{set_id:uuid}")
    async def look(self, request: WebRequest, set_id: FromPath[UUID]) -> Response[Any]:
        """Show what taking it back would do."""
        return await _look(request, set_id)

    @post("/{set_id:uuid}/undo")
    async def undo(self, request: WebRequest, set_id: FromPath[UUID]) -> Response[Any]:
        """Take it back."""
        reader = reader_of(request)
        try:
            await deeds.take_back(reader.actor, set_id)
        except HouseError as error:
            return await _look(
                request, set_id, status=status_of(error), problem=told(request, error)
            )
        return go(request, f"{HOME}?undone")


async def _frame(request: WebRequest, reader: Reader, codes: Codes) -> dict[str, Any]:
    return {
        "look": look_of(request),
        "shell": shell_of(request, reader, "me", await counts_for(reader), codes),
    }


def _days(reader: Reader, rows: tuple[Deed, ...]) -> list[tuple[str, list[dict[str, Any]]]]:
    days: list[tuple[str, list[dict[str, Any]]]] = []
    for one in rows:
        day = formats.day_heading(
            one.at.astimezone(reader.zone).date(), reader.today, reader.language
        )
        if not days or days[-1][0] != day:
            days.append((day, []))
        days[-1][1].append(_row(reader, one))
    return days


def _row(reader: Reader, one: Deed) -> dict[str, Any]:
    merge = one.kind == "duplicates.merge"
    return {
        "kind": reader._(KINDS.get(one.kind, N_("Изменение"))),
        "record": _record(reader, one.entity, one.entity_number),
        "records": one.records,
        "more": reader._("ещё %(num)d") % {"num": one.records - 1} if one.records > 1 else "",
        "time": formats.clock(one.at, reader.zone),
        "full": formats.moment_full(one.at, reader.zone, reader.language),
        "undone": one.state == "undone",
        "href": f"/data/duplicates/merges/{one.id}" if merge else f"{HOME}/{one.id}",
    }


def _record(reader: Reader, entity: str, number: int) -> dict[str, str]:
    words = {
        "customer": reader._("клиент № %(number)s"),
        "order": reader._("заказ № %(number)s"),
        "deal": reader._("сделка № %(number)s"),
        "task": reader._("задача № %(number)s"),
    }
    shown = formats.order_number(number) if entity == "order" else str(number)
    place = PLACES.get(entity)
    return {
        "text": words.get(entity, "№ %(number)s") % {"number": shown},
        "href": f"{place}/{number}" if place else "",
    }


async def _look(
    request: WebRequest, set_id: UUID, *, status: int = 200, problem: str = ""
) -> Response[Any]:
    reader = reader_of(request)
    way = await deeds.look(reader.actor, set_id)
    codes = await desk.names(reader.actor)
    further: dict[str, int] = {}

    def of(fate: Fate) -> list[dict[str, Any]]:
        known = [one for one in way.steps if one.fate is fate]
        further[fate.value] = max(len(known) - MOST_SHOWN, 0)
        return [_step(reader, one, codes) for one in known[:MOST_SHOWN]]

    return draw(
        request,
        reader,
        "me/deed.html",
        status=status,
        problem=problem,
        deed=_row(reader, way.deed),
        back=of(Fate.BACK),
        conflicts=of(Fate.CONFLICT),
        never=of(Fate.NEVER),
        further=further,
        works=way.works and way.deed.state == "open",
        # What touched many records goes back in steps, as it was made.
        action=f"/bulk/undo/{set_id}"
        if way.deed.records > MOST_AT_ONCE
        else f"{HOME}/{set_id}/undo",
        until=formats.day(way.deed.until.astimezone(reader.zone).date(), reader.language),
        **await _frame(request, reader, codes),
    )


def _step(reader: Reader, one: Step, codes: Codes) -> dict[str, Any]:
    was: Personal[str] | str = changes.shown(reader, one.entity, one.field, one.was, codes)
    return {
        "record": _record(reader, one.entity, one.entity_number),
        "field": changes.field_name(reader, one.entity, one.field, codes),
        "was": was,
        "now": changes.shown(reader, one.entity, one.field, one.now, codes),
        "by": codes.name_of(one.by),
    }
