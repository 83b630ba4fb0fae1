"""A service outside as a fake: what every one of them shares.

A plugin's own lies in its `fake.py` as a class `Fake` of this base. It obeys the service's
description, checks the keys and keeps the limits; tests talk to it by `transport`, a person by
`scripts/dev --vendors`, which gives each a panel of its own.
"""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, Literal
from urllib.parse import parse_qsl

import msgspec

if TYPE_CHECKING:
    import httpx

Trouble = Literal[
    "", "down", "failing", "slow", "lost", "html", "too_many", "garbled", "error_in_200"
]
TROUBLES: Final[Mapping[Trouble, str]] = {
    "": "none: it works",
    "down": "no connection",
    "failing": "500 to everything",
    "slow": "no answer within any time",
    "lost": "does what it is asked, the answer is lost",
    "html": "200 with an HTML page",
    "too_many": "429 to everything",
    "garbled": "half of the answer",
    "error_in_200": "200 with an error inside",
}
MOST_KEPT: Final = 500
"""Requests that a fake remembers."""


class NoAnswer(Exception):
    """The service is not reached, or its answer never comes.

    Attributes:
        is_late: nobody refused the connection: the asker waits in vain.
    """

    def __init__(self, *, is_late: bool) -> None:
        super().__init__("late" if is_late else "down")
        self.is_late = is_late


class FakeRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A request as the service sees it; names of headers in lower case."""

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = {}
    body: bytes = b""

    @property
    def args(self) -> dict[str, str]:
        """The query by name; of a name that stands twice, the last."""
        return dict(parse_qsl(self.query, keep_blank_values=True))

    @property
    def form(self) -> dict[str, str]:
        """The body as a form."""
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))

    def json(self, kind: Any = Any) -> Any:
        """The body as JSON.

        Raises:
            msgspec.DecodeError: it is none, or not of this kind.
        """
        return msgspec.json.decode(self.body or b"null", type=kind)


class FakeReply(msgspec.Struct, frozen=True, kw_only=True):
    """What the service answers."""

    status: int = 200
    headers: Mapping[str, str] = {}
    body: bytes = b""


class FakePush(msgspec.Struct, frozen=True, kw_only=True):
    """A webhook of the service's on its way to the box: the path after the box's address."""

    path: str
    method: str = "POST"
    headers: Mapping[str, str] = {}
    body: bytes = b""


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """One field of a deed's form; with `choices` one of these."""

    name: str
    title: str
    default: str = ""
    choices: tuple[str, ...] = ()


