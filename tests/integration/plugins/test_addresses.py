"""Programs reach a plugin as its manifest says, and nothing of the box leaks there."""

import asyncio
from base64 import b64encode
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from appliance.actions import api_keys
from appliance.api.x import make_x_handlers
from appliance.domain.users import NewApiKey
from appliance.errors import Unavailable
from appliance.http.app import Parts, make_app
from appliance.plugin_api.hooks import RouteReply, RouteRequest
from appliance.plugin_api.manifest import Manifest, Route, Words
from appliance.plugin_api.outcomes import Pause
from appliance.plugin_host.rounds import AGAIN, Rounds
from appliance.plugin_host.routing import Routing
from tests.house_fixture import TestHouse, open_test_house

WORDS = Words(ru="Плагин", en="Plugin")
MANIFEST = Manifest(
    name="courier_hand",
    version="1.0.0",
    api=1,
    title=WORDS,
    about=WORDS,
    routes=(
        Route(path="hook", methods=("POST",), auth="key"),
        Route(path="hook/deep", methods=("POST", "GET"), auth="basic"),
        Route(
            path="open",
            methods=("GET", "POST"),
            auth="signature",
            aliases=("/bitrix/admin/1c_exchange.php", "/x/other/open"),
            refusal="failure",
        ),
    ),
)


class Plugin:
    """Notes what it was asked and answers as the test says."""

    def __init__(self) -> None:
        self.asked: list[RouteRequest] = []
        self.answer = RouteReply(body=b"fine", headers=(("content-type", "text/plain"),))
        self.is_up = True

    async def request(self, name: str, request: RouteRequest) -> RouteReply:
        self.asked.append(request)
        return self.answer

    def manifest(self, name: str) -> Manifest | None:
        return MANIFEST if self.is_up and name == MANIFEST.name else None


@pytest.fixture
async def box(tmp_path: Path) -> AsyncIterator[tuple[TestHouse, Plugin, httpx.AsyncClient]]:
    async with open_test_house(tmp_path) as house:
        plugin = Plugin()
        routing = Routing(
            plugin.manifest,
            plugin.request,
            lambda name: name == MANIFEST.name,
            lambda: (MANIFEST.name,) if plugin.is_up else (),
            lambda: (MANIFEST,),
        )
        handlers = make_x_handlers(
            lambda: routing,
            lambda code, params, language: (code, ""),
            lambda: not house.vault.is_open,
        )
        parts = Parts(
            handlers=handlers,
            is_sealed=lambda: not house.vault.is_open,
            elsewhere=routing.elsewhere,
        )
        app = make_app("outer", parts)
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="https://box.example") as client:
            yield house, plugin, client


Box = tuple[TestHouse, Plugin, httpx.AsyncClient]


async def key_of(house: TestHouse, scope: str = "plugin_enter") -> str:
    administrator = house.actor_for("administrator")._replace(step_up=True)
    new = NewApiKey(name="1С", scopes=(scope,), shop="")
    return (await api_keys.create(administrator, new)).key.reveal()


async def test_a_caller_is_let_in_as_the_manifest_says(box: Box) -> None:
    house, plugin, client = box
    key, other = await key_of(house), await key_of(house, "order_read")
    for headers, status in (
        ({}, 401),
        ({"x-api-key": "x" * 32}, 401),
        ({"x-api-key": other}, 403),
        ({"x-api-key": key}, 200),
        ({"authorization": f"Bearer {key}"}, 200),
    ):
        answer = await client.post("/x/courier_hand/hook/a/b?q=1", headers=headers, content=b"body")
        assert answer.status_code == status, headers
    told = plugin.asked[-1]
    assert (told.route, told.rest, told.query, told.body) == ("hook", "a/b", "q=1", b"body")
    assert told.caller == "key:1" and told.header("authorization") == ""
    login = "Basic " + b64encode(f"admin:{key}".encode()).decode()
    answer = await client.get("/x/courier_hand/hook/deep", headers={"authorization": login})
    assert answer.status_code == 200 and plugin.asked[-1].route == "hook/deep"
    answer = await client.get("/x/courier_hand/hook/deep", headers={"authorization": "Basic %%"})
    assert answer.status_code == 401 and "Basic" in answer.headers["www-authenticate"]


