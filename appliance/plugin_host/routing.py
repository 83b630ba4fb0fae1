"""Which plugin answers an address under `/x/`, and what may go in and out there."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Final, NamedTuple

from appliance.errors import NotFound, Unavailable
from appliance.plugin_api.hooks import RouteReply, RouteRequest
from appliance.plugin_api.manifest import Manifest, Route

_OURS: Final = ("__Host-", "korobka_")
"""How cookies of the box begin: no plugin is shown one."""

_HIDDEN: Final = frozenset({"x-api-key", "authorization", "cookie", "proxy-authorization"})
"""Headers with secrets: only a plugin that checks its callers itself is shown them."""

_NOT_OUT: Final = frozenset(
    {
        *("connection", "transfer-encoding", "content-length", "keep-alive", "upgrade", "trailer"),
        *("set-cookie", "set-cookie2", "clear-site-data", "service-worker-allowed", "refresh"),
        *("content-security-policy", "strict-transport-security", "x-frame-options", "date"),
        *("server", "x-content-type-options", "cross-origin-resource-policy"),
        *("access-control-allow-origin", "access-control-allow-credentials"),
    }
)
"""What a plugin does not say: the connection is the box's, and so are the cookies and the shield
of a browser that a colleague is signed in with."""

SHIELD: Final = (("content-security-policy", "default-src 'none'; sandbox"),)
"""On every answer of a plugin: whatever it sends, a browser runs nothing of it."""


class Door(NamedTuple):
    """An address of a plugin."""

    plugin: str
    route: Route
    rest: str

    @property
    def most(self) -> int:
        """Bytes of a body."""
        return self.route.body_mb << 20


class Routing:
    """The addresses of the plugins that run."""

    def __init__(
        self,
        manifest_of: Callable[[str], Manifest | None],
        request: Callable[[str, RouteRequest], Awaitable[RouteReply]],
        is_known: Callable[[str], bool],
        running: Callable[[], Sequence[str]] = tuple,
        lying: Callable[[], Iterable[Manifest]] = tuple,
    ) -> None:
        """Know whom to ask.

        Args:
            manifest_of: of one that runs.
            request: hands a request to one that runs.
            is_known: also of one that does not run.
            running: names.
            lying: manifests of those that are installed and approved, running or not.
        """
        self._manifest_of = manifest_of
        self._request = request
        self._is_known = is_known
        self._running = running
        self._lying = lying
        self._led: dict[str, tuple[str, str]] = {}

    def find(self, path: str, method: str) -> Door:
        """The address, by the longest of the manifest's paths that it begins with.

        Args:
            path: after `/x/`, decoded.
            method: upper case.

        Raises:
            NotFound: `not_found`: no such plugin or path.
            Unavailable: `plugin_down`: it does not run.
        """
        name, _, inside = path.partition("/")
        manifest = self._manifest_of(name)
        if manifest is None:
            if self._is_known(name) or any(one.name == name for one in self._lying()):
                raise Unavailable("plugin_down", name)
            raise NotFound("not_found")
        route = _route(manifest, inside)
        if route is None or ".." in inside.split("/"):
            raise NotFound("not_found")
        if method not in route.methods:
            raise NotFound("method_not_allowed")
        return Door(name, route, inside[len(route.path) :].lstrip("/"))

    def elsewhere(self, path: str) -> str | None:
        """Where an address outside `/x/` leads to: the first running plugin that names it.

        A plugin that was led to and does not run just now, or is switched off, is led to as well:
        its clients are told so in words, and not that there is no such page.
        """
        path = path.rstrip("/") or path
        for name in self._running():
            manifest = self._manifest_of(name)
            for route in manifest.routes if manifest else ():
                if path in route.aliases:
                    self._led[path] = (name, f"/x/{name}/{route.path}")
                    return self._led[path][1]
        name, target = self._led.get(path, ("", ""))
        if name and self._is_known(name):
            return target
        for manifest in self._lying():
            for route in manifest.routes:
                if path in route.aliases:
                    return f"/x/{manifest.name}/{route.path}"
        return None

    def first_line(self, path: str) -> str:
        """What a refusal at an address begins with, as the manifest says; `path` as for `find`."""
        name, _, inside = path.partition("/")
        manifest = self._manifest_of(name)
        if manifest is None:
            manifest = next((one for one in self._lying() if one.name == name), None)
        route = None if manifest is None else _route(manifest, inside)
        return f"{route.refusal}\n" if route is not None and route.refusal else ""

    async def ask(self, door: Door, request: RouteRequest) -> RouteReply:
        """Have the plugin answer.

        Raises:
            Unavailable: `plugin_down`, `plugin_overdue`.
        """
        reply = await self._request(door.plugin, request)
        kept = tuple(
            (name.lower(), value)
            for name, value in reply.headers[:40]
            if name.lower() not in _NOT_OUT and _is_plain(name) and _is_plain(value)
        )
        return RouteReply(status=reply.status, headers=(*kept, *SHIELD), body=reply.body)


def _route(manifest: Manifest, inside: str) -> Route | None:
    """The address of a manifest that a path begins with, the longest one."""
    fitting = [
        one for one in manifest.routes if inside == one.path or inside.startswith(f"{one.path}/")
    ]
    return max(fitting, key=lambda one: len(one.path), default=None)


def _is_plain(text: str) -> bool:
    """Whether it may stand in a head: a line break would begin another header."""
    return text.isascii() and text.isprintable()


def shown(headers: Sequence[tuple[str, str]], *, secret: bool) -> tuple[tuple[str, str], ...]:
    """Headers that a plugin is shown.

    Args:
        headers: names in lower case.
        secret: whether it checks its callers itself, and so must see what they bring.
    """
    if not secret:
        return tuple(one for one in headers if one[0] not in _HIDDEN)
    found: list[tuple[str, str]] = []
    for name, value in headers:
        if name != "cookie":
            found.append((name, value))
            continue
        theirs = [one.strip() for one in value.split(";")]
        kept = "; ".join(one for one in theirs if one and not one.startswith(_OURS))
        if kept:
            found.append((name, kept))
    return tuple(found)
