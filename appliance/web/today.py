"""«Сегодня»: what waits for me, or how the box is, by what my roles allow."""

from datetime import UTC
from typing import Any, Final

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from appliance import __version__
from appliance.actions import day, desk, fiscal
from appliance.domain import formats
from appliance.domain.backups import CopyHealth, is_late
from appliance.domain.desk import Chore, Health, Queue, TodayScreen
from appliance.domain.health import BareMoney
from appliance.domain.orders import OrderFilter
from appliance.errors import Invalid
from appliance.plugin_host.desk import Desk
from appliance.roles import Permission
from appliance.web import integration_rows, task_forms, texts, today_queue
from appliance.web.answers import WebRequest, site_of
from appliance.web.order_filters import Asked
from appliance.web.screens import NO_COUNTS, Reader, draw, look_of, reader_of, shell_of, toast_and
from appliance.web.shell import N_
from appliance.web.tasks import CHANGED

MORNING: Final = 9


@get("/")
async def first_page(request: WebRequest) -> Response[Any]:
    """Show the day."""
    reader = reader_of(request)
    health = await desk.health(reader.actor) if reader.may(Permission.BOX_MANAGE) else None
    found = await desk.today(reader.actor) if reader.may(Permission.ORDER_VIEW) else None
    work = None
    if reader.may(Permission.TASK_VIEW):
        work = await day.screen(reader.actor, today_queue.bounds(reader))
    counts = NO_COUNTS if found is None else found.counts
    codes = await desk.names(reader.actor) if found is None else found.codes
    heaps = today_queue.heaps(reader, found, work)
    return draw(
        request,
        reader,
        "today/page.html",
        look=look_of(request),
        shell=shell_of(request, reader, "today", counts, codes),
        date=_date(reader),
        heaps=heaps,
        more=[] if found is None else [_more(reader, one) for one in found.queues if one.more],
        works=found is not None or work is not None,
        waiting=sum(not row.get("until") for one in heaps for row in one["items"]),
        done=0 if work is None else work.done,
        postponed=0 if work is None else work.postponed,
        plan=today_queue.plan(reader, work),
        team=today_queue.team(reader, work),
        agenda=today_queue.agenda(reader, work),
        may_plan=reader.may(Permission.PLAN_EDIT),
        may_report=reader.may(Permission.TASK_REPORT),
        new_order=reader.may(Permission.ORDER_CREATE),
        drives=reader.may(Permission.COURIER_RUN),
        stages=[] if found is None else _stages(reader, found),
        money=await _money(reader) if health is None else [],
        health=None if health is None else _health(reader, health, site_of(request).desk),
    )


async def _money(reader: Reader) -> list[dict[str, str]]:
    """What is amiss with money, for whoever reconciles it and does not run the box."""
    if not reader.may(Permission.PAYMENT_RECONCILE):
        return []
    bare = await fiscal.missing(reader.actor)
    return [_bare(reader, bare)] if bare.count else []


class LaterPages(Controller):
    """Orders put off until later, and back again."""

    path = "/orders"

    @post("/{number:int}/later")
    async def later(self, request: WebRequest, number: FromPath[int]) -> Response[Any]:
        """Take an order out of the queue until a moment."""
        form, reader = await request.form(), reader_of(request)
        try:
            until, all_day = task_forms.later(reader, form, None)
            if all_day:  # a day without an hour: when the day begins to be worked on
                morning = until.astimezone(reader.zone).replace(hour=MORNING, minute=0)
                until = morning.astimezone(UTC)
            await day.put_off(reader.actor, number, until)
        except Invalid as problem:
            code = next(iter(problem.fields.values()), problem.code)
            return draw(
                request,
                reader,
                "tasks/later_error.html",
                status=422,
                error=texts.error(code, reader.language, problem.params).title,
                headers={"hx-retarget": "#later-error", "hx-reswap": "outerHTML"},
            )
        when = formats.moment(until, reader.now, reader.zone, reader.language)
        text = reader._("Отложено: %(when)s") % {"when": when}
        return _moved(text, f"/orders/{number}/back")

    @post("/{number:int}/back")
    async def back(self, request: WebRequest, number: FromPath[int]) -> Response[Any]:
        """Have an order wait in the queue again."""
        reader = reader_of(request)
        await day.bring_back(reader.actor, number)
        return _moved(reader._("Возвращено"), "")


