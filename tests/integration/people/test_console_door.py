"""The admin door: members of the socket's group look and unlock, named people do the rest."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from appliance.api import console, console_keys
from appliance.api.console import Control
from appliance.domain.health import Machine
from appliance.domain.personal import Personal
from appliance.http.app import ADMIN_PUBLIC, Parts, make_app
from tests.integration.people.conftest import PASSWORDS, Crew
from tests.integration.people.doors import Browser, staff_app

MEMBER = 54321


def admin_app(crew: Crew, machine: Callable[[], Machine] | None = None, *more: Any) -> Any:
    """The admin door around a test house."""

    async def unlock(kind: str, secret: Personal[str]) -> None:
        crew.vault.unlock_with_code(secret.reveal())

    async def seal() -> None:
        crew.vault.seal()

    async def number(_: object) -> int:
        return 7

    async def nothing(_: int) -> None:
        return None

    control = Control(
        status=lambda: {"open": crew.vault.is_open},
        unlock=unlock,
        seal=seal,
        identity=lambda: "age1…",
        slots=list,
        add_passphrase=number,
        add_key_file=number,
        remove_slot=nothing,
        machine=machine or (lambda: pytest.fail("not asked for")),
    )
    parts = Parts(
        handlers=[*console.HANDLERS, *more],
        is_sealed=lambda: not crew.vault.is_open,
        state={"control": control},
    )
    return make_app("admin", parts)


@pytest.fixture
def app(crew: Crew) -> Any:
    return admin_app(crew, None, *console_keys.HANDLERS)


class Console:
    """The command, run under some account."""

    def __init__(self, app: Any, uid: int = MEMBER) -> None:
        transport = httpx.ASGITransport(app=app, client=("uid", uid))
        self.http = httpx.AsyncClient(transport=transport, base_url="http://box")

    async def ask(self, path: str, /, **body: Any) -> tuple[int, dict[str, Any]]:
        answer = await self.http.post(path, json=body)
        return answer.status_code, answer.json()

    async def sign_in(self, login: str, password: str) -> None:
        status, answer = await self.ask("/sign-in", login=login, password=password)
        assert status == 200, answer
        self.http.headers["authorization"] = f"Bearer {answer['token']}"


async def test_every_route_but_the_listed_needs_a_person(app: Any) -> None:
    console_ = Console(app)
    for route in app.routes:
        if route.path_format not in ADMIN_PUBLIC:
            status, answer = await console_.ask(route.path_format)
            assert (status, answer["code"]) == (401, "sign_in_needed"), route.path_format


async def test_a_named_administrator_manages_people(crew: Crew, app: Any) -> None:
    boss = Console(app)
    await boss.sign_in("boss", PASSWORDS["boss"])
    status, made = await boss.ask("/users/add", new_login="gleb", roles=["storekeeper"])
    assert (status, made["login"]) == (200, "gleb")
    _, listed = await boss.ask("/users/list")
    assert [one["login"] for one in listed["users"]] == ["anna", "boris", "boss", "gleb"]
    assert (await boss.ask("/users/disable", of="gleb"))[0] == 200
    assert (await boss.ask("/users/enable", of="gleb"))[0] == 200
    status, again = await boss.ask("/users/reset-password", of="gleb")
    assert again["password"] != made["password"]
    gleb = Console(app)
    await gleb.sign_in("gleb", again["password"])
    status, answer = await gleb.ask("/users/list")
    assert (status, answer["code"]) == (403, "must_first")
    fresh = "медленный бег облаков"
    await gleb.ask("/me/password", current=again["password"], fresh=fresh)
    status, answer = await gleb.ask("/users/list")
    assert (status, answer["code"]) == (403, "denied")


async def test_root_and_the_boxes_own_account_need_no_password(app: Any) -> None:
    for uid in (0, os.getuid()):
        status, answer = await Console(app, uid).ask("/users/list")
        assert status == 200 and len(answer["users"]) == 3


async def test_a_refused_field_comes_as_one_code(app: Any) -> None:
    root = Console(app, 0)
    status, answer = await root.ask("/users/add", new_login="gleb", roles=["king"])
    assert (status, answer["code"]) == (422, "role_unknown")
    status, answer = await root.ask("/users/add", new_login="anna", roles=["seller"])
    assert (status, answer["code"]) == (409, "login_taken")
    status, answer = await root.ask("/users/disable", of="nobody")
    assert (status, answer["code"]) == (404, "user_not_found")
    status, answer = await root.ask("/users/disable", off="nobody")
    assert (status, answer["code"]) == (400, "bad_request")


async def test_the_last_who_manages_people_stays(crew: Crew, app: Any) -> None:
    root = Console(app, 0)
    assert (await root.ask("/users/disable", of="boss"))[1]["code"] == "last_manager"
    status, answer = await root.ask("/users/set-roles", of="boss", roles=["seller"])
    assert (status, answer["code"]) == (409, "last_manager")


async def test_a_key_is_made_listed_and_revoked(app: Any) -> None:
    root = Console(app, 0)
    status, made = await root.ask("/api-keys/add", name="Сайт", scopes=["order_write"])
    assert status == 200 and len(made["key"]) == 32
    _, listed = await root.ask("/api-keys/list")
    assert listed["keys"][0]["number"] == made["number"]
    assert made["key"] not in repr(listed)
    assert (await root.ask("/api-keys/revoke", number=made["number"]))[0] == 200
    assert (await root.ask("/api-keys/revoke", number=made["number"]))[0] == 404


async def test_sealing_ends_every_session_and_unlocking_brings_none_back(
    crew: Crew, app: Any
) -> None:
    boss = Console(app)
    await boss.sign_in("boss", PASSWORDS["boss"])
    code = crew.vault.replace_recovery_code()
    member = Console(app)
    assert await member.ask("/vault/seal") == (200, {"open": False})
    assert (await member.ask("/status"))[1] == {"open": False}
    assert (await boss.ask("/users/list"))[1]["code"] == "sealed"
    assert await member.ask("/vault/unlock", recovery_code=code.text) == (200, {"open": True})
    assert (await boss.ask("/users/list"))[1]["code"] == "session_ended"
    log = "".join(await crew.log())
    assert "box.before_seal" in log and "box.unlocked" in log


async def test_sealing_by_root_ends_every_session_too(crew: Crew, app: Any) -> None:
    boss = Console(app)
    await boss.sign_in("boss", PASSWORDS["boss"])
    await Console(app, 0).ask("/vault/seal")
    assert await crew.rows("SELECT id FROM session") == []


async def test_a_row_of_commands_does_not_end_the_browsers_session(crew: Crew, app: Any) -> None:
    browser = Browser(staff_app(crew.vault))
    await browser.sign_in("boss", PASSWORDS["boss"])
    for _ in range(5):
        await Console(app).sign_in("boss", PASSWORDS["boss"])
    assert (await browser.get("/")).status_code == 200
    assert len(await crew.rows("SELECT id FROM session")) == 4


async def test_ways_into_the_vault_are_changed_by_administrators_only(crew: Crew, app: Any) -> None:
    anna, boss = Console(app), Console(app)
    await anna.sign_in("anna", PASSWORDS["anna"])
    await boss.sign_in("boss", PASSWORDS["boss"])
    assert (await anna.ask("/vault/add-passphrase", passphrase="x"))[1]["code"] == "denied"
    assert await boss.ask("/vault/add-passphrase", passphrase="x") == (200, {"number": 7})
    assert (await boss.ask("/vault/add-key-file", path="key"))[1]["code"] == "path_relative"
    assert (await boss.ask("/vault/add-key-file", path=str(Path("/media/key"))))[0] == 200
    assert "box.change_slots" in "".join(await crew.log())
