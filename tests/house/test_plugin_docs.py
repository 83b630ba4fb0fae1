"""The author's guide names every hook, event, call, permission, field and key of a manifest."""

import inspect
import re
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

import msgspec
import pytest

from appliance.domain.events import EVENTS
from appliance.domain.personal import Personal
from appliance.plugin_api import manifest
from appliance.plugin_api.asks import ASKS, Provided
from appliance.plugin_api.calls import CALLS, PERMISSIONS, PERSONAL_FIELDS, PURPOSES
from appliance.plugin_api.core import SUBJECTS, Core
from appliance.plugin_api.hooks import Hooks
from appliance.plugin_host.asked import RUNS, TABLE_RUNS
from appliance.roles import Permission

GUIDE = (Path(__file__).resolve().parents[2] / "docs" / "plugins.md").read_text(encoding="utf-8")
CODE = set(re.findall(r"[a-z_.]+", " ".join(re.findall(r"`([^`\n]+)`", GUIDE))))
NAMED = CODE | {part for word in CODE for part in word.split(".")}


def public(kind: type[Any]) -> list[str]:
    return [name for name, _ in inspect.getmembers(kind, inspect.isfunction) if name[0] != "_"]


OF_SUBJECTS = [f"{name}.{one}" for name, kind in SUBJECTS.items() for one in public(kind)]


def keys_of(kind: type[msgspec.Struct]) -> set[str]:
    found: set[str] = set()
    for name, hint in get_type_hints(kind).items():
        found.add(name)
        for part in (
            hint,
            *get_args(hint),
            *(deep for one in get_args(hint) for deep in get_args(one)),
        ):
            if isinstance(part, type) and issubclass(part, manifest._Part):
                found |= keys_of(part)
    return found


@pytest.mark.parametrize(
    "names",
    [
        pytest.param(public(Hooks), id="hooks"),
        pytest.param(list(EVENTS), id="events"),
        pytest.param(list(ASKS), id="questions"),
        pytest.param(list(get_args(Provided)), id="provides"),
        pytest.param([f"core.{name}" for name in (*public(Core), *OF_SUBJECTS)], id="calls"),
        pytest.param(list(PERMISSIONS), id="permissions"),
        pytest.param(list(PERSONAL_FIELDS), id="fields"),
        pytest.param(list(PURPOSES), id="purposes"),
        pytest.param(sorted(keys_of(manifest.Manifest)), id="manifest"),
        pytest.param(list(get_args(manifest.SettingKind)), id="settings"),
    ],
)
def test_the_guide_names_them_all(names: list[str]) -> None:
    assert [name for name in names if name not in NAMED | CODE] == []


def test_every_question_has_a_method_and_an_answer() -> None:
    assert set(CALLS) == {*RUNS, *TABLE_RUNS}
    hung = {one.replace(".", "_", 1) for one in OF_SUBJECTS}  # `core.books.…`
    assert set(CALLS) <= {*public(Core), *hung}


def test_a_permission_of_a_manifest_stands_for_permissions_of_the_box() -> None:
    known = {one.value for one in Permission}
    assert {one for behind in PERMISSIONS.values() for one in behind} <= known
    assert {one.permission for one in CALLS.values()} <= {*PERMISSIONS, ""}


def test_no_question_of_the_box_carries_a_person() -> None:
    def kinds(struct: type[msgspec.Struct]) -> set[object]:
        found: set[object] = set()
        for hint in get_type_hints(struct).values():
            for part in (hint, *get_args(hint), *(get_origin(one) for one in get_args(hint))):
                found.add(part)
                found.add(get_origin(part))
                if isinstance(part, type) and issubclass(part, msgspec.Struct):
                    found |= kinds(part)
        return found

    carrying = {name: ask.needs for name, ask in ASKS.items() if Personal in kinds(ask.asked)}
    assert set(carrying.values()) <= {"typed.read"}, "what is typed goes by that grant alone"
