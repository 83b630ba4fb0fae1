"""The desk of doubles: pairs, two cards side by side, merging, and parting again."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from appliance.actions import desk, duplicates
from appliance.domain import formats
from appliance.domain.customers import (
    ContactDraft,
    ContactKind,
    CustomerKind,
    CustomerView,
)
from appliance.domain.desk import Codes
from appliance.domain.duplicates import FIELDS, Comparison, Merged, Pair, Reason
from appliance.domain.personal import Personal
from appliance.errors import Conflict, HouseError
from appliance.http.errors import status_of
from appliance.web import client_cards
from appliance.web.answers import WebRequest, go, told
from appliance.web.screens import (
    Reader,
    counts_for,
    draw,
    look_of,
    reader_of,
    shell_of,
    toast,
)
from appliance.web.shell import N_

DESK: Final = "/data/duplicates"
REASONS: Final = {
    Reason.TAX_ID: N_("ИНН"),
    Reason.EMAIL: N_("почта"),
    Reason.PHONE: N_("телефон"),
    Reason.MESSENGER: N_("мессенджер"),
    Reason.TAIL: N_("конец телефона"),
    Reason.NAME: N_("имя"),
    Reason.BIRTHDAY: N_("день рождения"),
}
LABELS: Final = {
    "last_name": N_("Фамилия"),
    "first_name": N_("Имя"),
    "patronymic": N_("Отчество"),
    "company_name": N_("Название"),
    "birthday": N_("День рождения"),
    "sex": N_("Пол"),
    "comment": N_("Заметка"),
    "fleet": N_("Автопарк"),
    "culture": N_("Культура"),
    "software": N_("Программы"),
    "manager": N_("Менеджер"),
    "address": N_("Адрес"),
    "requisites": N_("Реквизиты"),
    "vip": N_("VIP"),
    "bad": N_("проблемный"),
}
TABLES: Final = {
    "orders": N_("Заказы"),
    "contact": N_("Контакты"),
    "address": N_("Адреса"),
    "requisites": N_("Реквизиты"),
    "consent": N_("Согласия"),
    "purpose": N_("Основания"),
    "tag": N_("Метки"),
    "company_contact": N_("Роли в компаниях"),
    "corporate_part": N_("Адреса и юрлица магазина"),
    "cart": N_("Корзины"),
    "change_entry": N_("Записи истории"),
    "timeline_entry": N_("События"),
    "task": N_("Задачи"),
    "deal": N_("Сделки"),
    "attachment": N_("Файлы"),
}


class DuplicatePages(Controller):
    """Doubles."""

    path = DESK

    @get()
    async def index(self, request: WebRequest) -> Response[Any]:
        """Show pairs, the surest first."""
        reader = reader_of(request)
        query = request.query_params
        found = await duplicates.desk(reader.actor, query.get("after", ""))
        codes = await desk.names(reader.actor)
        done = query.get("done", "")
        return draw(
            request,
            reader,
            "data/duplicates.html",
            pairs=[_pair(reader, one) for one in found.pairs],
            merged=[_merged(reader, one, codes) for one in found.merged],
            done=next((one for one in found.merged if str(one.id) == done), None),
            next=f"{DESK}?after={found.after}" if found.after else "",
            first=DESK if query.get("after") else "",
            scanned=found.scanned_at,
            **await _frame(request, reader, codes),
        )

    @post("/scan")
    async def scan(self, request: WebRequest) -> Response[Any]:
        """Have the nightly look run now."""
        reader = reader_of(request)
        await duplicates.ask_scan(reader.actor)
        text = reader._("Проверка начнётся в течение минуты. Обновите страницу чуть позже")
        return Response(b"", status_code=200, headers={"hx-reswap": "none", **toast(text)})

    @post("/pairs/{pair_id:uuid}/dismiss")
    async def dismiss(self, request: WebRequest, pair_id: FromPath[UUID]) -> Response[Any]:
        """«Не дубль»."""
        reader = reader_of(request)
        await duplicates.dismiss(reader.actor, pair_id)
        text = reader._("Отмечено: это разные клиенты")
        undo = f"{DESK}/pairs/{pair_id}/reopen"
        return Response(b"", status_code=200, headers=toast(text, undo))

    @post("/pairs/{pair_id:uuid}/reopen")
    async def reopen(self, request: WebRequest, pair_id: FromPath[UUID]) -> Response[Any]:
        """Take that back."""
        await duplicates.reopen(reader_of(request).actor, pair_id)
        return Response(b"", status_code=200, headers={"hx-refresh": "true"})

    @get("/{survivor:int}/{other:int}")
    async def compare(
        self, request: WebRequest, survivor: FromPath[int], other: FromPath[int]
    ) -> Response[Any]:
        """Show two cards side by side."""
        return await _compare(request, survivor, other)

    @post("/{survivor:int}/{other:int}/merge")
    async def merge(
        self, request: WebRequest, survivor: FromPath[int], other: FromPath[int]
    ) -> Response[Any]:
        """Make one of two."""
        reader = reader_of(request)
        form = await request.form()
        take = [name for name in FIELDS if form.get(name) == "other"]
        try:
            done = await duplicates.merge(reader.actor, survivor, other, take, _seen(form))
        except (Conflict, HouseError) as error:
            return await _compare(
                request, survivor, other, status=status_of(error), problem=told(request, error)
            )
        return go(request, f"{DESK}?done={done.id}")

    @get("/merges/{merge_id:uuid}")
    async def look_back(self, request: WebRequest, merge_id: FromPath[UUID]) -> Response[Any]:
        """Show what parting would do."""
        return await _look_back(request, merge_id)

    @post("/merges/{merge_id:uuid}/undo")
    async def unmerge(self, request: WebRequest, merge_id: FromPath[UUID]) -> Response[Any]:
        """Make two of one again."""
        reader = reader_of(request)
        done = await duplicates.unmerge(reader.actor, merge_id)
        return go(request, f"/clients/{done.other_number}")

    @post("/suggest")
    async def suggest(self, request: WebRequest) -> Response[Any]:
        """Warn while a client is typed: who has this contact, this INN, this name."""
        reader = reader_of(request)
        form = await request.form()
        contacts = tuple(
            ContactDraft(kind=kind, value=Personal(str(value)))
            for name, kind in (("phone", ContactKind.PHONE), ("email", ContactKind.EMAIL))
            for value in form.getall(name, [])
            if str(value).strip()
        )
        name = " ".join(
            word
            for part in ("last_name", "first_name", "patronymic", "company_name", "company")
            if (word := str(form.get(part, "")).strip())
        )
        number = str(form.get("number", ""))
        found = await duplicates.suggest(
            reader.actor,
            contacts,
            Personal(name),
            Personal(str(form.get("inn", ""))),
            int(number) if number.isdecimal() else None,
        )
        return draw(
            request,
            reader,
            "data/suggest.html",
            found=[
                {
                    "client": one.client,
                    "reason": reader._(REASONS[one.reason]),
                    "owner": one.owner_name,
                }
                for one in found.found
            ],
            spent=found.spent,
        )


def _seen(form: Mapping[str, Any]) -> tuple[int, int] | None:
    seen = [str(form.get(name, "")) for name in ("mine_version", "other_version")]
    return (int(seen[0]), int(seen[1])) if all(one.isdecimal() for one in seen) else None


async def _frame(request: WebRequest, reader: Reader, codes: Codes) -> dict[str, Any]:
    return {
        "look": look_of(request),
        "shell": shell_of(request, reader, "data", await counts_for(reader), codes),
    }


def _pair(reader: Reader, pair: Pair) -> dict[str, Any]:
    survivor, other = pair.first, pair.second
    if other.orders_count > survivor.orders_count:
        survivor, other = other, survivor
    return {
        "id": pair.id,
        "href": f"{DESK}/{survivor.number}/{other.number}",
        "sides": [_side(reader, survivor), _side(reader, other)],
        "reasons": [reader._(REASONS[one]) for one in pair.reasons],
        "confidence": pair.confidence,
        "tone": "ok" if pair.confidence >= 85 else "warn" if pair.confidence >= 60 else "bad",
    }


def _side(reader: Reader, view: CustomerView) -> dict[str, Any]:
    name, note, mark = client_cards.name_of(reader, view)
    orders = reader.ngettext("%(num)s заказ", "%(num)s заказов", view.orders_count)
    return {"name": name, "note": note, "mark": mark, "number": view.number, "orders": orders}


def _merged(reader: Reader, one: Merged, codes: Codes) -> dict[str, Any]:
    return {
        "id": one.id,
        "survivor": one.survivor_number,
        "other": one.other_number,
        "who": codes.name_of(one.by_number),
        "at": one.at,
        "until": formats.day(one.until.astimezone(reader.zone).date(), reader.language),
    }


async def _compare(
    request: WebRequest, survivor: int, other: int, *, status: int = 200, problem: str = ""
) -> Response[Any]:
    reader = reader_of(request)
    found = await duplicates.compare(reader.actor, survivor, other)
    codes = await desk.names(reader.actor)
    return draw(
        request,
        reader,
        "data/compare.html",
        status=status,
        problem=problem,
        mine=_card(reader, found.survivor),
        other=_card(reader, found.other),
        fields=_fields(reader, found, codes),
        moves=_counts(reader, found.moves),
        reasons=[reader._(REASONS[one]) for one in found.reasons],
        confidence=found.confidence,
        swap=f"{DESK}/{other}/{survivor}",
        action=f"{DESK}/{survivor}/{other}/merge",
        **await _frame(request, reader, codes),
    )


def _card(reader: Reader, view: CustomerView) -> dict[str, Any]:
    name, note, _ = client_cards.name_of(reader, view)
    return {
        "view": view,
        "name": name,
        "note": note,
        "company": view.kind is CustomerKind.COMPANY,
        "orders": formats.number(view.orders_count, reader.language),
        "total": formats.money(view.orders_total, reader.language),
        "since": formats.day(view.created_at.date(), reader.language),
        "contacts": [one.shown for one in view.contacts],
    }


def _fields(reader: Reader, found: Comparison, codes: Codes) -> list[dict[str, Any]]:
    """Rows of the comparison: what both say, and whether one must be chosen."""
    rows: list[dict[str, Any]] = []
    for name in FIELDS:
        mine, other = (_value(reader, one, name, codes) for one in (found.survivor, found.other))
        if mine or other:
            rows.append(
                {
                    "name": name,
                    "label": reader._(LABELS[name]),
                    "mine": mine,
                    "other": other,
                    "choose": name in found.differs,
                    "comes": name in found.only_other,
                }
            )
    return rows


def _value(reader: Reader, view: CustomerView, name: str, codes: Codes) -> Any:
    if name == "manager":
        return codes.name_of(view.owner_number)
    if name == "sex":
        sexes = {"male": reader._("мужской"), "female": reader._("женский")}
        return sexes.get(view.sex, view.sex)
    return getattr(view, name)


def _counts(reader: Reader, moved: Mapping[str, int]) -> list[tuple[str, str]]:
    """What moves, in words: the ones people know, in our order."""
    return [
        (reader._(label), formats.number(moved[table], reader.language))
        for table, label in TABLES.items()
        if moved.get(table)
    ]


async def _look_back(request: WebRequest, merge_id: UUID) -> Response[Any]:
    reader = reader_of(request)
    found = await duplicates.look_back(reader.actor, merge_id)
    codes = await desk.names(reader.actor)

    def named(fields: Sequence[str]) -> list[str]:
        return [reader._(LABELS.get(name, name)) for name in fields]

    return draw(
        request,
        reader,
        "data/parting.html",
        found=found,
        returns=_counts(reader, found.returns),
        fields=named(found.fields),
        conflicts=named(found.conflicts),
        until=formats.day(found.until.astimezone(reader.zone).date(), reader.language),
        action=f"{DESK}/merges/{merge_id}/undo",
        **await _frame(request, reader, codes),
    )
