"""«Статусы заказов»: names, looks, where each may go, what it asks for, and the usual next one."""

from typing import Any, Final

from litestar import Controller, Response, get, post
from litestar.datastructures import FormMultiDict

from appliance.actions import references
from appliance.domain.desk import Codes
from appliance.domain.references import Status
from appliance.domain.statuses import Need
from appliance.errors import Conflict, Invalid
from appliance.web.answers import WebRequest, go, told
from appliance.web.order_moves import NEEDS
from appliance.web.orders import word
from appliance.web.screens import Reader, draw, look_of, reader_of, shell_of
from appliance.web.shell import N_

HOME: Final = "/orders/statuses"
LOOKS: Final = (
    ("info.ring", N_("голубой, кольцо")), ("info.half", N_("голубой, половина")),
    ("info.dot", N_("голубой, точка")), ("accent.half", N_("синий, половина")),
    ("accent.dot", N_("синий, точка")), ("warn.ring", N_("янтарный, кольцо")),
    ("warn.half", N_("янтарный, половина")), ("warn.dot", N_("янтарный, точка")),
    ("ok.check", N_("зелёный, галочка")), ("bad.cross", N_("красный, крестик")),
    ("grey.cross", N_("серый, крестик")), ("grey.ring", N_("серый, кольцо")),
)  # fmt: skip
"""The twelve tested pairs of tone and shape: nothing else can be chosen."""


class StatusPages(Controller):
    """Statuses of orders."""

    path = HOME

    @get()
    async def index(self, request: WebRequest) -> Response[Any]:
        """Show all statuses, and one of them for change."""
        return await _page(request, reader_of(request), request.query_params.get("code", ""))

    @post()
    async def put(self, request: WebRequest) -> Response[Any]:
        """Add or change a status."""
        form, reader = await request.form(), reader_of(request)
        code = word(form, "code").strip()
        try:
            await references.edit_status(reader.actor, _read(form, code), keep_place=True)
        except (Invalid, Conflict) as error:
            return await _page(request, reader, code, told(request, error))
        return go(request, f"{HOME}?code={code}")


def _read(form: FormMultiDict, code: str) -> Status:
    look = word(form, "look")
    tone, _, shape = (look if look in dict(LOOKS) else "grey.ring").partition(".")
    return Status(
        code=code,
        position=1000,
        name=word(form, "name").strip(),
        group=word(form, "group"),
        tone=tone,
        shape=shape,
        moves=tuple(str(one) for one in form.getall("move", [])),
        next_main=word(form, "next"),
        needs=tuple(str(one) for one in form.getall("need", [])),
        active="off" not in form,
    )


async def _page(request: WebRequest, reader: Reader, code: str, problem: str = "") -> Response[Any]:
    frame = await references.statuses_for_edit(reader.actor)
    codes = frame.codes
    return draw(
        request,
        reader,
        "orders/statuses.html",
        status=422 if problem else 200,
        look=look_of(request),
        shell=shell_of(request, reader, "admin", frame.counts, codes),
        groups=[(one.code, one.name) for one in codes.groups.values()],
        rows=_rows(codes),
        one=codes.statuses.get(code) or Status(code=code, name="", group=""),
        fresh=code not in codes.statuses,
        looks=[(value, reader._(label)) for value, label in LOOKS],
        others=[(one.code, one.name) for one in codes.statuses.values() if one.code != code],
        needs=[(one.value, reader._(NEEDS[one])) for one in Need],
        problem=problem,
    )


def _rows(codes: Codes) -> list[tuple[Status, str, str]]:
    """(status, name of its group, names of the statuses it may go to)."""
    known = codes.statuses
    return [
        (
            one,
            codes.groups[one.group].name if one.group in codes.groups else one.group,
            ", ".join(known[move].name for move in one.moves if move in known),
        )
        for one in known.values()
    ]