class Deed(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody does at the service: a button of its panel, `do_<name>` of its class."""

    name: str
    title: str
    fields: tuple[Field, ...] = ()


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """A table of the panel."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str | int, ...], ...]


def said(data: Any, status: int = 200, **headers: str) -> FakeReply:
    """An answer of JSON; `_` in a header's name stands for `-`."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    body = msgspec.json.encode(data)
    return FakeReply(
        status=status, headers={"content-type": "application/json", **named}, body=body
    )


def now() -> datetime:
    """The moment, aware UTC."""
    return datetime.now(UTC)


class Limit:
    """The service's limit: so many in any so many seconds, counted as it comes."""

    def __init__(self, amount: int, seconds: float) -> None:
        self._amount = amount
        self._seconds = seconds
        self._seen: dict[str, deque[float]] = {}

    def wait(self, key: str, at: datetime) -> float:
        """Let one more pass and give 0, or the seconds after which it might."""
        moment = at.timestamp()
        seen = self._seen.setdefault(key, deque())
        while seen and seen[0] <= moment - self._seconds:
            seen.popleft()
        if len(seen) >= self._amount:
            return seen[0] + self._seconds - moment
        seen.append(moment)
        return 0.0


class Fake:
    """A service outside.

    Attributes:
        title: of its panel.
        deeds: what somebody can do there, besides the plugin.
        trouble: what it suffers from now.
        pause: seconds that it names with 429; 0: it names none.
        copies: how often each push is sent.
        reorder: pushes are sent newest first.
        requests: what was asked lately, oldest first.
    """

    title = "A service"
    deeds: tuple[Deed, ...] = ()

    def __init__(self, clock: Callable[[], datetime] = now) -> None:
        self.clock = clock
        self.trouble: Trouble = ""
        self.pause = 0
        self.copies = 1
        self.reorder = False
        self.requests: deque[FakeRequest] = deque(maxlen=MOST_KEPT)
        self._failing: list[Trouble] = []
        self._pushes: list[FakePush] = []

    # --- what a plugin's fake says for itself ---

    def answer(self, request: FakeRequest) -> FakeReply:
        """What the service answers when it is well; each fake says it for itself."""
        raise NotImplementedError  # of a base: a fake without it cannot answer anything

    def settings(self) -> Mapping[str, str]:
        """What is typed into the plugin's form to talk to this fake, besides its address."""
        return {}

    def state(self) -> Sequence[Shown]:
        """What lies at the service."""
        return ()

    def error_in_200(self, request: FakeRequest) -> FakeReply:
        """How this service says 200 and means failure."""
        return said({"error": {"code": "INTERNAL", "message": "failed"}})

    def too_many(self, request: FakeRequest) -> FakeReply:
        """How this service says that it was asked too much."""
        named = {"retry-after": str(self.pause)} if self.pause else {}
        return FakeReply(status=429, headers=named)

    # --- what all of them do ---

    def fail(self, trouble: Trouble, times: int = 1) -> None:
        """Suffer from this in the next so many requests, then be well again."""
        self._failing.extend(trouble for _ in range(times))

    def take(self, request: FakeRequest) -> FakeReply:
        """Answer, troubles and all.

        Raises:
            NoAnswer: there is none.
        """
        self.requests.append(request)
        trouble = self._failing.pop(0) if self._failing else self.trouble
        match trouble:
            case "down" | "slow":
                raise NoAnswer(is_late=trouble == "slow")
            case "failing":
                return FakeReply(status=500, body=b"Internal Server Error")
            case "html":
                return FakeReply(
                    headers={"content-type": "text/html"}, body=b"<h1>Works are under way</h1>"
                )
            case "too_many":
                return self.too_many(request)
            case "error_in_200":
                return self.error_in_200(request)
            case _:
                reply = self.answer(request)
        if trouble == "lost":
            raise NoAnswer(is_late=True)
        if trouble == "garbled":
            return msgspec.structs.replace(reply, body=reply.body[: len(reply.body) // 2])
        return reply

    def do(self, name: str, **fields: str) -> None:
        """Do a deed of the panel's.

        Raises:
            KeyError: there is none of this name.
        """
        known = {one.name: one for one in self.deeds}[name]
        typed = {one.name: fields.get(one.name, one.default) for one in known.fields}
        getattr(self, f"do_{name}")(**typed)

    def push(self, push: FakePush) -> None:
        """Have a webhook sent to the box."""
        self._pushes.append(push)

    def pushes(self) -> list[FakePush]:
        """Webhooks to send now, in the order of sending; each is given once."""
        going = [one for one in self._pushes for _ in range(self.copies)]
        self._pushes.clear()
        return going[::-1] if self.reorder else going


def transport(fake: Fake) -> "httpx.MockTransport":
    """For the plugin's client in tests: `Vendor(…, transport=transport(fake))`."""
    import httpx  # noqa: PLC0415 - the panel needs none

    def answer(request: httpx.Request) -> httpx.Response:
        asked = FakeRequest(
            method=request.method,
            path=request.url.path,
            query=request.url.query.decode(),
            headers={key.lower(): value for key, value in request.headers.items()},
            body=request.content,
        )
        try:
            reply = fake.take(asked)
        except NoAnswer as error:
            if error.is_late:
                raise httpx.ReadTimeout("late") from None
            raise httpx.ConnectError("down") from None
        return httpx.Response(reply.status, headers=dict(reply.headers), content=reply.body)

    return httpx.MockTransport(answer)
