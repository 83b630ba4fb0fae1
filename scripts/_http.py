"""A lean HTTP/1.1 client over TLS: what it costs must not be taken for what the box costs."""

import asyncio
import re
import ssl
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import urlencode

from scripts._box import PASSWORD

FORM = "application/x-www-form-urlencoded"
_CSRF = re.compile(rb'name="csrf"[^>]*value="([0-9a-f]+)"')
_CSRF_META = re.compile(rb'"X-CSRF-Token"\s*:\s*"([0-9a-f]+)"', re.IGNORECASE)


class Answer(NamedTuple):
    """One answer; names of headers are in lower case, cookies by name."""

    status: int
    headers: dict[str, str]
    cookies: dict[str, str]
    body: bytes


class Broken(Exception):
    """The connection ended before the answer did."""


class Connection:
    """One kept-alive connection, one question at a time.

    Args:
        port: on the loopback.
        trust: of the box's authority.
        headers: sent with every question.
    """

    def __init__(self, port: int, trust: ssl.SSLContext, headers: Mapping[str, str]) -> None:
        self._port = port
        self._trust = trust
        self.headers = dict(headers)
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def ask(self, method: str, path: str, body: bytes = b"", kind: str = FORM) -> Answer:
        """Ask one question; the connection is opened anew where it was lost before.

        Raises:
            OSError: nobody answers there.
            Broken: the answer ended in the middle.
        """
        if self._writer is None or self._reader is None:
            self._reader, self._writer = await asyncio.open_connection(
                "127.0.0.1", self._port, ssl=self._trust, limit=2**20
            )
        own = "".join(f"{name}: {value}\r\n" for name, value in self.headers.items())
        content = f"content-type: {kind}\r\ncontent-length: {len(body)}\r\n" if body else ""
        if method == "POST" and not body:
            content = "content-length: 0\r\n"
        head = f"{method} {path} HTTP/1.1\r\nhost: 127.0.0.1:{self._port}\r\n{own}{content}\r\n"
        try:
            self._writer.write(head.encode() + body)
            answer = await self._read(self._reader)
        except (OSError, asyncio.IncompleteReadError, ValueError) as error:
            await self.close()
            raise Broken(type(error).__name__) from error
        if answer.headers.get("connection", "").lower() == "close":
            await self.close()
        return answer

    async def _read(self, reader: asyncio.StreamReader) -> Answer:
        head = await reader.readuntil(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")[:-2]
        headers: dict[str, str] = {}
        cookies: dict[str, str] = {}
        for line in lines:
            name, _, value = line.partition(":")
            if name.lower() == "set-cookie":
                key, _, rest = value.strip().partition("=")
                cookies[key] = rest.partition(";")[0]
            else:
                headers[name.lower()] = value.strip()
        if headers.get("transfer-encoding") == "chunked":
            body = await self._chunks(reader)
        else:
            body = await reader.readexactly(int(headers.get("content-length", "0")))
        return Answer(int(first.split()[1]), headers, cookies, body)

    async def _chunks(self, reader: asyncio.StreamReader) -> bytes:
        body = bytearray()
        while True:
            size = int((await reader.readuntil(b"\r\n")).partition(b";")[0], 16)
            body += (await reader.readexactly(size + 2))[:size]
            if size == 0:
                return bytes(body)

    async def close(self) -> None:
        """Let go of the connection."""
        writer, self._writer, self._reader = self._writer, None, None
        if writer is not None:
            writer.transport.abort()


def cookie_header(cookies: Mapping[str, str]) -> str:
    """Cookies as a browser sends them back."""
    return "; ".join(f"{name}={value}" for name, value in cookies.items() if value)


def csrf_of(page: bytes) -> str:
    """The token of a page's forms; empty when it has none."""
    found = _CSRF.search(page) or _CSRF_META.search(page)
    return found[1].decode() if found else ""


async def sign_in(connection: Connection, login: str, password: str = PASSWORD) -> str:
    """Sign in and give the token for further forms; the cookies stay in the connection's headers.

    Raises:
        RuntimeError: it was refused.
    """
    page = await connection.ask("GET", "/login")
    jar = dict(page.cookies)
    connection.headers["cookie"] = cookie_header(jar)
    fields = {"csrf": csrf_of(page.body), "login": login, "password": password, "next": "/"}
    answer = await connection.ask("POST", "/login", urlencode(fields).encode())
    if answer.status not in {200, 204, 302, 303} or "__Host-sid" not in answer.cookies:
        raise RuntimeError(f"{login} could not sign in: {answer.status}")
    jar.update(answer.cookies)
    connection.headers["cookie"] = cookie_header(jar)
    return csrf_of((await connection.ask("GET", "/me/password")).body)
