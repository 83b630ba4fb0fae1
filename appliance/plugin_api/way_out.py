"""The only way out of the cage: connections that the host makes and hands over.

The plugin names host and port over a socket that keeps the bounds of messages; the host looks
into the grant, resolves, connects, and passes the end of a stream (SCM_RIGHTS) through which it
carries bytes both ways and counts them. TLS is the plugin's own, end to end.
"""

import asyncio
import socket
from typing import Final

import msgspec

LONGEST: Final = 1_024
"""Bytes of one message here."""


class Want(msgspec.Struct, frozen=True, array_like=True):
    """To the host: a connection, please."""

    id: int
    host: str
    port: int


class Got(msgspec.Struct, frozen=True, array_like=True):
    """From the host: with a descriptor, or with the code of a refusal."""

    id: int
    code: str = ""


class NoWayOut(OSError):
    """The host made no connection.

    Attributes:
        code: `host_not_granted`, `host_private`, `host_unknown`, `host_down`, `host_busy`.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


_lent: list[socket.socket] = []
_waiting: dict[int, "asyncio.Future[socket.socket]"] = {}
_numbers = iter(range(1, 1 << 62))


def lend(descriptor: int) -> None:
    """Take over the socket that the host started this process with."""
    asking = socket.socket(fileno=descriptor)
    asking.setblocking(False)
    _lent.append(asking)


async def connect(host: str, port: int) -> socket.socket:
    """Ask for a connection; its stream, non-blocking.

    Raises:
        NoWayOut: with the code of the refusal.
    """
    asking = _lent[0]
    loop = asyncio.get_running_loop()
    if not _waiting:
        loop.add_reader(asking, _answered, asking)
    number = next(_numbers)
    waiting = _waiting[number] = loop.create_future()
    try:
        asking.send(msgspec.msgpack.encode(Want(number, host, port)))
        return await waiting
    except BlockingIOError:
        raise NoWayOut("host_busy") from None
    finally:
        del _waiting[number]
        if not _waiting:
            loop.remove_reader(asking)


def _answered(asking: socket.socket) -> None:
    data, descriptors, _, _ = socket.recv_fds(asking, LONGEST, 1)
    got = msgspec.msgpack.decode(data, type=Got)
    stream = socket.socket(fileno=descriptors[0]) if descriptors else None
    waiting = _waiting.get(got.id)
    if waiting is None or waiting.done():
        if stream is not None:
            stream.close()
    elif stream is None:
        waiting.set_exception(NoWayOut(got.code))
    else:
        stream.setblocking(False)
        waiting.set_result(stream)
