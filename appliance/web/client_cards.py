"""A client's card and the rows of the list of clients."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from litestar import Response

from appliance.actions import desk
from appliance.domain import fields as kinds
from appliance.domain import formats, regions
from appliance.domain.client_money import mean_wait
from appliance.domain.customers import ContactKind, CustomerKind, CustomerView
from appliance.domain.desk import ClientDeal, ClientOrderLine, ClientScreen, Codes
from appliance.domain.habits import Counted
from appliance.domain.personal import Personal
from appliance.domain.privacy import LegalBasis, PurposeCode
from appliance.domain.sources import SourceMarks
from appliance.roles import Permission
from appliance.web import client_money, custom, deal_rows, order_cards, order_rows, stream
from appliance.web.answers import WebRequest, go
from appliance.web.client_reading import Typed
from appliance.web.rendering import initials
from appliance.web.screens import Reader, counts_for, draw, look_of, reader_of, shell_of, tone_of
from appliance.web.shell import N_, Note

CARD: Final = "clients/card.html"
PURPOSES: Final = {
    PurposeCode.ORDER: N_("Заказы и доставка"),
    PurposeCode.CALLBACK: N_("Обратный звонок"),
    PurposeCode.MAILING: N_("Рассылка"),
    PurposeCode.ACCOUNTING: N_("Учёт и отчётность"),
}
BASES: Final = {
    LegalBasis.CONTRACT: N_("договор"),
    LegalBasis.CONSENT: N_("согласие"),
    LegalBasis.LAW: N_("закон"),
    LegalBasis.INTEREST: N_("законный интерес"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One client of the list, written out."""

    number: int
    href: str
    peek: str
    name: Personal[str] | str
    note: str
    mark: str
    phone: Personal[str] | None
    phone_hidden: bool
    address: Personal[Any] | None
    orders: str
    total: str
    ltv: str
    owed: str
    wait: str
    last: str
    talked: str
    manager: str
    manager_initials: str
    manager_tone: int
    tags: tuple[str, ...]
    vip: bool
    bad: bool
    region: str
    made: Mapping[str, Personal[str] | str]


def rows(reader: Reader, found: Sequence[CustomerView], codes: Codes) -> list[Row]:
    """Write out the rows of a page."""
    return [_row(reader, one, codes) for one in found]


def name_of(reader: Reader, one: CustomerView) -> tuple[Personal[str] | str, str, str]:
    """Name or the word instead of it, what kind of word, and an icon."""
    if one.state == "destroyed":
        return reader._("Данные уничтожены"), "gone", "ban"
    if one.state == "blocked":
        return reader._("Данные заблокированы"), "blocked", "lock"
    if one.damaged:
        return reader._("повреждено"), "bad", "triangle-alert"
    if one.name is None:
        return reader._("скрыто"), "hidden", "lock"
    if not one.name:
        return reader._("без имени"), "none", ""
    return one.name, "", "building-2" if one.kind is CustomerKind.COMPANY else ""


def _row(reader: Reader, one: CustomerView, codes: Codes) -> Row:
    language = reader.language
    name, note, mark = name_of(reader, one)
    manager = codes.name_of(one.owner_number)
    phones = [contact for contact in one.contacts if contact.kind is ContactKind.PHONE]
    wait = mean_wait(one)
    return Row(
        number=one.number,
        href=f"/clients/{one.number}",
        peek=f"/clients/{one.number}/peek",
        name=name,
        note=note,
        mark=mark,
        phone=phones[0].shown if phones else None,
        phone_hidden=bool(phones) and phones[0].shown is None,
        address=one.address,
        orders=formats.number(one.orders_count, language) if one.orders_count else "",
        total=formats.money(one.orders_total, language) if one.orders_count else "",
        ltv=formats.money(one.paid_total, language) if one.paid_total else "",
        owed=formats.money(one.money.owed, language) if one.money.owed else "",
        wait="" if wait is None else client_money.paid_after(reader, wait),
        last=_short(reader, one.last_order_at),
        talked=_short(reader, one.money.contacted_at),
        manager=manager.partition(" ")[0],
        manager_initials=initials(manager),
        manager_tone=tone_of(one.owner_number),
        tags=one.tags,
        vip=one.vip,
        bad=one.bad,
        region=regions.name_of(one.region),
        made={
            field.field.history: kinds.words(field, reader.zone, language)
            for field in one.custom
            if field.field.in_list
        },
    )


def _short(reader: Reader, at: datetime | None) -> str:
    if at is None:
        return ""
    return formats.moment_short(at, reader.now, reader.zone, reader.language)


async def show(
    request: WebRequest,
    number: int,
    *,
    template: str = CARD,
    window: str = "",
    typed: Typed | None = None,
    problems: Mapping[str, str] | None = None,
    status: int = 200,
) -> Response[Any]:
    """Draw a client; after a refusal with the `window` open and what was typed in it."""
    reader = reader_of(request)
    found = await desk.client(reader.actor, number)
    if found.survivor and template == CARD:
        return go(request, f"/clients/{found.survivor}")
    context: dict[str, Any] = {}
    if template == CARD:
        counts = await counts_for(reader)
        context = {
            "look": look_of(request),
            "shell": shell_of(
                request,
                reader,
                "clients",
                counts,
                found.codes,
                toasts=_done(request, reader, number),
            ),
            "window": window,
            "sent": typed,
            "problems": problems or {},
        }
    view = {**_view(reader, found), **client_money.view(reader, found)}
    return draw(request, reader, template, status=status, **view, **context)


