"""Who asks, on every route: denied unless proven otherwise, and no state changed by a foreign site.

Staff are known by their session cookie, programs by a key, the console by the Unix socket. Paths
open to anybody are listed whole; patterns are how doors are left open by accident.
"""

from collections.abc import Callable
from typing import Any, Final, Literal
from urllib.parse import urlsplit

from litestar import Request
from litestar.enums import RequestEncodingType
from litestar.types import ASGIApp, Receive, Scope, Send

from appliance import roles
from appliance.actions import api_keys, sessions
from appliance.domain.access import NOBODY, Actor, ActorKind, Origin
from appliance.errors import Denied, Sealed, Unauthenticated
from appliance.http import cookies
from appliance.http.errors import MustFirst
from appliance.http.origin import cookie, header, state_of

DoorName = Literal["staff", "outer", "admin"]
SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
CSRF_HEADER: Final = b"x-csrf-token"
CSRF_FIELD: Final = "csrf"
KEY_HEADER: Final = b"x-api-key"
KEY_FIELD: Final = "apiKey"
API: Final = "/api/"
OWN_DOOR: Final = "own_door"
"""Key in a handler's `opt`: it admits its callers itself, by keys that may stand in the body."""

OWN_SEAL: Final = "own_seal"
"""Key in a handler's `opt`: while the vault is locked it refuses by itself, in its callers' way."""

PASSIVE: Final = "passive"
"""Key in a handler's `opt`: the page asks by itself, so the session grows idle all the same."""

PASSIVE_HEADER: Final = b"x-passive"
"""The same said by a page that reads itself anew because somebody else changed something."""

MUST_PATHS: Final[dict[str, frozenset[str]]] = {
    "password": frozenset({"/me/password", "/sign-out"}),
    "factor": frozenset({"/me/factor", "/me/factor/confirm", "/sign-out"}),
}
"""Where someone may go who first has to change his password or enrol an authenticator."""


class Authentication:
    """Middleware of one door.

    Args:
        app: what comes after.
        door: which listener this is.
        public: route patterns open to anybody, exactly as they are declared.
        while_sealed: those of them that answer while the vault is locked.
        is_sealed: whether it is.
        trusted_peer: admin door only: the socket's peer is root or the service's own account.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        door: DoorName,
        public: frozenset[str],
        while_sealed: frozenset[str],
        is_sealed: Callable[[], bool],
        trusted_peer: Callable[[Scope], bool],
    ) -> None:
        self.app = app
        self._door = door
        self._public = public
        self._while_sealed = while_sealed
        self._is_sealed = is_sealed
        self._trusted_peer = trusted_peer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        route = scope.get("path_template", "")
        if self._door == "outer":
            # Whatever stands before it (a proxy on this machine), its callers are outside.
            state_of(scope)["origin"] = Origin.OUTER
        handler: Any = scope.get("route_handler")  # absent where no route matched
        refuses_itself = handler is not None and handler.opt.get(OWN_SEAL)
        if self._is_sealed() and route not in self._while_sealed and not refuses_itself:
            raise Sealed(message="the vault is locked")
        if handler is not None and handler.opt.get(OWN_DOOR):
            await self.app(scope, receive, send)
            return
        if self._door == "admin":
            await self._admit_console(scope, route)
        elif scope["path"].startswith(API) or self._door == "outer":
            await self._admit_program(scope, receive, route)
        else:
            await self._admit_browser(scope, receive, route)
        await self.app(scope, receive, send)

    async def _admit_browser(self, scope: Scope, receive: Receive, route: str) -> None:
        state = state_of(scope)
        token = cookie(scope, cookies.SESSION)
        visit = None
        if token and not self._is_sealed():
            handler: Any = scope.get("route_handler")
            passive = handler is not None and bool(handler.opt.get(PASSIVE))
            passive = passive or bool(header(scope, PASSIVE_HEADER))
            visit = await sessions.visit_of(token, state["origin"], touch=not passive)
        secret = token if visit is not None else cookie(scope, cookies.VISITOR)
        state["visit"], state["token"] = visit, token if visit is not None else ""
        state["csrf"] = cookies.csrf_of(secret) if secret else ""
        if visit is None and route not in self._public:
            raise Unauthenticated(message="no session")
        if not _is_safe(scope):
            await refuse_foreign(scope, receive, secret)
        if visit is not None:
            scope["user"], scope["auth"] = visit.actor, visit
            if visit.must and route not in self._public | MUST_PATHS[visit.must]:
                raise MustFirst(path=f"/me/{visit.must}")

    async def _admit_program(self, scope: Scope, receive: Receive, route: str) -> None:
        state = state_of(scope)
        state["visit"] = None
        key = header(scope, KEY_HEADER) or await _key_given(scope, receive)
        actor = await api_keys.actor_of(key, state["origin"]) if key else None
        if actor is None and route not in self._public:
            raise Unauthenticated("api_key_wrong" if key else "api_key_missing")
        scope["user"], scope["auth"] = actor, None

    async def _admit_console(self, scope: Scope, route: str) -> None:
        state = state_of(scope)
        state["visit"] = None
        scheme, _, token = header(scope, b"authorization").partition(" ")
        if scheme.lower() == "bearer" and not self._is_sealed():
            visit = await sessions.visit_of(token, Origin.LOOPBACK)
            if visit is None:
                raise Unauthenticated("session_ended")
            state["visit"], state["token"] = visit, token
            actor = visit.actor._replace(kind=ActorKind.CONSOLE)
            scope["user"], scope["auth"] = actor, visit
            if visit.must and route != f"/me/{visit.must}":
                raise MustFirst(path=f"/me/{visit.must}")
        elif self._trusted_peer(scope):
            scope["user"], scope["auth"] = rescuer(), None
        elif route not in self._public:
            raise Unauthenticated("sign_in_needed")


def _is_safe(scope: Scope) -> bool:
    return scope["type"] == "http" and scope["method"] in SAFE


def rescuer() -> Actor:
    """Root or the service's own account on the box itself: runs it, sees no client."""
    return Actor(
        ActorKind.CONSOLE,
        NOBODY,
        roles.PRESETS["administrator"],
        origin=Origin.LOOPBACK,
        name="console",
    )


