"""«Свои поля»: made, changed and put aside without a restart."""

from typing import Any, Final

import msgspec
from litestar import Controller, Response, get, post
from litestar.datastructures import FormMultiDict

from appliance.actions import desk, fields
from appliance.domain.fields import CHOSEN, CustomField, FieldType, Option, Owner, typed
from appliance.domain.ids import uuid7
from appliance.errors import Conflict, Invalid
from appliance.web.answers import WebRequest, go, told
from appliance.web.client_cards import BASES
from appliance.web.custom import sentences
from appliance.web.orders import word
from appliance.web.screens import Reader, counts_for, draw, look_of, reader_of, shell_of
from appliance.web.shell import N_

HOME: Final = "/admin/fields"
OWNERS: Final = {
    Owner.CUSTOMER: N_("Клиенты"), Owner.COMPANY: N_("Компании"), Owner.ORDER: N_("Заказы"),
    Owner.DEAL: N_("Сделки"), Owner.PRODUCT: N_("Товары"), Owner.TASK: N_("Задачи"),
}  # fmt: skip
TYPES: Final = {
    FieldType.LINE: N_("Строка"), FieldType.TEXT: N_("Длинный текст"),
    FieldType.NUMBER: N_("Число"), FieldType.MONEY: N_("Деньги"), FieldType.DAY: N_("Дата"),
    FieldType.MOMENT: N_("Дата и время"), FieldType.FLAG: N_("Да или нет"),
    FieldType.CHOICE: N_("Выбор"), FieldType.CHOICES: N_("Выбор нескольких"),
    FieldType.PHONE: N_("Телефон"), FieldType.EMAIL: N_("Почта"), FieldType.LINK: N_("Ссылка"),
}  # fmt: skip
ACCESS: Final = {
    "comment": N_("заметки"), "name": N_("имя"), "phone": N_("телефон"), "email": N_("почту"),
    "address": N_("адрес"), "tax_id": N_("ИНН и счета"), "birthday": N_("день рождения"),
}  # fmt: skip
TEXTS: Final = ("code", "name", "hint", "options", "default", "type", "access", "basis", "keep")
FLAGS: Final = ("required", "personal", "exact", "in_list", "in_filter", "off")
_LETTERS: Final = dict(
    zip(
        "абвгдеёжзийклмнопрстуфхцчшщъыьэюя",
        "a b v g d e e zh z i i k l m n o p r s t u f h ts ch sh sch _ y _ e yu ya".split(),
        strict=True,
    )
)


class FieldPages(Controller):
    """Fields of an administrator's making."""

    path = HOME

    @get()
    async def index(self, request: WebRequest) -> Response[Any]:
        """Show the fields of one kind of record, and one of them for change."""
        query = request.query_params
        return await _page(request, _owner(query.get("owner", "")), query.get("code", ""))

    @post()
    async def put(self, request: WebRequest) -> Response[Any]:
        """Make a field, or change the one with this code."""
        form, reader = await request.form(), reader_of(request)
        owner = _owner(word(form, "owner"))
        made, problems = _read(form, owner)
        try:
            if not problems:
                await fields.put(reader.actor, made, word(form, "default"))
                return go(request, f"{HOME}?owner={owner.value}&code={made.code}")
            said = sentences(reader, Invalid(fields=problems))
        except Invalid as error:
            said = sentences(reader, error)
        except Conflict as error:
            said = {"": told(request, error)}
        code = word(form, "was")
        return await _page(request, owner, code, form=form, problems=said)

    @post("/move")
    async def move(self, request: WebRequest) -> Response[Any]:
        """Put a field higher or lower."""
        form, reader = await request.form(), reader_of(request)
        owner, code = _owner(word(form, "owner")), word(form, "code")
        await fields.move(reader.actor, owner, code, up=word(form, "to") == "up")
        return go(request, f"{HOME}?owner={owner.value}&code={code}")


def _owner(text: str) -> Owner:
    return Owner(text) if text in set(Owner) else Owner.CUSTOMER


def code_of(name: str) -> str:
    """A code for a name that has none: its letters in Latin.

    >>> code_of("Размер обуви")
    'razmer_obuvi'
    """
    made = "".join(
        _LETTERS.get(one, one if one.isascii() and one.isalnum() else "_") for one in name.lower()
    )
    made = "_".join(part for part in made.split("_") if part)[:40]
    return made if made[:1].isalpha() else f"f_{made}"[:40].rstrip("_")


