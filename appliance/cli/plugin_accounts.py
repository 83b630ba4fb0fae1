"""`korobka plugins accounts …`: connections of one plugin, as on its card."""

from typing import Annotated

from appliance.cli.answers import Common, about
from appliance.cli.plugins import ask, pairs_of, rows_of
from appliance.cli.remote import PERSON, Person
from appliance.cli.texts import language, translate

DEFAULTS = Common()

Pairs = Annotated[str, about("имя=значение; имя=@файл — из файла, для секретов")]
Title = Annotated[str, about("название подключения, для людей")]


def listed(name: str, /, *, person: Person = PERSON, common: Common = DEFAULTS) -> None:
    """List connections of a plugin with their settings; secrets are not shown."""
    found = ask(person, common, "/plugins/accounts", {"name": name})
    lines: list[str] = []
    for one in rows_of(found, "accounts"):
        state = translate("в работе") if one["active"] else translate("выключено")
        lines.append(f"{one['code']:<16} {one['title']}  [{state}]")
        for each in one["settings"]:
            secret = translate("задан") if each["is_set"] else translate("не задан")
            value = secret if each["kind"] == "secret" else each["typed"] or "—"
            lines.append(f"    {each['name']:<20} {value}  ({each['title'][language()]})")
    common.answer(found, "\n".join(lines) or translate("Подключений нет."))


def add(
    name: str,
    title: Title,
    /,
    *pairs: Pairs,
    code: Annotated[str, about("код подключения; без него придумает Коробка")] = "",
    person: Person = PERSON,
    common: Common = DEFAULTS,
) -> None:
    """Add a connection."""
    body = {"name": name, "code": code, "title": title, "values": pairs_of(pairs)}
    found = ask(person, common, "/plugins/accounts/put", body)
    common.answer(found, f"{translate('Добавлено')}: {found['code']}")


def put(
    name: str,
    code: str,
    /,
    *pairs: Pairs,
    title: Title = "",
    person: Person = PERSON,
    common: Common = DEFAULTS,
) -> None:
    """Change a connection; what is not named stays."""
    body: dict[str, object] = {"name": name, "code": code, "values": pairs_of(pairs)}
    if title:
        body["title"] = title
    common.answer(ask(person, common, "/plugins/accounts/put", body), translate("Сохранено."))


def switch_on(
    name: str, code: str, /, *, person: Person = PERSON, common: Common = DEFAULTS
) -> None:
    """Use a connection again."""
    body = {"name": name, "code": code, "active": True}
    common.answer(ask(person, common, "/plugins/accounts/switch", body), translate("Включено."))


def switch_off(
    name: str, code: str, /, *, person: Person = PERSON, common: Common = DEFAULTS
) -> None:
    """Leave a connection alone; what is for it waits."""
    body = {"name": name, "code": code, "active": False}
    common.answer(ask(person, common, "/plugins/accounts/switch", body), translate("Выключено."))
