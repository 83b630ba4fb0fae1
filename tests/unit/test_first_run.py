"""The first run: the decree's table, the plan, groups of the code, files that go out."""

import plistlib
from datetime import UTC, datetime

import pytest

from appliance.domain import trust, tunnel
from appliance.domain.protection import Category, Protection, level_of
from appliance.domain.setup import Facts, Reach, Setup, SetupStep, Way, plan
from appliance.vault.recovery import RecoveryCode

NOW = datetime(2026, 11, 21, tzinfo=UTC)
SPECIAL, BIOMETRIC, OTHER, PUBLIC = Category


@pytest.mark.parametrize(
    ("threats", "category", "many", "level"),
    [
        (1, SPECIAL, False, 1),
        (1, BIOMETRIC, True, 1),
        (1, OTHER, False, 1),
        (1, PUBLIC, True, 2),
        (2, SPECIAL, True, 1),
        (2, SPECIAL, False, 2),
        (2, BIOMETRIC, True, 2),
        (2, PUBLIC, True, 2),
        (2, OTHER, True, 2),
        (2, PUBLIC, False, 3),
        (2, OTHER, False, 3),
        (3, SPECIAL, True, 2),
        (3, SPECIAL, False, 3),
        (3, BIOMETRIC, False, 3),
        (3, OTHER, True, 3),
        (3, PUBLIC, True, 4),
        (3, OTHER, False, 4),
    ],
)
def test_the_level_is_the_decrees(threats: int, category: Category, many: bool, level: int) -> None:
    asked = Protection(threats=threats, category=category, many=many)
    found = level_of(asked)
    assert found.level == level
    assert found.clause == 8 + found.level, "each level has a clause of its own: 9 to 12"


def test_own_employees_alone_are_never_many() -> None:
    assert level_of(Protection(many=True, staff_only=True)).level == 4


def test_a_step_keeps_the_day_of_its_first_answer_and_the_first_left_is_next() -> None:
    begun = Setup(begun=True).with_done(SetupStep.COMPANY, NOW)
    assert begun.with_done(SetupStep.COMPANY, datetime(2027, 1, 1, tzinfo=UTC)) == begun
    assert begun.at is SetupStep.OWNER


def test_the_plan_asks_for_a_public_certificate_only_where_strangers_come() -> None:
    closed = plan(Setup(), Facts())
    assert all(not line.done for line in closed)
    assert "public_certificate" not in {line.code for line in closed}
    reach = Reach(way=Way.ROUTER, name="crm.example", port=443, found={"name": "ok", "port": "bad"})
    lines = {one.code: one.done for one in plan(Setup(reach=reach), Facts(outer=True))}
    assert lines["reach"] is False, "a trial that failed is not a way in"
    assert lines["public_certificate"] is False


def test_a_wrong_letter_is_named_by_its_group() -> None:
    code = RecoveryCode(bytes(range(20)))
    groups = code.text.split("-")
    assert code.groups_right(code.text[:7]) == [True], "the second group is not typed whole"
    wrong = [*groups[:3], "ZZZZ", *groups[4:]]
    assert code.groups_right("-".join(wrong)) == [True] * 3 + [False] + [True] * 5
    assert code.groups_right(code.text.lower().replace("0", "о").replace("-", " ")) == [True] * 9
    assert code.groups_right(code.text + "AAAA") == [True] * 9


def test_trust_packages_are_the_same_for_the_same_authority() -> None:
    words = {"name": "ООО «Башмачок»", "address": "https://crm.example:8443/"}
    made = trust.packages(**words, fingerprint="AB:CD", pem="-----", der=b"\x30\x01")
    assert made == trust.packages(**words, fingerprint="AB:CD", pem="-----", der=b"\x30\x01")
    profile = plistlib.loads(made["korobka.mobileconfig"])
    assert profile["PayloadContent"][0]["PayloadContent"] == b"\x30\x01"
    assert "AB:CD" in made["README.txt"].decode("utf-8-sig")
    assert b"\r\n" in made["windows.cmd"]


def test_a_tunnel_listens_on_nothing_but_its_one_port() -> None:
    made = tunnel.files(name="crm.example", port=443, server="203.0.113.5", inner=8444)
    assert "PermitListen 0.0.0.0:443" in made["korobka-sshd.conf"].decode()
    assert "-R 0.0.0.0:443:127.0.0.1:8444" in made["korobka-tunnel.service"].decode()
    assert "ip_unprivileged_port_start=443" in made["README.txt"].decode()
