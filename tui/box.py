"""The way to the running box: JSON over its Unix socket, with the standard library alone.

`http.client` and not httpx: the first screen has to stand within 1.5 s, and httpx takes a quarter
of a second of that to import.
"""

import asyncio
import json
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any, Protocol, cast

from appliance.errors import HouseError

Answer = Mapping[str, Any]
TIMEOUT_SECONDS = 60.0
"""Unlocking stretches a passphrase and loads the index of a million names."""

LOST = frozenset({"not_running", "no_access", "no_answer"})
"""Codes that mean: there is no conversation with the box at all."""


@dataclass(frozen=True)
class Deed:
    """Something to ask of the box, with the command that asks the same.

    Attributes:
        path, body: of the admin door.
        command: what one would type, without secrets.
        told: what is said when it is done.
    """

    path: str
    command: str
    told: str = ""
    body: Mapping[str, object] = field(default_factory=dict[str, object])


class Box(Protocol):
    """What the console needs of a box: the real one, or an invented one in a test."""

    async def ask(self, path: str, body: Mapping[str, object] | None = None) -> Answer:
        """Ask for one thing.

        Raises:
            HouseError: one of `LOST`, or what the box refused with.
        """
        ...

    async def sign_in(self, login: str, password: str, code: str) -> None:
        """Name the person on whose behalf the rest is asked. Raises as `ask`."""
        ...


class SocketBox:
    """The box behind a Unix socket. One question at a time; each runs beside the loop."""

    def __init__(self, place: Path) -> None:
        self._place = place
        self._token = ""
        self._one = asyncio.Lock()

    async def ask(self, path: str, body: Mapping[str, object] | None = None) -> Answer:
        async with self._one:
            return await asyncio.to_thread(self._ask, path, dict(body or {}))

    async def sign_in(self, login: str, password: str, code: str) -> None:
        self._token = ""
        body = {"login": login, "password": password, "code": code}
        self._token = str((await self.ask("/sign-in", body))["token"])

    def _ask(self, path: str, body: dict[str, object]) -> Answer:
        connection = _Connection(self._place)
        headers = {"Content-Type": "application/json"}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        try:
            connection.request("POST", path, json.dumps(body).encode(), headers)
            answer = connection.getresponse()
            status, raw = answer.status, answer.read()
        except PermissionError as error:
            raise HouseError("no_access") from error
        except (FileNotFoundError, ConnectionRefusedError) as error:
            raise HouseError("not_running") from error
        except (OSError, HTTPException) as error:
            raise HouseError("no_answer") from error
        finally:
            connection.close()
        return _read(status, raw)


class _Connection(HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, place: Path) -> None:
        super().__init__("box", timeout=TIMEOUT_SECONDS)
        self._place = place

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(TIMEOUT_SECONDS)
        self.sock.connect(str(self._place))


def _read(status: int, raw: bytes) -> Answer:
    try:
        found = json.loads(raw)
    except ValueError as error:
        raise HouseError("no_answer", status=status) from error
    if not isinstance(found, dict):
        raise HouseError("no_answer", status=status)
    answer = cast("dict[str, Any]", found)
    if status < 300:
        return answer
    raise HouseError(str(answer.get("code", "failed")), "", **answer.get("params", {}))
