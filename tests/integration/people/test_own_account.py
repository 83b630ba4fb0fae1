"""My password, my authenticator, my sessions."""

import base64
import re

import pytest

from appliance.actions import me, policies, sessions, sign_in, users
from appliance.actions.sign_in import Door, FactorNeeded, SignedIn
from appliance.domain import totp
from appliance.domain.access import Actor, Origin
from appliance.domain.personal import Personal
from appliance.domain.users import NewUser, SignInPolicy, Visit
from appliance.errors import Conflict, Denied, Invalid, Unauthenticated
from tests.integration.people.conftest import BOTH, PASSWORDS, SYSTEM, Crew
from tests.integration.people.doors import Browser, staff_app

OFFICE = Door(Origin.LAN, "10.0.0.7")


async def sign(login: str, password: str) -> tuple[str, Visit]:
    entered = await sign_in.enter(OFFICE, login, Personal(password))
    assert isinstance(entered, SignedIn)
    visit = await sessions.visit_of(entered.token, Origin.LAN)
    assert visit is not None
    return entered.token, visit


def seed_of(enrolment: me.Enrolment) -> bytes:
    text = enrolment.spelled.reveal()
    return base64.b32decode(text + "=" * (-len(text) % 8))


async def enrol(crew: Crew, actor: Actor) -> tuple[bytes, list[str]]:
    secret = seed_of(await me.begin_factor(actor, "Лампа"))
    codes = await me.confirm_factor(actor, Personal(now_code(crew, secret)))
    crew.clock.pass_(seconds=60)
    return secret, [code.reveal() for code in codes]


def now_code(crew: Crew, secret: bytes) -> str:
    return totp.code_at(secret, totp.step_of(crew.clock()))


async def half(login: str) -> str:
    entered = await sign_in.enter(OFFICE, login, Personal(PASSWORDS[login]))
    assert isinstance(entered, FactorNeeded)
    return entered.ticket


async def test_with_an_authenticator_a_password_alone_opens_nothing(crew: Crew) -> None:
    _, visit = await sign("anna", PASSWORDS["anna"])
    secret, _ = await enrol(crew, visit.actor)
    browser = Browser(staff_app(crew.vault))
    entered = await browser.sign_in("anna", PASSWORDS["anna"])
    assert entered.headers["location"] == "/login/code"
    assert (await browser.get("/")).status_code == 303
    await browser.get("/login/code")
    done = await browser.post("/login/code", {"code": now_code(crew, secret)})
    assert done.headers["location"] == "/"
    assert (await browser.get("/")).json()["name"] == "anna"


@BOTH
async def test_a_code_is_good_once(crew: Crew) -> None:
    _, visit = await sign("anna", PASSWORDS["anna"])
    secret, _ = await enrol(crew, visit.actor)
    code = Personal(now_code(crew, secret))
    await sign_in.enter_with_code(OFFICE, await half("anna"), code)
    ticket = await half("anna")
    with pytest.raises(Unauthenticated, match="wrong_code"):
        await sign_in.enter_with_code(OFFICE, ticket, code)


@BOTH
async def test_a_spare_code_is_good_once(crew: Crew) -> None:
    _, visit = await sign("anna", PASSWORDS["anna"])
    _, codes = await enrol(crew, visit.actor)
    await sign_in.enter_with_code(OFFICE, await half("anna"), Personal(codes[3].upper()))
    ticket = await half("anna")
    with pytest.raises(Unauthenticated, match="wrong_code"):
        await sign_in.enter_with_code(OFFICE, ticket, Personal(codes[3]))


async def test_a_ticket_lives_five_minutes_and_opens_one_session(crew: Crew) -> None:
    _, visit = await sign("anna", PASSWORDS["anna"])
    secret, _ = await enrol(crew, visit.actor)
    ticket = await half("anna")
    await sign_in.enter_with_code(OFFICE, ticket, Personal(now_code(crew, secret)))
    late = await half("anna")
    crew.clock.pass_(minutes=5)
    for spent in (ticket, late, "invented"):
        with pytest.raises(Unauthenticated, match="ticket_expired"):
            await sign_in.enter_with_code(OFFICE, spent, Personal(now_code(crew, secret)))


