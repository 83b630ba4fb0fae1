"""One application per listener, from parts that web and API share.

Three listeners, three applications: the staff door, the outer door (programs from outside, and
buyers with a link) and the admin door on the Unix socket. A route is in one of them or it is not
there.
"""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from litestar import Litestar, Request
from litestar.datastructures import State, upload_file
from litestar.middleware import DefineMiddleware
from litestar.plugins import PluginProtocol
from litestar.plugins.core import MsgspecDIPlugin
from litestar.types import ControllerRouterHandler, Receive, Scope, Send

from appliance.actions import scratch
from appliance.http.authentication import Authentication, DoorName
from appliance.http.errors import ErrorDoor, Page, Sentences, plain_sentence
from appliance.http.frame import Frame
from appliance.http.origin import peer_uid, state_of

STAFF_PUBLIC: Final = frozenset(
    {"/login", "/login/code", "/enter/{token}", "/unlock", "/health", "/static/{file_path}"}
)
STAFF_WHILE_SEALED: Final = frozenset({"/unlock", "/health", "/static/{file_path}"})
ADMIN_WHILE_SEALED: Final = frozenset(
    {"/status", "/vault/unlock", "/vault/seal", "/vault/identity", "/vault/slots"}
)
"""Open to the socket's group (0660); everything else needs a named person."""
ADMIN_PUBLIC: Final = ADMIN_WHILE_SEALED | {"/sign-in"}
OUTER_PREFIXES: Final = (
    *("/api/v5/", "/api/v4/", "/api/v3/", "/api/api-versions", "/api/credentials"),
    "/api/system-info",
    "/feeds/",
    "/x/",
    "/s/",
)
OUTER_MOUNT: Final = "/api"
"""Where `api.v5` hangs; it answers to keys only, and only what it has."""

VENDOR_ALIAS: Final = "/retailcrm.ru"
"""Some shop modules only accept addresses in which a vendor's name stands."""

BODY_LIMIT: Final = 2 * 1024 * 1024
API_BODY_LIMIT: Final = 32 * 1024 * 1024
"""For routers under /api: `request_max_body_size=API_BODY_LIMIT`."""

# What is sent may be a table of clients or a scan of a passport: what is over a megabyte would lie
# in the system's temporary folder as it is.
upload_file.SpooledTemporaryFile = scratch.room  # pyright: ignore[reportPrivateImportUsage] - Litestar has no setting for it

_LIMITS: Final[dict[str, tuple[frozenset[str], frozenset[str]]]] = {
    "staff": (STAFF_PUBLIC, STAFF_WHILE_SEALED),
    "outer": (frozenset(), frozenset()),
    "admin": (ADMIN_PUBLIC, ADMIN_WHILE_SEALED),
}


def own_account(scope: Scope) -> bool:
    """Whether root or the account the box runs as is at the other end of the socket."""
    return peer_uid(scope) in {0, os.getuid()}


def language_of(request: Request[Any, Any, Any]) -> str:
    """The person's language, else the one chosen at the door, else Russian."""
    visit = state_of(request.scope).get("visit")
    if visit is not None:
        return visit.actor.language
    return "en" if request.cookies.get("korobka_language") == "en" else "ru"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What a door is made of.

    Attributes:
        handlers: controllers and routers.
        is_sealed: whether the vault is locked.
        sentence: the message catalogue.
        page: draws error pages; None where only programs read.
        trusted_peer: admin door: the peer is root or the service's own account.
        state: for handlers, as `request.app.state`.
        elsewhere: path no handler has → the path that answers it, or None: addresses under which
            old clients look for a plugin.
    """

    handlers: Sequence[ControllerRouterHandler]
    is_sealed: Callable[[], bool]
    sentence: Sentences = plain_sentence
    page: Page | None = None
    trusted_peer: Callable[[Scope], bool] = own_account
    state: dict[str, Any] = field(default_factory=dict[str, Any])
    extra_public: frozenset[str] = frozenset()
    exception_handlers: dict[Any, Any] = field(default_factory=dict[Any, Any])
    elsewhere: Callable[[str], str | None] | None = None


class Application(Litestar):
    """Litestar without its plugins for pydantic and attrs.

    Nobody here uses them; loading them took a quarter of the box's start and fifteen megabytes.
    """

    @staticmethod
    def _get_default_plugins(plugins: list[PluginProtocol]) -> list[PluginProtocol]:
        return [*plugins, MsgspecDIPlugin()]


def make_app(door: DoorName, parts: Parts) -> Litestar:
    """Build the application of one listener.

    Raises:
        ValueError: a route that has no business at the outer door.
    """
    public, while_sealed = _LIMITS[door]
    errors = ErrorDoor(parts.sentence, parts.page if door == "staff" else None, language_of)
    app = Application(
        route_handlers=parts.handlers,
        middleware=[
            DefineMiddleware(
                Authentication,
                door=door,
                public=public | parts.extra_public,
                while_sealed=while_sealed,
                is_sealed=parts.is_sealed,
                trusted_peer=parts.trusted_peer,
            )
        ],
        exception_handlers={**errors.handlers(), **parts.exception_handlers},
        request_max_body_size=BODY_LIMIT,
        openapi_config=None,
        logging_config=None,
        state=State(parts.state),
    )
    if door == "outer":
        refuse_inner_routes(app)
    if parts.elsewhere is not None:
        app.asgi_handler = Elsewhere(app, parts.elsewhere)
    app.asgi_handler = Frame(app.asgi_handler)
    return app


class Elsewhere:
    """Leads requests for other addresses to where they are answered.

    No path whose first part is the box's own is ever led away.
    """

    def __init__(self, app: Litestar, find: Callable[[str], str | None]) -> None:
        self._inner = app.asgi_handler
        self._find = find
        self._own = frozenset(_first(route.path) for route in app.routes)

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and _first(scope["path"]) not in self._own:
            found = self._find(scope["path"])
            if found is not None:
                scope = {**scope, "path": found, "raw_path": found.encode("ascii")}
        await self._inner(scope, receive, send)


def _first(path: str) -> str:
    return path.lstrip("/").partition("/")[0]


def refuse_inner_routes(app: Litestar) -> None:
    """Stop the start rather than show an inner route to the outside.

    Raises:
        ValueError: names the route.
    """
    for route in app.routes:
        path = route.path.removeprefix(VENDOR_ALIAS)
        folders = tuple(one for one in OUTER_PREFIXES if one.endswith("/"))
        known = path == OUTER_MOUNT or path in OUTER_PREFIXES
        if not known and not f"{path}/".startswith(folders):
            raise ValueError(f"{route.path} has no business at the outer door")
