"""One request over a connection of its own, which may be cut at any byte."""

import base64
import random
import socket
import ssl
import struct
from collections.abc import Mapping
from typing import NamedTuple

TIMEOUT_SECONDS = 180.0
"""What УТ 11 waits for an answer."""


NOT_READY = 503
"""The site begins or ends: the portion has failed, and comes again."""


class Lost(Exception):
    """No answer: the connection was cut, refused or silent for too long."""


class Reply(NamedTuple):
    """An answer: what stands in its head, and the bytes of its body."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        """The body as 1C reads it: by the charset of the type, else UTF-8."""
        kind = self.headers.get("content-type", "")
        _, _, charset = kind.partition("charset=")
        return self.body.decode(charset.strip() or "utf-8")


class Scissors:
    """Cuts each kind of request once, at a random byte, and lets its repetition through."""

    def __init__(self, seed: str, *, reply_bytes: int = 100) -> None:
        """Args: reply_bytes: how far into an answer a cut may fall."""
        self._chance = random.Random(seed)  # noqa: S311 - where a cable is pulled is no secret
        self._reply_bytes = reply_bytes
        self._seen: set[str] = set()
        self.cuts = 0

    def after(self, what: str, request: int) -> int | None:
        """After how many bytes of both ways to cut; None to leave it whole."""
        if what in self._seen:
            return None
        self._seen.add(what)
        return self._chance.randint(1, request + self._reply_bytes)


class Wire:
    """Asks one site as one user."""

    def __init__(
        self,
        address: tuple[str, int],
        login: str,
        password: str,
        *,
        trust: ssl.SSLContext | None = None,
        scissors: Scissors | None = None,
    ) -> None:
        self._address, self._trust, self._scissors = address, trust, scissors
        pair = base64.b64encode(f"{login}:{password}".encode()).decode()
        self._authorization = f"Basic {pair}"

    def ask(
        self, method: str, target: str, what: str, *, cookie: str = "", body: bytes | None = None
    ) -> Reply:
        """Send a request and read its answer.

        Args:
            method: GET, or POST with the raw bytes of a file.
            target: path and query; names in it are sent as they are, never percent-encoded.
            what: which request it is, for the scissors.
            cookie: written by hand; what the answer sets is not looked at.
            body: of a POST.

        Raises:
            Lost: there is no whole answer.
        """
        head = [
            f"{method} {target} HTTP/1.1",
            f"Host: {self._address[0]}:{self._address[1]}",
            "User-Agent: 1C+Enterprise/8.3",
            f"Authorization: {self._authorization}",
        ]
        if cookie:
            head.append(f"Cookie: {cookie}")
        if body is not None:
            head.append(f"Content-Length: {len(body)}")
        raw = "\r\n".join([*head, "", ""]).encode() + (body or b"")
        cut = self._scissors.after(what, len(raw)) if self._scissors else None
        try:
            with self._connected() as line:
                reply = self._talked(line, raw, cut)
        except OSError as error:
            raise Lost(f"{what}: {error}") from error
        if reply.status == NOT_READY:
            raise Lost(f"{what}: {reply.text}")
        return reply

    def _connected(self) -> socket.socket:
        line = socket.create_connection(self._address, TIMEOUT_SECONDS)
        if self._trust is None:
            return line
        return self._trust.wrap_socket(line, server_hostname=self._address[0])

    def _talked(self, line: socket.socket, raw: bytes, cut: int | None) -> Reply:
        if cut is not None and cut < len(raw):
            line.sendall(raw[:cut])
            self._tear(line)
        line.sendall(raw)
        left = None if cut is None else cut - len(raw)
        seen = bytearray()
        while (whole := _whole(seen)) is None:
            piece = line.recv(65536)
            if not piece:
                raise Lost("the connection ended in the middle of an answer")
            seen += piece
            if left is not None and len(seen) > left:
                self._tear(line)
        return whole

    def _tear(self, line: socket.socket) -> None:
        """End it as a pulled cable does: without a word."""
        if self._scissors is not None:
            self._scissors.cuts += 1
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        raise Lost("cut")


def _whole(seen: bytearray) -> Reply | None:
    """The answer, once all of it is there."""
    head, found, body = bytes(seen).partition(b"\r\n\r\n")
    if not found:
        return None
    first, *lines = head.decode("latin-1").split("\r\n")
    pairs = (line.partition(":") for line in lines)
    headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
    # Short answers carry their length: a 1C that meets chunks in them is not to be relied on.
    length = int(headers["content-length"])
    if len(body) < length:
        return None
    return Reply(int(first.split()[1]), headers, body[:length])