async def test_guessing_codes_is_slowed_down(crew: Crew) -> None:
    _, visit = await sign("anna", PASSWORDS["anna"])
    await enrol(crew, visit.actor)
    ticket = await half("anna")
    with pytest.raises(Unauthenticated):
        await sign_in.enter_with_code(OFFICE, ticket, Personal("000000"))
    from appliance.errors import Throttled  # noqa: PLC0415 - only here

    with pytest.raises(Throttled):
        await sign_in.enter_with_code(OFFICE, ticket, Personal("000001"))


async def test_an_authenticator_counts_only_after_its_first_code(crew: Crew) -> None:
    _, visit = await sign("anna", PASSWORDS["anna"])
    await me.begin_factor(visit.actor, "Лампа")
    with pytest.raises(Unauthenticated):
        await me.confirm_factor(visit.actor, Personal("000000"))
    await sign("anna", PASSWORDS["anna"])
    await enrol(crew, visit.actor)
    with pytest.raises(Conflict, match="factor_exists"):
        await me.begin_factor(visit.actor, "Лампа")


async def test_taking_the_authenticator_off_needs_a_fresh_proof(crew: Crew) -> None:
    token, visit = await sign("anna", PASSWORDS["anna"])
    secret, _ = await enrol(crew, visit.actor)
    with pytest.raises(Denied, match="step_up_needed"):
        await me.drop_factor(visit.actor, Personal(now_code(crew, secret)))
    fresh = await sign_in.step_up(visit, token, OFFICE, Personal(now_code(crew, secret)))
    crew.clock.pass_(seconds=60)
    stepped = await sessions.visit_of(fresh, Origin.LAN)
    assert stepped is not None and stepped.actor.step_up
    await me.drop_factor(stepped.actor, Personal(now_code(crew, secret)))
    await sign("anna", PASSWORDS["anna"])


async def test_step_up_changes_the_cookie_and_lasts_five_minutes(crew: Crew) -> None:
    token, visit = await sign("boss", PASSWORDS["boss"])
    new = NewUser(login="gleb", name=Personal("Глеб Новиков"), roles=("storekeeper",))
    with pytest.raises(Denied, match="step_up_needed"):
        await users.create(visit.actor, new)
    with pytest.raises(Unauthenticated):
        await sign_in.step_up(visit, token, OFFICE, Personal("не тот пароль совсем"))
    crew.clock.pass_(seconds=2)
    fresh = await sign_in.step_up(visit, token, OFFICE, Personal(PASSWORDS["boss"]))
    assert await sessions.actor_of(token) is None
    actor = await sessions.actor_of(fresh)
    assert actor is not None
    made = await users.create(actor, new)
    assert made.login == "gleb"
    crew.clock.pass_(minutes=5)
    later = await sessions.actor_of(fresh)
    assert later is not None and not later.step_up


async def test_a_one_time_password_opens_only_the_way_to_a_new_one(crew: Crew) -> None:
    made = await users.reset_password(SYSTEM, crew.numbers["anna"])
    browser = Browser(staff_app(crew.vault))
    await browser.sign_in("anna", made.password.reveal())
    led = await browser.get("/")
    assert (led.status_code, led.headers["location"]) == (303, "/me/password")
    await browser.get("/me/password")
    fresh = "медленный бег облаков"
    answer = await browser.post(
        "/me/password", {"current": made.password.reveal(), "fresh": fresh, "again": fresh}
    )
    assert answer.headers["location"] == "/"
    assert (await browser.get("/")).json()["name"] == "anna"


