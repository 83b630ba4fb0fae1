"""`korobka plugins …`: add, approve, set up, switch, test; the same deeds as on the pages."""

import sys
from base64 import b64encode
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Final, cast

from appliance.cli.answers import FAILED, OK, Common, about
from appliance.cli.client import House
from appliance.cli.remote import PERSON, Person
from appliance.cli.texts import language, translate
from appliance.domain.plugins import Need, PersonalUse, PluginState, Rights
from appliance.errors import HouseError
from appliance.web import plugin_words

DEFAULTS = Common()
LARGEST: Final = 24 << 20

File = Annotated[Path, about("файл .korobka-plugin")]
Sure = Annotated[
    list[str],
    about("согласие с предупреждением: unsigned, stranger, other_maker, older"),
]


def listed(*, person: Person = PERSON, common: Common = DEFAULTS) -> None:
    """List plugins: name, version, state, why."""
    found = ask(person, common, "/plugins/list", {})
    lines = [_line(one) for one in rows_of(found, "plugins")]
    common.answer(found, "\n".join(lines) or translate("Плагинов нет."))


def show(name: str, /, *, person: Person = PERSON, common: Common = DEFAULTS) -> None:
    """Show a plugin: rights in words, who approved them, jobs."""
    found = ask(person, common, "/plugins/show", {"name": name})
    lines = [_line(found), found["about"][language()], ""]
    lines += [translate("Просит:"), *_rights(found["asked"], found["wider"], given=found["given"])]
    lines += [f"{translate('Задания')}: {', '.join(found['jobs'])}"] if found["jobs"] else []
    lines += [
        f"{translate('Разрешено')}: {one['version']} {one['at'][:16].replace('T', ' ')}"
        for one in found["approvals"]
        if not one["until"]
    ]
    if found["signer"] and found["signer"] != "box":
        lines.append(f"{translate('Ключ изготовителя')}: {found['signer']}")
    common.answer(found, "\n".join(line for line in lines))


def look(file: File, /, *, person: Person = PERSON, common: Common = DEFAULTS) -> None:
    """Say what is in a file, whose it is and what to be warned of; installs nothing."""
    found = ask(person, common, "/plugins/look", {"body": _read(file)})
    common.answer(found, _about_file(found))


def add(
    file: File,
    /,
    *,
    sure: Sure = [],  # noqa: B006 - read only
    person: Person = PERSON,
    common: Common = DEFAULTS,
) -> None:
    """Install or update from a file. What it warns of is asked at the terminal."""
    body = _read(file)
    needs = [Need(one) for one in sure if one in set(Need)]
    with _house(person, common) as house:
        if not common.json and sys.stdin.isatty():
            looked = house.ask("/plugins/look", {"body": body})
            needs += _warned(looked, needs)
        found = house.ask(
            "/plugins/add", {"body": body, "confirmed": [need.value for need in needs]}
        )
    state = plugin_words.words("state", str(found["state"]), language()).text
    said = f"{found['name']} {found['version']}: {state}"
    if found["state"] in {PluginState.FOUND, PluginState.WAITING}:
        said += (
            f"\n{translate('Прочесть права и разрешить')}: korobka plugins approve {found['name']}"
        )
    common.answer(found, said)


def approve(
    name: str,
    /,
    *,
    version: Annotated[str, about("только если это та версия, что прочли")] = "",
    yes: Annotated[bool, about("не спрашивать: права прочтены", negative=())] = False,
    person: Person = PERSON,
    common: Common = DEFAULTS,
) -> int:
    """Give a plugin the rights it asks for; they are shown and asked about first."""
    with _house(person, common) as house:
        found = cast("dict[str, Any]", house.ask("/plugins/show", {"name": name}))
        if not yes and not common.json:
            print("\n".join(_rights(found["asked"], found["wider"], given=found["given"])))
            if not _agreed(translate("Разрешить? Введите имя плагина: "), name):
                print(translate("Не разрешено."))
                return FAILED
        body = {"name": name, "version": version or found["version"]}
        common.answer(house.ask("/plugins/approve", body), translate("Разрешено."))
    return OK


def take_back(name: str, /, *, person: Person = PERSON, common: Common = DEFAULTS) -> None:
    """Take every right back; the plugin stops."""
    _do(person, common, "/plugins/take-back", name, "Права забраны.")


def remove(
    name: str,
    /,
    *,
    with_data: Annotated[bool, about("и то, что он записал в свои таблицы", negative=())] = False,
    person: Person = PERSON,
    common: Common = DEFAULTS,
) -> None:
    """Remove a plugin that was added; its own tables stay unless --with-data."""
    body = {"name": name, "with_data": with_data}
    common.answer(ask(person, common, "/plugins/remove", body), translate("Плагин удалён."))


def letters(
    name: str,
    /,
    *,
    drop: Annotated[bool, about("не передавать никогда", negative=())] = False,
    person: Person = PERSON,
    common: Common = DEFAULTS,
) -> None:
    """Deliver again the events a plugin could not take; --drop takes them off for good."""
    found = ask(person, common, "/plugins/letters", {"name": name, "drop": drop})
    common.answer(found, f"{translate('Событий')}: {found['letters']}")


