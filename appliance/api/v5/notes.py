"""Calls about notes on clients, people and companies alike."""

from typing import Any, Final

from appliance.actions import shop_notes
from appliance.api.v5 import wire
from appliance.api.v5.call import Answer, Call, paging, shop_of
from appliance.api.v5.entity import LONGEST, Entity
from appliance.api.v5.errors import PARAMETERS, Refused
from appliance.api.v5.filters import from_day, to_day
from appliance.api.v5.read_corporate import ref_of
from appliance.api.v5.scalars import shown
from appliance.domain.customers import CustomerKind
from appliance.domain.notes import NoteFilter, NoteView
from appliance.domain.personal import Personal

FILTERS: Final = frozenset(
    {
        "ids", "customerIds", "customerExternalIds", "managerIds", "createdAtFrom", "createdAtTo",
    }
)  # fmt: skip


def lister(kind: CustomerKind) -> Any:
    """The handler of `GET customers/notes` or `GET customers-corporate/notes`."""

    async def index(call: Call) -> Answer:
        pages, given = paging(call), call.filter(FILTERS)
        asked = NoteFilter(
            kind=kind,
            numbers=wire.integers_of(given, "ids"),
            clients=wire.integers_of(given, "customerIds"),
            client_external_ids=wire.texts_of(given, "customerExternalIds"),
            managers=wire.integers_of(given, "managerIds"),
            created_from=from_day(call, given, "createdAtFrom"),
            created_to=to_day(call, given, "createdAtTo"),
        )
        found = await shop_notes.index(call.actor, asked, pages.page, pages.limit)
        rows = [_note(call, one) for one in found.rows]
        return Answer({"pagination": pages.shown(found.total), "notes": rows})

    return index


def _note(call: Call, one: NoteView) -> dict[str, Any]:
    corporate = one.customer_kind is CustomerKind.COMPANY
    customer: dict[str, Any] = {
        "type": "customer_corporate" if corporate else "customer",
        "id": one.customer_number,
        "site": one.shop,
    }
    if one.customer_external_id is not None:
        customer["externalId"] = one.customer_external_id
    answer: dict[str, Any] = {
        "id": one.number,
        "text": "" if one.text is None else one.text.reveal(),
        "createdAt": shown(one.at, call.zone),
        "customer": customer,
    }
    if one.author:
        answer["managerId"] = one.author
    return answer


def maker(kind: CustomerKind) -> Any:
    """The handler that writes a note."""

    async def create(call: Call) -> Answer:
        call.what, call.sent = "Note", wire.json_map(call.form, "note")
        entity = Entity(call.sent, call.zone)
        text = Personal(entity.text("text", LONGEST))
        client = ref_of(entity.part("customer"))
        entity.check()
        if client is None:
            raise Refused("Set one of the following fields: id, externalId")
        shop = await shop_of(call)
        return Answer({"id": await shop_notes.create(call.actor, shop, client, kind, text)}, 201)

    return create


def deleter(kind: CustomerKind) -> Any:
    """The handler that takes a note back."""

    async def delete(call: Call) -> Answer:
        name = call.names[0]
        if not (name.isascii() and name.isdecimal()) or len(name) > 18:
            raise Refused(PARAMETERS, errors=["ID must be an integer"])
        await shop_notes.delete(call.actor, kind, int(name))
        return Answer({})

    return delete
