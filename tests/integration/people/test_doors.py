"""What every door does to every request: who, from where, with which headers."""

import logging
from pathlib import Path
from typing import Any

import pytest
from litestar import Litestar, get, post
from litestar.exceptions import HTTPException
from litestar.params import FromPath

from appliance.errors import Conflict, Damaged, Destroyed, Invalid, NotFound, Throttled, Unavailable
from appliance.http.app import API_BODY_LIMIT, BODY_LIMIT, Parts, make_app
from appliance.http.frame import HEADERS
from appliance.http.static import FOREVER, static_files
from appliance.web import door
from tests.integration.people.conftest import PASSWORDS, Crew
from tests.integration.people.doors import Browser, staff_app

OPEN = {"/login", "/login/code", "/unlock", "/health", "/static/{file_path}", "/enter/{token}"}
SOME_ID = "018f0000-0000-7000-8000-000000000000"


@post("/deed")
async def deed() -> dict[str, bool]:
    return {"done": True}


ERRORS: dict[str, Exception] = {
    "invalid": Invalid(fields={"name": "name_empty"}),
    "not_found": NotFound(),
    "conflict": Conflict(),
    "throttled": Throttled(seconds=7),
    "destroyed": Destroyed(),
    "damaged": Damaged(),
    "unavailable": Unavailable("disk_full"),
    "bug": ValueError("Козлова Таисия, +7 900 000-00-00"),
    "framework": HTTPException(status_code=413, detail="Козлова"),
}


@get("/break/{kind:str}")
async def breaks(kind: FromPath[str]) -> None:
    raise ERRORS[kind]


@get("/api/v1/break/{kind:str}", opt={"public": True})
async def breaks_for_programs(kind: FromPath[str]) -> None:
    raise ERRORS[kind]


@pytest.fixture
def app(crew: Crew) -> Litestar:
    return staff_app(crew.vault, deed, breaks, breaks_for_programs)


@pytest.fixture
async def anna(app: Litestar) -> Browser:
    browser = Browser(app)
    await browser.sign_in("anna", PASSWORDS["anna"])
    await browser.get("/me/sessions")
    return browser


def every_route(app: Litestar) -> list[tuple[str, str]]:
    """Method and pattern of all routes, those added by the framework too."""
    return [
        (method, route.path_format)
        for route in app.routes
        for method in getattr(route, "methods", ["GET"])
    ]


def filled(pattern: str) -> str:
    for name in ("{session_id}",):
        pattern = pattern.replace(name, SOME_ID)
    return pattern.replace("{kind}", "bug").replace("{file_path}", "x")


async def test_every_route_refuses_a_stranger_unless_it_is_listed(app: Litestar) -> None:
    routes = every_route(app)
    assert len(routes) > 20
    stranger = Browser(app)
    for method, pattern in routes:
        answer = await stranger.http.request(method, filled(pattern))
        if pattern in OPEN:
            assert answer.status_code != 401, pattern
        elif pattern.startswith("/api/"):
            assert answer.status_code == 401, (method, pattern)
        else:
            assert (answer.status_code, answer.headers["location"].partition("?")[0]) == (
                303,
                "/login",
            ), (method, pattern)


async def test_htmx_is_led_to_the_sign_in_page_as_a_whole(app: Litestar) -> None:
    answer = await Browser(app).get("/me/sessions", headers={"hx-request": "true"})
    assert (answer.status_code, answer.headers["hx-redirect"]) == (401, "/login")


@pytest.mark.parametrize(
    "path", ["/", "/login", "/health", "/nowhere", "/break/bug", "/api/v1/break/bug"]
)
async def test_every_answer_carries_the_headers_and_a_number(anna: Browser, path: str) -> None:
    answer = await anna.get(path)
    for name, value in HEADERS:
        assert answer.headers[name.decode()] == value.decode()
    assert "'unsafe" not in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "no-store"
    assert len(answer.headers["x-request-id"]) == 9


async def test_no_page_of_the_door_needs_inline_script_or_style(anna: Browser) -> None:
    for path in ("/me/sessions", "/me/password", "/me/factor", "/me/confirm", "/nowhere"):
        text = (await anna.get(path)).text
        assert "<script>" not in text and " style=" not in text and "<style" not in text, path