def switch_on(name: str, /, *, person: Person = PERSON, common: Common = DEFAULTS) -> None:
    """Switch a plugin on; also out of a pause or a quarantine."""
    _do(person, common, "/plugins/on", name, "Плагин включён.")


def switch_off(name: str, /, *, person: Person = PERSON, common: Common = DEFAULTS) -> None:
    """Switch it off; events pass it by."""
    _do(person, common, "/plugins/off", name, "Плагин выключен.")


def pause(name: str, /, *, person: Person = PERSON, common: Common = DEFAULTS) -> None:
    """Pause it; events wait for it."""
    _do(person, common, "/plugins/pause", name, "Плагин на паузе.")


def quarantine(name: str, /, *, person: Person = PERSON, common: Common = DEFAULTS) -> None:
    """Put it into quarantine; `on` returns it."""
    _do(person, common, "/plugins/quarantine", name, "Плагин в карантине.")


def settings(name: str, /, *, person: Person = PERSON, common: Common = DEFAULTS) -> None:
    """List settings with their values; of secrets only whether they are set."""
    found = ask(person, common, "/plugins/settings", {"name": name})
    lines: list[str] = []
    for one in rows_of(found, "settings"):
        secret = translate("задан") if one["is_set"] else translate("не задан")
        value = secret if one["kind"] == "secret" else one["typed"] or "—"
        must = " *" if one.get("required") else ""
        lines.append(f"{one['name']:<20} {value}  ({one['title'][language()]}{must})")
    common.answer(found, "\n".join(lines) or translate("Настроек нет."))


def put(
    name: str,
    /,
    *pairs: Annotated[str, about("имя=значение; имя=@файл — из файла, для секретов")],
    person: Person = PERSON,
    common: Common = DEFAULTS,
) -> None:
    """Change settings; a plugin that runs starts anew with them."""
    body = {"name": name, "values": pairs_of(pairs)}
    try:
        found = ask(person, common, "/plugins/set", body)
    except HouseError as error:
        if "field" in error.params and not common.json:
            print(f"{error.params['field']}:", file=sys.stderr)
        raise
    common.answer(found, translate("Сохранено."))


def try_out(
    name: str,
    /,
    *,
    account: Annotated[str, about("код одного подключения; без него все")] = "",
    person: Person = PERSON,
    common: Common = DEFAULTS,
) -> int:
    """Have a plugin say how it is: its connection above all."""
    found = ask(person, common, "/plugins/test", {"name": name, "account": account})
    rows = rows_of(found, "findings")
    lines = [f"{'+' if one['is_good'] else '!'} {one['said'][language()]}" for one in rows]
    common.answer(found, "\n".join(lines) or translate("Плагин отвечает."))
    return OK if all(one["is_good"] for one in rows) else FAILED


def run(name: str, job: str, /, *, person: Person = PERSON, common: Common = DEFAULTS) -> None:
    """Run a job of a plugin now."""
    found = ask(person, common, "/plugins/run", {"name": name, "job": job})
    common.answer(found, translate("Выполнено."))


def makers(*, person: Person = PERSON, common: Common = DEFAULTS) -> None:
    """List whose signatures are trusted beside the release's maker's."""
    found = ask(person, common, "/plugins/makers", {})
    lines = [f"{one['key']}  {one['title']}" for one in rows_of(found, "makers")]
    common.answer(found, "\n".join(lines) or translate("Больше никому."))


def trust(key: str, title: str, /, *, person: Person = PERSON, common: Common = DEFAULTS) -> None:
    """Trust a maker: his key (64 digits) and what to call him."""
    found = ask(person, common, "/plugins/trust", {"key": key, "title": title})
    common.answer(found, translate("Подписи этого изготовителя Коробка теперь верит."))


def distrust(key: str, /, *, person: Person = PERSON, common: Common = DEFAULTS) -> None:
    """Trust a maker no more."""
    found = ask(person, common, "/plugins/distrust", {"key": key})
    common.answer(found, translate("Больше не верит."))


def journal(
    name: Annotated[str, about("плагин; без него — все")] = "",
    /,
    *,
    number: Annotated[int, about("запись с этим номером")] = 0,
    order: Annotated[int, about("записи о заказе с этим номером")] = 0,
    bad: Annotated[bool, about("только беды", negative=())] = False,
    before: Annotated[int, about("записи до этой")] = 0,
    person: Person = PERSON,
    common: Common = DEFAULTS,
) -> None:
    """Read the journal of exchanges, the newest first."""
    body: dict[str, object] = {
        "name": name, "number": number, "order": order, "before": before,
        "state": "bad" if bad else "",
    }  # fmt: skip
    found = ask(person, common, "/plugins/journal", body)
    common.answer(found, journal_lines(found) or translate("Записей нет."))