async def _key_given(scope: Scope, receive: Receive) -> str:
    """The key as retailCRM's clients may send it: in the query, or among a form's fields."""
    request: Request[Any, Any, Any] = Request(scope, receive)
    key = request.query_params.get(KEY_FIELD, "")
    if key or _is_safe(scope):
        return key
    if request.content_type[0] == RequestEncodingType.URL_ENCODED:
        form = await request.form()
        given = form.get(KEY_FIELD, "")
        return given if isinstance(given, str) else ""
    return ""


async def refuse_foreign(scope: Scope, receive: Receive, secret: str) -> None:
    """Let a change through only from our own pages and only with the session's token.

    Args:
        scope: of the request.
        receive: the body, read only when the token is not in the header.
        secret: the cookie the token is bound to.

    Raises:
        Denied: `csrf_foreign` (another site sent it) or `csrf_token` (missing or another's).
    """
    site = header(scope, b"sec-fetch-site")
    if site and site not in {"same-origin", "none"}:
        raise Denied("csrf_foreign")
    origin = header(scope, b"origin")
    # Our own policy `no-referrer` makes browsers send "null" with our own forms (Fetch, 3.2.5);
    # then Sec-Fetch-Site, which no page can forge, has to vouch for them.
    ours = site == "same-origin" if origin == "null" else _is_own(scope, origin)
    if origin and not ours:
        raise Denied("csrf_foreign")
    given = header(scope, CSRF_HEADER) or await _field_given(scope, receive)
    if not cookies.csrf_fits(secret, given):
        raise Denied("csrf_token")


def _is_own(scope: Scope, origin: str) -> bool:
    return urlsplit(origin).netloc == header(scope, b"host")


async def _field_given(scope: Scope, receive: Receive) -> str:
    if scope["type"] != "http":
        return ""
    request: Request[Any, Any, Any] = Request(scope, receive)
    kinds = {RequestEncodingType.URL_ENCODED, RequestEncodingType.MULTI_PART}
    if request.content_type[0] not in kinds:
        return ""
    given = (await request.form()).get(CSRF_FIELD, "")
    return given if isinstance(given, str) else ""
