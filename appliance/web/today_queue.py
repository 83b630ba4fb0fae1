"""What waits for one person, merged: tasks and orders, the most time lost first."""

from datetime import UTC, datetime, time, timedelta
from typing import Any, Final

from appliance.actions.day import Bounds
from appliance.domain import formats
from appliance.domain.desk import Queue, TodayScreen
from appliance.domain.orders import OrderFilter, OrderRow
from appliance.domain.work import DayScreen, PlanLine
from appliance.roles import Permission
from appliance.web import order_rows, task_rows
from appliance.web.rendering import initials
from appliance.web.screens import Reader, tone_of
from appliance.web.shell import N_

HEAPS: Final = {
    "nobody": (N_("Ничьи"), "user-plus", "bad"),
    "new": (N_("Новые"), "shopping-bag", "info"),
    "unpaid": (N_("Ждут оплаты"), "banknote", "warn"),
    "agree": (N_("На согласовании"), "phone", "accent"),
    "assemble": (N_("Собрать"), "package", "accent"),
    "deliver": (N_("В пути"), "truck", "info"),
}


MAIN_MOVES: Final = {"new": "client-confirmed", "agree": "client-confirmed"}
"""Heap of orders → the status its main button moves to, where the box knows it."""


def bounds(reader: Reader) -> Bounds:
    """Today and this month where the box stands."""

    def begins(day: Any) -> datetime:
        return datetime.combine(day, time(), reader.zone).astimezone(UTC)

    first = reader.today.replace(day=1)
    following = (first + timedelta(days=32)).replace(day=1)
    return Bounds(
        day=begins(reader.today),
        day_ends=begins(reader.today + timedelta(days=1)),
        month=begins(first),
        month_ends=begins(following),
        first=first,
    )


def heaps(
    reader: Reader, found: TodayScreen | None, work: DayScreen | None
) -> list[dict[str, Any]]:
    """The queue in heaps: what is late, the rest of today, orders that come back later."""
    items: list[dict[str, Any]] = []
    if work is not None:
        items += [_task(reader, work, at) for at in range(len(work.due))]
    if found is not None:
        items += [_order(reader, found, queue, one) for queue in found.queues for one in queue.rows]
    items.sort(key=lambda one: one["lost"], reverse=True)
    late = [one for one in items if one["lost"] > timedelta()]
    today = [one for one in items if one["lost"] <= timedelta()]
    named = (
        (reader._("Просрочено"), "bad", late),
        (reader._("Делать сегодня"), "", today),
        (reader._("Отложено"), "", _put_off(reader, found)),
    )
    return [{"title": title, "tone": tone, "items": some} for title, tone, some in named if some]


def _task(reader: Reader, work: DayScreen, at: int) -> dict[str, Any]:
    task = work.due[at]
    return {
        "task": task_rows.line(reader, task, work.codes, work.words),
        "lost": reader.now - task.due_at,
    }


def _order(reader: Reader, found: TodayScreen, queue: Queue, one: OrderRow) -> dict[str, Any]:
    _, icon, tone = HEAPS[queue.kind]
    status = found.codes.statuses.get(one.status, order_rows.GONE)
    wait, wait_tone = order_rows.wait_cell(reader, one.status_since, status.group, found.codes)
    client, note, _ = order_rows.client_cell(reader, one.customer)
    patience = order_rows.PATIENCE.get(status.group, order_rows.ORDINARY)[1]
    lost = reader.now - one.status_since - patience
    late = lost > timedelta()
    if late:
        wait, wait_tone = formats.span(lost, reader.language), "bad"
    return {
        "task": None,
        "lost": lost,
        "late": late,
        "until": "",
        "href": f"/orders/{one.number}",
        "peek": f"/orders/{one.number}/peek",
        "order": one.number,
        "number": formats.order_number(one.number),
        "client": client,
        "client_note": note,
        "words": ", ".join(
            part
            for part in (
                reader._("никто не ведёт") if queue.kind == "nobody" else "",
                status.name.lower(),
                formats.money(one.total, reader.language),
                order_rows.goods(reader, one.summary, one.lines_count),
            )
            if part
        ),
        "icon": icon,
        "tone": wait_tone or tone,
        "wait": wait,
        "wait_tone": wait_tone,
        **_button(reader, found, queue, one),
    }


