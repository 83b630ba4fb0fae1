"""From the password to a page, and the ways that do not lead there."""

import pytest

from appliance.actions import sessions, sign_in, users
from appliance.actions._actors import forget_actors
from appliance.actions.sign_in import Door, SignedIn
from appliance.domain.access import Origin
from appliance.domain.personal import Personal
from appliance.errors import Throttled, Unauthenticated
from tests.integration.people.conftest import BOTH, PASSWORDS, SYSTEM, Crew
from tests.integration.people.doors import Browser, staff_app

OFFICE = Door(Origin.LAN, "10.0.0.7", agent="Firefox · Linux")
STRANGER = Door(Origin.LAN, "10.0.0.66")


async def enter(door: Door, login: str, password: str) -> SignedIn:
    entered = await sign_in.enter(door, login, Personal(password))
    assert isinstance(entered, SignedIn)
    return entered


async def wrong(door: Door, login: str) -> str:
    with pytest.raises((Unauthenticated, Throttled)) as refused:
        await sign_in.enter(door, login, Personal("не тот пароль совсем"))
    return refused.value.code


@BOTH
async def test_a_password_leads_to_a_session_and_a_page(crew: Crew) -> None:
    browser = Browser(staff_app(crew.vault))
    refused = await browser.get("/", headers={"accept": "text/html"})
    assert (refused.status_code, refused.headers["location"]) == (303, "/login")

    entered = await browser.sign_in("anna", PASSWORDS["anna"])
    assert (entered.status_code, entered.headers["location"]) == (303, "/")
    cookie = next(c for c in entered.headers.get_list("set-cookie") if c.startswith("__Host-sid="))
    assert {"Secure", "HttpOnly", "SameSite=strict", "Path=/"} <= set(cookie.split("; "))

    first = await browser.get("/")
    assert first.json() == {"user": crew.numbers["anna"], "name": "anna"}


async def test_neither_cookie_nor_password_nor_login_stands_in_the_database(crew: Crew) -> None:
    entered = await enter(OFFICE, "anna", PASSWORDS["anna"])
    dump = repr(await crew.rows("SELECT * FROM session")) + repr(
        await crew.rows("SELECT * FROM guess")
    )
    log = "".join(await crew.log())
    for secret in (entered.token, entered.device, PASSWORDS["anna"]):
        assert secret not in dump
        assert secret not in log
    assert "anna" not in dump


async def test_unknown_disabled_and_wrong_get_the_same_answer(crew: Crew) -> None:
    await users.disable(SYSTEM, crew.numbers["boris"])
    app = staff_app(crew.vault)
    answers: list[tuple[int, str]] = []
    for number, (login, password) in enumerate(
        [
            ("anna", "не тот пароль совсем"),
            ("boris", PASSWORDS["boris"]),
            ("nobody", "что угодно здесь"),
        ]
    ):
        browser = Browser(app, f"10.0.1.{number}")
        answer = await browser.sign_in(login, password)
        text = answer.text.replace(browser.csrf, "").replace(f'value="{login}"', "")
        answers.append((answer.status_code, text))
    assert answers[0][0] == 401
    assert len(set(answers)) == 1


@BOTH
async def test_a_wrong_try_has_to_wait_twice_as_long_each_time(crew: Crew) -> None:
    for seconds in (1, 2, 4):
        assert await wrong(OFFICE, "anna") == "wrong_credentials"
        with pytest.raises(Throttled) as refused:
            await enter(OFFICE, "anna", PASSWORDS["anna"])
        assert refused.value.params["seconds"] == seconds
        crew.clock.pass_(seconds=seconds)
    await enter(OFFICE, "anna", PASSWORDS["anna"])
    await wrong(OFFICE, "anna")
    crew.clock.pass_(seconds=1)
    await enter(OFFICE, "anna", PASSWORDS["anna"])


async def test_the_wait_is_the_same_for_a_login_that_does_not_exist(crew: Crew) -> None:
    assert await wrong(OFFICE, "nobody") == "wrong_credentials"
    assert await wrong(OFFICE, "nobody") == "throttled"


async def test_a_stranger_cannot_lock_the_real_person_out(crew: Crew) -> None:
    known = OFFICE._replace(device=(await enter(OFFICE, "anna", PASSWORDS["anna"])).device)
    for number in range(60):
        await wrong(STRANGER._replace(address=f"10.0.2.{number}"), "anna")
    assert await wrong(STRANGER._replace(address="10.0.3.1"), "anna") == "throttled"
    again = await enter(known, "anna", PASSWORDS["anna"])
    assert again.device == ""


async def test_a_browser_keeps_its_mark_whoever_signs_in_there(crew: Crew) -> None:
    first = (await enter(OFFICE, "boris", PASSWORDS["boris"])).device
    second = (await enter(OFFICE._replace(device=first), "anna", PASSWORDS["anna"])).device
    await enter(OFFICE._replace(device=second), "anna", PASSWORDS["anna"])
    await enter(OFFICE, "anna", PASSWORDS["anna"])  # at another machine
    marks = [str(row[0]) for row in await crew.rows("SELECT mark FROM session ORDER BY id")]
    assert len(marks[0]) == 64
    assert marks[:3] == [marks[0]] * 3
    assert marks[3] != marks[0]


