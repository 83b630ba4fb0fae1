"""What a plugin may ask of the box; each call is checked there against what was granted."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol
from uuid import UUID

from appliance.plugin_api.messages import Hello


class Refused(Exception):
    """The box refuses a call. Uncaught in a handler it means: again later.

    Attributes:
        code: why, as `denied`, `not_found` or a code of the call.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Line(Protocol):
    """The way to the box: one call there and its answer back, many of them at once."""

    def __call__(self, name: str, body: bytes, /) -> Awaitable[bytes]:
        """Send msgpack, give msgpack.

        Raises:
            Refused: with the code of the refusal.
        """
        ...


Teller = Callable[[int, str, Mapping[str, int]], None]
"""Takes level, code and numbers of a line of the log."""


class Core:
    """The box as one call of a plugin sees it.

    Attributes:
        delivery_id: of the event that is handled: the same over retries, so it serves the other
            side as idempotency key; None in a job or a route.
        attempt: which try of the delivery this is, from 1.
        settings: by name, as an administrator filled the form in.
    """

    def __init__(
        self,
        line: Line,
        hello: Hello,
        tell: Teller,
        delivery_id: UUID | None = None,
        attempt: int = 1,
    ) -> None:
        self._line = line
        self._tell = tell
        self.delivery_id = delivery_id
        self.attempt = attempt
        self.settings: Mapping[str, str | int | bool | None] = hello.settings

    def log(self, code: str, level: int = 20, **numbers: int) -> None:
        """Write one line into the plugin's log: a code `[a-z0-9_.]` and numbers, no texts."""
        self._tell(level, code, numbers)
