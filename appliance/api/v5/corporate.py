"""Calls about companies: themselves, their addresses, legal entities and people."""

from collections.abc import Callable, Sequence
from typing import Any, Final, TypeVar

from appliance.actions import customers, shop_companies
from appliance.api.v5 import wire
from appliance.api.v5 import write_corporate as write
from appliance.api.v5.call import Answer, Call, paging, shop_of
from appliance.api.v5.door import batch
from appliance.api.v5.entity import Entity
from appliance.api.v5.errors import PARAMETERS, Refused
from appliance.api.v5.filters import CORPORATE_FILTERS, corporate_filter
from appliance.api.v5.orders import check_rows, fixes, named, row_errors, unread, uploaded_row
from appliance.api.v5.read_corporate import (
    read_company,
    read_company_change,
    read_part,
    read_sent,
    ref_of,
)
from appliance.domain.corporate import Corporate, Part, PartKind, PersonTie, SentCompany
from appliance.domain.orders import CustomerRef
from appliance.errors import HouseError, NotFound

FIELDS: Final = ("customerCorporate", "customersCorporate")
"""Fields of a body that hold a company; Python's client spells it as many."""
PART_FILTERS: Final = frozenset({"ids", "externalIds", "name"})
CONTACT_FILTERS: Final = frozenset({"ids", "contactIds", "contactExternalIds"})
T = TypeVar("T")


def ref(name: str, by: str) -> CustomerRef:
    """What a part of the path means.

    Raises:
        Refused: an id that is no number.
    """
    if by == "externalId":
        return CustomerRef(external_id=name)
    if not (name.isascii() and name.isdecimal()) or len(name) > 18:
        raise Refused(PARAMETERS, errors=["ID must be an integer"])
    return CustomerRef(number=int(name))


def _mine(call: Call) -> CustomerRef:
    return ref(call.names[0], call.by())


def _part_ref(call: Call) -> CustomerRef:
    by = call.given("entityBy") or "externalId"
    if by not in {"id", "externalId"}:
        raise Refused(PARAMETERS, errors=["entityBy: id or externalId is expected."])
    return ref(call.names[1], by)


async def index(call: Call) -> Answer:
    """`GET customers-corporate`."""
    pages = paging(call)
    wanted = corporate_filter(call, call.filter(CORPORATE_FILTERS))
    found = await shop_companies.index(call.actor, wanted, pages.page, pages.limit)
    rows = [write.corporate(one, call.zone) for one in found.rows]
    return Answer({"pagination": pages.shown(found.total), "customersCorporate": rows})


async def _get(call: Call) -> Corporate:
    return await shop_companies.get(call.actor, await shop_of(call), _mine(call))


async def show(call: Call) -> Answer:
    """`GET customers-corporate/{x}`."""
    return Answer({"customerCorporate": write.corporate(await _get(call), call.zone)})


async def create(call: Call) -> Answer:
    """`POST customers-corporate/create`."""
    call.what, call.sent = "Customer", wire.json_map(call.form, *FIELDS)
    draft = read_company(call.sent, await shop_of(call), call.zone)
    return Answer({"id": (await shop_companies.create(call.actor, draft)).number}, 201)


async def edit(call: Call) -> Answer:
    """`POST customers-corporate/{x}/edit`."""
    call.what, call.sent = "Customer", wire.json_map(call.form, *FIELDS)
    change = read_company_change(call.sent, call.zone)
    done = await shop_companies.edit(call.actor, await shop_of(call), _mine(call), change)
    return Answer({"id": done.number})


async def upload(call: Call) -> Answer:
    """`POST customers-corporate/upload`: the rows share one commit; a bad one leaves the others."""
    rows = wire.json_list(call.form, *reversed(FIELDS))
    check_rows(rows)
    shop = await shop_of(call)
    read = [_read(call, shop, row) for row in rows]
    good = [one for one in read if isinstance(one, SentCompany)]
    sent = await shop_companies.upload(call.actor, shop, good, unread("clients", rows, read))
    done = iter(sent)
    uploaded: list[dict[str, Any]] = []
    failed: list[dict[str, Any]] = []
    texts: list[str] = []
    for place, (row, one) in enumerate(zip(rows, read, strict=True)):
        result = next(done) if isinstance(one, SentCompany) else one
        if isinstance(result, int):
            uploaded.append(uploaded_row(result, row))
        else:
            failed.append(named(row))
            texts += row_errors("customersCorporate", place, result, "Customer", row)
    return batch("Customers", {"uploadedCustomers": uploaded, "failedCustomers": failed}, texts)


