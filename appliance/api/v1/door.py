"""The application of this door: key, path, body, answer. It admits callers itself.

One ASGI application and no route of the framework per operation: addresses, shapes and the
description come from one table, and every answer is JSON whatever went wrong.
"""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from datetime import time as midnight_time
from typing import Any, Final, NamedTuple
from urllib.parse import unquote
from zoneinfo import ZoneInfo

import msgspec
from litestar import Request, Response
from litestar.types import Receive, Scope, Send

from appliance.actions import _once, api_keys
from appliance.api.v1 import problems, shapes
from appliance.api.v1.operation import Asked, Compiled, Operation, Supplied
from appliance.api.v1.problems import Refused, Sentences
from appliance.domain.access import Actor, Origin
from appliance.errors import HouseError, Sealed, Throttled, Unauthenticated, Unavailable
from appliance.http.errors import log_failure_at
from appliance.http.origin import header, origin_of, state_of
from appliance.roles import Permission

PREFIX: Final = "/api/v1"
BODY_LIMIT: Final = 32 * 1024 * 1024
MOST_KEY: Final = 255
_JSON: Final = "application/json"
_SAFE: Final = frozenset({"GET", "HEAD"})
_encode = msgspec.json.Encoder().encode

INNER: Final = frozenset(
    one.value
    for one in (
        Permission.USER_MANAGE,
        Permission.ROLE_MANAGE,
        Permission.KEY_MANAGE,
        Permission.BOX_MANAGE,
        Permission.MAIL_MANAGE,
        Permission.EVIDENCE_READ,
    )
)
"""What no key may do from outside the firm's network, whatever its role says."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What the door knows of the box.

    Attributes:
        zone: days of the box begin and end in it.
        sentence: the catalogue of errors.
    """

    zone: ZoneInfo
    sentence: Sentences
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)


class Reply(NamedTuple):
    """An answer: status, body, media type and further headers."""

    status: int
    body: bytes
    kind: str = _JSON
    headers: tuple[tuple[bytes, bytes], ...] = ()


Stream = Callable[[Actor, Scope, Send], Awaitable[None]]
Page = Callable[[Scope], Reply]


