"""The way out: to hosts of the grant, over TLS of the plugin's own, and not into the office."""

import asyncio
import ssl
from datetime import UTC, datetime
from pathlib import Path

import pytest

from appliance.plugin_api.hooks import RouteReply, RouteRequest
from appliance.plugin_host import egress
from appliance.plugin_host.keeper import Keeper
from appliance.vault import certificates
from appliance.vault.certificates import Names
from tests.plugins.conftest import HERE, Journal, enabled, until

FETCHES = HERE / "samples" / "fetches"


class Guard:
    """Keeps the authority's key as it is: a throw-away one."""

    def close(self, secret: bytes) -> bytes:
        return secret

    def open(self, closed: bytes) -> bytes:
        return closed


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Echoes the body of any request."""
    head = await reader.readuntil(b"\r\n\r\n")
    sizes = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    body = await reader.readexactly(int(sizes[0].split(b":")[1]))
    said = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    writer.write(said.encode() + body)
    await writer.drain()
    writer.close()


async def go(keeper: Keeper, body: bytes = b"") -> RouteReply:
    return await keeper.request("fetches", RouteRequest(route="go", method="POST", body=body))


async def test_a_granted_host_is_reached_and_what_passes_is_counted(
    keeper: Keeper, tmp_path: Path
) -> None:
    names = Names((), ("127.0.0.1",))
    certificates.create(tmp_path / "tls", names, datetime.now(UTC), Guard())
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(tmp_path / "tls" / "tls.pem", tmp_path / "tls" / "tls.pem")
    authority = (tmp_path / "tls" / "ca.pem").read_text(encoding="ascii")
    server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=context)
    port = server.sockets[0].getsockname()[1]
    settings = {"address": f"https://127.0.0.1:{port}/", "authority": authority}
    async with server:
        await keeper.start(enabled(FETCHES, settings=settings, near=(f"127.0.0.1:{port}",)))
        assert await go(keeper, b"x" * 100_000) == RouteReply(body=b"x" * 100_000)
        # A certificate that nobody vouches for is refused by the plugin's own TLS.
        strange = settings | {"authority": ""}
        facts = keeper.facts("fetches")
        assert facts is not None
        assert facts.reached.bytes_out > 100_000 and facts.reached.bytes_in > 100_000
        await keeper.start(enabled(FETCHES, settings=strange, near=(f"127.0.0.1:{port}",)))
        assert (await go(keeper)).status == 502


async def test_a_granted_name_that_leads_into_the_office_is_refused(
    keeper: Keeper, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = {"address": "http://localhost:5432/", "authority": ""}
    await keeper.start(enabled(FETCHES, settings=settings, hosts=("localhost:5432",)))
    reply = await go(keeper)
    assert (reply.status, reply.body) == (502, b"host_private")
    await until(lambda: "host_private" in journal.codes)


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "192.168.1.1", "169.254.169.254", "::1", "fe80::1%eth0", "fd00::1",
     "::ffff:127.0.0.1", "0.0.0.0",  # noqa: S104 - nobody binds to it here
     "224.0.0.1", "100.64.0.1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "192.0.0.192", "fec0::1"],
)  # fmt: skip
def test_addresses_around_the_box_are_not_public(address: str) -> None:
    assert not egress.is_public(address)


@pytest.mark.parametrize(
    ("host", "address", "let_through"),
    [
        ("1c.firma.example", "10.1.2.3", True),
        ("1c.firma.example", "fd00::1", True),
        ("api.example", "93.184.216.34", True),
        ("localhost", "127.0.0.1", True),
        ("127.0.0.1", "127.0.0.1", True),
        # Whoever holds the name's zone must not lead a plugin to the box itself.
        ("api.example", "127.0.0.1", False),
        ("api.example", "::1", False),
        ("api.example", "169.254.169.254", False),
        ("169.254.169.254", "169.254.169.254", False),
        ("api.example", "0.0.0.0", False),  # noqa: S104 - nobody binds to it here
    ],
)
def test_a_name_that_was_typed_leads_into_the_office_and_no_further(
    host: str, address: str, *, let_through: bool
) -> None:
    assert egress.is_near(host, address) is let_through


def test_addresses_of_the_internet_are() -> None:
    assert egress.is_public("93.184.216.34") and egress.is_public("2606:2800:220:1::1")
