"""What host and plugin say to each other: frames of length and msgpack over a socket pair.

A frame is four bytes of length, most significant first, and so many bytes of msgpack: an array
of a tag and the fields of one message, in order. Bodies travel whole, up to `BODY_LIMIT`: what
clients of exchanges send comes in portions whose size the server names (1C asks for it with
`file_limit`), so that neither chunks nor descriptors are needed; more is refused at the door
with 413. Both sides count their calls for themselves, so one number may be under way in both
directions at once.
"""

from collections.abc import Iterator
from typing import Any, Final
from uuid import UUID

import msgspec

from appliance.plugin_api.hooks import Finding, RouteRequest

BODY_LIMIT: Final = 16 << 20
"""Bytes of a body, of a request or of an answer of `Core`."""

FRAME_LIMIT: Final = BODY_LIMIT + (1 << 20)
"""Bytes of one message: a body and what stands around it."""

HEAD: Final = 4


class Garbled(Exception):
    """What arrived is no message: the other side is broken, and nothing after it can be trusted."""


class _Message(msgspec.Struct, frozen=True, array_like=True, kw_only=True):
    """One message."""


class Account(_Message, frozen=True):
    """One account of the other side.

    Attributes:
        code: names it in records, in the journal and in the outbox.
        title: what people call it.
        settings: by name; secrets in clear.
    """

    code: str
    title: str = ""
    settings: dict[str, str | int | bool | None] = {}

    def __repr__(self) -> str:
        return f"Account({self.code})"


class Hello(_Message, frozen=True, tag=1):
    """To the plugin, once its walls are found to stand: who it is and what it was granted.

    Attributes:
        settings: by name; secrets in clear.
        fields: personal fields it is handed, each with its purpose.
        hosts: `name:port` it may reach; kept by the host, told for good error texts only.
        folder: that it may write to, if its manifest asks for one; nothing in it is sealed.
        accounts: of the other side, those that are on; None: its manifest knows but one.
        ahead: seconds that the box's clock was moved ahead; a box of invented people alone.
    """

    plugin: str
    version: str
    api: int
    settings: dict[str, str | int | bool | None] = {}
    permissions: tuple[str, ...] = ()
    fields: tuple[tuple[str, str], ...] = ()
    hosts: tuple[str, ...] = ()
    folder: str = ""
    accounts: tuple[Account, ...] | None = None
    ahead: int = 0


class Deliver(_Message, frozen=True, tag=2):
    """To the plugin: an event; `payload` is its JSON as the outbox keeps it."""

    id: int
    event: str
    payload: bytes
    delivery_id: UUID
    attempt: int


class Ask(_Message, frozen=True, tag=3):
    """To the plugin: a request to one of its addresses."""

    id: int
    request: RouteRequest


class RunJob(_Message, frozen=True, tag=4):
    """To the plugin: the time of this job has come."""

    id: int
    name: str


class Diagnose(_Message, frozen=True, tag=5):
    """To the plugin: how are you; of one account, or of all."""

    id: int
    account: str = ""


class Answer(_Message, frozen=True, tag=6):
    """To the plugin: what became of its call of `Core`.

    Attributes:
        code: why it was refused; empty when it was done.
    """

    id: int
    body: bytes = b""
    code: str = ""


class Cancel(_Message, frozen=True, tag=7):
    """To the plugin: nobody waits for this call any more; end it and settle."""

    id: int


class Stop(_Message, frozen=True, tag=8):
    """To the plugin: end what is under way and leave."""


class Question(_Message, frozen=True, tag=9):
    """To the plugin: a question of `asks.ASKS`; `body` is msgpack of its struct."""

    id: int
    name: str
    body: bytes


class Ready(_Message, frozen=True, tag=20):
    """From the plugin, in answer to `Hello`: what it registered."""

    handlers: tuple[str, ...] = ()
    routes: tuple[str, ...] = ()
    jobs: tuple[str, ...] = ()
    answers: tuple[str, ...] = ()


class Settled(_Message, frozen=True, tag=21):
    """From the plugin: how a delivery or a job ended.

    Attributes:
        outcome: `done`, `retry`, `pause` or `permanent`.
        code: why; a code or the name of an exception's class.
        seconds: of `pause`.
        account: of the other side, of `pause`; empty for all of them.
    """

    id: int
    outcome: str
    code: str = ""
    seconds: float = 0.0
    account: str = ""


class Reply(_Message, frozen=True, tag=22):
    """From the plugin: what its address answers."""

    id: int
    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""


class Found(_Message, frozen=True, tag=23):
    """From the plugin: how it is."""

    id: int
    findings: tuple[Finding, ...] = ()


class CoreCall(_Message, frozen=True, tag=24):
    """From the plugin: a call of `Core`; `body` is msgpack of the call's own struct."""

    id: int
    name: str
    body: bytes = b""


class Log(_Message, frozen=True, tag=25):
    """From the plugin: one line of its log, which is a code and numbers and never a text."""

    level: int
    code: str
    numbers: dict[str, int] = {}


class Caged(_Message, frozen=True, tag=26):
    """From the process, first of all and before any of the plugin's code is loaded.

    Attributes:
        walls: names of the layers of the cage that stand, see `plugin_api/walls.py`.
    """

    walls: tuple[str, ...]


class Said(_Message, frozen=True, tag=27):
    """From the plugin: what it says to a question.

    Attributes:
        body: msgpack of the answer.
        code: why it does not answer; empty where it does.
    """

    id: int
    body: bytes = b""
    code: str = ""


ToPlugin = Hello | Deliver | Ask | RunJob | Diagnose | Answer | Cancel | Stop | Question
ToHost = Ready | Settled | Reply | Found | CoreCall | Log | Caged | Said

_encoder = msgspec.msgpack.Encoder()
_to_plugin: msgspec.msgpack.Decoder[ToPlugin] = msgspec.msgpack.Decoder(ToPlugin)
_to_host: msgspec.msgpack.Decoder[ToHost] = msgspec.msgpack.Decoder(ToHost)


def packed(message: ToPlugin | ToHost) -> bytes:
    """One message as a frame.

    Raises:
        ValueError: it is longer than `FRAME_LIMIT`.
    """
    body = _encoder.encode(message)
    if len(body) > FRAME_LIMIT:
        raise ValueError("a message over the limit")
    return len(body).to_bytes(HEAD, "big") + body


def for_plugin(body: bytes) -> ToPlugin:
    """Read what the host said.

    Raises:
        Garbled: it is no message of the host's.
    """
    return _read(_to_plugin, body)


def for_host(body: bytes) -> ToHost:
    """Read what the plugin said.

    Raises:
        Garbled: it is no message of a plugin's.
    """
    return _read(_to_host, body)


def _read(decoder: "msgspec.msgpack.Decoder[Any]", body: bytes) -> Any:
    try:
        return decoder.decode(body)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        raise Garbled from None


class Frames:
    """Puts frames together again, however the stream was cut."""

    def __init__(self, limit: int = FRAME_LIMIT) -> None:
        self._limit = limit
        self._held = bytearray()

    @property
    def is_whole(self) -> bool:
        """Whether nothing is held back: the stream may end here."""
        return not self._held

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Take what arrived; give the frames that are whole now.

        Raises:
            Garbled: a length over the limit, before so much was read; or of nothing at all.
        """
        self._held += data
        while len(self._held) >= HEAD:
            length = int.from_bytes(self._held[:HEAD], "big")
            if not 0 < length <= self._limit:
                raise Garbled
            if len(self._held) < HEAD + length:
                return
            body = bytes(self._held[HEAD : HEAD + length])
            del self._held[: HEAD + length]
            yield body
