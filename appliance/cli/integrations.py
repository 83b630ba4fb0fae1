"""`korobka integrations …`: how services stand, what they did not take, one of it again."""

from collections.abc import Mapping
from typing import Annotated, Any

from appliance.cli.answers import FAILED, OK, Common, about
from appliance.cli.plugins import ask, journal_lines, rows_of
from appliance.cli.remote import PERSON, Person
from appliance.cli.texts import language, translate
from appliance.web import plugin_words

DEFAULTS = Common()
BAD = ("access_refused", "forbidden", "down")

SHOPS = {
    "unconnected": "не подключён",
    "first": "ждёт первого обмена",
    "silent": "молчит",
    "catalogue": "каталог не прочитан",
    "ok": "обмен идёт",
}

Letter = Annotated[str, about("номер передачи из `letters`")]


def listed(*, person: Person = PERSON, common: Common = DEFAULTS) -> int:
    """List services: state, last exchange, what waits, what was not taken."""
    found = ask(person, common, "/integrations/list", {})
    services = rows_of(found, "services")
    lines = [_line(one) for one in services] + [_shop(one) for one in rows_of(found, "shops")]
    common.answer(found, "\n".join(lines) or translate("Служб ещё нет."))
    amiss = any(one["dead"] or one["standing"]["code"] in BAD for one in services)
    return FAILED if amiss else OK


def _line(one: Mapping[str, Any]) -> str:
    plugin, standing = one["plugin"], one["standing"]
    state = str(plugin["process"] or plugin["state"])
    text = plugin_words.words("state", state, language()).text
    if not one["used"]:
        text = translate("выключено")
    elif standing["code"] not in {"", "up"}:
        data = {"account": standing["account"], "status": standing["status"]}
        text = plugin_words.said(None, f"vendor.{standing['code']}", data, language())
    last = str(plugin["last_at"] or "—")[:16].replace("T", " ")
    name = plugin["name"] + (f"/{one['account']}" if one["account"] else "")
    numbers = f"{translate('ждёт')} {one['waiting']}, {translate('не принято')} {one['dead']}"
    key = f"  {translate('ключ до')} {standing['key_until'][:10]}" if standing["key_until"] else ""
    return f"{name:<32} {last:<17} {numbers}  {text}{key}"


def _shop(one: Mapping[str, Any]) -> str:
    last = str(one["used_at"] or "—")[:16].replace("T", " ")
    name = f"{translate('магазин')} {one['code']}"
    return f"{name:<32} {last:<17} {translate(SHOPS[one['state']])}"


def letters(
    *,
    order: Annotated[int, about("только о заказе с этим номером")] = 0,
    person: Person = PERSON,
    common: Common = DEFAULTS,
) -> None:
    """List what services did not take, oldest first."""
    found = ask(person, common, "/integrations/letters", {"order": order})
    lines = [
        f"{one['id']}  {one['at'][:16].replace('T', ' ')}  {one['plugin']:<20} "
        f"{one['kind'] or one['event']} {one['deed']}"
        + (f" № {one['order_number']}" if one["order_number"] else "")
        + f": {plugin_words.trouble(one['error'], language())}"
        for one in rows_of(found, "letters")
    ]
    common.answer(found, "\n".join(lines) or translate("Всё принято."))


def again(letter: Letter, /, *, person: Person = PERSON, common: Common = DEFAULTS) -> None:
    """Hand one of them over again."""
    found = ask(person, common, "/integrations/settle", {"id": letter})
    common.answer(found, translate("Передаётся снова."))


def drop(letter: Letter, /, *, person: Person = PERSON, common: Common = DEFAULTS) -> None:
    """Never hand it over; what waits behind it goes on."""
    found = ask(person, common, "/integrations/settle", {"id": letter, "drop": True})
    common.answer(found, translate("Снято."))


def journal(
    order: Annotated[int, about("записи о заказе с этим номером")],
    /,
    *,
    person: Person = PERSON,
    common: Common = DEFAULTS,
) -> None:
    """Read every exchange about one order, the newest first."""
    found = ask(person, common, "/plugins/journal", {"order": order, "limit": 200})
    common.answer(found, journal_lines(found) or translate("Записей нет."))


def repeat(
    number: Annotated[int, about("номер записи из `journal`")],
    /,
    *,
    person: Person = PERSON,
    common: Common = DEFAULTS,
) -> None:
    """Repeat the exchange of one line: hand it over again, or ask the service how it is."""
    found = ask(person, common, "/integrations/repeat", {"number": number})
    words = {"again": "Передаётся снова.", "look": "Служба спрошена."}
    common.answer(found, translate(words[found["deed"]]))
