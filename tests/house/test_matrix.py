"""Who may do what, written down line by line: a change of rights is a change of this file."""

import importlib
import pkgutil
import tomllib
from pathlib import Path

import pytest

from appliance import actions, roles
from appliance.actions._gate import ACTIONS, ActionInfo
from appliance.domain.grants import Grant, Scope
from appliance.roles import Grants, Permission

MATRIX = Path(__file__).with_name("matrix.toml")
PRODUCT = "appliance.actions."


def _load_every_action() -> None:
    for found in pkgutil.iter_modules(actions.__path__):
        importlib.import_module(f"{PRODUCT}{found.name}")


_load_every_action()
KNOWN = {
    name: info
    for name, info in ACTIONS.items()
    if importlib.util.find_spec(f"{PRODUCT}{name.partition('.')[0]}")
}


def reach(info: ActionInfo) -> str:
    """The line of an action: each preset and each scope of keys that may do it, and how far."""

    def granted(grants: Grants) -> Scope:
        return grants.get(info.permission.value, Grant()).scope

    if info.permission is Permission.SIGN_IN:
        return "visitor"
    if info.permission is Permission.HOUSE:
        return "house"
    if info.permission is Permission.PLUGIN:
        return "plugins"
    if all(granted(grants) is Scope.ALL for grants in roles.PRESETS.values()):
        people = ["everybody"]
    else:
        people = [
            f"{role}={granted(grants).name.lower()}"
            for role, grants in roles.PRESETS.items()
            if granted(grants) is not Scope.NONE and role != "branch_head"
        ]
    keys = [
        f"@{scope}"
        for scope, grants in roles.API_SCOPES.items()
        if granted(grants) is not Scope.NONE
    ]
    return " ".join([*people, *keys])


def written() -> dict[str, str]:
    with MATRIX.open("rb") as stream:
        nouns = tomllib.load(stream)
    return {f"{noun}.{verb}": line for noun, verbs in nouns.items() for verb, line in verbs.items()}


@pytest.mark.parametrize("name", sorted(KNOWN))
def test_every_action_has_the_line_that_its_permission_means(name: str) -> None:
    noun, _, verb = name.partition(".")
    line = f'[{noun}] {verb} = "{reach(KNOWN[name])}"'
    assert written().get(name) == reach(KNOWN[name]), f"tests/house/matrix.toml should say: {line}"


def test_no_line_speaks_of_an_action_that_is_gone() -> None:
    assert set(written()) - set(KNOWN) == set()


def test_no_role_holds_what_is_the_houses_alone() -> None:
    for grants in (*roles.PRESETS.values(), *roles.API_SCOPES.values()):
        assert Permission.HOUSE.value not in grants
        assert Permission.SIGN_IN.value not in grants
        assert Permission.PLUGIN.value not in grants


def test_who_leads_a_branch_holds_nothing_that_the_head_does_not_and_sees_no_other_branch() -> None:
    head, branch = roles.PRESETS["head"], roles.PRESETS["branch_head"]
    for name, grant in branch.items():
        assert name in head, name
        assert grant.scope <= head[name].scope, name
        assert all(head[name].access(field) >= seen for field, seen in grant.fields.items()), name
    assert not {"order.margin", "product.cost"} & set(branch)  # what is earned: the head alone
    wide = {name for name, grant in branch.items() if grant.scope is Scope.ALL}
    assert wide == {
        "open.self", "reference.view", "product.view", "order.create", "order.take",
        "customer.create", "customer.find_owner", "deal.create",
    }  # fmt: skip


def test_who_runs_the_box_sees_no_client() -> None:
    administrator = roles.PRESETS["administrator"]
    assert not any(permission.startswith(("customer.", "order.")) for permission in administrator)
    assert not any(grant.fields for grant in administrator.values())
