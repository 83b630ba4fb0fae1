"""Verbs of keys that take time: rotations, and how far they are."""

import sys
import threading
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
