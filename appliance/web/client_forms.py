"""The form of a client: a new one, or one that is there."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from litestar import Response
from litestar.datastructures import FormMultiDict
from msgspec.structs import replace

from appliance.actions import clients
from appliance.domain.client_forms import ClientForm, texts_of
from appliance.domain.customers import ContactKind, CustomerView, Party
from appliance.domain.personal import Personal
from appliance.domain.regions import REGIONS
from appliance.errors import Conflict, Invalid, NotFound
from appliance.web import client_merging, custom, merging, texts
from appliance.web.answers import WebRequest, go, told
from appliance.web.client_reading import Typed, change_of, draft_of
from appliance.web.hints import hints_of
from appliance.web.merging import Merged
from appliance.web.screens import Reader, counts_for, draw, look_of, reader_of, shell_of
from appliance.web.shell import N_

FORM: Final = "clients/form.html"
GROUNDS: Final = (
    ("order:contract", N_("Покупает или собирается: договор")),
    ("callback:consent", N_("Просил связаться: согласие")),
    ("order:interest", N_("Представляет компанию: законный интерес")),
    ("accounting:law", N_("Учёт и отчётность: закон")),
)
ORIGINS: Final = (
    ("phone", N_("позвонил")),
    ("visit", N_("пришёл")),
    ("letter", N_("написал")),
    ("advice", N_("порекомендовали")),
    ("open", N_("открытые источники")),
)
PARTIES: Final = {
    Party.CLIENT: N_("Клиент"),
    Party.SUPPLIER: N_("Поставщик"),
    Party.PARTNER: N_("Партнёр"),
}
CHANNELS: Final = (
    ("", N_("не важно")),
    ("phone", N_("телефон")),
    ("email", N_("почта")),
    ("messenger", N_("мессенджер")),
)
CONTACTS: Final = {
    ContactKind.PHONE: (N_("Телефон"), N_("Ещё телефон"), "tel"),
    ContactKind.EMAIL: (N_("Почта"), N_("Ещё почта"), "text"),
    ContactKind.MESSENGER: (N_("Мессенджер"), N_("Ещё мессенджер"), "text"),
}


@dataclass(frozen=True, slots=True)
class Group:
    """Inputs for one kind of contact: what was typed, or one blank, with its sentences."""

    kind: str
    label: str
    more: str
    type: str
    rows: list[tuple[int, Personal[str], str]] = field(default_factory=list[Any])

    @property
    def next(self) -> int:
        return len(self.rows)


def group_of(
    reader: Reader, kind: ContactKind, values: list[Personal[str]], problems: Mapping[str, str]
) -> Group:
    """The inputs of one kind."""
    label, more, form = CONTACTS[kind]
    rows = [
        (place, value, problems.get(f"{kind.value}.{place}", ""))
        for place, value in enumerate(values or [Personal("")])
    ]
    return Group(kind.value, reader._(label), reader._(more), form, rows)


async def show(request: WebRequest, number: int | None) -> Response[Any]:
    """Draw the form, empty or filled in."""
    reader = reader_of(request)
    found = await _form(reader, number)
    given = {} if number is not None else dict(request.query_params)
    kind = "company" if given.get("kind") == "company" else "person"
    party = given.get("party", "client")
    return await _draw(request, reader, found, None, {}, kind=kind, party=party)


async def _form(reader: Reader, number: int | None) -> ClientForm:
    if number is None:
        return await clients.new_form(reader.actor)
    return await clients.edit_form(reader.actor, number)


async def save(request: WebRequest, number: int | None) -> Response[Any]:
    """Store what was typed, or draw the form again with a sentence at each wrong field."""
    reader, form = reader_of(request), await request.form()
    typed = Typed(merging.settled(form))
    try:
        if number is None:
            draft = draft_of(typed, reader.today, reader.now)
            draft = replace(draft, custom=custom.given(typed, reader))
            saved = await clients.add(reader.actor, draft, reader.today)
        else:
            wanted = replace(change_of(typed, reader.today), custom=custom.given(typed, reader))
            saved = await clients.change(reader.actor, number, wanted, reader.today)
    except Invalid as error:
        codes = dict(error.fields) or {"": error.code}
        problems = {name: texts.error(code, reader.language).title for name, code in codes.items()}
        found = await _form(reader, number)
        was = client_merging.opened(form)
        return await _draw(request, reader, found, typed, problems, status=422, was=was)
    except Conflict as error:
        return await _clash(request, reader, form, number or 0, told(request, error))
    done = f"?done={saved.undo}" if saved.undo else ""
    return go(request, f"/clients/{saved.number}{done}")


async def _draw(
    request: WebRequest,
    reader: Reader,
    found: ClientForm,
    typed: Typed | None,
    problems: Mapping[str, str],
    *,
    status: int = 200,
    kind: str = "person",
    party: str = "client",
    was: Mapping[str, str] | None = None,
    merged: Merged | None = None,
    note: str = "",
) -> Response[Any]:
    one = found.client
    now = {} if one is None else texts_of(one, reader.zone, reader.language)
    if one is not None:
        kind, party = one.kind.value, one.party.value
    if typed is not None:
        kind = typed.text("kind") or kind
        party = typed.text("party") or party
    context: dict[str, Any] = {
        "look": look_of(request),
        "shell": shell_of(request, reader, "clients", await counts_for(reader), found.codes),
    }
    return draw(
        request,
        reader,
        FORM,
        status=status,
        client=one,
        version=typed.text("version") if was is not None and typed and one else one and one.version,
        opened=now if was is None else was,
        clashes=() if merged is None else merged.clashes,
        came=() if merged is None else merged.came,
        note=note,
        typed=typed,
        problems=problems,
        hints=hints_of(request),
        first=next(iter(problems), "").replace(".", "-"),
        kind=kind,
        company=kind == "company",
        party=party,
        groups=[
            group_of(reader, k, typed.again(k.value) if typed else [], problems) for k in CONTACTS
        ],
        had=_had(reader, one),
        dropped=typed.many("drop") if typed else [],
        custom=custom.inputs(
            reader, one.custom if one else found.blank.get(kind, ()), typed, problems
        ),
        **_choices(reader, found),
        **context,
    )


def _had(reader: Reader, one: CustomerView | None) -> list[tuple[str, str, Personal[str] | None]]:
    """Contacts that are there: id, kind in words, what may be shown."""
    if one is None:
        return []
    return [(str(c.id), reader._(CONTACTS[c.kind][0]), c.shown) for c in one.contacts]


def _choices(reader: Reader, found: ClientForm) -> dict[str, Any]:
    def words(pairs: Any) -> list[tuple[str, str]]:
        return [(value, reader._(text)) for value, text in pairs]

    none = ("", reader._("не выбрано"))
    return {
        "grounds": [("", reader._("Выберите")), *words(GROUNDS)],
        "origins": words(ORIGINS),
        "parties": [(party.value, reader._(text)) for party, text in PARTIES.items()],
        "channels": words(CHANNELS),
        "sexes": [
            ("", reader._("не указан")),
            ("female", reader._("женский")),
            ("male", reader._("мужской")),
        ],
        "regions": [
            ("", reader._("по адресу или телефону")),
            *sorted(((r.code, r.name) for r in REGIONS.values()), key=lambda pair: pair[1]),
        ],
        "deliveries": [none, *found.codes.deliveries.items()],
        "payments": [none, *found.payments.items()],
        "legal_kinds": [
            ("legal-entity", reader._("организация")),
            ("enterpreneur", reader._("предприниматель")),
            ("individual", reader._("физлицо")),
        ],
        "tags_used": found.tags,
    }


async def _clash(
    request: WebRequest, reader: Reader, form: FormMultiDict, number: int, note: str
) -> Response[Any]:
    """The form again: merged where one of two changed a field, with a choice where both did."""
    found = await clients.edit_form(reader.actor, number)
    if found.client is None:
        raise NotFound("customer_not_found")
    choices = _choices(reader, found)
    typed, merged = client_merging.put_together(reader, found.client, form, choices)
    return await _draw(request, reader, found, typed, {}, status=409, merged=merged, note=note)


async def row(request: WebRequest, kind: str, place: int) -> Response[Any]:
    """One more input for a contact, with the button for the next."""
    reader = reader_of(request)
    wanted = ContactKind(kind) if kind in {one.value for one in CONTACTS} else ContactKind.PHONE
    label, more, form = CONTACTS[wanted]
    at = max(0, min(place, 19))
    group = Group(wanted.value, reader._(label), reader._(more), form, [])
    return draw(request, reader, "clients/contact_row.html", group=group, place=at)