def journal_lines(found: dict[str, Any]) -> str:
    """Exchanges, one a line."""
    return "\n".join(
        f"{one['number']:>7}  {one['at'][:16].replace('T', ' ')}  {one['plugin']:<16} {_said(one)}"
        for one in rows_of(found, "lines")
    )


def _house(person: Person, common: Common) -> House:
    house = House(common.socket())
    if person.login is not None:
        house.sign_in(person.login, person.password(), person.code)
    return house


def pairs_of(pairs: Sequence[str]) -> dict[str, str]:
    """`name=value` as values by name; `name=@file` reads the file.

    Raises:
        HouseError: `usage`, `file_unreadable`.
    """
    values: dict[str, str] = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals or not key:
            raise HouseError("usage", problem=pair)
        values[key] = _text(Path(value[1:])) if value.startswith("@") else value
    return values


def ask(person: Person, common: Common, path: str, body: Mapping[str, object]) -> dict[str, Any]:
    """Put a question to the admin door."""
    with _house(person, common) as house:
        return cast("dict[str, Any]", house.ask(path, body))


def _do(person: Person, common: Common, path: str, name: str, said: str) -> None:
    common.answer(ask(person, common, path, {"name": name}), translate(said))


def rows_of(found: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    """A list of an answer."""
    return cast("list[dict[str, Any]]", found[name])


def _line(one: Mapping[str, Any]) -> str:
    state = str(one["state"])
    if state == PluginState.RUNNING and one["process"]:
        state = str(one["process"])
    words = plugin_words.words("state", state, language()).text
    why = one["reason"] if one["state"] in {"broken", "quarantined"} else ""
    more = f": {plugin_words.trouble(why, language())}" if why else ""
    return f"{one['name']:<20} {one['version']:<9} {words}{more}"


def _said(line: Mapping[str, Any]) -> str:
    if str(line["code"]).startswith(plugin_words.OURS):
        return plugin_words.said(None, line["code"], line["data"], language())
    return str(line["said"][language()])


def _rights(
    asked: Mapping[str, Any], wider: Mapping[str, Any], *, given: object = None
) -> list[str]:
    said = plugin_words.asked(_decoded(asked), _decoded(wider), None, language())
    fresh = said.wider if given is not None else frozenset[str]()

    def mark(code: str) -> str:
        return f"  [{translate('новое')}]" if code in fresh else ""

    lines = [
        f"  {one.text}. {one.more}".rstrip(". ") + mark(f"permission:{code}")
        for code, one in said.permissions
    ]
    lines += [
        f"  {translate('Личные данные')}: {field}, {purpose}" + mark(f"personal:{code}")
        for code, field, purpose in said.personal
    ]
    lines += [
        f"  {translate('Выходит в сеть')}: {place}" + mark(f"host:{code}")
        for code, place in said.hosts
    ]
    lines += [
        f"  {translate('Узнаёт о событии')}: {one.text}" + mark(f"event:{code}")
        for code, one in said.events
    ]
    return lines or [f"  {translate('Ничего: ни данных, ни сети.')}"]


def _decoded(rights: Mapping[str, Any]) -> Rights:
    return Rights(
        permissions=tuple(rights["permissions"]),
        events=tuple(rights["events"]),
        hosts=tuple(rights["hosts"]),
        personal=tuple(PersonalUse(one["field"], one["purpose"]) for one in rights["personal"]),
    )


def _about_file(found: Mapping[str, Any]) -> str:
    lines = [f"{found['name']} {found['version']}"]
    if found["was"]:
        lines[0] += f" ({translate('вместо')} {found['was']})"
    for code in found["needs"]:
        need = plugin_words.words("need", code, language())
        lines.append(f"! {need.text}. {need.more}  [--sure {code}]")
    return "\n".join([*lines, translate("Просит:"), *_rights(found["asked"], _NOTHING)])


_NOTHING: Final[Mapping[str, Any]] = {"permissions": [], "events": [], "hosts": [], "personal": []}


def _warned(looked: Mapping[str, Any], known: Sequence[Need]) -> list[Need]:
    """Ask for a yes to each warning that was not answered on the command line.

    Raises:
        HouseError: `plugin_confirm`: somebody said no.
    """
    missing = [Need(one) for one in looked["needs"] if one not in known]
    if not missing:
        return []
    print(_about_file(looked))
    asked = translate("Поставить всё равно? Введите имя плагина: ")
    if not _agreed(asked, str(looked["name"])):
        raise HouseError("plugin_confirm", needs=", ".join(missing))
    return missing


def _agreed(asked: str, name: str) -> bool:
    try:
        return input(asked).strip() == name
    except EOFError:
        return False


def _read(path: Path) -> str:
    try:
        body = path.read_bytes()
    except OSError as error:
        raise HouseError("file_unreadable", path=str(path)) from error
    if len(body) > LARGEST:
        raise HouseError("plugin_file_large", most=LARGEST >> 20)
    return b64encode(body).decode()


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise HouseError("file_unreadable", path=str(path)) from error
