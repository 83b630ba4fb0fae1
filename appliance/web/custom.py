"""Fields that an administrator made, on the staff's pages: in forms, on cards, in windows."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from appliance.actions import fields, order_edits
from appliance.domain import fields as kinds
from appliance.domain.access import Actor
from appliance.domain.fields import CustomField, FieldType, FieldValue, Form, Given, Owner
from appliance.domain.grants import Access
from appliance.domain.orders import OrderChange
from appliance.domain.personal import Personal
from appliance.errors import Invalid, NotFound
from appliance.roles import Permission
from appliance.web import texts
from appliance.web.answers import WebRequest
from appliance.web.client_reading import Typed
from appliance.web.screens import Reader, draw, reader_of, refreshed

SHOWN: Final = "has_custom"
"""Hidden input that names each field a form has: an empty box is a value, too."""
WINDOW: Final[dict[Owner, tuple[Any, Any, Permission]]] = {
    Owner.DEAL: (fields.of_deal, fields.fill_deal, Permission.DEAL_EDIT),
    Owner.TASK: (fields.of_task, fields.fill_task, Permission.TASK_EDIT),
    Owner.PRODUCT: (fields.of_product, fields.fill_product, Permission.PRODUCT_EDIT),
}
"""Records that have no form of their own for these fields: read, store, by what right."""


async def _fill_order(actor: Actor, number: int, told: Personal[Given]) -> int:
    return await order_edits.change(actor, number, OrderChange(custom=told))


WINDOW[Owner.ORDER] = (fields.of_order, _fill_order, Permission.ORDER_EDIT)
_MODES: Final = {
    FieldType.NUMBER: "decimal",
    FieldType.MONEY: "decimal",
    FieldType.PHONE: "tel",
    FieldType.EMAIL: "email",
    FieldType.LINK: "url",
}


def given(typed: Typed, reader: Reader) -> Personal[Given] | None:
    """What a form says of its fields; None where it has none."""
    codes = typed.whole(SHOWN)
    if not codes:
        return None
    values = {code: typed.whole(f"{kinds.HISTORY}{code}") for code in codes}
    return Personal(
        Given(
            values=values,
            form=Form.TYPED,
            whole=True,
            today=reader.today,
            zone=reader.zone.key,
        )
    )


def inputs(
    reader: Reader,
    values: Sequence[FieldValue],
    typed: Typed | None,
    problems: Mapping[str, str],
) -> list[dict[str, Any]]:
    """Inputs for the fields that the reader sees in full."""
    return [
        _input(reader, one, typed, problems.get(one.field.history, ""))
        for one in values
        if one.access is Access.VISIBLE
    ]


def _input(reader: Reader, one: FieldValue, typed: Typed | None, problem: str) -> dict[str, Any]:
    field = one.field
    name = field.history
    stored = kinds.inputs_of(one, reader.zone)
    again = typed is not None and typed.has(SHOWN)
    return {
        "code": field.code,
        "name": name,
        "label": field.name,
        "kind": field.type.value,
        "hint": field.hint or _hint(reader, field),
        "required": field.required,
        "personal": field.personal,
        "mode": _MODES.get(field.type, "text"),
        "options": [(o.code, o.name) for o in field.options if o.active],
        "value": typed.held(name) if again and typed else stored,
        "problem": problem,
    }


def _hint(reader: Reader, field: CustomField) -> str:
    if field.type is FieldType.DAY:
        return reader._("Например: 21.11.2026")
    if field.type is FieldType.MOMENT:
        return reader._("Например: 21.11.2026 14:05")
    return ""


def rows(reader: Reader, values: Sequence[FieldValue]) -> list[dict[str, Any]]:
    """Fields of a card: what is empty is left out, what a role hides says so."""
    return [
        {
            "label": one.field.name,
            "text": kinds.words(one, reader.zone, reader.language),
            "link": one.field.type is FieldType.LINK and not one.field.personal,
            "long": one.field.type is FieldType.TEXT,
            "personal": one.field.personal,
        }
        for one in values
        if not one.is_empty
    ]


def sentences(reader: Reader, error: Invalid) -> dict[str, str]:
    """What is wrong, in words, by the name of the input."""
    codes = dict(error.fields) or {"": error.code}
    return {name: texts.error(code, reader.language).title for name, code in codes.items()}


class CustomWindows(Controller):
    """The window in which a record's fields are filled in."""

    path = "/custom"

    @get("/{owner:str}/{number:int}/card")
    async def card(
        self, request: WebRequest, owner: FromPath[str], number: FromPath[int]
    ) -> Response[Any]:
        """Show a record's fields, as a part of its card."""
        reader, kind = reader_of(request), _known(owner)
        read, _store, right = WINDOW[kind]
        values = await read(reader.actor, number)
        return draw(
            request,
            reader,
            "fields/card.html",
            rows=rows(reader, values),
            may_fill=reader.may(right) and bool(values),
            href=f"/custom/{kind.value}/{number}",
        )

    @get("/{owner:str}/{number:int}")
    async def window(
        self, request: WebRequest, owner: FromPath[str], number: FromPath[int]
    ) -> Response[Any]:
        """Show the window."""
        reader, kind = reader_of(request), _known(owner)
        values = await WINDOW[kind][0](reader.actor, number)
        return _window(request, reader, kind, number, inputs(reader, values, None, {}))

    @post("/{owner:str}/{number:int}")
    async def fill(
        self, request: WebRequest, owner: FromPath[str], number: FromPath[int]
    ) -> Response[Any]:
        """Store what was typed, or draw the window again with a sentence at each wrong field."""
        reader, kind = reader_of(request), _known(owner)
        typed = Typed(await request.form())
        told = given(typed, reader)
        read, store, _right = WINDOW[kind]
        try:
            if told is not None:
                await store(reader.actor, number, told)
        except Invalid as error:
            values = await read(reader.actor, number)
            again = inputs(reader, values, typed, sentences(reader, error))
            return _window(request, reader, kind, number, again, status=422)
        return refreshed()


def _known(owner: str) -> Owner:
    if owner in {one.value for one in WINDOW}:
        return Owner(owner)
    raise NotFound


def _window(
    request: WebRequest,
    reader: Reader,
    owner: Owner,
    number: int,
    many: list[dict[str, Any]],
    *,
    status: int = 200,
) -> Response[Any]:
    return draw(
        request,
        reader,
        "fields/window.html",
        status=status,
        inputs=many,
        href=f"/custom/{owner.value}/{number}",
    )
