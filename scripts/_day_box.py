"""The box of a trading day: its plugins caged, its vendors as fakes over HTTP, killed and moved on.

Everything that the day asks of the box goes through its doors: the shops' API, the open API with a
key, the pages of a colleague, and the console's socket. What was asked while the box died is asked
again once it is back, as people and shops do.
"""

import os
import ssl
import threading
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, TypeVar

import httpx
import requests

from appliance.actions import api_keys, plugin_accounts, plugin_settings, plugins, products
from appliance.boot import moved_clock
from appliance.boot.index import HOUSE_ACTOR
from appliance.cli.client import House
from appliance.domain.personal import Personal
from appliance.domain.products import ProductDraft, VariantDraft
from appliance.domain.users import NewApiKey
from appliance.errors import HouseError
from appliance.plugin_api.fakes import Fake
from appliance.plugin_host.finding import look_around
from scripts import _box
from scripts._http import csrf_of
from scripts._served import NotServing, Served
from scripts.vendors_box import Stand

T = TypeVar("T")
TRIES: Final = 4
START_SECONDS: Final = 90.0
CALM_SECONDS: Final = 3.0
"""Without anything being taken: what is left then is to be tried again later."""
GONE: Final = frozenset({"not_running", "no_answer"})
ARTICLES: Final = tuple(f"TD-{number}" for number in range(1, 13))
AT_FIRST: Final = 400
"""Pieces of each article in the shop's own warehouse."""
PRICE: Final = 990_00


class Clock:
    """The time of everybody: box, plugins and fakes go ahead together, hour by hour."""

    def __init__(self) -> None:
        self.hours = 0

    def now(self) -> datetime:
        """The moment."""
        return datetime.now(UTC) + timedelta(hours=self.hours)


class Refused(RuntimeError):
    """The box does not do it, and says why."""


class Away(Exception):
    """The box could not do it just now: it is dying, dead or only beginning."""


