"""My own pages: signed-in browsers, password, authenticator, confirmation, looks."""

from typing import Any, Final
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from appliance.actions import desk, me, sessions, sign_in
from appliance.domain.personal import Personal
from appliance.errors import Denied, HouseError, Invalid, Throttled
from appliance.http import cookies
from appliance.http.origin import state_of
from appliance.roles import Permission
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
from appliance.web.screens import counts_for, draw, look_of, reader_of, shell_of


async def _show(
    request: WebRequest, template: str, place: str, *, status: int = 200, **context: Any
) -> Response[Any]:
    """Draw a page of mine within the frame; before the house while something is due first."""
    if visit_of(request).must:
        return page(request, template, status=status, shell=None, **context)
    reader = reader_of(request)
    codes = await desk.names(reader.actor) if reader.may(Permission.REFERENCE_VIEW) else None
    return draw(
        request,
        reader,
        template,
        status=status,
        look=look_of(request),
        shell=shell_of(request, reader, "me", await counts_for(reader), codes),
        place=place,
        **context,
    )


def _status(error: HouseError) -> int:
    return 429 if isinstance(error, Throttled) else 422


class SessionPages(Controller):
    """Where I am signed in."""

    path = "/me/sessions"

    @get()
    async def show(self, request: WebRequest) -> Response[Any]:
        """List my browsers."""
        visit = visit_of(request)
        mine = await sessions.list_mine(visit.actor, visit.session_id)
        return await _show(request, "me/sessions.html", "sessions", sessions=mine)

    @post("/{session_id:uuid}/end")
    async def end(self, request: WebRequest, session_id: FromPath[UUID]) -> Response[Any]:
        """End one of them."""
        visit = visit_of(request)
        await sessions.end(visit.actor, session_id)
        return go(request, "/login" if session_id == visit.session_id else "/me/sessions")

    @post("/end-others")
    async def end_others(self, request: WebRequest) -> Response[Any]:
        """End all but this one."""
        visit = visit_of(request)
        await sessions.end_others(visit.actor, visit.session_id)
        return go(request, "/me/sessions")


class PasswordPages(Controller):
    """My password."""

    path = "/me/password"

    @get()
    async def form(self, request: WebRequest) -> Response[Any]:
        """Show the form; says why when a change is due."""
        return await self._page(request)

    @post()
    async def change(self, request: WebRequest) -> Response[Any]:
        """Change it; my other sessions end."""
        fields = await request.form()
        visit = visit_of(request)
        current, fresh = (Personal(str(fields.get(name, ""))) for name in ("current", "fresh"))
        if fresh != Personal(str(fields.get("again", ""))):
            return await self._page(request, status=422, again="password_differs")
        try:
            await me.change_password(visit.actor, visit.session_id, current, fresh)
        except Invalid as error:
            return await self._page(request, status=422, fresh=error.fields["password"])
        except HouseError as error:
            return await self._page(request, status=_status(error), current=error.code)
        return go(request, "/")

    async def _page(self, request: WebRequest, *, status: int = 200, **codes: str) -> Response[Any]:
        language = reader_language(request)
        problems = {name: texts.error(code, language).title for name, code in codes.items()}
        must = visit_of(request).must == "password"
        return await _show(
            request, "me/password.html", "password", status=status, problems=problems, must=must
        )


class FactorPages(Controller):
    """My authenticator."""

    path = "/me/factor"

    @get()
    async def show(self, request: WebRequest) -> Response[Any]:
        """Say whether I have one."""
        return await self._page(request)

    @post()
    async def begin(self, request: WebRequest) -> Response[Any]:
        """Draw a seed and show it until its first code was typed."""
        issuer = site_of(request).door.company
        enrolment = await me.begin_factor(visit_of(request).actor, issuer)
        return await self._page(request, enrolment=enrolment)

    @post("/confirm")
    async def confirm(self, request: WebRequest) -> Response[Any]:
        """Check the first code; show the spare codes, once."""
        code = Personal(str((await request.form()).get("code", "")))
        try:
            codes = await me.confirm_factor(visit_of(request).actor, code)
        except HouseError as error:
            return await self._page(request, status=422, problem=told(request, error))
        return await self._page(request, codes=codes)

    @post("/codes")
    async def renew(self, request: WebRequest) -> Response[Any]:
        """Draw new spare codes."""
        codes = await me.renew_recovery_codes(visit_of(request).actor)
        return await self._page(request, codes=codes)

    @post("/drop")
    async def drop(self, request: WebRequest) -> Response[Any]:
        """Take it off."""
        code = Personal(str((await request.form()).get("code", "")))
        try:
            await me.drop_factor(visit_of(request).actor, code)
        except Denied:
            raise  # a step-up has a page of its own
        except HouseError as error:
            return await self._page(request, status=_status(error), problem=told(request, error))
        return go(request, "/me/factor")

    async def _page(
        self,
        request: WebRequest,
        *,
        status: int = 200,
        problem: str = "",
        enrolment: me.Enrolment | None = None,
        codes: list[Personal[str]] | None = None,
    ) -> Response[Any]:
        visit = visit_of(request)
        person = await me.read(visit.actor)
        return await _show(
            request,
            "me/factor.html",
            "factor",
            status=status,
            problem=problem,
            enrolment=enrolment,
            square=_square(enrolment),
            codes=codes,
            has_factor=person.factor,
            must=visit.must == "factor",
        )


def _square(enrolment: me.Enrolment | None) -> Personal[str] | None:
    """The seed as a square code for the phone's camera: an image within the page itself."""
    if enrolment is None:
        return None
    # For a page seen once in years; every start of the box would pay for it.
    import segno  # noqa: PLC0415

    drawn = segno.make(enrolment.uri.reveal(), error="m")
    return Personal(drawn.svg_data_uri(scale=4, border=2, light="#fff"))


class ConfirmPages(Controller):
    """Step-up: the code or password again, before something weighty."""

    path = "/me/confirm"

    @get()
    async def form(self, request: WebRequest) -> Response[Any]:
        """Ask for it."""
        return await self._page(request, safe_next(request.query_params.get("next")))

    @post()
    async def confirm(self, request: WebRequest) -> Response[Any]:
        """Check it; the session gets a new cookie."""
        fields = await request.form()
        target, secret = safe_next(fields.get("next")), Personal(str(fields.get("secret", "")))
        token = state_of(request.scope)["token"]
        try:
            fresh = await sign_in.step_up(visit_of(request), token, came_from(request), secret)
        except HouseError as error:
            problem = told(request, error)
            return await self._page(request, target, status=_status(error), problem=problem)
        return go(request, target, set_cookies=[cookies.strict(cookies.SESSION, fresh)])

    async def _page(
        self, request: WebRequest, target: str, *, status: int = 200, problem: str = ""
    ) -> Response[Any]:
        person = await me.read(visit_of(request).actor)
        return await _show(
            request,
            "me/confirm.html",
            "",
            status=status,
            target=target,
            problem=problem,
            by_code=person.factor,
        )


@post("/me/looks")
async def looks(request: WebRequest) -> Response[Any]:
    """Choose language, theme or density."""
    fields = await request.form()

    def chosen(name: str) -> str | None:
        value = fields.get(name)
        return value if isinstance(value, str) else None

    await me.set_looks(
        visit_of(request).actor, chosen("language"), chosen("theme"), chosen("density")
    )
    return go(request, safe_next(fields.get("next")))


HANDLERS: Final = (SessionPages, PasswordPages, FactorPages, ConfirmPages, looks)
