"""What people can do on pages, programs can do by the native API, or it is written why not."""

import tomllib
from fnmatch import fnmatchcase
from pathlib import Path

import msgspec
import pytest

from appliance.api.v1 import records
from appliance.api.v1.operation import Compiled, Operation
from appliance.api.v1.streams import FLOWS
from appliance.api.v1.table import OPERATIONS
from appliance.roles import Permission
from tests.house.test_matrix import KNOWN

LEFT_OUT = Path(__file__).with_name("left_out.toml")
INNER = {Permission.HOUSE, Permission.SIGN_IN}
PEOPLES = {name for name, info in KNOWN.items() if info.permission not in INNER}
COVERED = {name for one in OPERATIONS for name in one.actions}
COVERED |= {flow.covers for flow in FLOWS.values()}


def left_out() -> dict[str, str]:
    with LEFT_OUT.open("rb") as stream:
        reasons = tomllib.load(stream)
    return {name: why for listed in reasons.values() for name, why in listed.items()}


def is_left_out(name: str) -> bool:
    return any(fnmatchcase(name, one) for one in left_out())


@pytest.mark.checklist(55)
def test_every_action_of_a_person_has_an_operation_or_a_reason_why_not() -> None:
    missing = {name for name in PEOPLES - COVERED if not is_left_out(name)}
    assert missing == set(), "add a line to appliance/api/v1/table/ or tests/house/left_out.toml"


def test_every_operation_names_actions_that_are_there() -> None:
    assert COVERED - set(KNOWN) == set()


def test_no_reason_is_kept_for_what_is_gone_or_has_an_operation() -> None:
    left = PEOPLES - COVERED
    stale = {one for one in left_out() if not any(fnmatchcase(name, one) for name in left)}
    assert stale == set()


@pytest.mark.parametrize("one", OPERATIONS, ids=lambda one: f"{one.method} {one.path}")
def test_an_operation_can_be_asked_and_described(one: Operation) -> None:
    made = Compiled(one)
    if made.body is not None:
        msgspec.json.schema(made.body.wire)
    msgspec.json.schema(made.answer)
    places = {f"{{{name}}}" for name in made.path_names}
    assert len(made.path) == len(places), "a name in the path is no parameter of the action"
    if one.following:
        kind = made.result
        for step in one.following.split("."):
            kind = records.fields_of(kind)[step][0]
