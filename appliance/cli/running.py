"""Verbs that look after a running box: its state, queue, timetable, departments and roles."""

from pathlib import Path
from typing import Any, cast

import msgspec

from appliance.cli.answers import FAILED, OK, Common
from appliance.cli.client import House
from appliance.cli.remote import PERSON, Person, ask_as
from appliance.errors import HouseError

DEFAULTS = Common()


def health(*, person: Person = PERSON, common: Common = DEFAULTS) -> int:
    """Print the judged lines, the worst first; exit 1 where one is red."""
    with House(common.socket()) as house:
        if person.login is not None:
            house.sign_in(person.login, person.password(), person.code)
        found = house.ask("/box/health")
    lines = cast("list[dict[str, Any]]", found["lines"])
    text = "\n".join(_line(one) for one in lines)
    common.answer(found, text)
    return FAILED if found["state"] == "bad" else OK


def _line(one: dict[str, Any]) -> str:
    """A line for people who read a terminal: state, code, values."""
    values = " ".join(f"{name}={value}" for name, value in one["values"].items())
    return f"{one['state']:<5}{one['code']:<22}{values}".rstrip()


def end_sessions(login: str, /, *, person: Person = PERSON, common: Common = DEFAULTS) -> None:
    """End everything a colleague has open."""
    ask_as(person, common, "/users/end-sessions", {"of": login})


def set_department(
    login: str, department: str, /, *, person: Person = PERSON, common: Common = DEFAULTS
) -> None:
    """Put a colleague into a department by its code; an empty one is none."""
    ask_as(person, common, "/users/set-department", {"of": login, "department": department})


def eyes(login: str, /, *, person: Person = PERSON, common: Common = DEFAULTS) -> None:
    """Print what a colleague may do with all his roles together."""
    ask_as(person, common, "/users/eyes", {"of": login})


def departments(*, person: Person = PERSON, common: Common = DEFAULTS) -> None:
    """List departments."""
    ask_as(person, common, "/departments/list", {})


def add_department(
    code: str, name: str, /, *, person: Person = PERSON, common: Common = DEFAULTS
) -> None:
    """Add a department."""
    ask_as(person, common, "/departments/add", {"code": code, "name": name})


def roles(*, person: Person = PERSON, common: Common = DEFAULTS) -> None:
    """List roles with what they grant."""
    ask_as(person, common, "/roles/list", {})


def edit_role(
    code: str, file: Path, /, *, person: Person = PERSON, common: Common = DEFAULTS
) -> None:
    """Write a role from a file: `{"name": …, "grants": {…}}`, as `role list --json` shows it.

    Raises:
        HouseError: `file_unreadable`, or as the box refuses.
    """
    try:
        wanted = msgspec.json.decode(file.read_bytes(), type=dict[str, Any])
        body = {"code": code, "name": wanted["name"], "grants": wanted["grants"]}
    except (OSError, msgspec.MsgspecError, KeyError) as error:
        raise HouseError("file_unreadable", path=str(file)) from error
    ask_as(person, common, "/roles/edit", body)


def remove_role(code: str, /, *, person: Person = PERSON, common: Common = DEFAULTS) -> None:
    """Delete a role that nobody holds."""
    ask_as(person, common, "/roles/remove", {"code": code})


def dead(*, person: Person = PERSON, common: Common = DEFAULTS) -> None:
    """List what could not be delivered."""
    ask_as(person, common, "/outbox/list", {})


def retry(delivery: str, /, *, person: Person = PERSON, common: Common = DEFAULTS) -> None:
    """Send it again."""
    ask_as(person, common, "/outbox/retry", {"id": delivery})


def drop(delivery: str, /, *, person: Person = PERSON, common: Common = DEFAULTS) -> None:
    """Delete it."""
    ask_as(person, common, "/outbox/drop", {"id": delivery})


def jobs(*, person: Person = PERSON, common: Common = DEFAULTS) -> None:
    """List the timetable."""
    ask_as(person, common, "/jobs/list", {})


def run_job(kind: str, /, *, person: Person = PERSON, common: Common = DEFAULTS) -> None:
    """Have a chore come within half a minute."""
    ask_as(person, common, "/jobs/run", {"kind": kind})
