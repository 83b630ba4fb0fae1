"""Lines of «Интеграции»: a service, an account of it or a shop, said in words with what to do."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from appliance.actions.shops import ShopState
from appliance.domain import formats
from appliance.domain.integrations import Integration, IntegrationHealth, Letter
from appliance.domain.plugins import PluginState
from appliance.errors import Conflict, Invalid, NotFound, Unavailable
from appliance.plugin_host.desk import Desk
from appliance.web import plugin_words
from appliance.web.screens import Reader
from appliance.web.shell import N_

REFUSED: Final = (Invalid, Conflict, Unavailable, NotFound)
RANK: Final = {"bad": 0, "warn": 1, "info": 2, "ok": 3, "grey": 4}

WORDS: Final = {
    "access_refused": (N_("ключ не принят"), "bad"),
    "forbidden": (N_("ключу не хватает прав"), "bad"),
    "down": (N_("служба не отвечает"), "warn"),
    "too_many": (N_("просит обращаться реже"), "warn"),
    "answer_garbled": (N_("ответила непонятно"), "warn"),
}
"""Of what was found last of a service: a word and its tone."""

SHOPS: Final = {
    "unconnected": (N_("не подключён"), "grey", ""),
    "first": (N_("ждёт первого обмена"), "info", N_("Введите ключ в модуль магазина")),
    "silent": (N_("молчит"), "warn", N_("Проверьте модуль в панели магазина")),
    "catalogue": (
        N_("обмен идёт"), "warn", N_("Каталог не прочитан: отчёт на странице магазина"),
    ),
    "ok": (N_("обмен идёт"), "ok", ""),
}  # fmt: skip
"""Of how a shop's exchange goes: a word, its tone, what to do."""

DEEDS: Final = {
    "parcel": N_("доставка"), "payment": N_("оплата"), "refund": N_("возврат денег"),
    "receipt": N_("чек"), "message": N_("сообщение"), "fulfilment": N_("заказ на складе"),
    "posting": N_("отправление маркетплейса"),
}  # fmt: skip
VERBS: Final = {
    "book": N_("оформить"), "cancel": N_("отменить"), "label": N_("получить этикетку"),
    "track": N_("узнать, где"), "create": N_("создать"), "capture": N_("списать"),
    "send": N_("отправить"), "change": N_("изменить"), "pack": N_("собрать"),
    "confirm": N_("подтвердить"), "act": N_("получить акт"), "codes": N_("передать коды"),
    "look": N_("узнать, как оно там"),
}  # fmt: skip


def service(reader: Reader, desk: Desk | None, one: Integration) -> dict[str, Any]:
    """A service, or an account of it."""
    plugin, standing = one.plugin, one.standing
    facts = desk.facts(plugin.name) if desk else None
    known = plugin_words.state(plugin, facts.state if facts else "", reader.language)
    text, tone, more = known.text, known.tone, known.more
    if plugin.state is PluginState.RUNNING:
        if not one.is_used:
            text, tone = reader._("выключено"), "grey"
        elif standing.code in WORDS:
            word, tone = WORDS[standing.code]
            text, more = reader._(word), _remedy(reader, one)
        elif tone == "ok":
            text = reader._("обмен идёт") if plugin.last_at else reader._("готов к обмену")
    if one.is_used and (days := standing.days(reader.now)) is not None:
        if tone in {"ok", "info"} or days < 0:
            over = days < 0
            text = reader._("срок ключа вышел") if over else reader._("ключ скоро кончится")
            tone = "bad" if over else "warn"
        more = f"{more} {_key(reader, days)}".strip()
    if one.waiting.dead and tone in {"ok", "info"}:
        text, tone = reader._("не всё принято"), "warn"
    title = plugin_words.title_of(plugin, reader.language)[0]
    return {
        "href": f"/admin/plugins/{plugin.name}",
        "title": title,
        "account": one.title,
        "code": one.account,
        "name": plugin.name,
        "state": text,
        "tone": tone or "grey",
        "more": more,
        "last": _moment(reader, plugin.last_at),
        "journal": f"/admin/plugins/journal?plugin={plugin.name}",
        "waiting": _count(reader, one.waiting.ready),
        "oldest": _moment(reader, one.waiting.oldest) if one.waiting.ready else "",
        "dead": _count(reader, one.waiting.dead),
        "tries": plugin.state is PluginState.RUNNING and one.is_used,
    }