async def test_somebody_elses_known_browser_is_not_mine(crew: Crew) -> None:
    borrowed = (await enter(OFFICE, "boris", PASSWORDS["boris"])).device
    for number in range(50):
        await wrong(STRANGER._replace(address=f"10.0.2.{number}"), "anna")
    crew.clock.pass_(minutes=2)
    door = Door(Origin.LAN, "10.0.3.1", device=borrowed)
    assert await wrong(door, "anna") == "throttled"


async def test_one_address_gets_twenty_wrong_tries_a_minute(crew: Crew) -> None:
    codes = [await wrong(STRANGER, f"user{number}") for number in range(21)]
    assert codes == ["wrong_credentials"] * 20 + ["throttled"]
    crew.clock.pass_(seconds=60)
    assert await wrong(STRANGER, "another") == "wrong_credentials"


async def test_the_console_always_works_for_the_owner(crew: Crew) -> None:
    for number in range(60):
        await wrong(STRANGER._replace(address=f"10.0.2.{number}"), "boss")
    assert (await enter(Door(Origin.LOOPBACK), "boss", PASSWORDS["boss"])).token


@BOTH
async def test_many_tries_at_once_count_as_many(crew: Crew) -> None:
    import asyncio  # noqa: PLC0415 - only here

    codes = await asyncio.gather(*(wrong(STRANGER, "anna") for _ in range(8)))
    assert codes.count("wrong_credentials") == 1


async def test_a_wrong_password_is_in_the_log_without_the_password(crew: Crew) -> None:
    await wrong(OFFICE, "anna")
    log = "".join(await crew.log())
    assert "sign_in.refused" in log
    assert "не тот пароль" not in log


async def test_a_session_id_brought_along_is_never_adopted(crew: Crew) -> None:
    browser = Browser(staff_app(crew.vault))
    browser.http.cookies.set("__Host-sid", "attackers-choice", domain="korobka.test")
    assert (await browser.get("/")).status_code == 303
    await browser.sign_in("anna", PASSWORDS["anna"])
    fixed = Browser(staff_app(crew.vault))
    fixed.http.cookies.set("__Host-sid", "attackers-choice", domain="korobka.test")
    assert (await fixed.get("/")).status_code == 303


@BOTH
async def test_a_fourth_session_ends_the_one_longest_unseen(crew: Crew) -> None:
    tokens: list[str] = []
    for _ in range(4):
        tokens.append((await enter(OFFICE, "anna", PASSWORDS["anna"])).token)
        crew.clock.pass_(seconds=5)
    alive = [await sessions.actor_of(token) is not None for token in tokens]
    assert alive == [False, True, True, True]


@BOTH
async def test_a_session_ends_after_a_quarter_of_an_hour_of_rest(crew: Crew) -> None:
    token = (await enter(OFFICE, "anna", PASSWORDS["anna"])).token
    for _ in range(3):
        crew.clock.pass_(minutes=14)
        assert await sessions.actor_of(token) is not None
    crew.clock.pass_(minutes=15)
    assert await sessions.actor_of(token) is None
    assert await crew.rows("SELECT id FROM session") == []


async def test_a_busy_session_ends_after_ten_hours(crew: Crew) -> None:
    token = (await enter(OFFICE, "anna", PASSWORDS["anna"])).token
    for _ in range(59):
        crew.clock.pass_(minutes=10)
        assert await sessions.actor_of(token) is not None
    crew.clock.pass_(minutes=10)
    assert await sessions.actor_of(token) is None


async def test_rest_is_remembered_to_the_minute_when_the_box_restarts(crew: Crew) -> None:
    token = (await enter(OFFICE, "anna", PASSWORDS["anna"])).token
    crew.clock.pass_(minutes=10)
    await sessions.actor_of(token)
    forget_actors()
    crew.clock.pass_(minutes=14)
    assert await sessions.actor_of(token) is not None


@pytest.mark.parametrize("deed", ["disable", "roles", "password", "factor"])
async def test_what_an_administrator_does_to_an_account_ends_its_sessions(
    crew: Crew, deed: str
) -> None:
    token = (await enter(OFFICE, "anna", PASSWORDS["anna"])).token
    assert await sessions.actor_of(token) is not None
    number = crew.numbers["anna"]
    if deed == "disable":
        await users.disable(SYSTEM, number)
    elif deed == "roles":
        await users.set_roles(SYSTEM, number, ("operator",))
    elif deed == "password":
        await users.reset_password(SYSTEM, number)
    else:
        await users.drop_factor(SYSTEM, number)
    assert await sessions.actor_of(token) is None


async def test_signing_out_ends_the_session_and_clears_the_browser(crew: Crew) -> None:
    browser = Browser(staff_app(crew.vault))
    await browser.sign_in("anna", PASSWORDS["anna"])
    token = browser.http.cookies["__Host-sid"]
    await browser.get("/me/sessions")
    out = await browser.post("/sign-out")
    assert out.status_code == 303
    assert "storage" in out.headers["clear-site-data"]
    assert await sessions.actor_of(token) is None
