"""The server's life: doors open, open again with new certificates, close within five seconds."""

# The server's levers are pulled here as its signals pull them.
# pyright: reportPrivateUsage=false

import asyncio
import ssl
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from appliance.actions import chores
from appliance.boot import serve, tls
from appliance.boot.doors import Doors
from appliance.boot.house import OpenHouse, open_house
from appliance.boot.index import HOUSE_ACTOR
from appliance.boot.serve import Server
from appliance.config import Config, checks
from appliance.errors import ConfigError, Unavailable

STOP_SECONDS = 5.0


async def app(scope: Any, receive: Any, send: Any) -> None:
    """Answers at once, but for `/hang`."""
    if scope["type"] != "http":
        return
    if scope["path"] == "/hang":
        await asyncio.Event().wait()
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"here"})


class Running:
    """A server in the test's own loop."""

    def __init__(self, opened: OpenHouse) -> None:
        self.opened = opened
        self.server = Server(opened)
        self.port = opened.config.server.port
        self.task = asyncio.create_task(self.server.run())

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        await self.ready()
        return await asyncio.open_connection("127.0.0.1", self.port, ssl=context)

    async def ready(self) -> None:
        """Wait until the server says that its doors are open; it must not end instead."""
        opening = asyncio.create_task(self.server.ready.wait())
        async with asyncio.timeout(10):
            await asyncio.wait([opening, self.task], return_when=asyncio.FIRST_COMPLETED)
        assert opening.done(), self.task

    async def certificate(self) -> bytes:
        _, writer = await self.connect()
        found = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
        writer.close()
        return found


@asynccontextmanager
async def running(config: Config, monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[Running]:
    def doors(*_: object) -> Doors:
        return Doors(app, app, app)

    monkeypatch.setattr(serve, "make_doors", doors)
    opened = await open_house(config)
    one = Running(opened)
    try:
        yield one
    finally:
        one.server._stop.set()
        await asyncio.gather(one.task, return_exceptions=True)
        await opened.close()


@pytest.fixture(params=["uvicorn", "granian"])
def served(request: pytest.FixtureRequest, box: Config) -> Config:
    server = msgspec.structs.replace(box.server, kind=request.param)
    return msgspec.structs.replace(box, server=server)


async def ask(one: Running, path: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await one.connect()
    writer.write(f"GET {path} HTTP/1.1\r\nHost: box\r\n\r\n".encode())
    await writer.drain()
    return reader, writer


async def test_a_stop_is_orderly_and_quick_with_connections_open(
    served: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(served, monkeypatch) as one:
        reader, idle = await ask(one, "/")
        assert b"200" in await reader.readline()
        _, hanging = await ask(one, "/hang")
        loop = asyncio.get_running_loop()
        began = loop.time()
        one.server._stop.set()
        await asyncio.wait_for(one.task, STOP_SECONDS)
        await one.opened.close()
        assert loop.time() - began < STOP_SECONDS
        assert not served.admin_socket.exists()
        for writer in (idle, hanging):
            writer.close()


async def test_new_certificates_reach_the_listeners(
    served: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(served, monkeypatch) as one:
        before = await one.certificate()
        later = datetime.now(UTC) + timedelta(days=200)
        assert tls.renew(served, one.opened.vault, later)
        one.server.ready.clear()
        one.server._reopen.set()
        assert await one.certificate() != before
        assert not one.task.done()


async def test_a_door_that_closes_by_itself_ends_the_server_as_a_failure(
    served: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(served, monkeypatch) as one:
        await one.certificate()
        one.server._listeners[0].stop()
        with pytest.raises(Unavailable) as ended:
            await asyncio.wait_for(one.task, STOP_SECONDS)
        assert ended.value.code == "door_closed"


async def test_doors_that_cannot_open_again_say_why(
    box: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(box, monkeypatch) as one:
        await one.certificate()

        def taken(*_: Any) -> None:
            raise ConfigError("E019", port=box.server.port)

        monkeypatch.setattr(checks, "refuse_port", taken)
        one.server._reopen.set()
        with pytest.raises(ConfigError) as refused:
            await asyncio.wait_for(one.task, 10)
        assert refused.value.code == "E019"


async def test_a_taken_port_ends_the_start_with_its_code(
    box: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    def silent(_: asyncio.StreamReader, __: asyncio.StreamWriter) -> None:
        """Takes the port and says nothing."""

    blocker = await asyncio.start_server(silent, "127.0.0.1", box.server.port)
    try:
        async with running(box, monkeypatch) as one:
            with pytest.raises(ConfigError) as refused:
                await asyncio.wait_for(one.task, 10)
    finally:
        blocker.close()
    assert refused.value.code == "E019"


async def test_a_chore_that_fails_is_settled_with_its_code_and_the_others_run(
    box: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = await open_house(box)
    try:
        server, ran = Server(opened), list[str]()

        async def broken() -> None:
            raise Unavailable("disk_full")

        async def fine() -> None:
            ran.append("fine")

        server._chores = {"a": (timedelta(hours=1), broken), "b": (timedelta(hours=1), fine)}
        await server._run_chores()
        await server._run_chores()
        assert ran == ["fine"]
        assert await chores.claim(HOUSE_ACTOR) == []
    finally:
        await opened.close()
