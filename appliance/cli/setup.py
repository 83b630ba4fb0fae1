"""The first run as commands: each step by its name, answers as `name=value`."""

import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any, Final, cast

from appliance.cli.answers import FAILED, OK, Common, about
from appliance.cli.client import House
from appliance.cli.remote import PERSON, Person, ask_as
from appliance.cli.texts import translate
from appliance.errors import HouseError

DEFAULTS = Common()
POLL_SECONDS: Final = 0.5

Read = Callable[[str], object]


def _text(typed: str) -> str:
    return typed


def _flag(typed: str) -> bool:
    known = {"yes": True, "да": True, "true": True, "no": False, "нет": False, "false": False}
    if typed.casefold() not in known:
        raise HouseError("usage", problem=typed)
    return known[typed.casefold()]


def _number(typed: str) -> int:
    if not typed.isdecimal():
        raise HouseError("usage", problem=typed)
    return int(typed)


def _list(typed: str) -> list[str]:
    return [one for one in typed.split(",") if one]


STEPS: Final[Mapping[str, Mapping[str, Read]]] = {
    "company": {
        "name": _text,
        "inn": _text,
        "contragent_type": _text,
        "kpp": _text,
        "ogrn": _text,
        "address": _text,
        "director": _text,
    },
    "owner": {"login": _text, "name": _text, "email": _text},
    "unlock": {"profile": _text, "passphrase": _text, "key_file": _text},
    "address": {"listen": _text, "port": _number, "hosts": _list},
    "reach": {"way": _text, "name": _text, "port": _number, "server": _text, "vpn": _flag},
    "copies": {"targets": _list, "every_minutes": _number, "secret": _text},
    "privacy": {
        "threats": _number,
        "category": _text,
        "staff_only": _flag,
        "many": _flag,
        "officer": _text,
        "notified": _flag,
    },
    "beginning": {"sample": _flag},
}
"""Step → its answers and how each is read."""

Answers = Annotated[
    list[str], about("имя=значение; значение из файла: имя=@файл; список через запятую")
]


def show(*, person: Person = PERSON, common: Common = DEFAULTS) -> None:
    """Answers so far and the plan of what is left."""
    with House(common.socket()) as house:
        if person.login is not None:
            house.sign_in(person.login, person.password(), person.code)
        found = house.ask("/setup/show")
    common.answer(found, _listed(found))


def _listed(found: Mapping[str, Any]) -> str:
    """The plan, a line each, and where the first run stands."""
    rows = cast("list[dict[str, Any]]", found["plan"])
    lines = [f"[{'x' if row['done'] else ' '}] {row['code']}" for row in rows]
    return "\n".join([f"step: {found['at']}", *lines])


def put(step: str, /, *answers: str, person: Person = PERSON, common: Common = DEFAULTS) -> None:
    """Answer one step; repeating it changes nothing that is the same."""
    known = STEPS.get(step)
    if known is None:
        raise HouseError("usage", problem=f"{step}: {', '.join(STEPS)}")
    body: dict[str, object] = {}
    for answer in answers:
        name, sign, typed = answer.partition("=")
        if not sign or name not in known:
            raise HouseError("usage", problem=f"{name}: {', '.join(known)}")
        body[name] = known[name](_value(typed))
    ask_as(person, common, f"/setup/{step}", body)


def _value(typed: str) -> str:
    """As typed, or the first line of a file: a secret does not belong on a command line."""
    if not typed.startswith("@"):
        return typed
    path = Path(typed[1:])
    try:
        return path.read_text(encoding="utf-8").partition("\n")[0].rstrip("\r")
    except (OSError, UnicodeDecodeError) as error:
        raise HouseError("file_unreadable", path=str(path)) from error


def code(
    *,
    again: Annotated[bool, about("новый код, хотя прежний уже проверен", negative=())] = False,
    person: Person = PERSON,
    common: Common = DEFAULTS,
) -> None:
    """Draw the code of the paper; it is printed once."""
    ask_as(person, common, "/setup/code", {"again": again})


def check(
    file: Annotated[Path, about("файл с кодом, набранным с листка")],
    /,
    *,
    person: Person = PERSON,
    common: Common = DEFAULTS,
) -> int:
    """Have a copy made and opened by the typed code; waits for the end."""
    typed, pause = _value(f"@{file}"), threading.Event()
    with House(common.socket()) as house:
        if person.login is not None:
            house.sign_in(person.login, person.password(), person.code)
        house.ask("/setup/prove", {"typed": typed})
        while (seen := house.ask("/setup/progress"))["running"]:
            pause.wait(POLL_SECONDS)
    if seen["code"]:
        raise HouseError(str(seen["code"]))
    common.answer({"proven": True}, translate("Код верный: он открыл настоящую копию."))
    return OK


def trust(folder: Path, /, *, person: Person = PERSON, common: Common = DEFAULTS) -> None:
    """Write trust packages for desks and phones into FOLDER (on the box's own machine)."""
    ask_as(person, common, "/setup/trust", {"folder": str(folder.absolute())})


def try_reach(*, person: Person = PERSON, common: Common = DEFAULTS) -> int:
    """Try the way in from outside; exit 1 where something is wrong."""
    with House(common.socket()) as house:
        if person.login is not None:
            house.sign_in(person.login, person.password(), person.code)
        found = house.ask("/setup/try-reach")
    common.answer(found)
    return FAILED if "bad" in cast("dict[str, str]", found["found"]).values() else OK


def finish(*, person: Person = PERSON, common: Common = DEFAULTS) -> None:
    """End the first run; the plan of what is left stays."""
    ask_as(person, common, "/setup/finish", {})
