"""`korobka plugins screen …`: rows of a plugin's screen, and its buttons."""

from collections.abc import Mapping
from typing import Annotated, Any, cast

from appliance.cli.answers import Common, about
from appliance.cli.client import House
from appliance.cli.remote import PERSON, Person
from appliance.cli.texts import language, translate

DEFAULTS = Common()


def screen(
    name: str,
    screen: Annotated[str, about("экран, как его называет плагин: runs, aside")],
    /,
    *,
    after: Annotated[str, about("строки за этой")] = "",
    person: Person = PERSON,
    common: Common = DEFAULTS,
) -> None:
    """Show the rows of a plugin's screen; each ends with its key and what can be done with it."""
    body = {"name": name, "screen": screen, "after": after}
    found = _ask(person, common, "/plugins/screen", body)
    lines = [" | ".join(one["title"][language()] for one in found["columns"])]
    for row in cast("list[dict[str, Any]]", found["rows"]):
        lines.append(" | ".join(text or "—" for text in row["said"][language()]))
        if row["deeds"]:
            lines.append(f"    {row['key']}: {', '.join(row['deeds'])}")
    if found["after"]:
        lines.append(f"--after {found['after']}")
    common.answer(found, "\n".join(lines) if found["rows"] else translate("Строк нет."))


def press(
    name: str,
    screen: Annotated[str, about("экран, как его называет плагин: runs, aside")],
    deed: Annotated[str, about("что сделать: confirm, reject, undo, again, drop")],
    key: Annotated[str, about("строка: её ключ из `korobka plugins screen`")],
    /,
    *,
    person: Person = PERSON,
    common: Common = DEFAULTS,
) -> None:
    """Press a button of a row: let an exchange through, refuse it, take it back."""
    body = {"name": name, "screen": screen, "deed": deed, "key": key}
    found = _ask(person, common, "/plugins/press", body)
    common.answer(found, found["said"][language()])


def _ask(person: Person, common: Common, path: str, body: Mapping[str, object]) -> dict[str, Any]:
    house = House(common.socket())
    if person.login is not None:
        house.sign_in(person.login, person.password(), person.code)
    with house:
        return cast("dict[str, Any]", house.ask(path, body))
