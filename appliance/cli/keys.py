"""Verbs of keys that take time: rotations, and how far they are."""

import getpass
import os
import sys
import threading
from pathlib import Path
from typing import Annotated, Any, cast

from appliance.cli.answers import Common, about
from appliance.cli.client import House
from appliance.cli.remote import PERSON, Person
from appliance.cli.texts import translate
from appliance.errors import HouseError

DEFAULTS = Common()
POLL_SECONDS = 1.0


def rotate(
    *,
    kek: Annotated[bool, about("ключ, которым закрыты ключи людей", negative=())] = False,
    index: Annotated[bool, about("ключи поиска по телефону, почте и ИНН", negative=())] = False,
    people: Annotated[
        bool, about("ключ каждого человека: если прежние могли украсть", negative=())
    ] = False,
    no_wait: Annotated[bool, about("начать и не ждать конца", negative=())] = False,
    person: Person = PERSON,
    common: Common = DEFAULTS,
) -> None:
    """Make new keys of one kind and watch everything be brought over; the box works meanwhile."""
    chosen = [name for name, is_set in _named(kek, index, people) if is_set]
    if len(chosen) != 1:
        raise HouseError("usage", problem="--kek | --index | --people")
    with House(common.socket()) as house:
        _enter(house, person)
        begun = house.ask("/keys/rotate", {"what": chosen[0]})
        found = begun if no_wait else _watch(house, chosen[0], quiet=common.json)
    common.answer(found)


def new_recovery_code(
    *,
    old_code_file: Annotated[
        Path | None, about("файл с прежним кодом; «-» — стандартный ввод")
    ] = None,
    lost: Annotated[bool, about("прежний листок потерян", negative=())] = False,
    code_file: Annotated[
        Path | None, about("записать новый код сюда и не спрашивать его обратно")
    ] = None,
    person: Person = PERSON,
    common: Common = DEFAULTS,
) -> None:
    """Draw a new code, have it typed back from paper, and put it in the old one's place."""
    old = "" if lost else _old_code(old_code_file)
    with House(common.socket()) as house:
        _enter(house, person)
        code = str(house.ask("/vault/new-recovery-code")["code"])
        if code_file is not None:
            _write(code_file, code)
            typed = code
        else:
            print(f"{translate('Новый код восстановления')}:\n\n  {code}\n", file=sys.stderr)
            typed = getpass.getpass(f"{translate('Перепишите на бумагу и наберите с неё')}: ")
        body = {"typed": typed, "old_code": old}
        common.answer(house.ask("/vault/confirm-recovery-code", body))


def _old_code(path: Path | None) -> str:
    if path is None:
        return getpass.getpass(f"{translate('Прежний код восстановления')}: ")
    if str(path) == "-":
        return sys.stdin.readline().strip()
    try:
        return path.read_text(encoding="utf-8").split("\n", 1)[0].strip()
    except (OSError, UnicodeDecodeError) as error:
        raise HouseError("file_unreadable", path=str(path)) from error


def _write(path: Path, code: str) -> None:
    """Write the code where nothing is yet, readable by its owner only."""
    try:
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        raise HouseError("file_exists", path=str(path)) from None
    except OSError as error:
        raise HouseError("file_unreadable", path=str(path)) from error
    with open(handle, "w", encoding="ascii") as file:  # noqa: PTH123 - a handle, not a path
        file.write(f"{code}\n")
        file.flush()
        os.fsync(file.fileno())


def rotations(*, person: Person = PERSON, common: Common = DEFAULTS) -> None:
    """Say how each rotation stands."""
    with House(common.socket()) as house:
        _enter(house, person)
        common.answer(house.ask("/keys/rotations"))


def _named(kek: bool, index: bool, people: bool) -> tuple[tuple[str, bool], ...]:
    return ("kek", kek), ("index", index), ("people", people)


def _enter(house: House, person: Person) -> None:
    if person.login is not None:
        house.sign_in(person.login, person.password(), person.code)


def _watch(house: House, turn: str, *, quiet: bool) -> dict[str, Any]:
    """Say how far it is each second, on standard error; interrupting stops only the watching."""
    pause = threading.Event()
    while True:
        rows = cast("list[dict[str, Any]]", house.ask("/keys/rotations")["rotations"])
        found = next(one for one in rows if one["turn"] == turn)
        if not quiet and found["total"]:
            percent = 100 * found["done"] // found["total"]
            sys.stderr.write(f"\r{translate('Готово')}: {min(percent, 100)} %")
            sys.stderr.flush()
        if not found["runs"]:
            if not quiet:
                sys.stderr.write("\n")
            return found
        pause.wait(POLL_SECONDS)
