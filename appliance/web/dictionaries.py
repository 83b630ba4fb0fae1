"""«Справочники»: ways to pay and to deliver, where orders come from, states of lines."""

from typing import Any, Final

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from appliance.actions import dictionaries
from appliance.domain import formats, inputs
from appliance.domain.references import Reference, ReferenceKind
from appliance.errors import Invalid, NotFound
from appliance.web import texts
from appliance.web.answers import WebRequest, go
from appliance.web.order_form import Told
from appliance.web.orders import word
from appliance.web.screens import Reader, draw, look_of, reader_of, shell_of
from appliance.web.shell import N_

HOME: Final = "/admin/lists"
TABS: Final = (
    (ReferenceKind.PAYMENT_TYPE, N_("Способы оплаты")),
    (ReferenceKind.DELIVERY_TYPE, N_("Способы доставки")),
    (ReferenceKind.ORDER_METHOD, N_("Как оформлен")),
    (ReferenceKind.PRODUCT_STATUS, N_("Состояния строк")),
)
NEW: Final = Reference(number=0, code="", name="")


class DictionaryPages(Controller):
    """Lists of codes."""

    path = HOME

    @get("/{kind:str}")
    async def index(self, request: WebRequest, kind: FromPath[str]) -> Response[Any]:
        """Show one list, and an entry of it for change."""
        code = request.query_params.get("code", "")
        return await _page(request, reader_of(request), _kind(kind), code, {}, {})

    @post("/{kind:str}")
    async def put(self, request: WebRequest, kind: FromPath[str]) -> Response[Any]:
        """Add or change an entry."""
        form, reader, of = await request.form(), reader_of(request), _kind(kind)
        code, cost = word(form, "code").strip(), word(form, "cost").strip()
        problems: dict[str, str] = {}
        kopecks: int | None = None
        if of is ReferenceKind.DELIVERY_TYPE:
            try:
                kopecks = inputs.money(cost) if cost else 0
            except Invalid as error:
                problems["cost"] = error.code
        if not problems:
            try:
                code = await dictionaries.put(
                    reader.actor,
                    of,
                    code,
                    word(form, "name"),
                    cost=kopecks,
                    active="off" not in form,
                    is_default="default" in form,
                )
                return go(request, f"{HOME}/{of.value}?code={code}")
            except Invalid as error:
                problems = dict(error.fields)
        typed = {"name": word(form, "name"), "cost": cost}
        return await _page(request, reader, of, code, problems, typed)

    @post("/{kind:str}/{code:str}/{way:str}")
    async def move(
        self, request: WebRequest, kind: FromPath[str], code: FromPath[str], way: FromPath[str]
    ) -> Response[Any]:
        """Put an entry one place earlier or later."""
        of = _kind(kind)
        if way not in {"up", "down"}:
            raise NotFound("reference_not_found")
        step = -1 if way == "up" else 1
        await dictionaries.move(reader_of(request).actor, of, code, step)
        return go(request, f"{HOME}/{of.value}")


def _kind(text: str) -> ReferenceKind:
    for kind in dictionaries.KEPT:
        if kind.value == text:
            return kind
    raise NotFound("reference_not_found")


async def _page(
    request: WebRequest,
    reader: Reader,
    kind: ReferenceKind,
    code: str,
    problems: dict[str, str],
    typed: dict[str, str],
) -> Response[Any]:
    found = await dictionaries.screen(reader.actor, kind)
    one = next((entry for entry in found.entries if entry.code == code), NEW)
    names = {of: reader._(name) for of, name in TABS}
    return draw(
        request,
        reader,
        "admin/dictionary.html",
        status=422 if problems else 200,
        look=look_of(request),
        shell=shell_of(request, reader, "admin", found.frame.counts, found.frame.codes),
        title=names[kind],
        kind=kind.value,
        tabs=[(f"{HOME}/{of.value}", name, None, of is kind) for of, name in names.items()],
        priced=kind is ReferenceKind.DELIVERY_TYPE,
        rows=[(entry, _cost(reader, entry)) for entry in found.entries],
        one=one,
        typed={"name": one.name, "cost": _plain_cost(reader, one)} | typed,
        problems=Told(
            (name, texts.error(one, reader.language).title) for name, one in problems.items()
        ),
    )


def _cost(reader: Reader, entry: Reference) -> str:
    return formats.money(entry.cost, reader.language) if entry.cost else ""


def _plain_cost(reader: Reader, entry: Reference) -> str:
    return formats.money(entry.cost, reader.language, sign=False) if entry.cost else ""