def _read(form: FormMultiDict, owner: Owner) -> tuple[CustomField, dict[str, str]]:
    problems: dict[str, str] = {}
    name, kind = word(form, "name").strip(), word(form, "type")
    keep = word(form, "keep").strip()
    if keep and not (keep.isascii() and keep.isdigit() and len(keep) < 5):
        problems["keep_months"] = "amount_out_of_range"
    field_type = FieldType(kind) if kind in set(FieldType) else FieldType.LINE
    personal = "personal" in form
    made = CustomField(
        id=uuid7(),
        owner=owner,
        code=word(form, "was") or word(form, "code").strip().lower() or code_of(name),
        name=name,
        type=field_type,
        hint=word(form, "hint").strip(),
        options=_options(word(form, "options")) if field_type in CHOSEN else (),
        required="required" in form,
        personal=personal,
        access=word(form, "access") or "comment",
        exact="exact" in form,
        in_list="in_list" in form,
        in_filter="in_filter" in form,
        position=_number(word(form, "position")),
        active="off" not in form,
        basis=word(form, "basis") if personal else "",
        keep_months=0 if problems else _number(keep),
    )
    return made, problems


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 0


def _options(text: str) -> tuple[Option, ...]:
    """One a line: «code = name», or a name whose letters make its code."""
    made: list[Option] = []
    for line in (one.strip() for one in text.splitlines()):
        code, sign, name = (part.strip() for part in line.partition("="))
        if line:
            made.append(Option(code=code if sign else code_of(code), name=name if sign else code))
    return tuple(made)


async def _page(
    request: WebRequest,
    owner: Owner,
    code: str,
    *,
    form: FormMultiDict | None = None,
    problems: dict[str, str] | None = None,
) -> Response[Any]:
    reader = reader_of(request)
    known = (await fields.definitions(reader.actor)).fields
    codes = await desk.names(reader.actor)
    one = known[owner].get(code)
    return draw(
        request,
        reader,
        "admin/fields.html",
        status=422 if problems else 200,
        look=look_of(request),
        shell=shell_of(request, reader, "admin", await counts_for(reader), codes),
        owner=owner.value,
        owners=[
            (o.value, reader._(label), sum(f.active for f in known[o].values()))
            for o, label in OWNERS.items()
        ],
        rows=[_row(reader, field) for field in known[owner].values()],
        fresh=one is None,
        one=one,
        v=_texts(form) if form is not None else _stored(reader, one, len(known[owner])),
        on=_flags(form, one),
        problems=problems or {},
        types=[(kind.value, reader._(label)) for kind, label in TYPES.items()],
        access=[(name, reader._(label)) for name, label in ACCESS.items()],
        bases=[("", reader._("выберите")), *((b.value, reader._(t)) for b, t in BASES.items())],
        may_personal=owner not in (Owner.PRODUCT, Owner.TASK),
    )


def _row(reader: Reader, one: CustomField) -> dict[str, Any]:
    marks = [
        (one.required, reader._("обязательное")),
        (one.personal, reader._("личное")),
        (one.in_list, reader._("в списке")),
        (one.in_filter, reader._("в отборе")),
        (not one.active, reader._("убрано")),
    ]
    return {
        "code": one.code,
        "name": one.name,
        "type": reader._(TYPES[one.type]),
        "marks": [text for is_so, text in marks if is_so],
        "active": one.active,
        "personal": one.personal,
    }


def _texts(form: FormMultiDict) -> dict[str, str]:
    return {**{name: word(form, name) for name in TEXTS}, "position": word(form, "position")}


def _stored(reader: Reader, one: CustomField | None, many: int) -> dict[str, str]:
    if one is None:
        return {**dict.fromkeys(TEXTS, ""), "type": "string", "position": str(many)}
    options = [f"{o.code} = {o.name}" for o in one.options if o.active]
    return {
        "code": one.code,
        "name": one.name,
        "hint": one.hint,
        "options": "\n".join(options),
        "default": ", ".join(typed(one, one.default, reader.zone)),
        "type": one.type.value,
        "access": one.access,
        "basis": one.basis,
        "keep": str(one.keep_months or ""),
        "position": str(one.position),
    }


def _flags(form: FormMultiDict | None, one: CustomField | None) -> dict[str, bool]:
    if form is not None:
        return {name: name in form for name in FLAGS}
    if one is None:
        return dict.fromkeys(FLAGS, False)
    kept = msgspec.structs.asdict(one)
    return {**{name: bool(kept[name]) for name in FLAGS[:-1]}, "off": not one.active}
