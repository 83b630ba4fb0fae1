"""Calls about clients."""

from typing import Any

from appliance.actions import customers, shop_pairs
from appliance.actions.customers import SentClient
from appliance.api.v5 import wire
from appliance.api.v5.call import Answer, Call, paging, shop_of
from appliance.api.v5.door import batch
from appliance.api.v5.entity import Entity
from appliance.api.v5.errors import PARAMETERS, Refused
from appliance.api.v5.filters import CUSTOMER_FILTERS, customer_filter
from appliance.api.v5.orders import check_rows, fixes, named, row_errors, unread, uploaded_row
from appliance.api.v5.read_customers import read_change, read_draft
from appliance.api.v5.write_customers import customer as shown
from appliance.domain.orders import CustomerRef
from appliance.errors import HouseError


def _ref(call: Call) -> CustomerRef:
    """Which client the path means.

    Raises:
        Refused: an id that is no number.
    """
    name = call.names[0]
    if call.by() == "externalId":
        return CustomerRef(external_id=name)
    if not name.isdecimal() or len(name) > 18:
        raise Refused(PARAMETERS, errors=["ID must be an integer"])
    return CustomerRef(number=int(name))


async def index(call: Call) -> Answer:
    """`GET customers`: people; companies have a list of their own."""
    pages = paging(call)
    given = call.filter(CUSTOMER_FILTERS)
    wanted = customer_filter(call, given)
    found = await customers.list_page(call.actor, wanted, page=pages.page, limit=pages.limit)
    return Answer(
        {
            "pagination": pages.shown(found.total),
            "customers": [
                shown(view, call.zone) | {"isContact": view.number in found.speakers}
                for view in found.rows
            ],
        }
    )


async def show(call: Call) -> Answer:
    """`GET customers/{x}`."""
    view = await customers.get(call.actor, await shop_of(call), _ref(call))
    return Answer({"customer": shown(view, call.zone)})


async def create(call: Call) -> Answer:
    """`POST customers/create`."""
    call.what, call.sent = "Customer", wire.json_map(call.form, "customer")
    draft = read_draft(call.sent, await shop_of(call), call.zone)
    added = await customers.create(call.actor, draft)
    return Answer({"id": added.number}, 201)


async def edit(call: Call) -> Answer:
    """`POST customers/{x}/edit`."""
    call.what, call.sent = "Customer", wire.json_map(call.form, "customer")
    change = read_change(call.sent, call.zone)
    changed = await customers.edit(call.actor, await shop_of(call), _ref(call), change)
    return Answer({"id": changed.number, "state": "updated"})


async def upload(call: Call) -> Answer:
    """`POST customers/upload`: the rows share one commit; a bad one leaves the others alone."""
    rows = wire.json_list(call.form, "customers")
    check_rows(rows)
    shop = await shop_of(call)
    read = [_read(call, shop, row) for row in rows]
    good = [one for one in read if isinstance(one, SentClient)]
    done = iter(await customers.upload(call.actor, shop, good, unread("clients", rows, read)))
    uploaded: list[dict[str, Any]] = []
    failed: list[dict[str, Any]] = []
    texts: list[str] = []
    for place, (row, one) in enumerate(zip(rows, read, strict=True)):
        result = next(done) if isinstance(one, SentClient) else one
        if isinstance(result, int):
            uploaded.append(uploaded_row(result, row))
        else:
            failed.append(named(row))
            texts += row_errors("customers", place, result, "Customer", row)
    return batch("Customers", {"uploadedCustomers": uploaded, "failedCustomers": failed}, texts)


def _read(call: Call, shop: str, row: dict[str, Any]) -> SentClient | HouseError:
    try:
        draft = read_draft(row, shop, call.zone)
        return SentClient(draft=draft, change=read_change(row, call.zone))
    except HouseError as refusal:
        return refusal


async def combine(call: Call) -> Answer:
    """`POST customers/combine` and `POST customers-corporate/combine`."""
    call.what, call.sent = "Customer", wire.json_map(call.form, "resultCustomer")
    rows = wire.json_list(call.form, "customers", "customersCorporate")
    check_rows(rows)
    result = Entity(call.sent, call.zone)
    taken = Entity({"customers": rows}, call.zone)
    number = result.integer("id")
    numbers = [one.integer("id") for one in taken.parts("customers")]
    result.check()
    taken.check()
    if number is None or not numbers or None in numbers:
        raise Refused("Set one of the following fields: id")
    found = [one for one in numbers if one is not None and one != number]
    if not found:
        raise Refused(PARAMETERS, errors=["customers: another client is expected."])
    await shop_pairs.combine_clients(call.actor, found, number)
    return Answer({})


async def fix_external_ids(call: Call) -> Answer:
    """`POST customers/fix-external-ids`."""
    pairs = fixes(call, "customers")
    await customers.fix_external_ids(call.actor, await shop_of(call), pairs)
    return Answer({})