class Day:
    """A box with its surroundings.

    Attributes:
        stands: fakes by the name of their plugin.
        killed: how often the server was killed.
        again: deeds that had to be done again because it was.
        pushes: what became of webhooks, by outcome.
        ledger: names of the shop's orders by what is to become of them.
        aside: plugins that the box put into quarantine, and why: let out, and said in the report.
        memory: most bytes that a plugin's process was seen with.
        numbers: in the box, of the shop's orders by name.
        bought: article and pieces of an order, by name.
    """

    def __init__(self, home: Path, fakes: Mapping[str, Fake], clock: Clock, *, door: bool) -> None:
        self.clock = clock
        os.environ["KOROBKA_DEVELOPMENT"] = "true"
        self.box = _box.make(home, people={"olga": "head"})
        self.served = Served(self.box.config)
        self.base = f"https://127.0.0.1:{self.box.config.server.port}"
        self.pushes: Counter[str] = Counter()
        outside = self.base if door else ""
        self.stands = {
            name: Stand(name, fake, 0, outside, self._heard) for name, fake in fakes.items()
        }
        for stand in self.stands.values():
            stand.begin()
        self.memory: Counter[str] = Counter()
        self.aside: Counter[str] = Counter()
        self.ledger: dict[str, list[str]] = {}
        self.numbers: dict[str, int] = {}
        self.bought: dict[str, tuple[str, int]] = {}
        self.key = ""
        self.killed = self.again = 0
        self._killer: threading.Thread | None = None
        self.web: httpx.Client | None = None
        self.api: httpx.Client | None = None
        self._csrf = ""

    def _heard(self, path: str, outcome: str) -> None:
        self.pushes[f"{path.split('/')[2]} {outcome}"] += 1

    # --- before it opens ---

    def fill(
        self,
        settings: Mapping[str, Mapping[str, str]],
        more: Iterable[Callable[[], Awaitable[None]]],
    ) -> None:
        """Goods, a key for whoever compares, plugins with their accounts.

        Args:
            settings: of the account at each plugin's fake.
            more: what else an administrator sets up.
        """
        self.box.run(lambda _: self._fill(settings, more))

    async def _fill(
        self,
        settings: Mapping[str, Mapping[str, str]],
        more: Iterable[Callable[[], Awaitable[None]]],
    ) -> None:
        goods = [
            ProductDraft(
                shop=_box.SHOP, name=f"Плед {article}",
                variants=(
                    VariantDraft(
                        external_id=article, sku=article, name=f"Плед {article}", weight_grams=900,
                        prices={"base": PRICE}, stock={"main": AT_FIRST * 1000},
                    ),
                ),
            )
            for article in ARTICLES
        ]  # fmt: skip
        await products.upload(HOUSE_ACTOR, goods)
        new = NewApiKey(name="trade-day", shop="", role="head")
        self.key = (await api_keys.create(HOUSE_ACTOR, new)).key.reveal()
        # All at once: a plugin that is not named is taken for gone.
        await plugins.notice(HOUSE_ACTOR, [one.found for one in look_around().values()])
        for name, typed in settings.items():
            await self._switch_on(name, typed)
        for one in more:
            await one()

    async def _switch_on(self, name: str, typed: Mapping[str, str]) -> None:
        lying = look_around()[name]
        manifest = lying.manifest
        if manifest is None:
            raise RuntimeError(f"{name} has no manifest")
        await plugins.approve(HOUSE_ACTOR, name, lying.found.version, lying.found.asked)
        own = {one.name for one in manifest.settings}
        values = {key: Personal(text) for key, text in typed.items() if key in own}
        if values:
            await plugin_settings.put(HOUSE_ACTOR, name, values)
        account = {one.name for one in manifest.account_settings}
        values = {key: Personal(text) for key, text in typed.items() if key in account}
        if account:
            await plugin_accounts.put(HOUSE_ACTOR, name, "main", Personal(f"Проба {name}"), values)
        await plugins.switch_on(HOUSE_ACTOR, name)

    # --- its life ---

    def open(self) -> None:
        """Let it serve, and have the colleague sign in."""
        os.environ[moved_clock.VARIABLE] = str(self.clock.hours)
        self.served.start(wait=120.0)
        trust = self.served.trust()
        self.api = httpx.Client(
            base_url=f"{self.base}/api/v1", verify=trust, timeout=60, trust_env=False,
            headers={"authorization": f"Bearer {self.key}"},
        )  # fmt: skip
        self._sign_in(trust)
        self._await_plugins()

    def weigh(self) -> None:
        """Note what the plugins' processes take now."""
        with House(self.box.config.admin_socket) as house:
            found: Any = house.ask("/plugins/list")["plugins"]
        for one in found:
            if one["given"] is not None:
                self.memory[one["name"]] = max(self.memory[one["name"]], one["memory"])

    def _await_plugins(self) -> None:
        """Pages open before plugins are up; people wait until their carriers are there."""
        ends, of_day = time.monotonic() + START_SECONDS, list[Any]()
        while time.monotonic() < ends:
            with House(self.box.config.admin_socket) as house:
                found: Any = house.ask("/plugins/list")["plugins"]
            of_day = [one for one in found if one["given"] is not None]
            if all(one["process"] == "running" for one in of_day):
                return
            time.sleep(0.1)
        told = [(one["name"], one["process"], one["last_code"]) for one in of_day]
        raise NotServing(f"plugins do not run: {told}")

    def _sign_in(self, trust: ssl.SSLContext) -> None:
        web = httpx.Client(base_url=self.base, verify=trust, timeout=60, trust_env=False)
        fields = {
            "csrf": csrf_of(web.get("/login").content), "login": "olga",
            "password": _box.PASSWORD, "next": "/",
        }  # fmt: skip
        answer = web.post("/login", data=fields)
        if answer.status_code not in {200, 204, 302, 303}:
            raise RuntimeError(f"the colleague could not sign in: {answer.status_code}")
        self._csrf = csrf_of(web.get("/me/password").content)
        self.web = web

    def close(self) -> None:
        """End the box and its vendors."""
        self._rest()
        if self.served.process is not None and self.served.process.poll() is None:
            self.served.stop()
        for stand in self.stands.values():
            stand.end()

    def _rest(self) -> None:
        for client in (self.web, self.api):
            if client is not None:
                client.close()
        self.web = self.api = None

    def pass_hours(self, hours: int) -> None:
        """End the box in order and begin it so much later."""
        self._rest()
        self.served.stop()
        self.clock.hours += hours
        self.open()

    def kill_soon(self, seconds: float) -> None:
        """Kill every process of the box after so long, whatever it is about."""
        self._join()

        def kill() -> None:
            time.sleep(seconds)
            self.served.kill()

        self._killer = threading.Thread(target=kill)
        self._killer.start()
        self.killed += 1

    @property
    def serves(self) -> bool:
        """Whether the box lives: who gets no answer then asked for something that takes long."""
        process = self.served.process
        return self._killer is None and process is not None and process.poll() is None

    def settle_kill(self) -> None:
        """See that the box that was to be killed is back, even if nobody had anything to ask."""
        if self._killer is not None:
            self._revive()

    def _join(self) -> None:
        if self._killer is not None:
            self._killer.join()
            self._killer = None

    def _revive(self) -> None:
        """Begin it anew, an hour later, if it was killed.

        Raises:
            NotServing: it ended, and nobody killed it.
        """
        was_killed = self._killer is not None
        self._join()
        process = self.served.process
        if process is not None and process.poll() is None:
            return
        if not was_killed:
            raise NotServing(self.served.log.read_text(encoding="utf-8", errors="replace")[-3000:])
        self._rest()
        self.clock.hours += 1
        self.open()

    def sure(self, deed: Callable[[], T]) -> T:
        """Do it; where the box died over it, do it again once it is back.

        Raises:
            Away: it never could.
        """
        for _ in range(TRIES):
            try:
                return deed()
            except (httpx.TransportError, requests.exceptions.RequestException, Away):
                self.again += 1
                self._revive()
            except HouseError as error:
                if error.code not in GONE:
                    raise
                self.again += 1
                self._revive()
        raise Away

    # --- its doors ---

    @property
    def shop_key(self) -> str:
        """Key of the shop's own site."""
        return self.box.papers.key

    def alive(self, status: int) -> None:
        """See that an answer of the shops' door is one.

        Raises:
            Away: the box could not do it just now.
        """
        if status >= 500:
            raise Away

    def read(self, path: str, **query: Any) -> Any:
        """Ask the open API."""

        def ask() -> Any:
            if self.api is None:
                raise Away
            answer = self.api.get(path, params=query)
            _expected(answer, 200)
            return answer.json()

        return self.sure(ask)

    def write(self, method: str, path: str, body: Any = None, *, once: str = "") -> Any:
        """Change something through the open API; `once` names it over repetitions."""

        def ask() -> Any:
            if self.api is None:
                raise Away
            headers = {"idempotency-key": once} if once else {}
            answer = self.api.request(method, path, json=body, headers=headers)
            _expected(answer, 200, 201, 204)
            return answer.json() if answer.content else None

        return self.sure(ask)

    def page(self, method: str, path: str, form: Mapping[str, str] | None = None) -> httpx.Response:
        """What the colleague does on a page; not repeated: see first, then press again.

        Raises:
            Away: the box is not there.
        """
        if self.web is None:
            raise Away
        headers = {"x-csrf-token": self._csrf, "hx-request": "true"}
        answer = self.web.request(method, path, data=form, headers=headers)
        if answer.status_code >= 500:
            raise Away
        return answer

    def press(
        self, path: str, form: Mapping[str, str], **files: tuple[str, bytes]
    ) -> httpx.Response:
        """Send a form that must be taken; the answer.

        Raises:
            Refused: it was not.
        """
        if files:
            if self.web is None:
                raise Away
            answer = self.web.post(
                path, data=dict(form), files=files, headers={"x-csrf-token": self._csrf}
            )
        else:
            answer = self.page("POST", path, form)
        _expected(answer, 200, 204, 302, 303)
        return answer

    def run(self, plugin: str, job: str) -> str:
        """Run a job of a plugin now and wait for its end; the code of a refusal."""

        def ask() -> str:
            with House(self.box.config.admin_socket) as house:
                try:
                    house.ask("/plugins/run", {"name": plugin, "job": job})
                except HouseError as error:
                    if error.code in GONE and not self.serves:
                        raise
                    return error.code
                return ""

        return self.sure(ask)

    def calm(self) -> int:
        """Wait until plugins have taken what is for them; how much waits for its time still."""
        ends, least, waiting = time.monotonic() + CALM_SECONDS, 1 << 30, 1
        while waiting and time.monotonic() < ends:
            services = self.ask_console("/integrations/list", {})["services"]
            waiting = sum(one["waiting"] for one in services)
            if waiting < least:
                least, ends = waiting, time.monotonic() + CALM_SECONDS
            time.sleep(0.2)
        return waiting

    def let_out(self) -> None:
        """What the administrator does on a busy day: switch on again what was put aside."""
        for one in self.ask_console("/plugins/list", {})["plugins"]:
            if one["given"] is not None and one["process"] == "quarantined":
                self.aside[f"{one['name']} {one['last_code']}"] += 1
                self.ask_console("/plugins/on", {"name": one["name"]})

    def ask_console(self, path: str, body: Mapping[str, object]) -> dict[str, Any]:
        """Ask the console's door."""

        def ask() -> dict[str, Any]:
            with House(self.box.config.admin_socket) as house:
                return house.ask(path, body)

        return self.sure(ask)


def _expected(answer: httpx.Response, *statuses: int) -> None:
    if answer.status_code == 503:
        raise Away
    if answer.status_code not in statuses:
        path = answer.request.url.path
        raise Refused(f"{answer.request.method} {path}: {answer.status_code} {_told(answer)}")


def _told(answer: httpx.Response) -> str:
    return " ".join(answer.text.split())[:600]