async def test_our_own_form_may_change_things(anna: Browser) -> None:
    assert (await anna.post("/deed")).status_code == 201
    assert (await anna.post("/deed", {"csrf": ""}, x_csrf_token=anna.csrf)).status_code == 201


async def test_our_form_passes_where_our_own_policy_hides_the_origin(anna: Browser) -> None:
    assert (await anna.post("/deed", origin="null")).status_code == 201


@pytest.mark.parametrize(
    "headers",
    [
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "same-site"},
        {"origin": "https://evil.test"},
        {"origin": "null", "sec_fetch_site": ""},
        {"origin": "null", "sec_fetch_site": "none"},
        {"origin": "https://korobka.test.evil.test"},
    ],
)
async def test_a_foreign_site_changes_nothing_even_with_the_token(
    anna: Browser, headers: dict[str, str]
) -> None:
    answer = await anna.post("/deed", **headers)
    assert answer.status_code == 403


async def test_a_missing_wrong_or_foreign_token_is_refused(anna: Browser, app: Litestar) -> None:
    boris = Browser(app)
    await boris.sign_in("boris", PASSWORDS["boris"])
    await boris.get("/me/sessions")
    for token in ("", "0" * 32, boris.csrf):
        assert (await anna.post("/deed", {"csrf": token})).status_code == 403
    assert (await anna.post("/deed")).status_code == 201


async def test_the_sign_in_form_of_another_visitor_is_refused(app: Litestar) -> None:
    mine, foreign = Browser(app), Browser(app)
    await mine.get("/login")
    await foreign.get("/login")
    mine.csrf = foreign.csrf
    answer = await mine.post("/login", {"login": "anna", "password": PASSWORDS["anna"]})
    assert answer.status_code == 403


async def test_a_token_of_the_session_before_is_void(anna: Browser) -> None:
    before = anna.csrf
    await anna.post("/sign-out")
    await anna.sign_in("anna", PASSWORDS["anna"])
    assert (await anna.post("/deed", {"csrf": before})).status_code == 403


async def test_get_never_changes_anything(app: Litestar) -> None:
    changing = [
        pattern
        for method, pattern in every_route(app)
        if method == "POST" and pattern not in {"/login", "/login/code", "/unlock"}
    ]
    gets = {pattern for method, pattern in every_route(app) if method == "GET"}
    # Each of them shows a form of its own address.
    shown = {"/me/password", "/me/factor", "/me/confirm", "/enter/{token}"}
    assert set(changing) & gets <= shown


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("invalid", 422),
        ("not_found", 404),
        ("conflict", 409),
        ("throttled", 429),
        ("destroyed", 410),
        ("damaged", 500),
        ("unavailable", 503),
        ("bug", 500),
        ("framework", 413),
    ],
)
async def test_an_error_has_its_status_a_sentence_and_a_number_for_people(
    anna: Browser, kind: str, status: int
) -> None:
    page = await anna.get(f"/break/{kind}")
    assert page.status_code == status
    assert page.text.startswith("<!doctype html>")
    assert page.headers["x-request-id"] in page.text
    assert "Козлова" not in page.text
    part = await anna.get(f"/break/{kind}", headers={"hx-request": "true"})
    assert part.status_code == status
    assert "<html" not in part.text and part.headers["x-request-id"] in part.text
    if status == 429:
        assert page.headers["retry-after"] == "7"


