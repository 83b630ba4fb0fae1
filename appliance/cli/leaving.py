"""Verbs for the day a colleague comes and the day he goes: link, handing over, trail."""

import csv
import io
import os
import threading
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

from appliance.cli.answers import Common, about
from appliance.cli.client import House
from appliance.cli.remote import PERSON, Person, ask_as
from appliance.cli.texts import translate
from appliance.domain.dismissal import TRAIL_DAYS
from appliance.errors import HouseError

DEFAULTS = Common()
POLL_SECONDS = 1.0


def dismiss(
    login: str,
    /,
    *,
    heir: Annotated[str, about("кому передать клиентов, заказы, сделки и задачи")],
    wait: Annotated[bool, about("дождаться конца передачи", negative=())] = False,
    person: Person = PERSON,
    common: Common = DEFAULTS,
) -> None:
    """Close the door at once and have everything handed over to HEIR; it goes on by itself."""
    with House(common.socket()) as house:
        if person.login is not None:
            house.sign_in(person.login, person.password(), person.code)
        found = house.ask("/users/dismiss", {"of": login, "heir": heir})
        pause = threading.Event()
        while wait and found["runs"]:
            pause.wait(POLL_SECONDS)
            found = house.ask("/users/dismissal", {"of": login})
        common.answer(found)


def link(login: str, /, *, person: Person = PERSON, common: Common = DEFAULTS) -> None:
    """Print a link by which a colleague sets his password once, within a day."""
    ask_as(person, common, "/users/link", {"of": login})


def set_leaving(
    login: str,
    /,
    *,
    back: Annotated[bool, about("остаётся: вернуть как было", negative=())] = False,
    person: Person = PERSON,
    common: Common = DEFAULTS,
) -> None:
    """Give somebody who leaves a quarter of the contacts a day, and no exports."""
    ask_as(person, common, "/users/set-leaving", {"of": login, "leaving": not back})


def dismissal(login: str, /, *, person: Person = PERSON, common: Common = DEFAULTS) -> None:
    """Say how far the handing over is."""
    ask_as(person, common, "/users/dismissal", {"of": login})


def trail(
    login: str,
    /,
    *,
    out: Annotated[Path, about("файл CSV; не должен существовать")],
    days: Annotated[int, about("за сколько дней")] = TRAIL_DAYS,
    person: Person = PERSON,
    common: Common = DEFAULTS,
) -> None:
    """Write what a colleague opened and took out into a file."""
    with House(common.socket()) as house:
        if person.login is not None:
            house.sign_in(person.login, person.password(), person.code)
        found = house.ask("/users/trail", {"of": login, "days": days})
    common.answer({"path": str(out), "lines": write_trail(out, found)})


def write_trail(path: Path, found: Mapping[str, Any]) -> int:
    """Write a trail where nothing is yet, readable by its owner only; how many lines.

    Raises:
        HouseError: `file_exists`, `file_unwritable`.
    """
    lines: Sequence[Mapping[str, Any]] = found["lines"]
    text = io.StringIO()
    out = csv.writer(text, delimiter=";")
    heads = ("Что", "Номер или действие", "Поля", "Сколько раз", "Впервые", "В последний раз")
    out.writerow([translate(one) for one in heads])
    kinds = {"client": "клиент", "export": "выгрузка", "deed": "действие"}
    for one in lines:
        row = [translate(kinds[one["what"]]), one["name"], one["fields"], one["times"]]
        out.writerow([*row, _when(one["first"]), _when(one["last"])])
    try:
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        raise HouseError("file_exists", path=str(path)) from None
    except OSError as error:
        raise HouseError("file_unwritable", path=str(path)) from error
    with open(handle, "wb") as file:  # noqa: PTH123 - a handle, not a path
        file.write(text.getvalue().encode("utf-8-sig"))  # so that Excel knows the letters
    return len(lines)


def _when(iso: str) -> str:
    return f"{datetime.fromisoformat(iso):%Y-%m-%d %H:%M} UTC"