def _put_off(reader: Reader, found: TodayScreen | None) -> list[dict[str, Any]]:
    """Orders put off: shown as that, with the way back."""
    if found is None:
        return []
    rows: list[dict[str, Any]] = []
    for one in found.put_off:
        queue = Queue(kind="new", rows=(), count=0, more=False, asked=OrderFilter())
        when = formats.moment_short(one.until, reader.now, reader.zone, reader.language)
        rows.append(
            _order(reader, found, queue, one.row)
            | {
                "late": False,
                "icon": "clock",
                "tone": "",
                "wait": "",
                "wait_tone": "",
                "until": reader._("до %(when)s") % {"when": when},
                "do": reader._("Вернуть"),
                "post": f"/orders/{one.row.number}/back",
                "values": {},
            }
        )
    return rows


def _button(reader: Reader, found: TodayScreen, queue: Queue, one: OrderRow) -> dict[str, Any]:
    """The one thing to do with an order: take it, confirm it, or open it."""
    if queue.kind == "nobody" and reader.may(Permission.ORDER_ASSIGN):
        return {
            "do": reader._("Взять"),
            "post": f"/orders/{one.number}/manager",
            "values": {"manager": str(reader.actor.number)},
        }
    wanted = found.codes.statuses.get(MAIN_MOVES.get(queue.kind, ""))
    here = found.codes.statuses.get(one.status, order_rows.GONE)
    allowed = wanted is not None and (not here.moves or wanted.code in here.moves)
    if wanted is not None and allowed and reader.may(Permission.ORDER_STATUS):
        return {
            "do": reader._("Подтвердить"),
            "post": f"/orders/{one.number}/status",
            "values": {"status": wanted.code},
        }
    return {"do": reader._("Открыть"), "post": "", "values": {}}


_MONTHS: Final = (
    N_("январь"), N_("февраль"), N_("март"), N_("апрель"), N_("май"), N_("июнь"), N_("июль"),
    N_("август"), N_("сентябрь"), N_("октябрь"), N_("ноябрь"), N_("декабрь"),
)  # fmt: skip


def plan(reader: Reader, work: DayScreen | None) -> dict[str, Any] | None:
    """The month's bar: fact of target, and where this pace leads."""
    if work is None or work.plan is None:
        return None
    one, today = work.plan, reader.today
    month = bounds(reader)
    days = (month.month_ends.astimezone(reader.zone).date() - month.first).days
    pace = one.total * days // today.day
    percent = one.total * 100 // one.target if one.target else 0
    name = reader._(_MONTHS[today.month - 1])
    mine = one.user != 0
    return {
        "title": (reader._("Мой план на %(month)s") if mine else reader._("План на %(month)s"))
        % {"month": name},
        "left": reader.ngettext("остался %(num)s день", "осталось %(num)s дней", days - today.day),
        "fact": formats.money_whole(one.total, reader.language),
        "target": formats.money(one.target, reader.language) if one.target else "",
        "percent": min(percent, 100),
        "percent_words": formats.percent(percent * 100, reader.language),
        "tone": "ok" if one.target and pace >= one.target else "warn",
        "pace": formats.money_whole(pace, reader.language),
        "facts": [
            (reader._("Заказов"), formats.number(one.orders, reader.language)),
            (
                reader._("Средний"),
                formats.money_whole(one.total // one.orders, reader.language)
                if one.orders
                else "—",
            ),
            (reader._("Задачи"), formats.number(work.done, reader.language)),
        ],
    }


def team(reader: Reader, work: DayScreen | None) -> list[dict[str, Any]]:
    """The team's day and month, the best month first."""
    if work is None or not work.team:
        return []
    lines = sorted(work.team, key=lambda one: -one.total)
    return [_member(reader, work, one) for one in lines[:12]]


def _member(reader: Reader, work: DayScreen, one: PlanLine) -> dict[str, Any]:
    name = work.codes.name_of(one.user)
    orders, total = work.today.get(one.user, (0, 0))
    percent = one.total * 100 // one.target if one.target else None
    return {
        "name": name,
        "initials": initials(name),
        "tone": tone_of(one.user),
        "orders": formats.number(orders, reader.language),
        "total": formats.money_whole(total, reader.language),
        "month": formats.money_short(one.total, reader.language),
        "percent": "" if percent is None else formats.percent(percent * 100, reader.language),
        "href": f"/tasks?who=all&performer={one.user}",
    }


def agenda(reader: Reader, work: DayScreen | None) -> list[dict[str, Any]]:
    """What has a time today, with the moment of now between."""
    if work is None:
        return []
    rows: list[dict[str, Any]] = [
        {
            "at": one.due_at,
            "clock": formats.clock(one.due_at, reader.zone),
            "line": task_rows.line(reader, one, work.codes, work.words),
        }
        for one in work.agenda
        if not one.all_day
    ]
    if rows:
        now = formats.clock(reader.now, reader.zone)
        rows.append({"at": reader.now, "clock": now, "line": None})
    return sorted(rows, key=lambda row: row["at"])
