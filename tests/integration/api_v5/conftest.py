"""The shop's side of the door: keys, calls without a network, and a server that really listens."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
import retailcrm
import uvicorn

from appliance.actions import _actors, api_keys
from appliance.api.v5.routes import make_v5_app
from appliance.domain.references import Shop
from appliance.domain.users import NewApiKey
from appliance.roles import API_SCOPES
from appliance.storage import references
from tests.house_fixture import TestHouse

ALL = tuple(API_SCOPES)
OTHER = "second"


class Caller:
    """A shop module's client, speaking the wire by hand."""

    def __init__(self, http: httpx.AsyncClient, key: str) -> None:
        self.http = http
        self.key = key
        self.status = 0

    async def get(self, path: str, query: str = "", **headers: str) -> dict[str, Any]:
        return await self._send("GET", f"{path}?{query}" if query else path, headers=headers)

    async def post(self, path: str, *, multipart: bool = False, **fields: Any) -> dict[str, Any]:
        texts = {
            name: value if isinstance(value, str) else json.dumps(value)
            for name, value in fields.items()
        }
        if multipart:
            parts = {name: (None, value.encode()) for name, value in texts.items()}
            return await self._send("POST", path, files=parts)
        kind = {"content-type": "application/x-www-form-urlencoded"}
        return await self._send("POST", path, content=urlencode(texts), headers=kind)

    async def raw(self, path: str, content: bytes, kind: str) -> dict[str, Any]:
        return await self._send("POST", path, content=content, headers={"content-type": kind})

    async def _send(self, method: str, path: str, **named: Any) -> dict[str, Any]:
        headers = {"x-api-key": self.key, **named.pop("headers", {})}
        full = path if path.startswith("/") else f"/api/v5/{path}"
        answer = await self.http.request(method, full, headers=headers, **named)
        self.status = answer.status_code
        assert answer.headers["content-type"].startswith("application/json")
        body = answer.json()
        assert body["success"] is (self.status < 400)
        if self.status >= 400:
            assert body["errorMsg"]
            details = body.get("errors", [])
            flat = details.values() if isinstance(details, dict) else details
            assert all(isinstance(one, str) for one in flat)
        return body


@dataclass
class Keys:
    """Keys made for a test."""

    house: TestHouse

    async def make(
        self, shop: str = "main", scopes: tuple[str, ...] = ALL, ends: datetime | None = None
    ) -> str:
        new = NewApiKey(name="module", shop=shop, scopes=scopes, expires_at=ends)
        return (await api_keys.create(self.house.system, new)).key.reveal()


@pytest.fixture
async def keys(house: TestHouse) -> AsyncIterator[Keys]:
    _actors.forget_actors()
    await house.write(lambda: references.set_shop(Shop(number=0, code=OTHER, name="Второй")))
    yield Keys(house)
    _actors.forget_actors()


kept_app = cache(make_v5_app)
"""The door keeps nothing between calls, and making it takes longer than most of them."""


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(kept_app())
    async with httpx.AsyncClient(transport=transport, base_url="http://box") as client:
        yield client


@pytest.fixture
async def shop(keys: Keys, http: httpx.AsyncClient) -> Caller:
    """A module with every right, bound to one shop."""
    return Caller(http, await keys.make())


@pytest.fixture
async def other(keys: Keys, http: httpx.AsyncClient) -> Caller:
    """A module of another shop."""
    return Caller(http, await keys.make(OTHER))


@dataclass
class Served:
    """A server that listens on loopback, and the unmodified client."""

    address: str
    port: int
    client: Any

    async def ask(self, call: Callable[..., Any], *args: Any) -> Any:
        """Make a blocking call of the client beside the loop."""
        return await asyncio.to_thread(call, *args)


@pytest.fixture
async def served(keys: Keys) -> AsyncIterator[Served]:
    config = uvicorn.Config(kept_app(), port=0, log_level="critical", lifespan="off")
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve())
    await asyncio.wait_for(_started(server), 10)
    port = server.servers[0].sockets[0].getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    try:
        yield Served(address, port, retailcrm.v5(address, await keys.make()))
    finally:
        server.should_exit = True
        await task


async def _started(server: uvicorn.Server) -> None:
    while not server.started:  # noqa: ASYNC110  uvicorn tells it by a flag only
        await asyncio.sleep(0.005)
