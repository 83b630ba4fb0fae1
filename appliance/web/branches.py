"""«Филиалы»: their departments, shops and warehouses."""

from collections.abc import Sequence
from typing import Any, Final

from litestar import Controller, Response, get, post
from litestar.datastructures import FormMultiDict

from appliance.actions import branches, desk
from appliance.domain.branches import Branch, Member
from appliance.errors import Denied, Invalid, NotFound
from appliance.web import texts
from appliance.web.answers import WebRequest, go
from appliance.web.orders import word
from appliance.web.screens import Reader, counts_for, draw, look_of, reader_of, shell_of

HOME: Final = "/branches"


class BranchPages(Controller):
    """Branches."""

    path = HOME

    @get()
    async def index(self, request: WebRequest) -> Response[Any]:
        """Show all branches, and one of them for change."""
        return await _page(request, reader_of(request), request.query_params.get("code", ""))

    @post()
    async def put(self, request: WebRequest) -> Response[Any]:
        """Add or change a branch."""
        form, reader = await request.form(), reader_of(request)
        sent = _read(form)
        try:
            await branches.put(reader.actor, sent)
        except Invalid as error:
            fields = {
                name: texts.error(code, reader.language).title
                for name, code in error.fields.items()
            }
            return await _page(request, reader, sent.code, sent, fields)
        except Denied as error:
            return _confirm(request, error)
        return go(request, f"{HOME}?code={sent.code}")

    @post("/remove")
    async def remove(self, request: WebRequest) -> Response[Any]:
        """Dissolve a branch."""
        form, reader = await request.form(), reader_of(request)
        try:
            await branches.remove(reader.actor, word(form, "code"))
        except NotFound:
            return go(request, HOME)
        except Denied as error:
            return _confirm(request, error)
        return go(request, HOME)


def _confirm(request: WebRequest, error: Denied) -> Response[Any]:
    if error.code != "step_up_needed":
        raise error
    return go(request, f"/me/confirm?next={HOME}")


def _read(form: FormMultiDict) -> Branch:
    def listed(name: str) -> tuple[str, ...]:
        return tuple(str(one) for one in form.getall(name, []))

    return Branch(
        code=word(form, "code").strip(),
        name=word(form, "name").strip(),
        departments=listed("department"),
        shops=listed("shop"),
        warehouses=listed("warehouse"),
    )


def _in(branch: Branch, members: Sequence[Member]) -> str:
    return ", ".join(one.name for one in members if one.branch == branch.code)


async def _page(
    request: WebRequest,
    reader: Reader,
    code: str,
    sent: Branch | None = None,
    problems: dict[str, str] | None = None,
) -> Response[Any]:
    found = await branches.screen(reader.actor)
    known = {one.code: one for one in found.branches}
    codes = await desk.names(reader.actor)
    return draw(
        request,
        reader,
        "branches.html",
        status=422 if problems else 200,
        look=look_of(request),
        shell=shell_of(request, reader, "branches", await counts_for(reader), codes),
        rows=[
            (
                one,
                _in(one, found.departments),
                _in(one, found.shops),
                _in(one, found.warehouses),
            )
            for one in found.branches
        ],
        one=sent or known.get(code) or Branch(code="", name=""),
        fresh=code not in known,
        found=found,
        problems=problems or {},
    )
