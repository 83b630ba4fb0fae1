"""«Доступ программ»: keys of the API, what each may do and see, and how many people a day."""

from contextlib import suppress
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from litestar import Controller, Response, get, post
from litestar.datastructures import FormMultiDict
from litestar.params import FromPath

from appliance.actions import api_keys, desk, roles_admin
from appliance.domain import formats
from appliance.domain.personal import Personal
from appliance.domain.users import ApiKey, NewApiKey
from appliance.errors import Denied, Invalid, NotFound
from appliance.roles import API_SCOPES, FIELDS
from appliance.web import texts
from appliance.web.answers import WebRequest, go
from appliance.web.orders import word
from appliance.web.screens import Reader, counts_for, draw, look_of, reader_of, shell_of
from appliance.web.shell import N_

HOME: Final = "/admin/programs"
SCOPES: Final = {
    "order_read": N_("заказы: читать"), "order_write": N_("заказы: менять"),
    "customer_read": N_("клиенты: читать"), "customer_write": N_("клиенты: менять"),
    "store_read": N_("товары и остатки: читать"), "store_write": N_("товары и остатки: менять"),
    "task_read": N_("задачи: читать"), "task_write": N_("задачи: менять"),
    "reference_read": N_("справочники: читать"), "reference_write": N_("справочники: менять"),
}  # fmt: skip
NOUNS: Final = {
    "order": N_("заказы"), "customer": N_("клиентов"), "store": N_("товары и остатки"),
    "task": N_("задачи"), "reference": N_("справочники"),
}  # fmt: skip
SEEN: Final = {
    "name": N_("имя"), "phone": N_("телефон"), "email": N_("почту"), "address": N_("адрес"),
    "comment": N_("заметки"), "tax_id": N_("ИНН и счета"), "birthday": N_("день рождения"),
}  # fmt: skip


class ProgramPages(Controller):
    """Keys of programs."""

    path = HOME

    @get()
    async def index(self, request: WebRequest) -> Response[Any]:
        """Show keys and the form for a new one."""
        return await _page(request, reader_of(request))

    @post()
    async def add(self, request: WebRequest) -> Response[Any]:
        """Make a key and show it, this once."""
        form, reader = await request.form(), reader_of(request)
        try:
            made = await api_keys.create(reader.actor, _read(form, reader))
        except Invalid as error:
            return await _page(request, reader, typed=form, problems=dict(error.fields))
        except NotFound as error:
            field = "role" if error.code == "role_not_found" else "shop"
            return await _page(request, reader, typed=form, problems={field: error.code})
        except Denied as error:
            return _confirm(request, error)
        return await _page(request, reader, key=made.key)

    @post("/{number:int}/revoke")
    async def revoke(self, request: WebRequest, number: FromPath[int]) -> Response[Any]:
        """End a key at once."""
        with suppress(NotFound):  # somebody ended it before: the list shows it
            await api_keys.revoke(reader_of(request).actor, number)
        return go(request, HOME)


def _confirm(request: WebRequest, error: Denied) -> Response[Any]:
    if error.code != "step_up_needed":
        raise error
    return go(request, f"/me/confirm?next={HOME}")


def _read(form: FormMultiDict, reader: Reader) -> NewApiKey:
    """What was asked.

    Raises:
        Invalid: a number or day that cannot be read.
    """
    problems: dict[str, str] = {}
    most = word(form, "people").strip()
    if most and not (most.isascii() and most.isdigit() and len(most) < 9):
        problems["people_a_day"] = "field_number"
    ends: datetime | None = None
    typed = word(form, "ends").strip()
    if typed:
        try:
            # It works through that day.
            last = date.fromisoformat(typed) + timedelta(days=1)
            ends = datetime.combine(last, time(), reader.zone)
        except (ValueError, OverflowError):
            problems["expires_at"] = "date_unreadable"
    if problems:
        raise Invalid(fields=problems)
    return NewApiKey(
        name=word(form, "name").strip(),
        shop=word(form, "shop"),
        scopes=tuple(str(one) for one in form.getall("scope", [])),
        role=word(form, "role"),
        fields=tuple(str(one) for one in form.getall("field", [])),
        people_a_day=int(most or 0),
        expires_at=ends,
    )


def _row(reader: Reader, one: ApiKey, roles: dict[str, str], shops: dict[str, str]) -> Any:
    nouns = {code.partition("_")[0] for code in one.scopes}
    changes = [noun for noun in NOUNS if noun in nouns and f"{noun}_write" in one.scopes]
    reads = [noun for noun in NOUNS if noun in nouns and f"{noun}_read" in one.scopes]
    rights: list[str] = []
    if one.role:
        rights.append(reader._("роль «%(name)s»") % {"name": roles.get(one.role, one.role)})
    for text, listed in ((N_("читает: %(what)s"), reads), (N_("меняет: %(what)s"), changes)):
        if listed:
            rights.append(
                reader._(text) % {"what": ", ".join(reader._(NOUNS[noun]) for noun in listed)}
            )
    fields = [reader._(SEEN[name]) for name in one.fields if name in SEEN]
    ended = one.expires_at is not None and one.expires_at <= reader.now
    state, tone = reader._("работает"), "ok"
    if one.revoked_at is not None:
        state, tone = reader._("отозван"), "grey"
    elif ended:
        state, tone = reader._("срок истёк"), "warn"
    until = ""
    if one.expires_at is not None and not ended:
        day = (one.expires_at - timedelta(seconds=1)).astimezone(reader.zone).date()
        until = formats.day_short(day, reader.today, reader.language)
    return {
        "number": one.number,
        "name": one.name,
        "shop": shops.get(one.shop, one.shop),
        "rights": rights,
        "fields": ", ".join(fields),
        "people": one.people_a_day,
        "state": state,
        "tone": tone,
        "until": until,
        "works": one.revoked_at is None and not ended,
    }


async def _page(
    request: WebRequest,
    reader: Reader,
    *,
    key: Personal[str] | None = None,
    typed: FormMultiDict | None = None,
    problems: dict[str, str] | None = None,
) -> Response[Any]:
    found = await api_keys.list_all(reader.actor)
    roles = {one.code: one.name for one in await roles_admin.list_all(reader.actor)}
    codes = await desk.names(reader.actor)
    shops = dict(codes.shops)
    rows = [_row(reader, one, roles, shops) for one in found]
    return draw(
        request,
        reader,
        "programs/keys.html",
        status=422 if problems else 200,
        look=look_of(request),
        shell=shell_of(request, reader, "admin", await counts_for(reader), codes),
        rows=sorted(rows, key=lambda one: not one["works"]),
        key=key,
        roles=[("", reader._("— без роли —")), *((c, reader._(n)) for c, n in roles.items())],
        shops=[("", reader._("— все магазины —")), *shops.items()],
        scopes=[(code, reader._(SCOPES[code])) for code in API_SCOPES if code in SCOPES],
        fields=[(name, reader._(SEEN[name])) for name in FIELDS],
        typed=_typed(typed),
        problems={
            name: texts.error(code, reader.language).title
            for name, code in (problems or {}).items()
        },
    )


def _typed(form: FormMultiDict | None) -> dict[str, Any]:
    """What was typed and refused, to be shown again."""
    names = ("name", "shop", "role", "people", "ends")
    if form is None:
        return {**dict.fromkeys(names, ""), "scopes": (), "fields": ()}
    return {
        **{name: word(form, name) for name in names},
        "scopes": tuple(form.getall("scope", [])),
        "fields": tuple(form.getall("field", [])),
    }