def _done(request: WebRequest, reader: Reader, number: int) -> tuple[Note, ...]:
    """What an edit that has just been saved says, with a way back."""
    try:
        done = UUID(request.query_params.get("done", ""))
    except ValueError:
        return ()
    return (Note(reader._("Карточка сохранена"), f"/clients/{number}/undo/{done}"),)


def _view(reader: Reader, found: ClientScreen) -> dict[str, Any]:
    client = found.client
    name, note, mark = name_of(reader, client)
    return {
        "client": client,
        "name": name,
        "name_note": note,
        "mark": mark,
        "company": client.kind is CustomerKind.COMPANY,
        "number": formats.number(client.number, reader.language),
        "tone": tone_of(client.number),
        "manager": client.owner_name,
        "manager_initials": initials(client.owner_name),
        "manager_tone": tone_of(client.owner_number),
        "contacts": order_cards.contacts(reader, client.contacts),
        "custom": custom.rows(reader, client.custom),
        "tabs": found.tabs,
        "budget_left": found.budget_left,
        "may_edit": reader.may(Permission.CUSTOMER_EDIT) and client.state == "live",
        "may_write": reader.may(Permission.LETTER_SEND) and client.state == "live",
        "may_text": reader.may(Permission.MESSAGE_SEND) and client.state == "live",
        "about": _about(reader, client, found.codes),
        "purposes": _purposes(reader, client),
        "consents": _consents(reader, client),
        "deliveries": found.codes.deliveries,
        "payments": found.payments,
        "habits": _habits(reader, found),
        "orders": [_order(reader, one, found.codes) for one in found.orders],
        "deals": [_deal(reader, one) for one in found.deals],
        "may_deal": reader.may(Permission.DEAL_CREATE) and client.state == "live",
        "more_orders": client.orders_count > len(found.orders),
        "stream": stream.view(reader, found.stream, found.codes, f"client/{client.number}"),
        "typed": stream.fresh(reader),
        "since": _short(reader, client.created_at),
    }


def _deal(reader: Reader, one: ClientDeal) -> dict[str, Any]:
    tone, shape = deal_rows.LOOKS[one.state]
    return {
        "href": f"/deals/{one.number}",
        "number": one.number,
        "status": one.stage,
        "tone": tone,
        "shape": shape,
        "sum": formats.money(one.amount, reader.language),
    }


def _about(reader: Reader, one: CustomerView, codes: Codes) -> list[tuple[str, str]]:
    sexes = {"male": reader._("мужской"), "female": reader._("женский")}
    return [
        (reader._("Клиент с"), formats.day(one.created_at.date(), reader.language)),
        (reader._("Магазин"), codes.shops.get(one.shop, one.shop)),
        (reader._("У магазина"), one.external_id or ""),
        (reader._("Пол"), "" if one.kind is CustomerKind.COMPANY else sexes.get(one.sex, "")),
        (reader._("Регион"), regions.name_of(one.region)),
        (reader._("Пришёл из"), _came(one.source_first)),
        (
            reader._("Вернулся из"),
            "" if one.source_last == one.source_first else _came(one.source_last),
        ),
    ]


def _came(marks: SourceMarks) -> str:
    return " / ".join(
        one for one in (marks.source, marks.medium, marks.campaign, marks.keyword) if one
    )


def _purposes(reader: Reader, one: CustomerView) -> list[tuple[str, str, str]]:
    """(what for, on what ground, since when)."""
    return [
        (
            reader._(PURPOSES[purpose.code]),
            reader._(BASES[purpose.basis]),
            formats.day(purpose.since.date(), reader.language),
        )
        for purpose in one.purposes
    ]


def _consents(reader: Reader, one: CustomerView) -> list[tuple[str, str, str]]:
    """(what for, version of the text, when)."""
    return [
        (
            reader._(PURPOSES[given.purpose]),
            reader._("текст %(code)s, версия %(version)d")
            % {"code": given.text_code, "version": given.text_version},
            formats.day(given.given_at.date(), reader.language),
        )
        for given in one.consents
    ]


def _habits(reader: Reader, found: ClientScreen) -> dict[str, Any] | None:
    """What the newest orders have in common, with how many of them say so."""
    habits, codes = found.habits, found.codes
    if not habits.orders:
        return None

    def told(one: Counted, names: Mapping[str, str]) -> str:
        return f"{names.get(one.value, one.value)}{formats.NBSP}· {one.orders}"

    def row(
        label: str, ones: Iterable[Counted | None], names: Mapping[str, str]
    ) -> tuple[str, str]:
        return reader._(label), ", ".join(told(one, names) for one in ones if one is not None)

    return {
        "counted": reader.ngettext(
            "по %(num)s последнему заказу", "по %(num)s последним заказам", habits.orders
        ),
        "rows": [
            row(N_("Заказывает"), [habits.method], codes.methods),
            row(N_("Доставка"), [habits.delivery_type], codes.deliveries),
            row(N_("Оплата"), [habits.payment_type], found.payments),
            row(N_("Марки"), habits.brands, {}),
            row(N_("Размеры"), habits.sizes, {}),
        ],
    }


def _order(reader: Reader, one: ClientOrderLine, codes: Codes) -> dict[str, Any]:
    status = codes.statuses.get(one.status, order_rows.GONE)
    return {
        "href": f"/orders/{one.number}",
        "repeats": one.number,
        "number": formats.order_number(one.number),
        "status": status.name or one.status,
        "tone": status.tone,
        "shape": status.shape,
        "sum": formats.money(one.total, reader.language),
        "goods": order_rows.goods(reader, one.summary, one.lines_count),
        "at": one.created_at,
        "time": formats.clock(one.created_at, reader.zone),
        "full": formats.moment_full(one.created_at, reader.zone, reader.language),
    }
