"""Notices: the bell, the page grouped by record, what is muted, quiet hours."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from litestar import Controller, Response, get, post

from appliance.actions import notices
from appliance.domain import formats
from appliance.domain.desk import Codes
from appliance.domain.notices import Notice, NoticeChoice, NoticeKind
from appliance.domain.tasks import end_of_day
from appliance.errors import Invalid
from appliance.roles import Permission
from appliance.web import task_forms, texts
from appliance.web.answers import WebRequest
from appliance.web.screens import (
    Reader,
    counts_for,
    draw,
    look_of,
    reader_of,
    shell_of,
    toast_and,
)
from appliance.web.shell import N_

CHANGED: Final = "work-changed"
WORDS: Final[Mapping[str, tuple[str, str, str]]] = {
    NoticeKind.TASK_SET: (N_("Вам поставили задачу"), "circle-check", "accent"),
    NoticeKind.TASK_REMIND: (N_("Пора"), "bell", "warn"),
    NoticeKind.TASK_DUE: (N_("Задача просрочена"), "clock", "bad"),
    NoticeKind.TASK_DONE: (N_("Задача сделана"), "circle-check", "ok"),
    NoticeKind.TASK_MOVED: (N_("У задачи новый срок"), "clock", "info"),
    NoticeKind.TASK_CANCELLED: (N_("Задача отменена"), "ban", "grey"),
    NoticeKind.MENTION: (N_("Вас упомянули"), "message-square", "accent"),
    NoticeKind.ORDER_NEW: (N_("Новый заказ из магазина"), "shopping-bag", "accent"),
    NoticeKind.ORDER_ASSIGNED: (N_("Вам передали заказ"), "shopping-bag", "accent"),
    NoticeKind.ORDER_UNTOUCHED: (N_("Заказ никто не взял"), "shopping-bag", "bad"),
    NoticeKind.ORDER_UNPAID: (N_("Заказ не оплачен"), "banknote", "warn"),
    NoticeKind.ORDER_REFUSED: (N_("Покупатель не принял заказ"), "undo-2", "bad"),
    NoticeKind.SHELF_EMPTY: (N_("Товара заказа нет на полке"), "package-x", "bad"),
    NoticeKind.CLIENT_ASKED: (N_("Коллега просит клиента"), "users", "accent"),
    NoticeKind.CLIENT_GIVEN: (N_("Вам передали клиента"), "users", "accent"),
    NoticeKind.BUYER_WROTE: (N_("Покупатель написал"), "mail", "accent"),
    NoticeKind.COMPLAINT: (N_("Жалоба"), "circle-alert", "bad"),
    NoticeKind.STOCK_LOW: (N_("Товар заканчивается"), "package", "warn"),
    NoticeKind.IMPORT_DONE: (N_("Загрузка закончена"), "inbox", "ok"),
    NoticeKind.EXPORT_DONE: (N_("Выгрузка готова"), "inbox", "ok"),
    NoticeKind.BULK_DONE: (N_("Изменение списка закончено"), "list-checks", "ok"),
    NoticeKind.WORK_FAILED: (N_("Работа в фоне остановилась"), "circle-alert", "bad"),
    NoticeKind.MAIL_FAILED: (N_("Письмо не ушло"), "mail", "bad"),
    NoticeKind.MESSAGE_FAILED: (N_("СМС не дошла"), "message-square", "bad"),
    NoticeKind.MESSAGES_LOW: (N_("На счёте СМС мало денег"), "message-square", "warn"),
    NoticeKind.MESSAGES_FULL: (N_("Дневной предел СМС исчерпан"), "message-square", "warn"),
    NoticeKind.REQUEST_DUE: (N_("Кончается срок запроса о данных"), "circle-alert", "bad"),
    NoticeKind.REQUEST_WAITS: (N_("Уничтожение данных ждёт вашего решения"), "lock", "warn"),
    NoticeKind.HANDS_WAIT: (N_("Администратор просит вашего согласия"), "lock", "warn"),
}
"""Kind → what is said, icon, tone."""
RECORDS: Final[Mapping[str, tuple[str, str]]] = {
    "task": (N_("Задача № %(number)s"), "/tasks/%d"),
    "order": (N_("Заказ № %(number)s"), "/orders/%d"),
    "customer": (N_("Клиент № %(number)s"), "/clients/%d"),
    "deal": (N_("Сделка № %(number)s"), "/deals/%d"),
    "product": (N_("Товар № %(number)s"), "/catalog/%d"),
    "import": (N_("Загрузка № %(number)s"), "/data/imports/%d"),
    "catalogue": (N_("Каталог магазина, чтение № %(number)s"), "/shops/runs/%d"),
    "export": (N_("Выгрузка № %(number)s"), "/data/exports"),
    "request": (N_("ПД-%(number)s"), "/privacy/%d"),
    "agreement": (N_("Просьба № %(number)s"), "/admin/hands/%d"),
    "message_day": (N_("Остальные уйдут завтра"), "/mail/sms"),
    "messages": (N_("Осталось %(number)s ₽"), "/mail/sms"),
    "bulk": (N_("Записей: %(number)s"), "/me/deeds"),
}
"""Entity → name, and where it is: a page of its own, or the one that lists it."""


RIGHTS: Final[Mapping[str, tuple[Permission, ...]]] = {
    NoticeKind.ORDER_NEW: (Permission.ORDER_VIEW,),
    NoticeKind.ORDER_ASSIGNED: (Permission.ORDER_VIEW,),
    NoticeKind.ORDER_UNTOUCHED: (Permission.ORDER_VIEW,),
    NoticeKind.ORDER_UNPAID: (Permission.ORDER_VIEW,),
    NoticeKind.ORDER_REFUSED: (Permission.ORDER_VIEW,),
    NoticeKind.SHELF_EMPTY: (Permission.ORDER_VIEW,),
    NoticeKind.CLIENT_ASKED: (Permission.CUSTOMER_VIEW,),
    NoticeKind.CLIENT_GIVEN: (Permission.CUSTOMER_VIEW,),
    NoticeKind.BUYER_WROTE: (Permission.ORDER_VIEW, Permission.CUSTOMER_VIEW),
    NoticeKind.COMPLAINT: (Permission.ORDER_VIEW, Permission.CUSTOMER_VIEW),
    NoticeKind.EXPORT_DONE: (Permission.DATA_EXPORT,),
    NoticeKind.MAIL_FAILED: (Permission.LETTER_SEND, Permission.MAIL_MANAGE),
    NoticeKind.MESSAGE_FAILED: (Permission.MESSAGE_SEND, Permission.MAIL_MANAGE),
    NoticeKind.STOCK_LOW: (Permission.STOCK_EDIT,),
    NoticeKind.REQUEST_DUE: (
        Permission.SUBJECT_REQUEST,
        Permission.SUBJECT_APPROVE,
        Permission.BOX_MANAGE,
    ),
    NoticeKind.REQUEST_WAITS: (Permission.SUBJECT_APPROVE,),
    NoticeKind.HANDS_WAIT: (Permission.BOX_MANAGE,),
}
"""Kind → rights of which one is needed to ever be told it; the rest may reach anybody."""


class NoticePages(Controller):
    """Notices."""

    path = "/notices"

    @get()
    async def index(self, request: WebRequest) -> Response[Any]:
        """Show what one was told, by record."""
        reader = reader_of(request)
        before = request.query_params.get("before", "")
        found = await notices.index(
            reader.actor, int(before) if before.isascii() and before.isdigit() else None
        )
        return draw(
            request,
            reader,
            "notices/page.html",
            look=look_of(request),
            shell=shell_of(request, reader, "notices", await counts_for(reader), found.codes),
            heaps=_heaps(reader, found.rows, found.codes),
            unread=any(not one.read for one in found.rows),
            after=found.after,
            upto=found.upto,
            kinds=[
                (kind, reader._(words[0]), kind in found.choice.muted)
                for kind, words in WORDS.items()
                if _concerns(reader, kind)
            ],
            # Roles change: what is of no concern today is kept as it was chosen.
            kept=[
                kind
                for kind in WORDS
                if not _concerns(reader, kind) and kind not in found.choice.muted
            ],
            quiet_from=_clock(found.choice.quiet_from),
            quiet_to=_clock(found.choice.quiet_to),
            by_mail=found.choice.by_mail,
            quiet=found.choice.quiet_from != found.choice.quiet_to,
        )

    @get("/bell")
    async def bell(self, request: WebRequest) -> Response[Any]:
        """Say how much waits, and what is to be shown by itself."""
        reader = reader_of(request)
        found = await notices.bell(reader.actor, end_of_day(reader.today, reader.zone))
        counts = {"notices": found.unread}
        if reader.may(Permission.TASK_VIEW):
            counts["tasks"] = found.tasks
        return draw(
            request,
            reader,
            "notices/bell.html",
            counts=counts,
            fresh=[_said(reader, one) for one in found.fresh],
        )

    @post("/popped")
    async def popped(self, request: WebRequest) -> Response[Any]:
        """Take note that these were shown."""
        form = await request.form()
        await notices.popped(reader_of(request).actor, _ids(form.getall("id", [])))
        return Response(b"", status_code=204)

    @post("/read")
    async def read(self, request: WebRequest) -> Response[Any]:
        """Mark as read: of one record, or everything."""
        form, reader = await request.form(), reader_of(request)
        await notices.mark_read(
            reader.actor,
            task_forms.number(form, "upto") or 0,
            task_forms.word(form, "entity") or None,
            task_forms.number(form, "number") or 0,
        )
        return Response(b"", status_code=204, headers=toast_and("", "", CHANGED))

    @post("/choice")
    async def choose(self, request: WebRequest) -> Response[Any]:
        """Mute kinds and set quiet hours."""
        form, reader = await request.form(), reader_of(request)
        wanted = {str(one) for one in form.getall("kind", [])}
        try:
            quiet = (0, 0)
            if task_forms.word(form, "quiet"):
                quiet = (
                    _minutes(task_forms.word(form, "from")),
                    _minutes(task_forms.word(form, "to")),
                )
            await notices.choose(
                reader.actor,
                NoticeChoice(
                    muted=tuple(kind for kind in WORDS if kind not in wanted),
                    quiet_from=quiet[0],
                    quiet_to=quiet[1],
                    time_zone=reader.zone.key,
                    by_mail=task_forms.word(form, "by_mail") == "1",
                ),
            )
        except Invalid:
            return draw(
                request,
                reader,
                "notices/wrong.html",
                status=422,
                headers={"hx-retarget": "#quiet-error", "hx-reswap": "outerHTML"},
            )
        return Response(b"", status_code=204, headers=toast_and(reader._("Сохранено"), "", CHANGED))


def _concerns(reader: Reader, kind: str) -> bool:
    rights = RIGHTS.get(kind, ())
    return not rights or any(reader.may(right) for right in rights)


def words_of(notice: tuple[str, str, int, str], base: str) -> Mapping[str, str]:
    """A notice for its letter: what happened, to which record, where that is.

    Args:
        notice: kind, entity, number and the colleague's language.
        base: `https://name` of the staff door.
    """
    kind, entity, number, language = notice
    say = texts.catalogue("en" if language == "en" else "ru").gettext
    said, record = WORDS.get(kind, (N_("Событие"), "", ""))[0], RECORDS.get(entity)
    if record is None or not number:
        return {"title": say(said), "record": "", "link": f"{base}/notices"}
    shown = formats.order_number(number) if entity == "order" else str(number)
    name = say(record[0]) % {"number": shown}
    return {"title": say(said), "record": name, "link": base + _place(record[1], number)}


def _clock(minutes: int) -> str:
    return f"{minutes // 60}:{minutes % 60:02}"


def _minutes(text: str) -> int:
    found = task_forms.clock_of(text)
    return found.hour * 60 + found.minute


def _ids(given: Sequence[Any]) -> list[UUID]:
    found: list[UUID] = []
    for one in given[:10]:
        try:
            found.append(UUID(str(one)))
        except ValueError:
            continue
    return found


def _record(reader: Reader, one: Notice) -> tuple[str, str]:
    """What a record is called, and where it is."""
    known = RECORDS.get(one.entity)
    if known is None or not one.entity_number:
        return "", ""
    number = formats.order_number(one.entity_number) if one.entity == "order" else one.entity_number
    return reader._(known[0]) % {"number": number}, _place(known[1], one.entity_number)


def _place(path: str, number: int) -> str:
    return path % number if "%" in path else path


def _said(reader: Reader, one: Notice) -> dict[str, Any]:
    words, icon, tone = WORDS.get(one.kind, (N_("Событие"), "bell", "grey"))
    name, href = _record(reader, one)
    return {
        "id": one.id,
        "words": reader._(words),
        "icon": icon,
        "tone": tone,
        "name": name,
        "href": href,
        "title": one.title,
        "read": one.read,
        "at": one.at,
        "entity": one.entity,
        "number": one.entity_number,
        "by": one.by,
    }


def _heaps(reader: Reader, rows: Sequence[Notice], codes: Codes) -> list[dict[str, Any]]:
    """Notices by record, the record with the newest one first."""
    heaps: dict[tuple[str, int], list[dict[str, Any]]] = {}
    for one in rows:
        said = _said(reader, one)
        said["who"] = codes.name_of(one.by)
        heaps.setdefault((one.entity, one.entity_number), []).append(said)
    return [
        {
            "first": said[0],
            "rest": said[1:4],
            "unread": any(not one["read"] for one in said),
        }
        for said in heaps.values()
    ]
