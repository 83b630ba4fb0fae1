"""The application of this door: key, path, body, answer. It admits callers itself.

It is one ASGI application and not a route of the framework per method, because a key may come in
the body, every answer must be JSON whatever went wrong, and paths are decoded once.
"""

import logging
import traceback
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import unquote

import msgspec
from litestar.types import Receive, Scope, Send

from appliance.actions import api_keys
from appliance.api.v5 import errors, wire
from appliance.api.v5.call import Answer, Call, Handler, Raw, Settings
from appliance.api.v5.errors import Refused, Trouble
from appliance.domain.access import Actor
from appliance.errors import HouseError
from appliance.http.origin import header, origin_of, state_of

log = logging.getLogger("korobka.api.v5")

VERSIONED: Final = "v5"
RAW_BODY: Final = ("files", "upload")
_encode = msgspec.json.Encoder().encode
_JSON: Final = (b"content-type", b"application/json; charset=UTF-8")

Pattern = tuple[str, ...]
Routes = Mapping[tuple[str, Pattern], Handler]
"""(method, path in parts, `*` for a variable one) → handler."""


class Table:
    """Routes, found by their parts."""

    def __init__(self, routes: Routes) -> None:
        self._fixed: dict[Pattern, dict[str, Handler]] = {}
        self._open: dict[int, dict[Pattern, dict[str, Handler]]] = {}
        for (method, pattern), handler in routes.items():
            if "*" not in pattern:
                self._fixed.setdefault(pattern, {})[method] = handler
                continue
            same = self._open.setdefault(len(pattern), {})
            same.setdefault(pattern, {})[method] = handler

    def find(self, method: str, parts: Pattern) -> tuple[Handler, Pattern, tuple[str, ...]]:
        """The handler of a path, its pattern and what stands in its variable places.

        Raises:
            Refused: 404, 405.
        """
        methods = self._fixed.get(parts)
        if methods is not None:
            return _of(methods, method), parts, ()
        for pattern, known in self._open.get(len(parts), {}).items():
            if all(one in ("*", part) for one, part in zip(pattern, parts, strict=True)):
                names = tuple(part for one, part in zip(pattern, parts, strict=True) if one == "*")
                if method not in known and pattern[-1] == "*":
                    continue  # `orders/combine` is no order but a method that is not served
                return _of(known, method), pattern, names
        raise Refused(errors.METHOD_NOT_FOUND, status=404)


def _of(methods: dict[str, Handler], method: str) -> Handler:
    handler = methods.get(method)
    if handler is None:
        raise Refused(errors.METHOD_NOT_ALLOWED, status=405)
    return handler


def parts_of(scope: Scope) -> Pattern:
    """The path after `/api`, in parts, each decoded once: `%2F` is no separator."""
    # Both servers give it; the framework cuts the mount off `path`.
    raw: bytes = scope["raw_path"]
    after = raw.partition(b"?")[0].decode("latin-1").partition("/api/")[2]
    return tuple(wire.clean(unquote(part)) for part in after.split("/") if part)


class Door:
    """The application.

    Args:
        routes: what it answers.
        settings: what it knows of the box.
    """

    def __init__(self, routes: Routes, settings: Settings) -> None:
        self._table = Table(routes)
        self._settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        status, body, raw = await self._answer(scope, receive)
        if raw is None:
            data, kinds = _encode(body), [_JSON]
        else:
            data = raw.data
            kinds = [(name.encode(), value.encode()) for name, value in raw.headers.items()]
        headers = [*kinds, (b"content-length", str(len(data)).encode())]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        if scope["method"] == "HEAD":
            data = b""
        await send({"type": "http.response.body", "body": data, "more_body": False})

    async def _answer(
        self, scope: Scope, receive: Receive
    ) -> tuple[int, dict[str, Any], Raw | None]:
        call: Call | None = None
        try:
            call, handler = await self._call(scope, receive)
            answer = await handler(call)
        except HouseError as error:
            trouble = _trouble(error, call)
            if trouble.status == 500:
                _note(scope, error)
            return trouble.status, trouble.body(), None
        except Exception as error:  # noqa: BLE001  an HTML page would make clients say that the account is gone
            _note(scope, error)
            return 500, Trouble(500, errors.INTERNAL).body(), None
        # The words of `Answer` come after, so that a partly failed batch may say otherwise.
        return answer.status, {"success": True} | answer.body, answer.raw

    async def _call(self, scope: Scope, receive: Receive) -> tuple[Call, Handler]:
        parts = parts_of(scope)
        method = str(scope["method"]) if scope["type"] == "http" else ""
        query = wire.parse_query(scope["query_string"])
        body = await wire.read_body(scope, receive) if method == "POST" else b""
        raw = parts[1:] == RAW_BODY
        form = {} if raw else wire.parse_form(header(scope, b"content-type"), body)
        actor = await self._admit(scope, query, form)
        handler, pattern, names = self._table.find("GET" if method == "HEAD" else method, parts)
        scope["path_template"] = "/api/" + "/".join(pattern)
        call = Call(actor, names, query, form, self._settings, host=header(scope, b"host"))
        if raw:
            call.body = body
        return call, handler

    async def _admit(self, scope: Scope, query: wire.Nested, form: wire.Form) -> Actor:
        """Whose key this is; the header wins, then the body, then the query.

        Raises:
            Refused: no key, or one that is unknown, expired or revoked.
        """
        key = header(scope, b"x-api-key") or form.get("apiKey") or wire.text_of(query, "apiKey")
        if not key:
            raise Refused(errors.KEY_MISSING, status=403)
        origin = state_of(scope).get("origin") or origin_of(scope)
        actor = await api_keys.actor_of(key, origin)
        if actor is None:
            raise Refused(errors.KEY_WRONG, status=403)
        return actor


def _trouble(error: HouseError, call: Call | None) -> Trouble:
    if call is None:
        return errors.of_house(error)
    return errors.of_house(error, call.what, call.sent)


def _note(scope: Scope, error: BaseException) -> None:
    """Write down where it broke; only the house's own errors keep their text."""
    text = str(error) if isinstance(error, HouseError) else ""
    frames = traceback.extract_tb(error.__traceback__)
    where = " < ".join(f"{one.filename}:{one.lineno} {one.name}" for one in reversed(frames))
    log.error(
        "%s %s: %s %s at %s",
        state_of(scope).get("request_id", "-"),
        scope.get("path_template", "-"),
        type(error).__name__,
        text,
        where,
    )


def batch(what: str, body: dict[str, Any], failed: list[str]) -> Answer:
    """The answer of an upload: 460 where some rows failed; the good ones stay stored."""
    if not failed:
        return Answer(body)
    refusal = {"success": False, "errorMsg": f"{what} are loaded with errors", "errors": failed}
    return Answer(body | refusal, 460)
