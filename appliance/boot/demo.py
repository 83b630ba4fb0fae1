"""`korobka demo`: a box with an invented world and colleagues of every role, to look around in."""

import asyncio
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from appliance.actions import api_keys, users
from appliance.actions._hashing import hashed, new_one_time_password
from appliance.audit.append import append
from appliance.boot import demo_runs, demo_stock, first_start
from appliance.boot.house import OpenHouse, open_house
from appliance.boot.index import HOUSE_ACTOR
from appliance.config import Config
from appliance.domain import demo, demo_deals
from appliance.domain import demo_days as invented_days
from appliance.domain.grants import Grant, Scope
from appliance.domain.personal import Personal
from appliance.domain.users import NewApiKey, NewUser
from appliance.errors import Conflict, Sealed
from appliance.roles import API_SCOPES
from appliance.storage import demo_days, demo_goods, demo_orders, demo_people
from appliance.storage import demo_deals as deals_fill
from appliance.storage.demo_rows import Article, Client
from appliance.storage.statements import fetch_value
from appliance.storage.tx import Tx

ARTICLES = 500
SLICE = 500
"""Records per transaction: others are not kept waiting longer than some tenths of a second."""

ADMIN = "admin"
SHOP = "main"
WAREHOUSE = "main"
DEPARTMENT = "trade"
STAFF = (
    ("seller", "Алевтина Продавцова", "seller"),
    ("seller2", "Богдан Прилавкин", "seller"),
    ("operator", "Варвара Звонарёва", "operator"),
    ("storekeeper", "Геннадий Полкин", "storekeeper"),
    ("courier", "Демьян Доставкин", "courier"),
    ("accountant", "Евдокия Счётова", "accountant"),
    ("head", "Зинаида Главная", "head"),
    ("officer", "Ираида Хранителева", "data_officer"),
    ("branch", "Клавдия Отделова", "branch_head"),
)
"""Login, invented name, role: one colleague for every role, two who sell."""

R = TypeVar("R")
Progress = Callable[[str, int], None]


@dataclass(frozen=True)
class DemoBox:
    """What is shown of a demo box; all its people share one password, drawn for this box."""

    password: str
    recovery_code: str
    fingerprint: str
    key: str


def make(
    config: Config, *, customers: int, orders: int, seed: int, progress: Progress | None = None
) -> DemoBox:
    """Make a new box with colleagues of every role, a key of the API and an invented world.

    Raises:
        Conflict, Unavailable: as `first_start.init`.
    """
    password = new_one_time_password()
    born = first_start.init(config, admin_login=ADMIN, admin_password=password, passphrase=None)
    key = asyncio.run(_hire(config, password))
    fill(config, customers=customers, orders=orders, seed=seed, progress=progress)
    return DemoBox(password, born.recovery_code, born.fingerprint, key)


async def _hire(config: Config, password: str) -> str:
    """Take everybody of `STAFF` on; return a key of the shop's API."""
    opened = await open_house(config)
    try:
        secret = await hashed(Personal(password))
        await users.add_department(HOUSE_ACTOR, DEPARTMENT, "Отдел продаж")
        for login, name, role in STAFF:
            department = DEPARTMENT if role in {"seller", "operator"} else ""
            new = NewUser(login=login, name=Personal(name), roles=(role,), department=department)
            await users.add(HOUSE_ACTOR, new, secret, must_change=False)
        asked = NewApiKey(name="demo", shop=SHOP, scopes=tuple(API_SCOPES))
        return (await api_keys.create(HOUSE_ACTOR, asked)).key.reveal()
    finally:
        await opened.close()


def fill(
    config: Config, *, customers: int, orders: int, seed: int, progress: Progress | None = None
) -> None:
    """Fill the box that `config` names; it must not run meanwhile.

    Raises:
        Conflict: `box_not_empty`: there are clients already.
        Sealed: the box does not open by itself.
    """
    asyncio.run(_fill(config, customers, orders, seed, progress or _silent))


def _silent(what: str, done: int) -> None:
    """Say nothing."""


async def _fill(config: Config, customers: int, orders: int, seed: int, told: Progress) -> None:
    opened = await open_house(config)
    try:
        if not opened.vault.is_open:
            raise Sealed
        zone = ZoneInfo(config.box.time_zone)
        await populate(opened, customers, orders, seed=seed, told=told, zone=zone)
        await opened.index.rebuild()
    finally:
        await opened.close()


