"""The only way out of a plugin's cage: connections to the hosts of its grant, made here.

The host resolves the name, so an answer that points into the company's own network is seen and
refused; names that an administrator typed himself may lie there. What goes over a connection is
not looked at: it is the plugin's TLS.
"""

import asyncio
import socket
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import Final

import msgspec

from appliance.domain.whereabouts import Whose, whose
from appliance.plugin_api.way_out import LONGEST, Got, Want
from appliance.plugin_host.link import Pace

AT_ONCE: Final = 32
"""Connections of one plugin."""

A_SECOND: Final = 25
"""Connections that may be asked for, with four seconds' worth in hand."""

THIS_MACHINE: Final = frozenset({"localhost", "localhost.localdomain", "ip6-localhost"})
"""Names of this machine, as one types them."""

CONNECT_SECONDS: Final = 10.0
IDLE_SECONDS: Final = 300.0
CHUNK: Final = 64 << 10


class Reached(msgspec.Struct):
    """What went out, since the plugin was switched on."""

    connections: int = 0
    refused: int = 0
    bytes_out: int = 0
    bytes_in: int = 0
    last_code: str = ""


class Refused(Exception):
    """No connection. The text is a code."""


def is_granted(host: str, port: int, hosts: Iterable[str]) -> bool:
    """Whether one of these names the host.

    >>> is_granted("api.example.ru", 443, ["*.example.ru:443"])
    True
    >>> is_granted("example.ru", 443, ["*.example.ru:443"])
    False
    """
    for one in hosts:
        name, _, allowed = one.rpartition(":")
        if allowed != str(port):
            continue
        if name == host or (name.startswith("*.") and host.endswith(name[1:])):
            return True
    return False


def is_public(address: str) -> bool:
    """Whether an address is of the Internet and not of this machine or the network around it."""
    return whose(address) is Whose.OPEN


def is_near(host: str, address: str) -> bool:
    """Whether an address is one that a name which an administrator typed may lead to.

    The firm's own network, and this machine where he named it; never what clouds tell machines.
    """
    found = whose(address)
    if found is Whose.HERE:
        return host in THIS_MACHINE or host == address
    return found is not Whose.NOBODYS


class Egress:
    """Makes the connections of one plugin."""

    def __init__(
        self,
        hosts: Iterable[str],
        near: Iterable[str],
        said: Callable[[str, Mapping[str, int]], None],
    ) -> None:
        """Args: said: takes what belongs in the journal, as a code and numbers."""
        self._hosts = tuple(hosts)
        self._near = tuple(near)
        self._said = said
        self.reached = Reached()
        self._asking: socket.socket | None = None
        self._is_deaf = False
        self._pace = Pace(A_SECOND, 4 * A_SECOND)
        self._tasks: set[asyncio.Task[None]] = set()

    def open(self, asking: socket.socket) -> None:
        """Listen to what this process asks for."""
        self._asking, self._is_deaf = asking, False
        asyncio.get_running_loop().add_reader(asking.fileno(), self._readable, asking)

    def _listen_again(self, asking: socket.socket) -> None:
        if self._asking is asking and not self._is_deaf:
            asyncio.get_running_loop().add_reader(asking.fileno(), self._readable, asking)

    async def close(self) -> None:
        """Cut every connection; the process is gone."""
        if self._asking is not None:
            asyncio.get_running_loop().remove_reader(self._asking.fileno())
            self._asking = None
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _readable(self, asking: socket.socket) -> None:
        try:
            data = asking.recv(LONGEST)
            want = msgspec.msgpack.decode(data, type=Want) if data else None
        except BlockingIOError:
            return
        except (OSError, msgspec.DecodeError, UnicodeDecodeError):
            want = None
        if (seconds := self._pace.spare()) > 0:  # what comes faster waits in the socket
            loop = asyncio.get_running_loop()
            loop.remove_reader(asking.fileno())
            loop.call_later(seconds, self._listen_again, asking)
        if want is None:  # closed, or nonsense: nothing more is heard
            self._is_deaf = True
            asyncio.get_running_loop().remove_reader(asking.fileno())
            return
        if len(self._tasks) >= AT_ONCE:
            self._refuse(asking, want.id, "host_busy")
            return
        task = asyncio.create_task(self._serve(asking, want))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _refuse(self, asking: socket.socket, number: int, code: str) -> None:
        self.reached.refused += 1
        self.reached.last_code = code
        # Who does not read its answers gets none.
        with suppress(OSError):
            asking.send(msgspec.msgpack.encode(Got(number, code)))

    async def _serve(self, asking: socket.socket, want: Want) -> None:
        try:
            there = await self._connect(want.host.lower().rstrip("."), want.port)
        except Refused as error:
            if str(error) in {"host_not_granted", "host_private"}:
                self._said(str(error), {"port": want.port})
            self._refuse(asking, want.id, str(error))
            return
        here, theirs = socket.socketpair()
        try:
            socket.send_fds(asking, [msgspec.msgpack.encode(Got(want.id))], [theirs.fileno()])
        except OSError:
            here.close()
            there[1].close()
            return
        finally:
            theirs.close()
        self.reached.connections += 1
        await self._carry(await asyncio.open_connection(sock=here), there)

    async def _connect(
        self, host: str, port: int
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        named = is_granted(host, port, self._near)
        if not named and not is_granted(host, port, self._hosts):
            raise Refused("host_not_granted")
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            raise Refused("host_unknown") from None
        addresses = [str(one[4][0]) for one in found]
        addresses = [one for one in addresses if (is_near(host, one) if named else is_public(one))]
        if not addresses:
            raise Refused("host_private")
        for address in addresses[:4]:
            with suppress(OSError):
                async with asyncio.timeout(CONNECT_SECONDS):
                    return await asyncio.open_connection(address, port)
        raise Refused("host_down")

    async def _carry(
        self,
        ours: tuple[asyncio.StreamReader, asyncio.StreamWriter],
        there: tuple[asyncio.StreamReader, asyncio.StreamWriter],
    ) -> None:
        """Carry bytes both ways until one side is done with both, or neither says anything."""

        def out(count: int) -> None:
            self.reached.bytes_out += count

        def back(count: int) -> None:
            self.reached.bytes_in += count

        try:
            async with asyncio.TaskGroup() as both:
                both.create_task(_pour(ours[0], there[1], out))
                both.create_task(_pour(there[0], ours[1], back))
        except* OSError:
            pass
        finally:
            ours[1].close()
            there[1].close()


async def _pour(
    source: asyncio.StreamReader, sink: asyncio.StreamWriter, count: Callable[[int], None]
) -> None:
    while True:
        async with asyncio.timeout(IDLE_SECONDS):
            data = await source.read(CHUNK)
        if not data:
            with suppress(OSError, NotImplementedError):
                sink.write_eof()
            return
        count(len(data))
        sink.write(data)
        await sink.drain()