async def test_a_plugin_that_checks_its_callers_sees_all_but_the_boxs_own_cookies(
    box: Box,
) -> None:
    _, plugin, client = box
    cookies = "__Host-sid=secret; PHPSESSID=theirs; __Host-door=x"
    headers = {"authorization": "Basic YTpi", "cookie": cookies}
    plugin.answer = RouteReply(
        status=200,
        headers=(
            ("Content-Type", "text/html"),
            ("Set-Cookie", "__Host-sid=mine; Path=/"),
            ("Content-Security-Policy", "script-src *"),
            ("X-Split", "a\r\nSet-Cookie: b=c"),
            ("Last-Modified", "yes"),
        ),
        body=b"<script>1</script>",
    )
    answer = await client.get("/x/courier_hand/open", headers=headers)
    assert plugin.asked[-1].header("cookie") == "PHPSESSID=theirs"
    assert plugin.asked[-1].header("authorization") == "Basic YTpi"
    assert "set-cookie" not in answer.headers and "x-split" not in answer.headers
    assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert answer.headers["last-modified"] == "yes"
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_an_old_address_leads_to_the_plugin_and_never_away_from_the_box(box: Box) -> None:
    _, plugin, client = box
    answer = await client.get("/bitrix/admin/1c_exchange.php?type=catalog&mode=checkauth")
    assert answer.status_code == 200
    assert (plugin.asked[-1].route, plugin.asked[-1].rest) == ("open", "")
    assert plugin.asked[-1].query == "type=catalog&mode=checkauth"
    assert (await client.get("/bitrix/admin/1c_exchange.php/?mode=init")).status_code == 200
    plugin.is_up = False  # it starts anew: its clients are told so, not that there is no page
    down = await client.get("/bitrix/admin/1c_exchange.php?mode=init")
    assert (down.status_code, down.text) == (503, "failure\nplugin_down")
    assert (await client.get("/x/other/open")).status_code == 404
    assert (await client.get("/bitrix/admin/")).status_code == 404


async def test_what_cannot_be_answered_says_why(box: Box) -> None:
    house, plugin, client = box
    for path, status in (
        ("/x/courier_hand", 404),
        ("/x/courier_hand/none", 404),
        ("/x/courier_hand/hook%2F..%2Fopen", 404),
        ("/x/no_such/hook", 404),
        ("/x/", 404),
    ):
        assert (await client.get(path)).status_code == status, path
    assert (await client.put("/x/courier_hand/open")).status_code == 405
    big = b"x" * ((1 << 20) + 1)
    long = await client.post("/x/courier_hand/open", content=big)
    assert (long.status_code, long.text) == (413, "failure\ntoo_large")
    plugin.is_up = False
    answer = await client.get("/x/courier_hand/open")
    assert (answer.status_code, answer.text) == (503, "failure\nplugin_down")
    assert plugin.asked == []
    house.vault.seal()
    sealed = await client.get("/bitrix/admin/1c_exchange.php?mode=init")
    assert (sealed.status_code, sealed.text) == (503, "failure\nsealed")


async def test_a_days_work_that_was_cut_off_or_failed_does_not_wait_for_the_next_day(
    tmp_path: Path,
) -> None:
    async with open_test_house(tmp_path) as house:
        begun = asyncio.Event()
        ends: list[str] = ["killed", "fails", "well", "well"]
        ran: list[str] = []

        async def run(plugin: str, job: str) -> None:
            ran.append(ends.pop(0))
            begun.set()
            if ran[-1] == "killed":
                await asyncio.Event().wait()
            if ran[-1] == "fails":
                raise Pause("service_down")

        async def failed(plugin: str, job: str, code: str) -> None:
            raise AssertionError(code)

        jobs = {("one", "daily"): 86_400}
        first = Rounds(house.system, house.clock, run, failed)
        assert await first.tick(jobs) == 1
        await begun.wait()
        await first.stop()
        rounds = Rounds(house.system, house.clock, run, failed)
        assert await rounds.tick(jobs) == 0
        for _ in range(2):
            house.clock.pass_(seconds=AGAIN + 1)
            assert await rounds.tick(jobs) == 1
            await rounds.settle()
        house.clock.pass_(hours=23)
        assert await rounds.tick(jobs) == 0
        house.clock.pass_(hours=2)
        assert await rounds.tick(jobs) == 1
        await rounds.settle()
        assert ran == ["killed", "fails", "well", "well"]


async def test_a_job_is_begun_when_it_is_due_once_and_also_after_a_restart(tmp_path: Path) -> None:
    async with open_test_house(tmp_path) as house:
        ran: list[str] = []
        failures: list[tuple[str, str, str]] = []

        async def run(plugin: str, job: str) -> None:
            ran.append(job)
            if job == "bad":
                raise Unavailable("plugin_overdue")

        async def failed(plugin: str, job: str, code: str) -> None:
            failures.append((plugin, job, code))

        jobs = {("one", "check"): 300, ("one", "bad"): 60}
        rounds = Rounds(house.system, house.clock, run, failed)
        assert await rounds.tick(jobs) == 2
        await rounds.settle()
        assert await rounds.tick(jobs) == 0
        assert failures == [("one", "bad", "plugin_overdue")]
        house.clock.pass_(seconds=61)
        again = Rounds(house.system, house.clock, run, failed)  # the box was started anew
        assert await again.tick(jobs) == 1
        await again.settle()
        house.clock.pass_(hours=3)
        assert await again.tick(jobs) == 2  # missed times are not made up for
        await again.settle()
        assert ran == ["check", "bad", "bad", "check", "bad"]