async def test_a_bug_is_logged_by_place_and_never_by_its_text(
    anna: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        answer = await anna.get("/break/bug?phone=79000000000")
    ours = (record for record in caplog.records if record.name.startswith("korobka"))
    written = "\n".join(record.getMessage() for record in ours)
    assert answer.headers["x-request-id"] in written
    assert "ValueError" in written and "test_doors.py" in written
    assert "Козлова" not in written and "79000000000" not in written


async def test_the_access_log_knows_the_route_and_the_number_of_the_user_only(
    anna: Browser, crew: Crew, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, logger="korobka.access"):
        await anna.get("/break/not_found?q=Козлова")
        await anna.get("/nowhere/Козлова")
    first, second = (
        record.getMessage() for record in caplog.records if record.name == "korobka.access"
    )
    assert first.startswith("GET /break/{kind} 404")
    assert f" lan user={crew.numbers['anna']} " in first
    assert second.startswith("GET - 404")
    assert "Козлова" not in first + second and "%D0" not in first + second


async def test_a_sealed_box_shows_the_unlock_page_and_nothing_else(
    crew: Crew, app: Litestar, anna: Browser
) -> None:
    crew.vault.seal()
    for method, pattern in every_route(app):
        answer = await anna.http.request(method, filled(pattern))
        if pattern in {"/unlock", "/health", "/static/{file_path}"}:
            assert answer.status_code != 503, pattern
        else:
            assert answer.status_code == 503, (method, pattern)
    assert (await anna.get("/health")).json()["sealed"] is True
    assert "/unlock" in (await anna.get("/")).text


async def test_the_unlock_page_opens_the_box_again(
    tmp_path: Any, crew: Crew, app: Litestar
) -> None:
    code = crew.vault.replace_recovery_code()
    crew.vault.seal()
    browser = Browser(app)
    await browser.get("/unlock")
    wrong = await browser.post("/unlock", {"kind": "code", "secret": "не тот код"})
    assert wrong.status_code in {401, 422}
    soon = await browser.post("/unlock", {"kind": "code", "secret": code.text})
    assert soon.status_code == 429
    crew.clock.pass_(seconds=1)
    opened = await browser.post("/unlock", {"kind": "code", "secret": code.text})
    assert (opened.status_code, opened.headers["location"]) == (303, "/login")
    assert "box.unlocked" in "".join(await crew.log())


async def test_a_page_to_go_on_to_is_never_another_site(app: Litestar) -> None:
    for target in ("https://evil.test/", "//evil.test", "/\\evil.test", "javascript:alert(1)"):
        browser = Browser(app)
        await browser.get("/login")
        done = await browser.post(
            "/login", {"login": "anna", "password": PASSWORDS["anna"], "next": target}
        )
        assert done.headers["location"] == "/"


@get("/api/v5/credentials")
async def credentials() -> dict[str, bool]:
    return {"success": True}


async def test_the_outer_door_refuses_to_be_built_with_an_inner_route() -> None:
    with pytest.raises(ValueError, match="/login"):
        make_app("outer", Parts(handlers=[credentials, *door.HANDLERS], is_sealed=lambda: False))


async def test_the_outer_door_knows_no_session_and_no_staff_page(crew: Crew, anna: Browser) -> None:
    outer = make_app(
        "outer", Parts(handlers=[credentials], is_sealed=lambda: not crew.vault.is_open)
    )
    assert all(pattern.startswith("/api/v5/") for _, pattern in every_route(outer))
    visitor = Browser(outer, "203.0.113.5")
    visitor.http.cookies = anna.http.cookies
    assert (await visitor.get("/api/v5/credentials")).status_code == 401
    for path in ("/", "/login", "/unlock", "/health", "/me/sessions", "/static/app.css", "/status"):
        assert (await visitor.get(path)).status_code == 404, path


async def test_built_assets_are_public_packed_and_kept_for_a_year(
    crew: Crew, tmp_path: Path
) -> None:
    (tmp_path / "dist").mkdir()
    (tmp_path / "dist" / "app-0abc.css").write_text("body{}")
    (tmp_path / "dist" / "app-0abc.css.gz").write_bytes(b"packed")
    (tmp_path / "dist" / "manifest.json").write_text("{}")
    visitor = Browser(staff_app(crew.vault, static_files(tmp_path / "dist")))
    crew.vault.seal()
    plain = await visitor.get("/static/app-0abc.css", headers={"accept-encoding": "identity"})
    assert (plain.status_code, plain.text) == (200, "body{}")
    assert plain.headers["cache-control"] == FOREVER
    assert plain.headers["content-type"] == "text/css; charset=utf-8"
    head = await visitor.http.head("/static/app-0abc.css")
    assert head.status_code in {200, 405}
    for path in ("manifest.json", "../main.db", "%2e%2e/main.db", "nothing.js"):
        assert (await visitor.get(f"/static/{path}")).status_code in {404, 503}, path


async def test_bodies_are_bounded(anna: Browser) -> None:
    answer = await anna.post("/deed", {"text": "x" * (BODY_LIMIT + 1)})
    assert answer.status_code == 413
    assert API_BODY_LIMIT == 32 * 1024 * 1024