def _moved(text: str, undo: str) -> Response[Any]:
    return Response(b"", status_code=204, headers=toast_and(text, undo, CHANGED))


def _more(reader: Reader, queue: Queue) -> tuple[str, str, int]:
    return reader._(today_queue.HEAPS[queue.kind][0]), _address(queue.asked), queue.count


_WEEK: Final = (
    N_("понедельник"), N_("вторник"), N_("среда"), N_("четверг"), N_("пятница"), N_("суббота"),
    N_("воскресенье"),
)  # fmt: skip


def _date(reader: Reader) -> str:
    day = formats.day_words(reader.today, reader.language)
    return f"{reader._(_WEEK[reader.today.weekday()])}, {day}"


def _address(asked: OrderFilter) -> str:
    shown = Asked(
        group=asked.groups,
        status=asked.statuses,
        manager=tuple(str(one) for one in asked.managers),
        mine=asked.mine,
    )
    return shown.address()


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
    "reports.settle": N_("Подсчёт дней для отчётов"),
    "notices.purge": N_("Уборка старых уведомлений"),
    "backups.tick": N_("Копии и их учения"),
    "keys.sweep": N_("Уборка ключей без записей"),
}


def _health(reader: Reader, found: Health, desk_: Desk | None) -> dict[str, Any]:
    language = reader.language
    late = found.unsealed > MOST_UNSEALED
    dead = found.dead - found.services.dead  # those have a line of their own
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
            "bad" if dead else "ok",
            reader._("События"),
            reader._("Не приняты ни с одной попытки")
            if dead
            else reader._("Все приняты подписчиками"),
            formats.number(dead, language),
        ),
    ]
    points.append(_copies(reader, found.copies))
    if (services := integration_rows.point(reader, desk_, found.services)) is not None:
        points.append(_point("link", *services, href="/admin/integrations"))
    if found.bare.count:
        points.append(_bare(reader, found.bare))
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


def _bare(reader: Reader, bare: BareMoney) -> dict[str, str]:
    """Money that needs a fiscal receipt and has none."""
    since = ""
    if bare.oldest is not None:
        since = formats.moment(bare.oldest, reader.now, reader.zone, reader.language)
    note = reader._("Нет чека по 54-ФЗ, самый давний платёж: %(when)s") % {"when": since}
    count = formats.number(bare.count, reader.language)
    # Whoever runs the box may not be whoever reconciles money: then it is told, and leads nowhere.
    href = "/money/receipts" if reader.may(Permission.PAYMENT_RECONCILE) else ""
    tone = str(bare.state(reader.now))
    return _point("banknote", tone, reader._("Деньги без чека"), note, count, href)


def _copies(reader: Reader, copies: CopyHealth) -> dict[str, str]:
    """The last proven copy; red when the proof is too old to rely on."""
    title = reader._("Резервные копии")
    if copies.made_at is None:
        note = reader._("Ещё ни одной: korobka backup now")
        return _point("download", "warn", title, note, "")
    if copies.proven_at is None:
        note = reader._("Ни одна не доказана: korobka backup drill")
        return _point("download", "bad", title, note, "")
    when = formats.moment(copies.proven_at, reader.now, reader.zone, reader.language)
    if is_late(copies.proven_at, reader.now):
        note = reader._("Последняя доказанная слишком стара: korobka backup drill")
        return _point("download", "bad", title, note, when)
    if copies.code:
        note = reader._("Последняя не вышла: %(code)s") % {"code": copies.code}
        return _point("download", "warn", title, note, when)
    return _point("download", "ok", title, reader._("Последняя доказанная"), when)


MOST_UNSEALED: Final = 1000
"""Deeds waiting for the log: at a full load half a second's worth; more means it stands still."""


def _point(
    icon: str, tone: str, title: str, note: str, value: str, href: str = ""
) -> dict[str, str]:
    return {
        "icon": icon, "tone": tone, "title": title, "note": note, "value": value, "href": href,
    }  # fmt: skip


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
