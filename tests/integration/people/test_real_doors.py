"""The doors as boot builds them: nothing is open that is not listed."""

from uuid import UUID

import pytest
from litestar import Litestar

from appliance.api.v5.routes import make_routes, make_v5_handlers
from appliance.http.app import (
    OUTER_MOUNT,
    OUTER_PREFIXES,
    STAFF_PUBLIC,
    VENDOR_ALIAS,
    Parts,
    make_app,
)
from appliance.http.authentication import OWN_DOOR
from appliance.web.pages import make_web_handlers
from tests.integration.people.conftest import Crew
from tests.integration.people.doors import Browser, site_around

FILLED = {"id": "018f0000-0000-7000-8000-000000000000"}
PROGRAMS = (*OUTER_PREFIXES, VENDOR_ALIAS)


def is_for_programs(path: str) -> bool:
    return path == OUTER_MOUNT or f"{path}/".startswith(PROGRAMS)


def parts(crew: Crew, *, staff: bool) -> Parts:
    site = site_around(crew.vault)
    programs = make_v5_handlers()
    pages = make_web_handlers(development=False) if staff else []
    return Parts(handlers=[*pages, *programs], is_sealed=site.is_sealed, state={"site": site})


def routes(app: Litestar) -> list[tuple[str, str]]:
    return [
        (method, route.path_format)
        for route in app.routes
        for method in sorted(getattr(route, "methods", None) or {"GET"})
    ]


def address(app: Litestar, pattern: str) -> str:
    """An address of this pattern, with something of the right kind in each of its places."""
    kinds = {
        f"{{{one.name}}}": one.type
        for route in app.routes
        for one in getattr(route, "path_parameters", {}).values()
        if route.path_format == pattern
    }
    parts_ = (
        (FILLED["id"] if kinds.get(part) is UUID else "7") if part.startswith("{") else part
        for part in pattern.split("/")
    )
    return "/".join(parts_)


@pytest.mark.parametrize("door", ["staff", "outer"])
async def test_no_route_answers_a_stranger_unless_it_is_listed(crew: Crew, door: str) -> None:
    app = make_app("staff" if door == "staff" else "outer", parts(crew, staff=door == "staff"))
    stranger = Browser(app, "203.0.113.9")
    for method, pattern in routes(app):
        if pattern in STAFF_PUBLIC or method == "OPTIONS":
            continue
        answer = await stranger.http.request(method, address(app, pattern))
        assert answer.status_code in {401, 403}, (method, pattern, answer.status_code)


async def test_no_call_of_the_shops_door_answers_a_stranger(crew: Crew) -> None:
    stranger = Browser(make_app("outer", parts(crew, staff=False)), "203.0.113.9")
    for method, segments in make_routes():
        path = "/api/" + "/".join("7" if one == "*" else one for one in segments)
        for key in ("", "x" * 32):
            headers = {"x-api-key": key} if key else {}
            answer = await stranger.http.request(method, path, headers=headers)
            assert answer.status_code in {400, 401, 403}, (method, path)
            assert answer.json()["success"] is False


async def test_only_routes_for_programs_admit_their_callers_themselves(crew: Crew) -> None:
    app = make_app("staff", parts(crew, staff=True))
    for route in app.routes:
        handlers = getattr(route, "route_handlers", None) or [route.route_handler]  # type: ignore[union-attr]
        if any(handler.opt.get(OWN_DOOR) for handler in handlers):
            assert is_for_programs(route.path), route.path


async def test_the_outer_door_has_nothing_but_the_programs_routes(crew: Crew) -> None:
    app = make_app("outer", parts(crew, staff=False))
    assert routes(app) != []
    for _, pattern in routes(app):
        assert is_for_programs(pattern), pattern
    visitor = Browser(app, "203.0.113.9")
    for path in ("/", "/login", "/unlock", "/health", "/me/sessions", "/static/a", "/vault/seal"):
        assert (await visitor.get(path)).status_code == 404, path


@pytest.mark.parametrize("door", ["staff", "outer"])
async def test_a_sealed_box_answers_503_everywhere(crew: Crew, door: str) -> None:
    app = make_app("staff" if door == "staff" else "outer", parts(crew, staff=door == "staff"))
    crew.vault.seal()
    stranger = Browser(app, "203.0.113.9")
    for method, pattern in routes(app):
        if pattern in {"/unlock", "/health"} or method == "OPTIONS":
            continue
        answer = await stranger.http.request(method, address(app, pattern))
        assert answer.status_code == 503, (method, pattern, answer.status_code)
