"""Before the house: sign-in, code, sign-out, unlocking, health."""

from typing import Any, Final

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from appliance import __version__
from appliance.actions import box, sessions, sign_in, sign_in_links
from appliance.actions._actors import visitor
from appliance.actions.sign_in import FactorNeeded, SignedIn
from appliance.domain.personal import Personal
from appliance.errors import HouseError, Invalid
from appliance.http import cookies
from appliance.http.errors import status_of
from appliance.http.origin import cookie, state_of
from appliance.web import texts
from appliance.web.answers import (
    WebRequest,
    came_from,
    go,
    page,
    reader_language,
    safe_next,
    site_of,
    told,
    visit_of,
)

FORGET: Final = {"clear-site-data": '"cache", "storage"'}
"""Not "cookies": that would forget the known device too, and with it its own bucket of guesses."""


class SignInPages(Controller):
    """The staff door's first pages."""

    @get("/login")
    async def form(self, request: WebRequest) -> Response[Any]:
        """Show the form; somebody signed in is led on."""
        target = safe_next(request.query_params.get("next"))
        if state_of(request.scope).get("visit") is not None:
            return go(request, target)
        if site_of(request).is_sealed():
            return go(request, "/unlock")
        return page(request, "door/sign_in.html", target=target, login="", problem="")

    @post("/login")
    async def enter(self, request: WebRequest) -> Response[Any]:
        """Try login and password."""
        fields = await request.form()
        login, target = str(fields.get("login", "")), safe_next(fields.get("next"))
        password = Personal(str(fields.get("password", "")))
        try:
            entered = await sign_in.enter(came_from(request), login, password)
        except HouseError as error:
            return page(
                request,
                "door/sign_in.html",
                status=status_of(error),
                target=target,
                login=login,
                problem=told(request, error),
            )
        if isinstance(entered, FactorNeeded):
            ticket = cookies.ticket(entered.ticket)
            return go(request, _with_next("/login/code", target), set_cookies=[ticket])
        return _signed_in(request, entered, target)

    @get("/login/code")
    async def code_form(self, request: WebRequest) -> Response[Any]:
        """Ask for the second half."""
        target = safe_next(request.query_params.get("next"))
        if not cookie(request.scope, cookies.TICKET):
            return go(request, _with_next("/login", target))
        return page(request, "door/code.html", target=target, problem="")

    @post("/login/code")
    async def enter_code(self, request: WebRequest) -> Response[Any]:
        """Try the code of the authenticator, or a spare one."""
        fields = await request.form()
        target, code = safe_next(fields.get("next")), Personal(str(fields.get("code", "")))
        ticket = cookie(request.scope, cookies.TICKET)
        try:
            entered = await sign_in.enter_with_code(came_from(request), ticket, code)
        except HouseError as error:
            if error.code == "ticket_expired":
                return go(
                    request,
                    _with_next("/login", target),
                    set_cookies=[cookies.gone(cookies.TICKET)],
                )
            return page(
                request,
                "door/code.html",
                status=status_of(error),
                target=target,
                problem=told(request, error),
            )
        return _signed_in(request, entered, target)

    @post("/sign-out")
    async def sign_out(self, request: WebRequest) -> Response[Any]:
        """End this session and have the browser forget what it kept."""
        visit = visit_of(request)
        await sessions.sign_out(visit.actor, visit.session_id)
        answer = go(request, "/login", set_cookies=[cookies.gone(cookies.SESSION)])
        answer.headers.update(FORGET)
        return answer


class LinkPages(Controller):
    """A link that is good once: a new password, then the way in with it."""

    path = "/enter/{token:str}"

    @get()
    async def form(self, request: WebRequest, token: FromPath[str]) -> Response[Any]:
        """Say whose link it is; looking uses nothing up: mail programs look, too."""
        return await self._page(request, Personal(token))

    @post()
    async def use(self, request: WebRequest, token: FromPath[str]) -> Response[Any]:
        """Set the password and go on to the sign-in."""
        fields = await request.form()
        secret, fresh = Personal(token), Personal(str(fields.get("fresh", "")))
        if fresh != Personal(str(fields.get("again", ""))):
            return await self._page(request, secret, 422, again="password_differs")
        try:
            login = await sign_in_links.use(came_from(request), secret, fresh)
        except Invalid as error:
            return await self._page(request, secret, 422, fresh=error.fields["password"])
        except HouseError as error:
            return self._over(request, error)
        return page(request, "door/sign_in.html", target="/", login=login, problem="", set_up=True)

    async def _page(
        self, request: WebRequest, token: Personal[str], status: int = 200, **codes: str
    ) -> Response[Any]:
        try:
            entrant = await sign_in_links.look(visitor(came_from(request).origin), token)
        except HouseError as error:
            return self._over(request, error)
        language = reader_language(request)
        problems = {name: texts.error(code, language).title for name, code in codes.items()}
        return page(
            request,
            "door/enter.html",
            status=status,
            login=entrant.login,
            path=str(request.url.path),
            problems=problems,
        )

    def _over(self, request: WebRequest, error: HouseError) -> Response[Any]:
        said = texts.error(error.code, reader_language(request))
        return page(
            request,
            "door/enter.html",
            status=status_of(error),
            login="",
            path="",
            problems={"link": said.title, "hint": said.hint},
        )


def _with_next(path: str, target: str) -> str:
    return path if target == "/" else f"{path}?next={target}"


def _signed_in(request: WebRequest, entered: SignedIn, target: str) -> Response[Any]:
    """Give the browser its new cookies; whatever session id it sent is of no meaning here."""
    jar = [
        cookies.strict(cookies.SESSION, entered.token),
        cookies.gone(cookies.TICKET),
        cookies.gone(cookies.VISITOR),
    ]
    if entered.device:
        jar.append(cookies.device(entered.device))
    return go(request, target, set_cookies=jar)


@get("/health")
async def health(request: WebRequest) -> dict[str, object]:
    """For whoever watches the box: alive, version, locked or not."""
    return {"status": "ok", "version": __version__, "sealed": site_of(request).is_sealed()}


class UnlockPages(Controller):
    """The locked box's only page."""

    path = "/unlock"

    @get()
    async def form(self, request: WebRequest) -> Response[Any]:
        """Show who can unlock and how; an open box leads on."""
        if not site_of(request).is_sealed():
            return go(request, "/login")
        return self._page(request)

    @post()
    async def unlock(self, request: WebRequest) -> Response[Any]:
        """Try a passphrase or the recovery code."""
        site = site_of(request)
        fields = await request.form()
        secret = Personal(str(fields.get("secret", "")))
        kind = "code" if fields.get("kind") == "code" else "passphrase"
        try:
            await box.unlock(came_from(request), kind, lambda: site.unlock(kind, secret))
        except HouseError as error:
            return self._page(request, status=status_of(error), problem=told(request, error))
        return go(request, "/login")

    def _page(self, request: WebRequest, *, status: int = 200, problem: str = "") -> Response[Any]:
        site = site_of(request)
        return page(
            request,
            "door/unlock.html",
            status=status,
            problem=problem,
            by_hand=site.by_hand(),
            key_file=site.key_file(),
        )


HANDLERS: Final = (SignInPages, LinkPages, UnlockPages, health)