class Door:
    """The application.

    Args:
        operations: the table.
        settings: of the box.
        pages: path → what anybody with a key or without may read (the description).
        streams: path → whoever answers piece by piece.
    """

    def __init__(
        self,
        operations: Iterable[Operation],
        settings: Settings,
        pages: Mapping[str, Page] | None = None,
        streams: Mapping[str, Stream] | None = None,
    ) -> None:
        self._settings = settings
        self._pages = pages or {}
        self._streams = streams or {}
        self._table = Table(operations)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        try:
            stream, reply = await self._open(scope, receive)
            if stream is not None:
                await stream[0](stream[1], scope, send)
                return
        except HouseError as error:
            reply = self.refusal(scope, error)
        except Exception as error:  # noqa: BLE001  a bug is answered in the words of this door too
            log_failure_at(scope, error)
            reply = self.refusal(scope, HouseError("failed"))
        await answer(send, reply, bare=scope["method"] == "HEAD")

    def refusal(self, scope: Scope, error: HouseError) -> Reply:
        """An error in the words of this door."""
        language = problems.language_of(header(scope, b"accept-language"))
        event = str(state_of(scope).get("request_id", ""))
        status, body = problems.body_of(error, self._settings.sentence, language, event)
        headers: list[tuple[bytes, bytes]] = []
        if isinstance(error, Throttled):
            headers.append((b"retry-after", str(error.params.get("seconds", 60)).encode()))
        if isinstance(error, (Unavailable, Sealed)):
            headers.append((b"retry-after", b"30"))
        if isinstance(error, Unauthenticated):
            headers.append((b"www-authenticate", b'Bearer realm="korobka"'))
        if status >= 500 and error.code != "failed" and status != 503:
            log_failure_at(scope, error)
        return Reply(status, _encode(body), problems.MEDIA_TYPE, tuple(headers))

    def refused(self, request: Request[Any, Any, Any], error: HouseError) -> Response[Any]:
        """Word what the application refused before this door was asked: the box is sealed."""
        reply = self.refusal(request.scope, error)
        headers = {name.decode(): value.decode() for name, value in reply.headers}
        return Response(
            reply.body, status_code=reply.status, media_type=reply.kind, headers=headers
        )

    async def _open(
        self, scope: Scope, receive: Receive
    ) -> tuple[tuple[Stream, Actor] | None, Reply]:
        method = str(scope["method"]) if scope["type"] == "http" else ""
        parts = parts_of(scope)
        path = "/" + "/".join(parts)
        page = self._pages.get(path)
        if page is not None:
            if method not in _SAFE:
                raise Refused("method_not_allowed", 405)
            return None, await asyncio.to_thread(page, scope)  # made at its first asking
        actor = await admit(scope)
        stream = self._streams.get(path)
        if stream is not None:
            if method not in _SAFE:
                raise Refused("method_not_allowed", 405)
            scope["path_template"] = PREFIX + path
            return (stream, actor), Reply(200, b"")
        found, names = self._table.find("GET" if method == "HEAD" else method, parts)
        scope["path_template"] = PREFIX + found.operation.path
        body = b"" if found.body is None else await read_body(scope, receive)
        asked = Asked(
            names, scope["query_string"], body, header(scope, b"if-match"), self._supplied()
        )
        if found.operation.method == "GET":
            return None, reply_of(found, await found.call(actor, asked))
        return None, await self._change(scope, found, actor, asked)

    async def _change(self, scope: Scope, found: Compiled, actor: Actor, asked: Asked) -> Reply:
        once = _once_of(scope, found, asked)
        with _once.under(once):
            result = await found.call(actor, asked)
        if once is not None and once.kept is not None:
            return _unpacked(once.kept)
        return reply_of(found, result)

    def _supplied(self) -> Supplied:
        zone = self._settings.zone
        now = self._settings.clock()
        today = now.astimezone(zone).date()
        ends = datetime.combine(today + timedelta(days=1), midnight_time(), zone)
        return Supplied(zone, today, now, ends.astimezone(UTC))


def _once_of(scope: Scope, found: Compiled, asked: Asked) -> _once.Once | None:
    key = header(scope, b"idempotency-key")
    if not key:
        return None
    if len(key) > MOST_KEY or not key.isascii():
        raise Refused("idempotency_key_wrong")
    if not found.keeps_answer:
        raise Refused("idempotency_not_here")
    parts = (found.operation.method, scope["raw_path"], scope["query_string"], asked.body)
    digest = hashlib.sha256()
    for one in parts:
        piece = one if isinstance(one, bytes) else one.encode()
        digest.update(len(piece).to_bytes(8, "big") + piece)
    return _once.Once(
        hashlib.sha256(key.encode()).digest(),
        digest.digest(),
        lambda result: _packed(reply_of(found, result)),
    )


def _packed(reply: Reply) -> bytes:
    headers = [(name.decode(), value.decode()) for name, value in reply.headers]
    return msgspec.msgpack.encode((reply.status, reply.body, reply.kind, headers))


def _unpacked(kept: bytes) -> Reply:
    status, body, kind, headers = msgspec.msgpack.decode(
        kept, type=tuple[int, bytes, str, list[tuple[str, str]]]
    )
    again = [(name.encode(), value.encode()) for name, value in headers]
    return Reply(status, body, kind, (*again, (b"idempotency-replayed", b"true")))


