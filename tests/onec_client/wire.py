"""HTTP as 1C speaks it: one connection a session, no encoding of names, cut where a test wants."""

import base64
import random
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

TIMEOUT = 180.0
"""Seconds that УТ 11 waits for an answer."""


class Answered(NamedTuple):
    """An answer; 1C looks at the body alone."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def lines(self) -> list[str]:
        return self.body.decode("utf-8", "replace").split("\n")

    @property
    def first(self) -> str:
        return self.lines[0].strip().lower()


class Lost(Exception):
    """The connection is gone: 1C gives the portion up and begins it anew."""


@dataclass
class Chaos:
    """Cuts every kind of request of every portion once, at a random byte, there or back."""

    rng: random.Random
    cut: set[tuple[str, str]] = field(default_factory=set)

    def place(self, portion: str, step: str, length: int) -> int | None:
        """After how many bytes the connection goes; beyond the length: while the answer comes."""
        if (portion, step) in self.cut:
            return None
        self.cut.add((portion, step))
        return self.rng.randrange(length * 2)


class Wire:
    """A connection to a server; `connect` makes its socket anew."""

    def __init__(
        self, host: str, port: int, path: str, login: str, password: str, *, cafile: str = ""
    ) -> None:
        self._host, self._port, self._path = host, port, path
        self._basic = base64.b64encode(f"{login}:{password}".encode()).decode()
        self._trust = ssl.create_default_context(cafile=cafile) if cafile else None
        self._socket: socket.socket | None = None
        self.requests = 0

    def _connected(self) -> socket.socket:
        if self._socket is None:
            try:
                made = socket.create_connection((self._host, self._port), TIMEOUT)
                if self._trust is not None:
                    made = self._trust.wrap_socket(made, server_hostname=self._host)
            except OSError as error:
                raise Lost from error
            self._socket = made
        return self._socket

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def ask(
        self,
        query: str,
        body: bytes = b"",
        cookie: str = "",
        cut: Callable[[int], int | None] = lambda _: None,
    ) -> Answered:
        """Send a request and read its answer.

        Raises:
            Lost: the connection went, or the server did.
        """
        method = "POST" if "mode=file" in query else "GET"
        lines = [
            f"{method} {self._path}?{query} HTTP/1.1",
            f"Host: {self._host}:{self._port}",
            f"Authorization: Basic {self._basic}",
            "User-Agent: 1C+Enterprise/8.3",
            f"Content-Length: {len(body)}",
        ]
        if cookie:
            lines.append(f"Cookie: {cookie}")
        raw = "\r\n".join((*lines, "", "")).encode() + body
        place = cut(len(raw))
        self.requests += 1
        try:
            line = self._connected()
            line.sendall(raw if place is None else raw[:place])
            if place is not None and place < len(raw):
                raise Lost
            answer = _read(line)
        except OSError as error:
            self.close()
            raise Lost from error
        except Lost:
            self.close()
            raise
        if place is not None:
            self.close()
            raise Lost
        if answer.headers.get("connection", "").lower() == "close":
            self.close()
        return answer


def _read(line: socket.socket) -> Answered:
    data = b""
    while b"\r\n\r\n" not in data:
        data += _some(line)
    head, _, body = data.partition(b"\r\n\r\n")
    first, *rest = head.decode("latin-1").split("\r\n")
    headers = {
        name.lower(): value.strip() for name, _, value in (one.partition(":") for one in rest)
    }
    length = int(headers.get("content-length", "0"))
    while len(body) < length:
        body += _some(line)
    return Answered(int(first.split()[1]), headers, body)


def _some(line: socket.socket) -> bytes:
    data = line.recv(65536)
    if not data:
        raise Lost
    return data
