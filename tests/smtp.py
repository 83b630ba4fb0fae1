"""A mail server for tests: speaks RFC 5321 as far as one sender needs, and refuses on demand."""

import asyncio
import base64
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage


@dataclass
class Taken:
    """One letter the server took."""

    sender: str
    to: list[str]
    message: EmailMessage

    @property
    def text(self) -> str:
        body = self.message.get_body(("plain",))
        assert body is not None
        return body.get_content()


@dataclass
class FakeSmtp:
    """The server.

    Attributes:
        answers: verb → code given instead of its own (`RCPT` → 550, `CONNECT` → 421…).
        tls: offered as STARTTLS where there is one.
        vanish: end the connection after the letter was taken, without an answer.
    """

    port: int = 0
    login: str = ""
    password: str = ""
    answers: dict[str, int] = field(default_factory=dict[str, int])
    vanish: bool = False
    tls: ssl.SSLContext | None = None
    taken: list[Taken] = field(default_factory=list[Taken])
    asked: list[str] = field(default_factory=list[str])
    wrong: list[str] = field(default_factory=list[str])

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One conversation."""
        try:
            await _Talk(self, reader, writer).run()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()


class _Talk:
    def __init__(
        self, server: FakeSmtp, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.server, self.reader, self.writer = server, reader, writer
        self.greeted = self.signed_in = self.hidden = False
        self.sender: str | None = None
        self.to: list[str] = []

    async def say(self, code: int, text: str = "ok", *more: str) -> None:
        lines = [text, *more]
        for at, line in enumerate(lines, 1):
            mark = " " if at == len(lines) else "-"
            self.writer.write(f"{code}{mark}{line}\r\n".encode())
        await self.writer.drain()

    async def run(self) -> None:
        greeting = self.server.answers.get("CONNECT", 220)
        await self.say(greeting, "invented.example ESMTP")
        if greeting != 220:
            return
        while line := await self.reader.readuntil(b"\r\n"):
            text = line[:-2].decode("ascii")  # RFC 5321, 2.3.8: nothing else without SMTPUTF8
            assert len(line) <= 512
            verb = text[:4].upper()
            self.server.asked.append(verb)
            if verb == "QUIT":
                await self.say(221)
                return
            refusal = self.server.answers.get(verb)
            if refusal is not None and not (verb == "DATA" and refusal == 1):
                await self.say(refusal, "Anna Sukhova is not wanted here")
                if refusal == 421:
                    return
                continue
            await self.command(verb, text)

    async def command(self, verb: str, text: str) -> None:
        match verb:
            case "EHLO":
                self.greeted = True
                offers = self.server.tls is not None and not self.hidden
                extra = ("STARTTLS",) if offers else ("AUTH PLAIN",) if self.server.login else ()
                await self.say(250, "invented.example", "SIZE 40000000", *extra)
            case "AUTH":
                given = base64.b64decode(text.rsplit(maxsplit=1)[-1]).decode().split("\0")[1:]
                good = given == [self.server.login, self.server.password]
                self.signed_in = good
                await self.say(235 if good else 535, "5.7.8" if not good else "ok")
            case "MAIL" if self.greeted and self.sender is None:
                if self.server.login and not self.signed_in:
                    return await self.say(530)
                self.sender = text.partition("<")[2].partition(">")[0]
                await self.say(250)
            case "RCPT" if self.sender is not None:
                self.to.append(text.partition("<")[2].partition(">")[0])
                await self.say(250)
            case "DATA" if self.to:
                await self.data()
            case "RSET" | "NOOP":
                self.sender, self.to = None, []
                await self.say(250)
            case _:
                await self.hide(verb, text)
        return None

    async def hide(self, verb: str, text: str) -> None:
        """STARTTLS; everything else is out of order."""
        if verb != "STAR" or self.server.tls is None or self.hidden:
            self.server.wrong.append(text)
            return await self.say(503, "bad sequence")
        await self.say(220)
        await self.writer.start_tls(self.server.tls)
        self.hidden, self.greeted = True, False
        return None

    async def data(self) -> None:
        await self.say(354, "go on")
        raw = await self.reader.readuntil(b"\r\n.\r\n")
        body = raw[:-3].replace(b"\r\n..", b"\r\n.")
        assert b"\n" not in body.replace(b"\r\n", b"")
        assert all(len(line) <= 998 for line in body.split(b"\r\n"))
        code = self.server.answers.get("BODY", 250)
        if code == 250:
            message = message_from_bytes(body, policy=policy.default)
            assert isinstance(message, EmailMessage)
            self.server.taken.append(Taken(self.sender or "", self.to, message))
        if self.server.vanish:
            self.server.vanish = False
            raise ConnectionResetError
        self.sender, self.to = None, []
        await self.say(code)


@asynccontextmanager
async def fake_smtp(tls: ssl.SSLContext | None = None) -> AsyncIterator[FakeSmtp]:
    """A server on a free port of this machine."""
    fake = FakeSmtp(tls=tls)
    server = await asyncio.start_server(fake.serve, "127.0.0.1", 0)
    fake.port = server.sockets[0].getsockname()[1]
    try:
        yield fake
    finally:
        server.close()
        assert fake.wrong == []