class Table:
    """Operations, found by the parts of their paths; a fixed part wins over a variable one."""

    def __init__(self, operations: Iterable[Operation]) -> None:
        self._known: dict[int, dict[tuple[str, ...], dict[str, Operation]]] = {}
        self._made: dict[int, Compiled] = {}
        for one in operations:
            parts = tuple(
                "*" if part.startswith("{") else part for part in one.path.split("/") if part
            )
            methods = self._known.setdefault(len(parts), {}).setdefault(parts, {})
            if one.method in methods:
                raise ValueError(f"{one.method} {one.path} stands twice in the table")
            methods[one.method] = one

    def find(self, method: str, parts: tuple[str, ...]) -> tuple[Compiled, tuple[str, ...]]:
        """The operation of an address, and what stands in its variable places.

        Raises:
            Refused: 404, 405.
        """
        fits = [
            pattern
            for pattern in self._known.get(len(parts), {})
            if all(one in ("*", part) for one, part in zip(pattern, parts, strict=True))
        ]
        fits.sort(key=lambda pattern: [one == "*" for one in pattern])
        for pattern in fits:
            found = self._known[len(parts)][pattern].get(method)
            if found is not None:
                names = tuple(p for one, p in zip(pattern, parts, strict=True) if one == "*")
                return self._compiled(found), names
        if fits:
            raise Refused("method_not_allowed", 405)
        raise Refused("operation_unknown", 404)

    def _compiled(self, operation: Operation) -> Compiled:
        """Its shapes, made at the first asking: all of them would cost the start a second."""
        made = self._made.get(id(operation))
        if made is None:
            made = self._made[id(operation)] = Compiled(operation)
        return made


def parts_of(scope: Scope) -> tuple[str, ...]:
    """The path after `/api/v1`, in parts, each decoded once: `%2F` is no separator.

    Raises:
        Refused: a NUL, or bytes that are no text.
    """
    raw: bytes = scope["raw_path"]
    after = raw.partition(b"?")[0].decode("latin-1").partition("/api/v1")[2]
    try:
        parts = tuple(unquote(part, errors="strict") for part in after.split("/") if part)
    except UnicodeDecodeError:
        raise Refused("operation_unknown", 404) from None
    if any("\x00" in part for part in parts):
        raise Refused("operation_unknown", 404)
    return parts


async def admit(scope: Scope) -> Actor:
    """Whose key this is: `Authorization: Bearer …`, or `X-API-Key`.

    Raises:
        Unauthenticated: no key, or one that is unknown, expired or revoked.
    """
    scheme, _, token = header(scope, b"authorization").partition(" ")
    key = token.strip() if scheme.lower() == "bearer" else header(scope, b"x-api-key")
    if not key:
        raise Unauthenticated("api_key_missing")
    origin = state_of(scope).get("origin") or origin_of(scope)
    actor = await api_keys.actor_of(key, origin)
    if actor is None:
        raise Unauthenticated("api_key_wrong")
    scope["user"], scope["auth"] = actor, None
    if origin is Origin.OUTER:
        inside = {name: grant for name, grant in actor.grants.items() if name not in INNER}
        actor = actor._replace(grants=inside)
    return actor


async def read_body(scope: Scope, receive: Receive) -> bytes:
    """The whole body.

    Raises:
        Refused: too large, not JSON by its own word, or the client went away before the end.
    """
    length = header(scope, b"content-length")
    if length.isdigit() and int(length) > BODY_LIMIT:
        raise Refused("too_large", 413)
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise Refused("body_cut")
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > BODY_LIMIT:
            raise Refused("too_large", 413)
        chunks.append(chunk)
        if not message.get("more_body", False):
            break
    kind = header(scope, b"content-type").partition(";")[0].strip().lower()
    if size and kind != _JSON:
        raise Refused("media_type", 415)
    return b"".join(chunks)


def reply_of(found: Compiled, result: Any) -> Reply:
    """The answer to a result of an action."""
    body = found.wrapped(result)
    headers: list[tuple[bytes, bytes]] = []
    version = found.version_in(result)
    if version is not None:
        headers.append((b"etag", f'"{version}"'.encode()))
    if body is None:
        return Reply(204, b"", "", tuple(headers))
    status = 201 if found.operation.made else 200
    return Reply(status, _encode(shapes.shown(body)), _JSON, tuple(headers))


async def answer(send: Send, reply: Reply, *, bare: bool = False) -> None:
    """Send an answer whole; `bare`: without its body."""
    headers = [*reply.headers, (b"content-length", str(len(reply.body)).encode())]
    if reply.kind:
        headers.append((b"content-type", reply.kind.encode()))
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    body = b"" if bare else reply.body
    await send({"type": "http.response.body", "body": body, "more_body": False})