def _read(call: Call, shop: str, row: dict[str, Any]) -> SentCompany | HouseError:
    try:
        return read_sent(row, shop, call.zone)
    except HouseError as refusal:
        return refusal


async def fix_external_ids(call: Call) -> Answer:
    """`POST customers-corporate/fix-external-ids`."""
    pairs = fixes(call, "customersCorporate")
    await customers.fix_external_ids(call.actor, await shop_of(call), pairs)
    return Answer({})


# --- addresses and legal entities ---


def _page(call: Call, key: str, rows: Sequence[T], write_one: Callable[[T], Any]) -> Answer:
    pages = paging(call)
    first = (pages.page - 1) * pages.limit
    shown = [write_one(one) for one in rows[first : first + pages.limit]]
    return Answer({"pagination": pages.shown(len(rows)), key: shown})


def _kept(call: Call, parts: Sequence[Part]) -> list[Part]:
    given = call.filter(PART_FILTERS)
    ids, names = wire.integers_of(given, "ids"), wire.texts_of(given, "externalIds")
    text = wire.text_of(given, "name").casefold()
    return [
        one
        for one in parts
        if (not ids or one.number in ids)
        and (not names or one.external_id in names)
        and (not text or text in one.content.reveal().name.casefold())
    ]


async def addresses(call: Call) -> Answer:
    """`GET customers-corporate/{x}/addresses`."""
    return _page(call, "addresses", _kept(call, (await _get(call)).addresses), write.address)


async def companies(call: Call) -> Answer:
    """`GET customers-corporate/{x}/companies`."""
    whole = await _get(call)
    return _page(
        call,
        "companies",
        _kept(call, whole.companies),
        lambda one: write.company(one, whole, call.zone),
    )


def maker(kind: PartKind) -> Any:
    """The handler that adds a part."""

    async def make(call: Call) -> Answer:
        call.what, call.sent = "Customer", wire.json_map(call.form, kind.value)
        entity = Entity(call.sent, call.zone)
        draft = read_part(entity, kind)
        entity.check()
        shop = await shop_of(call)
        number = await shop_companies.put_part(call.actor, shop, _mine(call), kind, draft)
        return Answer({"id": number}, 201)

    return make


def changer(kind: PartKind) -> Any:
    """The handler that changes a part."""

    async def change(call: Call) -> Answer:
        call.what, call.sent = "Customer", wire.json_map(call.form, kind.value)
        entity = Entity(call.sent, call.zone)
        draft = read_part(entity, kind)
        entity.check()
        shop, part = await shop_of(call), _part_ref(call)
        number = await shop_companies.put_part(call.actor, shop, _mine(call), kind, draft, part)
        return Answer({"id": number})

    return change


# --- people ---


async def contacts(call: Call) -> Answer:
    """`GET customers-corporate/{x}/contacts`."""
    given = call.filter(CONTACT_FILTERS)
    ids = (*wire.integers_of(given, "ids"), *wire.integers_of(given, "contactIds"))
    names = wire.texts_of(given, "contactExternalIds")
    rows = [
        one
        for one in (await _get(call)).people
        if (not ids or one.number in ids) and (not names or one.external_id in names)
    ]
    return _page(call, "contacts", rows, write.contact)


async def contact_create(call: Call) -> Answer:
    """`POST customers-corporate/{x}/contacts/create`."""
    call.what, call.sent = "Customer", wire.json_map(call.form, "contact")
    entity = Entity(call.sent, call.zone)
    person, is_main = ref_of(entity.part("customer")), entity.flag("isMain") is True
    entity.check()
    if person is None:
        raise Refused("Set one of the following fields: id, externalId")
    return Answer({"id": (await _tie(call, person, is_main=is_main)).number}, 201)


async def contact_edit(call: Call) -> Answer:
    """`POST customers-corporate/{x}/contacts/{y}/edit`."""
    call.what, call.sent = "Customer", wire.json_map(call.form, "contact")
    entity = Entity(call.sent, call.zone)
    is_main = entity.flag("isMain") is True
    entity.check()
    wanted = _part_ref(call)
    known = next(
        (
            one
            for one in (await _get(call)).people
            if one.number == wanted.number
            or (wanted.external_id is not None and one.external_id == wanted.external_id)
        ),
        None,
    )
    if known is None:
        raise NotFound("customer_not_found")
    person = CustomerRef(number=known.number)
    return Answer({"id": (await _tie(call, person, is_main=is_main)).number})


async def _tie(call: Call, person: CustomerRef, *, is_main: bool) -> PersonTie:
    shop = await shop_of(call)
    return await shop_companies.put_person(call.actor, shop, _mine(call), person, is_main=is_main)
