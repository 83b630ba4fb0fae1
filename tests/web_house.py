"""A house with invented clients and orders, and signed-in browsers in front of its staff door."""

import re
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import httpx
from litestar import Litestar

from appliance.actions import _gate, roles_admin
from appliance.actions._actors import forget_actors
from appliance.actions.sessions import hash_of
from appliance.domain import demo
from appliance.domain.access import NOBODY, Actor, ActorKind
from appliance.domain.grants import Grant, Scope
from appliance.domain.personal import Personal
from appliance.http.app import Parts, make_app
from appliance.http.cookies import csrf_of
from appliance.http.static import static_files
from appliance.roles import HOUSE_GRANTS
from appliance.storage import demo_goods, demo_orders, demo_people, demo_rows, sessions
from appliance.storage.engine.database import Database
from appliance.storage.tx import House, Tx
from appliance.vault.search import SearchIndex
from appliance.vault.vault import Vault
from appliance.web import answers, troubles
from appliance.web.answers import Site
from appliance.web.pages import make_web_handlers
from appliance.web.rendering import DIST, Pages, read_assets
from appliance.web.shell import Door
from tests.house_fixture import START, Clock, TestHouse, furnish, open_test_house
from tests.ready import Fill

SYSTEM = Actor(ActorKind.SYSTEM, NOBODY, HOUSE_GRANTS)
HOST = "korobka.test"
ZONE = ZoneInfo("Europe/Moscow")


@dataclass
class WebHouse:
    """The house, its staff door and whoever is signed in there.

    Attributes:
        tokens: colleague's name in `house_fixture.PEOPLE` → his session cookie.
    """

    house: TestHouse
    app: Litestar
    tokens: dict[str, str] = field(default_factory=dict[str, str])

    async def browser(self, name: str) -> "Browser":
        """A browser in which this colleague is signed in."""
        if name not in self.tokens:
            self.tokens[name] = token = f"token-of-{name}"
            now = self.house.clock()

            async def open_session() -> None:
                user = self.house.users[name]
                until = now + timedelta(days=400)
                await sessions.add(hash_of(token), user, now, until, "Тест", "lan")

            await self.house.database.write(open_session)
        return Browser(self.app, self.tokens[name])


class Browser:
    """Sends what a browser sends: the session's cookie, Sec-Fetch-Site, Origin, the token."""

    def __init__(self, app: Any, token: str) -> None:
        transport = httpx.ASGITransport(app=app, client=("10.0.0.7", 5000))
        self.http = httpx.AsyncClient(
            transport=transport, base_url=f"https://{HOST}", cookies={"__Host-sid": token}
        )
        self.csrf = csrf_of(token)

    async def get(self, path: str, **headers: str) -> httpx.Response:
        """Ask for a page, or with `hx_request="true"` for a part."""
        sent = {"accept": "text/html"} | {k.replace("_", "-"): v for k, v in headers.items()}
        return await self.http.get(path, headers=sent)

    async def post(
        self, path: str, data: dict[str, Any] | None = None, *, htmx: bool = True
    ) -> httpx.Response:
        """Send a form."""
        sent = {"origin": f"https://{HOST}", "sec-fetch-site": "same-origin", "accept": "text/html"}
        if htmx:
            sent["hx-request"] = "true"
        return await self.http.post(path, data={"csrf": self.csrf, **(data or {})}, headers=sent)


def links(page: httpx.Response, pattern: str) -> list[str]:
    """What a page's addresses say where `pattern` has its group."""
    return re.findall(pattern, page.text)


@dataclass
class _Now:
    """The clock of whichever house is open."""

    clock: Callable[[], datetime]

    def __call__(self) -> datetime:
        return self.clock()


@cache
def _kept_app(*, develop: bool) -> tuple[Litestar, Pages, _Now]:
    """The door without a house: registering its routes and compiling its templates take longest."""
    now = _Now(lambda: START)
    pages = Pages(read_assets(DIST), ZONE, now=now, develop=develop)

    def is_sealed() -> bool:
        return app.state.site.is_sealed()

    parts = Parts(
        handlers=[*make_web_handlers(development=develop), static_files(DIST)],
        is_sealed=is_sealed,
        sentence=answers.sentence,
        page=troubles.error_page,
    )
    app = make_app("staff", parts)
    return app, pages, now


def staff_app(house: TestHouse, *, develop: bool = False) -> Litestar:
    """The staff door with all its pages, kept in the process and led to this house."""

    async def unlock(kind: str, secret: Personal[str]) -> None:
        house.vault.unlock_with_code(secret.reveal())

    app, pages, now = _kept_app(develop=develop)
    now.clock = house.clock
    pages.forget()
    site = Site(
        pages=pages,
        door=Door("Тёплый дом", HOST, "0"),
        is_sealed=lambda: not house.vault.is_open,
        unlock=unlock,
        key_file=lambda: False,
    )
    _gate.house().told = site.hub.publish
    app.state["site"] = site
    return app


async def fill(
    house: TestHouse, clients: int, orders: int, now: datetime, slice_: int = 500
) -> None:
    """Invent clients and orders by the bulk path; they are led by whoever sells."""

    def tx() -> Tx:
        return Tx(SYSTEM, Grant(Scope.ALL), house.vault, house.index, now)

    owners = await house.database.read(demo_orders.sellers)
    articles = await house.database.write(
        lambda: demo_goods.add_products(tx(), demo.products(7, 500))
    )
    made: list[demo_rows.Client] = []
    people = demo.people(7, clients, now)
    while part := list(islice(people, slice_)):
        made += await house.database.write(
            lambda part=part: demo_people.add_people(tx(), part, owners)
        )
    world = demo.orders(7, orders, customers=clients, articles=500, now=now)
    while some := list(islice(world, slice_)):
        await house.database.write(
            lambda some=some: demo_orders.add_orders(tx(), some, made, articles)
        )
    await house.database.write(demo_orders.settle_figures)


@cache
def peopled(clients: int, orders: int) -> Fill:
    """What makes a house with roles and so many clients and orders."""

    async def made(database: Database, vault: Vault) -> Mapping[str, UUID]:
        users = await furnish(database, vault)
        house = TestHouse(database, vault, SearchIndex(), Clock(), users)
        _gate.install(House(database, vault, house.index, house.clock))
        try:
            await roles_admin.seed_presets(SYSTEM)
            if clients:
                await fill(house, clients, orders, house.clock())
        finally:
            _gate.install(None)
        return users

    return made


@asynccontextmanager
async def open_web_house(
    folder: Path,
    *,
    clients: int = 0,
    orders: int = 0,
    develop: bool = False,
    server: str = "",
) -> AsyncGenerator[WebHouse]:
    """Open a house with roles and, if asked, an invented world, on SQLite or at a server."""
    async with open_test_house(folder, server, peopled(clients, orders)) as house:
        forget_actors()
        yield WebHouse(house, staff_app(house, develop=develop))
        forget_actors()
