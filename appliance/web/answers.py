"""What a handler of the staff door answers with: a page, or the way to another one."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

from litestar import MediaType, Request, Response
from litestar.datastructures import Cookie

from appliance.actions.sign_in import Door as From
from appliance.domain.formats import Language
from appliance.domain.personal import Personal
from appliance.domain.users import Visit
from appliance.errors import HouseError
from appliance.http import cookies
from appliance.http.app import language_of
from appliance.http.errors import Trouble, is_fragment
from appliance.http.origin import address_of, cookie, device_of, state_of
from appliance.plugin_host.desk import Desk
from appliance.web import texts
from appliance.web.callers import Callers
from appliance.web.hub import Hub
from appliance.web.rendering import Pages
from appliance.web.shell import LOOK_COOKIE, Door, read_look

WebRequest = Request[Any, Any, Any]
MOST_BUYERS: Final = 500
"""Streams to buyers: what waits there must not crowd out the office."""

LANGUAGE_COOKIE: Final = "korobka_language"


@dataclass(frozen=True, slots=True)
class Site:
    """What every page of a box has in common; `app.state.site`.

    Attributes:
        door: company, host and version around the sign-in form.
        unlock: open the vault with a `passphrase` or a recovery `code` and go on; refuses like
            the vault.
        by_hand: somebody sealed the box since it started.
        key_file: the box should have unlocked itself by a key file and did not find it.
        hub: open pages that hear of changes.
        buyers: the same for the pages of buyers, whom no colleague sees among his own.
        outside: `https://name` under which buyers reach the box; empty: as the request came.
        desk: the administrator's side of plugins; None in a box without them.
        callers: how often each address asks for pages of buyers.
        log_size: entries of the audit log by now.
        slots: ways into the vault, as a list shows them: `id`, `kind`.
    """

    pages: Pages
    door: Door
    is_sealed: Callable[[], bool]
    unlock: Callable[[str, Personal[str]], Awaitable[None]]
    key_file: Callable[[], bool]
    hub: Hub = field(default_factory=Hub)
    buyers: Hub = field(default_factory=lambda: Hub(MOST_BUYERS))
    outside: str = ""
    callers: Callers = field(default_factory=Callers)
    by_hand: Callable[[], bool] = lambda: False
    desk: Desk | None = None
    log_size: Callable[[], int] = lambda: 0
    slots: Callable[[], Sequence[Mapping[str, Any]]] = tuple


def site_of(request: WebRequest) -> Site:
    """The box this request came to."""
    return request.app.state.site


def reader_language(request: WebRequest) -> Language:
    """The reader's language."""
    return "en" if language_of(request) == "en" else "ru"


def visit_of(request: WebRequest) -> Visit:
    """The signed-in person's visit; only for routes that are not public."""
    return request.scope["auth"]


def came_from(request: WebRequest) -> From:
    """Where somebody tries to come in, for `actions.sign_in`."""
    scope = request.scope
    return From(
        origin=state_of(scope)["origin"],
        address=address_of(scope) or "unknown",
        device=cookie(scope, cookies.DEVICE),
        agent=device_of(scope),
    )


def page(
    request: WebRequest,
    template: str,
    *,
    status: int = 200,
    set_cookies: Sequence[Cookie] = (),
    **context: Any,
) -> Response[str]:
    """Draw a page of the door's own kind; gives a visitor the cookie his form is bound to."""
    site, state = site_of(request), state_of(request.scope)
    jar = [*set_cookies]
    csrf = state.get("csrf", "")
    if not csrf:
        fresh = cookies.new_visitor()
        csrf = cookies.csrf_of(fresh)
        jar.append(cookies.strict(cookies.VISITOR, fresh))
    language = reader_language(request)
    chosen = request.query_params.get("lang", "")
    if chosen in texts.LANGUAGES:
        language = "en" if chosen == "en" else "ru"
        jar.append(Cookie(key=LANGUAGE_COOKIE, value=language, secure=True, samesite="strict"))
    text = site.pages.render(
        template,
        language,
        csrf=csrf,
        look=read_look(cookie(request.scope, LOOK_COOKIE)),
        door=site.door,
        **context,
    )
    return Response(text, status_code=status, media_type=MediaType.HTML, cookies=jar)


def go(request: WebRequest, target: str, *, set_cookies: Sequence[Cookie] = ()) -> Response[bytes]:
    """Lead to another page, by htmx's own way where it asked."""
    jar = [*set_cookies]
    if is_fragment(request):
        return Response(b"", status_code=204, headers={"hx-redirect": target}, cookies=jar)
    return Response(b"", status_code=303, headers={"location": target}, cookies=jar)


def safe_next(given: object) -> str:
    """Where to go after signing in: a path of this box, or the first page."""
    if not isinstance(given, str) or not given.startswith("/") or given[1:2] in {"/", "\\"}:
        return "/"
    parts = urlsplit(given)
    plain = given.isascii() and given.isprintable()  # it goes into a header
    return given if plain and not (parts.scheme or parts.netloc) else "/"


def sentence(code: str, params: Mapping[str, str | int], language: str) -> tuple[str, str]:
    """The catalogue, as `http.errors` wants it: title and hint."""
    found = texts.error(code, "en" if language == "en" else "ru", params)
    return found.title, found.hint


def told(request: WebRequest, error: HouseError) -> str:
    """An error's sentence in the reader's language; with how long to wait, where that is it."""
    found = texts.error(error.code, reader_language(request), error.params)
    return f"{found.title}. {found.hint}" if "seconds" in error.params else found.title


def error_page(request: WebRequest, trouble: Trouble) -> str:
    """Draw an error: a whole page, or a message for htmx."""
    template = "door/error_part.html" if is_fragment(request) else "door/error.html"
    return page(request, template, trouble=trouble).content