def _remedy(reader: Reader, one: Integration) -> str:
    since = _moment(reader, one.standing.since)
    match one.standing.code:
        case "access_refused":
            return reader._("С %(since)s. Введите новый ключ: до тех пор всё ждёт") % {
                "since": since
            }
        case "forbidden":
            return reader._("С %(since)s. Дайте ключу права, которые названы в описании") % {
                "since": since
            }
        case _:
            return reader._("С %(since)s. Всё подождёт и пойдёт само") % {"since": since}


def _key(reader: Reader, days: int) -> str:
    if days < 0:
        return reader._("Срок ключа вышел: выпустите новый в кабинете службы и введите его")
    return reader.ngettext(
        "Ключу остался %(num)s день: выпустите новый",
        "Ключу осталось %(num)s дней: выпустите новый",
        days,
    )


def shop(reader: Reader, one: ShopState) -> dict[str, Any]:
    """A shop with its module."""
    used, stands = one.key.used_at, one.standing(reader.now)
    word, tone, more = SHOPS[stands]
    text, more = reader._(word), reader._(more) if more else ""
    return {
        "href": f"/shops/{one.shop.code}",
        "title": one.shop.name,
        "account": reader._("магазин"),
        "code": "",
        "name": one.shop.code,
        "state": text,
        "tone": tone,
        "more": more,
        "last": _moment(reader, used),
        "journal": "",
        "waiting": "",
        "oldest": "",
        "dead": "",
        "tries": False,
    }


def letter(
    reader: Reader, desk: Desk | None, one: Letter, titles: Mapping[str, str]
) -> dict[str, Any]:
    """A delivery that was given up; titles of plugins by name."""
    why = plugin_words.trouble(one.error, reader.language)
    if why == one.error:  # a code of the plugin's own
        folder = desk.shelf.folder(one.plugin) if desk else None
        why = plugin_words.said(folder, one.error, {}, reader.language)
    event = plugin_words.words("event", one.event, reader.language).text
    about = reader._(DEEDS[one.kind]) if one.kind in DEEDS else event
    if one.deed in VERBS:
        about = f"{about}: {reader._(VERBS[one.deed])}"
    return {
        "id": str(one.id),
        "plugin": titles.get(one.plugin, one.plugin),
        "about": about,
        "order": one.order_number,
        "why": why,
        "when": _moment(reader, one.at),
    }


def whole(text: str) -> int:
    """A number as somebody types it; 0 where it is none."""
    text = text.strip().lstrip("№ ")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else 0


def _count(reader: Reader, count: int) -> str:
    return formats.number(count, reader.language) if count else ""


def _moment(reader: Reader, at: datetime | None) -> str:
    return "" if at is None else formats.moment(at, reader.now, reader.zone, reader.language)


def point(
    reader: Reader, desk: Desk | None, found: IntegrationHealth
) -> tuple[str, str, str, str] | None:
    """A line for the administrator's day: tone, title, note, value; None: there are no services."""
    title = reader._("Интеграции")
    if found.refused:
        plugin, account = found.refused[0]
        words = {"name": _called(reader, desk, plugin), "account": account}
        note = reader._("%(name)s (%(account)s): ключ не принят") % words
        return "bad", title, note, _count(reader, len(found.refused))
    if found.dead:
        note = reader._("Службы отказались принять: передайте снова или снимите")
        return "bad", title, note, _count(reader, found.dead)
    if found.silent:
        plugin, account = found.silent[0]
        words = {"name": _called(reader, desk, plugin), "account": account}
        note = reader._("%(name)s (%(account)s) не отвечает больше часа") % words
        return "warn", title, note, _count(reader, len(found.silent))
    if found.keys:
        plugin, account, days = min(found.keys, key=lambda one: one[2])
        name = _called(reader, desk, plugin)
        return "warn", title, f"{name} ({account}): {_key(reader, days)}", ""
    if not found.count:
        return None
    return "ok", title, reader._("Обмен со всеми службами идёт"), _count(reader, found.count)


def _called(reader: Reader, desk: Desk | None, plugin: str) -> str:
    return desk.title_of(plugin, reader.language) if desk else plugin
