"""«Сегодня»: what waits for me, or how the box is, by what my roles allow."""

from typing import Any, Final

from litestar import Response, get

from appliance import __version__
from appliance.actions import desk
from appliance.domain import formats
from appliance.domain.desk import Chore, Health, Queue, TodayScreen
from appliance.domain.orders import OrderFilter, OrderRow
from appliance.roles import Permission
from appliance.web import order_rows
from appliance.web.answers import WebRequest
from appliance.web.order_filters import Asked
from appliance.web.screens import NO_COUNTS, Reader, draw, look_of, reader_of, shell_of
from appliance.web.shell import N_

HEAPS: Final = {
    "nobody": (N_("Ничьи"), "user-plus", "bad"),
    "new": (N_("Новые"), "shopping-bag", "info"),
    "unpaid": (N_("Ждут оплаты"), "banknote", "warn"),
    "agree": (N_("На согласовании"), "phone", "accent"),
    "assemble": (N_("Собрать"), "package", "accent"),
    "deliver": (N_("В пути"), "truck", "info"),
}


@get("/")
async def first_page(request: WebRequest) -> Response[Any]:
    """Show the day."""
    reader = reader_of(request)
    health = await desk.health(reader.actor) if reader.may(Permission.BOX_MANAGE) else None
    found = await desk.today(reader.actor) if reader.may(Permission.ORDER_VIEW) else None
    counts = NO_COUNTS if found is None else found.counts
    codes = await desk.names(reader.actor) if found is None else found.codes
    return draw(
        request,
        reader,
        "today/page.html",
        look=look_of(request),
        shell=shell_of(request, reader, "today", counts, codes),
        date=_date(reader),
        queues=[] if found is None else [_queue(reader, found, one) for one in found.queues],
        works=found is not None,
        waiting=0 if found is None else sum(one.count for one in found.queues),
        stages=[] if found is None else _stages(reader, found),
        health=None if health is None else _health(reader, health),
    )


_WEEK: Final = (
    N_("понедельник"), N_("вторник"), N_("среда"), N_("четверг"), N_("пятница"), N_("суббота"),
    N_("воскресенье"),
)  # fmt: skip


def _date(reader: Reader) -> str:
    day = formats.day_words(reader.today, reader.language)
    return f"{reader._(_WEEK[reader.today.weekday()])}, {day}"


def _queue(reader: Reader, found: TodayScreen, queue: Queue) -> dict[str, Any]:
    title, icon, tone = HEAPS[queue.kind]
    return {
        "title": reader._(title),
        "icon": icon,
        "count": queue.count,
        "items": [_item(reader, found, one, icon, tone) for one in queue.rows],
        "more": _address(queue.asked) if queue.more else "",
    }


def _address(asked: OrderFilter) -> str:
    shown = Asked(
        group=asked.groups,
        status=asked.statuses,
        manager=tuple(str(one) for one in asked.managers),
        mine=asked.mine,
    )
    return shown.address()


def _item(
    reader: Reader, found: TodayScreen, one: OrderRow, icon: str, tone: str
) -> dict[str, Any]:
    status = found.codes.statuses.get(one.status, order_rows.GONE)
    wait, wait_tone = order_rows.wait_cell(reader, one.status_since, status.group, found.codes)
    client, note, _ = order_rows.client_cell(reader, one.customer)
    return {
        "href": f"/orders/{one.number}",
        "peek": f"/orders/{one.number}/peek",
        "number": formats.order_number(one.number),
        "client": client,
        "client_note": note,
        "status": status.name.lower(),
        "goods": order_rows.goods(reader, one.summary, one.lines_count),
        "sum": formats.money(one.total, reader.language),
        "kopecks": one.total,
        "icon": icon,
        "tone": wait_tone or tone,
        "wait": wait,
        "wait_tone": wait_tone,
    }


def _stages(reader: Reader, found: TodayScreen) -> list[dict[str, Any]]:
    """Orders being worked on, by stage: kept counts and sums."""
    stages: list[dict[str, Any]] = []
    for code, group in found.codes.groups.items():
        if not group.process:
            continue
        inside = [
            tally
            for status, tally in found.counts.statuses.items()
            if (known := found.codes.statuses.get(status)) is not None and known.group == code
        ]
        stages.append(
            {
                "name": group.name,
                "href": Asked(group=(code,)).address(),
                "count": formats.number(sum(one.orders for one in inside), reader.language),
                "sum": formats.money(sum(one.total for one in inside), reader.language),
            }
        )
    return stages


_CHORES: Final = {
    "index.snapshot": N_("Снимок поискового указателя"),
    "tls.renew": N_("Проверка сертификата"),
    "sessions.sweep": N_("Уборка старых сеансов"),
    "guesses.sweep": N_("Уборка счётчиков попыток"),
    "deliveries.purge": N_("Уборка доставленных событий"),
    "tasks.remind": N_("Напоминания о задачах"),
    "notices.purge": N_("Уборка старых уведомлений"),
    "keys.sweep": N_("Уборка ключей без записей"),
}


def _health(reader: Reader, found: Health) -> dict[str, Any]:
    language = reader.language
    late = found.unsealed > MOST_UNSEALED
    points = [
        _point(
            "shield-check",
            "warn" if late else "ok",
            reader._("Журнал"),
            reader._("Записи ждут печати") if late else reader._("Записи запечатываются сразу"),
            formats.number(found.unsealed, language),
        ),
        _point(
            "send",
            "bad" if found.dead else "ok",
            reader._("События"),
            reader._("Не приняты ни с одной попытки")
            if found.dead
            else reader._("Все приняты подписчиками"),
            formats.number(found.dead, language),
        ),
    ]
    points += [_chore(reader, one) for one in found.chores]
    return {
        "version": __version__,
        "engine": "SQLite" if found.engine == "sqlite" else "PostgreSQL",
        "facts": [
            (reader._("Сотрудников"), formats.number(found.staff, language)),
            (reader._("Сеансов"), formats.number(found.sessions, language)),
            (reader._("Ключей программ"), formats.number(found.keys, language)),
        ],
        "points": points,
    }


MOST_UNSEALED: Final = 1000
"""Deeds waiting for the log: at a full load half a second's worth; more means it stands still."""


def _point(icon: str, tone: str, title: str, note: str, value: str) -> dict[str, str]:
    return {"icon": icon, "tone": tone, "title": title, "note": note, "value": value}


def _chore(reader: Reader, one: Chore) -> dict[str, str]:
    known = _CHORES.get(one.kind)
    due = ""
    if one.due_at is not None:
        moment = formats.moment(one.due_at, reader.now, reader.zone, reader.language)
        due = reader._("снова %(when)s") % {"when": moment}
    note = reader._("Не вышло: %(code)s") % {"code": one.problem} if one.problem else ""
    return _point(
        "circle-alert" if one.problem else "circle-check",
        "bad" if one.problem else "ok",
        one.kind if known is None else reader._(known),
        note or reader._("По расписанию"),
        due,
    )
