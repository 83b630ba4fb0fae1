"""Addresses of plugins, `/x/<plugin>/…`: on the staff door and on the outer one.

The door reads the request, lets the caller in the way the manifest says, and hands it to the
plugin's process; nothing of the plugin runs here. By `key` a program shows a key of the box, by
`basic` it brings the same key as the password (whatever the login says); by `signature` the plugin
checks its callers itself and is shown what they bring, but for the box's own cookies.
"""

from base64 import b64decode
from collections.abc import Callable
from typing import Final
from urllib.parse import parse_qs, unquote

from litestar import asgi
from litestar.handlers import ASGIRouteHandler
from litestar.types import Receive, Scope, Send

from appliance.actions import api_keys, plugin_doors
from appliance.errors import (
    Denied,
    HouseError,
    NotFound,
    Sealed,
    Throttled,
    Unauthenticated,
    Unavailable,
)
from appliance.http.authentication import OWN_DOOR, OWN_SEAL
from appliance.http.errors import Sentences
from appliance.http.origin import address_of, header, state_of
from appliance.plugin_api.hooks import RouteReply, RouteRequest
from appliance.plugin_host.routing import SHIELD, Door, Routing, shown

MOUNT: Final = "/x"
Headers = list[tuple[bytes, bytes]]
LOGIN_WANTED: Final = ("www-authenticate", 'Basic realm="korobka", charset="UTF-8"')


class TooLarge(HouseError):
    """A body over what the manifest takes."""

    default_code = "too_large"


def make_x_handlers(
    routing: Callable[[], Routing], sentence: Sentences, is_sealed: Callable[[], bool]
) -> list[ASGIRouteHandler]:
    """The handler of all plugins' addresses; `routing` is asked anew for each request."""

    @asgi(MOUNT, is_mount=True, opt={OWN_DOOR: True, OWN_SEAL: True}, copy_scope=False)
    async def x(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            if is_sealed():
                raise Sealed(message="the vault is locked")
            reply = await _answered(routing(), scope, receive)
        except HouseError as error:
            reply = _refusal(error, sentence, routing().first_line(_path(scope)))
        await _send(send, reply, head=_method(scope) == "HEAD")

    return [x]


def _method(scope: Scope) -> str:
    return str(scope.get("method", "GET"))


def _path(scope: Scope) -> str:
    """What stands behind `/x/`."""
    path = unquote(scope["raw_path"].partition(b"?")[0].decode("latin-1"))
    return path.removeprefix(f"{MOUNT}/")


async def _answered(routing: Routing, scope: Scope, receive: Receive) -> RouteReply:
    door = routing.find(_path(scope), _method(scope))
    caller = await _caller(scope, door)
    body = await _body(scope, receive, door.most)
    secret = door.route.auth == "signature"
    headers = [
        (name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]
    ]
    request = RouteRequest(
        route=door.route.path,
        method=_method(scope),
        rest=door.rest,
        query=scope["query_string"].decode("latin-1"),
        headers=shown(headers, secret=secret),
        body=body,
        caller=caller,
        address=(address_of(scope) or "") if secret else "",
    )
    return await routing.ask(door, request)


async def _caller(scope: Scope, door: Door) -> str:
    """Who asks, as the plugin is told.

    Raises:
        Unauthenticated: no key, or none that is known.
        Denied: the key is not for plugins.
    """
    if door.route.auth == "signature":
        return ""
    key = _key_of(scope, basic=door.route.auth == "basic")
    actor = await api_keys.actor_of(key, state_of(scope)["origin"]) if key else None
    if actor is None:
        raise Unauthenticated("api_key_wrong" if key else "api_key_missing")
    return await plugin_doors.enter(actor, door.plugin)


def _key_of(scope: Scope, *, basic: bool) -> str:
    scheme, _, rest = header(scope, b"authorization").partition(" ")
    if basic:
        if scheme.lower() != "basic":
            return ""
        try:
            return b64decode(rest, validate=True).decode().partition(":")[2]
        except ValueError:
            return ""
    if scheme.lower() == "bearer":
        return rest.strip()
    query = parse_qs(scope["query_string"].decode("latin-1"))
    return header(scope, b"x-api-key") or query.get("apiKey", [""])[0]


async def _body(scope: Scope, receive: Receive, most: int) -> bytes:
    """The whole body.

    Raises:
        TooLarge: it is over what the manifest takes.
        Unavailable: `body_cut`: the caller went away in the middle of it.
    """
    length = header(scope, b"content-length")
    if length.isdecimal() and int(length) > most:
        raise TooLarge(most=most >> 20)
    parts, size = list[bytes](), 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise Unavailable("body_cut")
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > most:
            raise TooLarge(most=most >> 20)
        parts.append(chunk)
        if not message.get("more_body", False):
            return b"".join(parts)


_STATUSES: Final[tuple[tuple[type[HouseError], int], ...]] = (
    (TooLarge, 413),
    (NotFound, 404),
    (Unauthenticated, 401),
    (Denied, 403),
    (Throttled, 429),
    (Sealed, 503),
)


def _refusal(error: HouseError, sentence: Sentences, first_line: str = "") -> RouteReply:
    status = next((code for kind, code in _STATUSES if isinstance(error, kind)), 503)
    if error.code == "plugin_overdue":
        status = 504
    if error.code == "method_not_allowed":
        status = 405
    said, hint = sentence(error.code, error.params, "ru")
    text = first_line + (f"{said}. {hint}" if hint else said)
    headers = [("content-type", "text/plain; charset=utf-8"), *SHIELD]
    if status == 401:
        headers.append(LOGIN_WANTED)
    if status == 503:
        headers.append(("retry-after", "60"))
    return RouteReply(status=status, headers=tuple(headers), body=text.encode())


async def _send(send: Send, reply: RouteReply, *, head: bool) -> None:
    headers: Headers = [(name.encode(), value.encode()) for name, value in reply.headers]
    headers.append((b"content-length", str(len(reply.body)).encode()))
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    body = b"" if head else reply.body
    await send({"type": "http.response.body", "body": body, "more_body": False})
