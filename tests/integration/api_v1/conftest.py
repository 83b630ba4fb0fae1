"""A program with a key, calling the native door by hand."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from appliance.actions import _actors, api_keys
from appliance.api.v1.door import Door, Settings
from appliance.api.v1.pages import make_pages
from appliance.api.v1.streams import make_streams
from appliance.api.v1.table import OPERATIONS
from appliance.domain.users import NewApiKey
from appliance.http.frame import Frame
from appliance.web import texts
from tests.house_fixture import TestHouse


def sentence(code: str, params: Any, language: str) -> tuple[str, str]:
    found = texts.error(code, "en" if language == "en" else "ru", params)
    return found.title, found.hint


@cache
def kept_door_itself() -> Door:
    """The door keeps nothing between calls; its shapes take a second to make."""
    settings = Settings(ZoneInfo("Europe/Moscow"), sentence)
    return Door(OPERATIONS, settings, make_pages(), make_streams(sentence))


@cache
def kept_door() -> Frame:
    """The same with what surrounds every answer of the box."""
    return Frame(kept_door_itself())


class Program:
    """A client of the API."""

    def __init__(self, http: httpx.AsyncClient, key: str) -> None:
        self.http = http
        self.key = key
        self.answer = httpx.Response(0)

    @property
    def status(self) -> int:
        return self.answer.status_code

    async def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """Call; gives the decoded body, None where there is none."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        sent = {"authorization": f"Bearer {self.key}", **named}
        extra: dict[str, Any] = {} if body is None else {"json": body}
        self.answer = await self.http.request(method, f"/api/v1{path}", headers=sent, **extra)
        if self.status >= 400:
            assert self.answer.headers["content-type"] == "application/problem+json"
        return self.answer.json() if self.answer.content else None

    async def get(self, path: str, **headers: str) -> Any:
        return await self.ask("GET", path, **headers)

    async def post(self, path: str, body: Any = None, **headers: str) -> Any:
        return await self.ask("POST", path, body, **headers)


@dataclass
class Programs:
    """Makes keys."""

    house: TestHouse
    http: httpx.AsyncClient

    async def make(self, **asked: Any) -> Program:
        new = NewApiKey(**{"name": "программа", "shop": "", **asked})
        made = await api_keys.create(self.house.system, new)
        return Program(self.http, made.key.reveal())


@pytest.fixture
async def programs(house: TestHouse) -> AsyncIterator[Programs]:
    _actors.forget_actors()
    transport = httpx.ASGITransport(kept_door())  # pyright: ignore[reportArgumentType]
    async with httpx.AsyncClient(transport=transport, base_url="http://box") as client:
        yield Programs(house, client)
    _actors.forget_actors()
