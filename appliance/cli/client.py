"""The way to the running box: JSON over its Unix socket (mode 0660, the kernel says who calls).

`POST /<noun>/<verb>` with a JSON object; 200 with a JSON object, or any other status with
`{"code": …, "params": {…}}`, the same codes as everywhere in the house.
"""

from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx
import msgspec

from appliance.errors import HouseError

# Unlocking stretches a passphrase and loads the index of a million names; nothing else is slow.
TIMEOUT_SECONDS = 60.0


class _Refusal(msgspec.Struct):
    code: str
    params: dict[str, str | int] = {}


class House:
    """One conversation with the running box; a context manager."""

    def __init__(self, socket: Path) -> None:
        self._client = httpx.Client(
            transport=httpx.HTTPTransport(uds=str(socket)),
            base_url="http://box",
            timeout=TIMEOUT_SECONDS,
            trust_env=False,  # a proxy of the shell has no business here
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._client.close()

    def sign_in(self, login: str, password: str, code: str = "") -> None:
        """Name the person on whose behalf the rest is asked.

        Raises:
            HouseError: as `ask`.
        """
        token = self.ask("/sign-in", {"login": login, "password": password, "code": code})["token"]
        self._client.headers["Authorization"] = f"Bearer {token}"

    def ask(self, path: str, body: Mapping[str, object] | None = None) -> dict[str, object]:
        """Ask for one thing.

        Raises:
            HouseError: `not_running`, `no_access` (the socket is not for this account), or what
                the box refused with.
        """
        try:
            answer = self._client.post(path, json=dict(body or {}))
        except httpx.ConnectError as error:
            denied = isinstance(_root(error), PermissionError)
            raise HouseError("no_access" if denied else "not_running") from error
        except httpx.TransportError as error:
            raise HouseError("no_answer") from error
        if answer.is_success:
            return msgspec.json.decode(answer.content, type=dict[str, object])
        try:
            refusal = msgspec.json.decode(answer.content, type=_Refusal)
        except msgspec.DecodeError as error:
            raise HouseError("no_answer", status=answer.status_code) from error
        raise HouseError(refusal.code, "", **refusal.params)


def _root(error: BaseException) -> BaseException:
    while error.__cause__ or error.__context__:
        error = error.__cause__ or error.__context__ or error
    return error