async def test_changing_the_password_ends_my_other_sessions(crew: Crew) -> None:
    other, _ = await sign("anna", PASSWORDS["anna"])
    token, visit = await sign("anna", PASSWORDS["anna"])
    fresh = Personal("медленный бег облаков")
    await me.change_password(visit.actor, visit.session_id, Personal(PASSWORDS["anna"]), fresh)
    assert await sessions.actor_of(other) is None
    assert await sessions.actor_of(token) is not None
    with pytest.raises(Unauthenticated):
        await sign("anna", PASSWORDS["anna"])


@pytest.mark.parametrize(
    ("fresh", "code"),
    [
        ("короткий", "password_short"),
        ("anna и тихий вечер", "password_company_word"),
        ("йцукенгшщзхъ123", "password_common"),
        (PASSWORDS["anna"], "password_same"),
    ],
)
async def test_a_poor_new_password_is_refused(crew: Crew, fresh: str, code: str) -> None:
    _, visit = await sign("anna", PASSWORDS["anna"])
    with pytest.raises(Invalid) as refused:
        await me.change_password(
            visit.actor, visit.session_id, Personal(PASSWORDS["anna"]), Personal(fresh)
        )
    assert refused.value.fields == {"password": code}


async def test_an_authenticator_is_connected_on_its_page(crew: Crew) -> None:
    browser = Browser(staff_app(crew.vault))
    await browser.sign_in("anna", PASSWORDS["anna"])
    await browser.get("/me/factor")
    shown = (await browser.post("/me/factor")).text
    assert 'src="data:image/svg+xml' in shown
    found = re.search(r"<code>([A-Z2-7]{32})</code>", shown)
    assert found is not None
    code = now_code(crew, base64.b32decode(found[1]))
    done = await browser.post("/me/factor/confirm", {"code": code})
    assert len(re.findall(r"<li><code>[a-z2-7-]{19}</code>", done.text)) == 10


async def test_my_sessions_are_shown_and_ended_by_me_alone(crew: Crew) -> None:
    mine, other = Browser(staff_app(crew.vault)), Browser(staff_app(crew.vault))
    await other.sign_in("anna", PASSWORDS["anna"])
    await mine.sign_in("anna", PASSWORDS["anna"])
    stranger = Browser(staff_app(crew.vault))
    await stranger.sign_in("boris", PASSWORDS["boris"])
    listed = (await mine.get("/me/sessions")).text
    ids = re.findall(r"/me/sessions/([0-9a-f-]{36})/end", listed)
    assert len(ids) == 2
    await stranger.get("/me/sessions")
    foreign = await stranger.post(f"/me/sessions/{ids[1]}/end")
    assert foreign.status_code == 404
    assert (await other.get("/")).status_code == 200
    assert (await mine.post("/me/sessions/end-others")).status_code == 303
    assert (await other.get("/")).status_code == 303
    assert (await mine.get("/")).status_code == 200


async def test_looks_are_kept_with_the_person(crew: Crew) -> None:
    browser = Browser(staff_app(crew.vault))
    await browser.sign_in("anna", PASSWORDS["anna"])
    await browser.get("/me/sessions")
    await browser.post("/me/looks", {"language": "en", "theme": "dark", "density": "tight"})
    token = browser.http.cookies["__Host-sid"]
    visit = await sessions.visit_of(token, Origin.LAN)
    assert visit is not None
    assert (visit.actor.language, visit.theme, visit.density) == ("en", "dark", "tight")
    refused = await browser.post("/me/looks", {"theme": "purple"})
    assert refused.status_code == 422


async def test_where_the_policy_asks_for_it_an_authenticator_comes_first(crew: Crew) -> None:
    await policies.set_sign_in(SYSTEM, SignInPolicy(factor="personal"))
    _, visit = await sign("anna", PASSWORDS["anna"])
    assert visit.must == "factor"
    assert set(visit.actor.grants) == {"open.self"}
