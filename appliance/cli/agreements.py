"""`korobka agreements …`: what waits for a second person, agreeing to it, the rule."""

from pathlib import Path
from typing import Annotated, Any, cast

from appliance.cli.answers import Common, about
from appliance.cli.client import House
from appliance.cli.house import first_line
from appliance.cli.remote import PERSON, Person, ask_as
from appliance.cli.texts import translate

DEFAULTS = Common()

HANDS = {"auto": "где есть кому согласиться", "always": "всегда"}
DEEDS = {
    "slots": "способы открыть",
    "copies": "места копий",
    "pack": "пакет для проверки",
    "hands": "правило второго человека",
}


def listed(*, person: Person = PERSON, common: Common = DEFAULTS) -> None:
    """List what waits for a second person or is agreed to."""
    with House(common.socket()) as house:
        if person.login is not None:
            house.sign_in(person.login, person.password(), person.code)
        found = house.ask("/agreements/list")
    rows = cast("list[dict[str, Any]]", found["agreements"])
    lines = [f"{translate('Второй человек нужен')}: {_hands(str(found['hands']))}"]
    lines += [
        f"{one['number']:>4}  {_deed(str(one['deed']))}: {one['about']}  "
        f"{translate('согласие есть') if one['agreed_at'] else translate('ждёт')}"
        for one in rows
    ]
    common.answer(found, "\n".join(lines))


def agree(
    number: int,
    /,
    *,
    code_file: Annotated[
        Path | None, about("файл с кодом восстановления: вместо второго человека")
    ] = None,
    person: Person = PERSON,
    common: Common = DEFAULTS,
) -> None:
    """Agree to what another administrator asks; by the code 72 hours pass first."""
    if code_file is not None:
        body = {"number": number, "code": first_line(code_file)}
        ask_as(person, common, "/agreements/agree-by-code", body)
    else:
        ask_as(person, common, "/agreements/agree", {"number": number})


def refuse(number: int, /, *, person: Person = PERSON, common: Common = DEFAULTS) -> None:
    """Take an asking back, or refuse it."""
    ask_as(person, common, "/agreements/refuse", {"number": number})


def rule(
    hands: Annotated[str, about("auto — где есть другой администратор; always — всегда")],
    /,
    *,
    person: Person = PERSON,
    common: Common = DEFAULTS,
) -> None:
    """Say when a second person is needed for key slots and places of copies."""
    ask_as(person, common, "/agreements/rule", {"hands": hands})


def _hands(name: str) -> str:
    return translate(HANDS.get(name, name))


def _deed(name: str) -> str:
    return translate(DEEDS.get(name, name))