async def populate(
    opened: OpenHouse, customers: int, orders: int, *, seed: int, told: Progress, zone: ZoneInfo
) -> None:
    """Make the invented world in an open house; others may work meanwhile.

    Raises:
        Conflict: `box_not_empty`: there are clients already.
    """
    await _Filler(opened, seed, told, zone).run(customers, orders)
    await demo_stock.receive(WAREHOUSE)
    await demo_runs.drive(opened.config.box.time_zone)


class _Filler:
    """One fill: the same seed and day give the same world."""

    def __init__(self, opened: OpenHouse, seed: int, told: Progress, zone: ZoneInfo) -> None:
        self._house = opened.house
        self._drain = opened.drain_log
        self._seed = seed
        self._zone = zone
        self._told = told
        self._now = datetime.now(UTC)

    def _tx(self) -> Tx:
        here = self._house
        return Tx(HOUSE_ACTOR, Grant(Scope.ALL), here.vault, here.index, self._now)

    async def run(self, customers: int, orders: int) -> None:
        database = self._house.database
        if await database.read(lambda: fetch_value("SELECT 1 FROM customer LIMIT 1")) is not None:
            raise Conflict("box_not_empty")
        owners = await database.read(demo_orders.sellers)
        articles = await self._articles()
        clients: list[Client] = []
        for part in _slices(demo.people(self._seed, customers, self._now)):
            clients += await database.write(lambda part=part: self._people(part, owners))
            self._told("customers", len(clients))
        done = 0
        world = demo.orders(
            self._seed, orders, customers=customers, articles=ARTICLES, now=self._now
        )
        for part in _slices(world):
            await database.write(lambda part=part: self._orders(part, clients, articles))
            done += len(part)
            self._told("orders", done)
        await self._deals(max(orders // 20, min(customers, 40)), clients, articles)
        await database.write(demo_orders.settle_figures)
        await self._days(clients)
        await self._drain()

    async def _days(self, clients: list[Client]) -> None:
        """Notes, letters, tasks, projects and notices, where there is somebody to have them."""
        database = self._house.database
        people = await database.read(demo_days.staff)
        if people is None:
            return
        zone = self._zone
        for part in _slices(invented_days.words(self._seed, len(clients), self._now)):

            async def words(part: list[invented_days.DemoWord] = part) -> None:
                tx = self._tx()
                await demo_days.add_words(tx, part, clients, people)
                await self._note(tx, "timeline_entry", len(part))

            await database.write(words)
        for some in _slices(invented_days.tasks(self._seed, len(clients))):

            async def work(part: list[invented_days.DemoTask] = some) -> None:
                tx = self._tx()
                await demo_days.add_tasks(tx, part, clients, people, zone)
                await self._note(tx, "task", len(part))

            await database.write(work)

        async def rest() -> None:
            tx = self._tx()
            await demo_days.tell(tx, people)
            await demo_days.add_projects(tx, people, zone)
            await demo_days.settle()
            await self._note(tx, "project", len(invented_days.PROJECTS))

        await database.write(rest)

    async def _articles(self) -> list[Article]:
        async def body() -> list[Article]:
            tx = self._tx()
            made = await demo_goods.add_products(tx, demo.products(self._seed, ARTICLES))
            await self._note(tx, "product", len(made))
            return made

        return await self._house.database.write(body)

    async def _people(self, part: list[demo.DemoPerson], owners: list[UUID]) -> list[Client]:
        tx = self._tx()
        made = await demo_people.add_people(tx, part, owners)
        await self._note(tx, "customer", len(made))
        return made

    async def _orders(
        self, part: list[demo.DemoOrder], clients: list[Client], articles: list[Article]
    ) -> None:
        tx = self._tx()
        await demo_orders.add_orders(tx, part, clients, articles)
        await self._note(tx, "order", len(part))

    async def _deals(self, count: int, clients: list[Client], articles: list[Article]) -> None:
        world = demo_deals.deals(
            self._seed, count, customers=len(clients), articles=ARTICLES, now=self._now
        )
        for part in _slices(world):

            async def body(part: list[demo_deals.DemoDeal] = part) -> None:
                tx = self._tx()
                await deals_fill.add_deals(tx, part, clients, articles)
                await self._note(tx, "deal", len(part))

            await self._house.database.write(body)

    async def _note(self, tx: Tx, what: str, count: int) -> None:
        """One line of the log for a slice: who did it and how many, not each invented name."""
        tx.subjects.clear()
        tx.cells.clear()
        tx.about(what, None)
        tx.payload = {"count": count, "seed": self._seed}
        await append(tx, "demo.fill", "done")


def _slices(items: Iterable[R]) -> Iterator[list[R]]:
    waiting = iter(items)
    while part := list(islice(waiting, SLICE)):
        yield part
