"""A client's figures on the card, written out: worth, debt, what he buys, whom he belongs to."""

from datetime import timedelta
from typing import Any, Final

from appliance.domain import client_money, formats
from appliance.domain.client_dates import ClientDate, DateKind
from appliance.domain.client_money import BreachKind, Missing
from appliance.domain.companies import Tie
from appliance.domain.customers import Party
from appliance.domain.desk import ClientScreen
from appliance.domain.personal import Personal
from appliance.domain.supplier_prices import SupplierPrice
from appliance.roles import Permission
from appliance.web.screens import Reader
from appliance.web.shell import N_

ROLES: Final = (
    ("director", N_("директор")),
    ("accountant", N_("бухгалтер")),
    ("lawyer", N_("юрист")),
    ("secretary", N_("секретарь")),
    ("buyer", N_("закупщик")),
    ("stock", N_("кладовщик")),
)
DATES: Final = {
    DateKind.BIRTHDAY: N_("День рождения"),
    DateKind.FOUNDED: N_("День компании"),
    DateKind.SEASON: N_("Сезон"),
    DateKind.OTHER: N_("Другой день"),
}
ASKED: Final = {
    Missing.PHONE: N_("телефон"),
    Missing.NAME: N_("имя"),
    Missing.EMAIL: N_("почту"),
    Missing.ADDRESS: N_("адрес"),
    Missing.REQUISITES: N_("ИНН и реквизиты"),
    Missing.BIRTHDAY: N_("день рождения"),
}


def view(reader: Reader, found: ClientScreen) -> dict[str, Any]:
    """What the card prints of money and people."""
    client, limit = found.client, found.client.money.limit
    mine = client.owner_number == reader.actor.number
    live = client.state == "live"
    most = max((one.orders for one in found.bought), default=1)
    asks = client_money.to_ask(client, now=reader.now) if live else ()
    return {
        "figures": _figures(reader, found),
        "debts": _debts(reader, found),
        "breach": _breach(reader, found),
        "breach_hard": found.breach is not None and found.breach.kind is BreachKind.STOP,
        "bought": [
            (one.group, formats.number(one.orders, reader.language), one.orders * 100 // most)
            for one in found.bought
        ],
        "ties": [_tie(reader, one) for one in found.ties],
        "requests": found.requests,
        "dates": [_date(reader, one) for one in found.dates],
        "date_kinds": [(kind.value, reader._(name)) for kind, name in DATES.items()],
        "may_dates": live and reader.may(Permission.CUSTOMER_EDIT),
        "prices": [_price(reader, one) for one in found.prices],
        "sees_prices": found.client.party is Party.SUPPLIER and reader.may(Permission.PRODUCT_COST),
        "may_price": live
        and found.client.party is Party.SUPPLIER
        and reader.may(Permission.CUSTOMER_EDIT)
        and reader.may(Permission.PRODUCT_COST),
        "asks": ", ".join(reader._(ASKED[one]) for one in asks),
        "roles": [(code, reader._(name)) for code, name in ROLES],
        "may_take": live and not mine and reader.may(Permission.CUSTOMER_TAKE),
        "may_dossier": reader.may(Permission.CUSTOMER_DOSSIER),
        "may_request": reader.may(Permission.SUBJECT_REQUEST),
        "may_credit": live and reader.may(Permission.CUSTOMER_CREDIT),
        "limit_typed": ""
        if limit is None
        else formats.money(limit, reader.language, exact=bool(limit % 100), sign=False),
    }


def paid_after(reader: Reader, wait: timedelta) -> str:
    """How soon somebody pays; what takes less than a minute is at once."""
    if wait < timedelta(minutes=1):
        return reader._("сразу")
    return formats.span(wait, reader.language)


def _figures(reader: Reader, found: ClientScreen) -> list[tuple[str, str]]:
    one, language = found.client, reader.language
    rows = [
        (reader._("LTV"), formats.money(one.paid_total, language)),
        (reader._("Заказов"), formats.number(one.orders_count, language)),
        (
            reader._("Средний чек"),
            formats.money_whole(client_money.mean_order(one), language),
        ),
        (reader._("Всего"), formats.money(one.orders_total, language)),
        (reader._("Возвраты"), formats.money(one.money.returned, language)),
    ]
    cycle, wait = client_money.cycle(one), client_money.mean_wait(one)
    if cycle is not None:
        rows.append((reader._("Цикл"), formats.span(cycle, language)))
    if wait is not None:
        rows.append((reader._("Платит за"), paid_after(reader, wait)))
    for label, at in (
        (reader._("Последний заказ"), one.last_order_at),
        (reader._("Общались"), one.money.contacted_at),
    ):
        if at is not None:
            rows.append((label, formats.moment_short(at, reader.now, reader.zone, language)))
    return rows


def _debts(reader: Reader, found: ClientScreen) -> list[tuple[str, str]]:
    money, language = found.client.money, reader.language
    days = formats.span(timedelta(days=money.pay_days), language)
    return [
        (reader._("Долг"), formats.money(money.owed, language)),
        (
            reader._("Просрочено"),
            formats.money(found.overdue, language) if found.overdue else "",
        ),
        (
            reader._("Лимит"),
            reader._("не задан") if money.limit is None else formats.money(money.limit, language),
        ),
        (reader._("Отсрочка"), days if money.pay_days else ""),
        (reader._("Стоп"), reader._("да") if money.stop else ""),
    ]


def _breach(reader: Reader, found: ClientScreen) -> Any:
    if found.breach is None:
        return ""
    return breach_text(reader, found.breach)


def breach_text(reader: Reader, breach: client_money.Breach) -> str:
    """Why no more should be sold on credit, in words; an order's form shows it, too."""
    over = formats.money(breach.over, reader.language)
    match breach.kind:
        case BreachKind.STOP:
            return reader._("Стоп: в долг не отпускать")
        case BreachKind.OVERDUE:
            return reader._("Просрочено %(sum)s") % {"sum": over}
        case BreachKind.LIMIT:
            return reader._("Долг больше лимита на %(sum)s") % {"sum": over}


def _date(reader: Reader, one: ClientDate) -> dict[str, Any]:
    days = formats.span(timedelta(days=one.remind_days), reader.language)
    return {
        "id": one.id,
        "kind": reader._(DATES[one.kind]),
        "day": one.day,
        "title": one.title,
        "remind": reader._("напомнить за %(days)s") % {"days": days} if one.remind_days else "",
    }


def _price(reader: Reader, one: SupplierPrice) -> dict[str, Any]:
    language = reader.language
    day = formats.day_short(one.since.astimezone(reader.zone).date(), reader.today, language)
    was = "" if one.was is None else formats.money(one.was, language, exact=True)
    return {
        "variant": one.variant,
        "name": one.name,
        "href": f"/catalog/{one.product}",
        "skus": " · ".join(dict.fromkeys(x for x in (one.our_sku, one.sku) if x)),
        "amount": formats.money(one.amount, language, exact=True),
        "since": reader._("с %(day)s, до этого %(was)s") % {"day": day, "was": was}
        if was
        else reader._("с %(day)s") % {"day": day},
    }


def _tie(reader: Reader, one: Tie) -> dict[str, Any]:
    names = dict(ROLES)
    name: Personal[str] | None = None if one.client is None else one.client.name
    return {
        "id": one.id,
        "number": one.number,
        "name": name,
        "role": reader._(names[one.role]) if one.role in names else one.role,
        "main": one.is_main,
    }
