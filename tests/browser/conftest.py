"""A served staff door over TLS and a headless Chromium in which a colleague is signed in."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import uvicorn
from playwright.async_api import Browser, Page, Route, async_playwright, expect

from appliance.actions import _gate
from appliance.boot.index import IndexKeeper
from appliance.vault import certificates
from tests.web_house import WebHouse, open_web_house

CHROMIUM = os.environ.get("KOROBKA_CHROMIUM", "/usr/bin/chromium")

PATIENCE = 30_000
"""Milliseconds. A machine under load answers late, and lateness is not what is looked at here."""

expect.set_options(timeout=PATIENCE)


class _Plain:
    """Keeps the test authority's key as it is."""

    def close(self, secret: bytes) -> bytes:
        return secret

    def open(self, closed: bytes) -> bytes:
        return closed


@dataclass
class Served:
    """The box and a browser in front of it.

    Attributes:
        foreign: addresses outside the box that a page asked for; must stay empty.
        problems: errors of scripts and of the console.
    """

    house: WebHouse
    base: str
    chromium: Browser
    foreign: list[str] = field(default_factory=list[str])
    problems: list[str] = field(default_factory=list[str])

    async def page(self, name: str, path: str) -> Page:
        """A page of this colleague, ready for keys."""
        await self.house.browser(name)
        context = await self.chromium.new_context(
            viewport={"width": 1366, "height": 768},
            ignore_https_errors=True,
            reduced_motion="reduce",
            locale="ru-RU",
        )
        await context.add_cookies(
            [
                {
                    "name": "__Host-sid",
                    "value": self.house.tokens[name],
                    "url": self.base,
                    "secure": True,
                    "httpOnly": True,
                    "sameSite": "Strict",
                }
            ]
        )
        context.set_default_timeout(PATIENCE)
        await context.route("**/*", self._guard)
        page = await context.new_page()
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        await page.goto(self.base + path)
        await page.wait_for_selector("html[data-ready]")
        return page

    async def _guard(self, route: Route) -> None:
        asked = urlsplit(route.request.url)
        # What the browser itself is made of (its viewer of documents) is on this machine, too.
        if asked.scheme.startswith("chrome") or asked.netloc == urlsplit(self.base).netloc:
            await route.continue_()
        else:
            self.foreign.append(route.request.url)
            await route.abort()


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    """A hundred clients, two hundred orders, the search index built."""
    names = certificates.names_of(("localhost",), "127.0.0.1")
    certificates.create(tmp_path / "tls", names, datetime.now(UTC), _Plain())
    async with (
        open_web_house(tmp_path, clients=100, orders=200) as house,
        async_playwright() as play,
    ):
        await IndexKeeper(_gate.house(), tmp_path / "search.idx").rebuild()
        listener = socket.create_server(("127.0.0.1", 0))
        port = listener.getsockname()[1]
        server = uvicorn.Server(
            uvicorn.Config(
                house.app,
                log_level="error",
                lifespan="off",
                ssl_certfile=str(tmp_path / "tls" / "tls.pem"),
                ssl_keyfile=str(tmp_path / "tls" / "tls.pem"),
            )
        )
        running = asyncio.create_task(server.serve(sockets=[listener]))
        # A service worker wants a certificate it trusts, whatever a context is told to ignore.
        flags = ["--ignore-certificate-errors"]
        flags += ["--no-sandbox"] if os.geteuid() == 0 else []
        chromium = await play.chromium.launch(executable_path=CHROMIUM, args=flags)
        opened = Served(house, f"https://localhost:{port}", chromium)
        yield opened
        await chromium.close()
        server.should_exit = True
        await running
        assert opened.foreign == []
        assert opened.problems == []
