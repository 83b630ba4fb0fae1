"""Taking a deed back: from its change entries to the edits that undo them. Steps of `deeds`."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final
from uuid import UUID

import msgspec

from appliance.actions import _changing, _editing, _task_back
from appliance.domain import customer_feed, order_feed
from appliance.domain.customers import ContactDraft, ContactKind, CustomerChange, Party
from appliance.domain.fields import HISTORY, Form, Given
from appliance.domain.orders import DeliveryDraft, OrderChange, OrderSelector
from appliance.domain.personal import Personal
from appliance.domain.undo import (
    CUSTOMER_FIELDS,
    CUSTOMER_LISTS,
    ORDER_ADDRESS,
    ORDER_CONTACT,
    ORDER_DELIVERY,
    ORDER_FIELDS,
    Deed,
    Fate,
    Step,
    Way,
    comes_back,
)
from appliance.errors import NotFound
from appliance.roles import Permission
from appliance.storage import (
    change_entries,
    contacts,
    customer_edits,
    customers,
    orders,
    references,
    staff,
    undo,
)
from appliance.storage.change_entries import Entry
from appliance.storage.moving import chunks
from appliance.storage.statements import any_of, fetch
from appliance.storage.tx import Tx

_GRANT_FIELDS: Final = {"customer": customer_feed.grant_field, "order": order_feed.grant_field}
_VIEW: Final = {
    "customer": Permission.CUSTOMER_VIEW,
    "order": Permission.ORDER_VIEW,
    "task": Permission.TASK_VIEW,
}
_CONTACTS: Final = {
    "phones": ContactKind.PHONE,
    "email": ContactKind.EMAIL,
    "messenger": ContactKind.MESSENGER,
}


async def plan(tx: Tx, deed: Deed) -> Way:
    """What taking a deed back would do; values are shown by the actor's right to view."""
    await references.lists()  # which tell who sees a field of an administrator's making
    entries = await undo.entries(deed.id)
    later = await _later(entries)
    steps: list[Step] = []
    for entity in dict.fromkeys(one.entity for one in entries):
        if entity in _VIEW and _VIEW[entity].value in tx.actor.grants:
            tx.under(_VIEW[entity].value)
        mine = [one for one in entries if one.entity == entity]
        steps += [_step(tx, first, last, later) for first, last in _by_field(mine)]
    return Way(deed=deed, steps=await _with_numbers(tx, steps))


async def _with_numbers(tx: Tx, steps: Sequence[Step]) -> tuple[Step, ...]:
    """Performers of tasks by their numbers, as managers are: entries keep their ids."""
    if not any(one.field == "performer_id" for one in steps):
        return tuple(steps)
    numbers = {str(one.id): number for number, one in (await staff.directory(tx)).items()}

    def named(value: Any) -> Any:
        return {"id": numbers.get(value, 0)} if isinstance(value, str) else value

    return tuple(
        msgspec.structs.replace(one, was=named(one.was), now=named(one.now))
        if one.field == "performer_id"
        else one
        for one in steps
    )


def _by_field(entries: Sequence[Entry]) -> list[tuple[Entry, Entry]]:
    """First and last entry of each field of each record; of fields of many, each by itself."""
    found: dict[tuple[Any, ...], tuple[Entry, Entry]] = {}
    for one in entries:
        many = one.field in CUSTOMER_LISTS or not comes_back(one.entity, one.field, one.kind)
        key = (one.entity_id, one.field, one.number if many else 0)
        first, _ = found.get(key, (one, one))
        found[key] = (first, one)
    return list(found.values())


async def _later(entries: Sequence[Entry]) -> dict[tuple[UUID, str], tuple[int, int]]:
    """The newest entry of every field of these records: (number, who)."""
    found: dict[tuple[UUID, str], tuple[int, int]] = {}
    for part in chunks(dict.fromkeys(one.entity_id for one in entries)):
        for entity_id, field, number, user in await fetch(
            "SELECT entity_id, field, number, user_number FROM change_entry "
            "WHERE entity_id IN {} AND number > {} AND kind = 'change' ORDER BY number",
            any_of(part),
            entries[0].number,
        ):
            found[entity_id, field] = (number, user)
    return found


def _step(
    tx: Tx, first: Entry, last: Entry, later: dict[tuple[UUID, str], tuple[int, int]]
) -> Step:
    number, by = later.get((last.entity_id, last.field), (0, 0))
    if not comes_back(last.entity, last.field, last.kind):
        fate = Fate.NEVER
    elif number > last.number and last.field not in CUSTOMER_LISTS:
        fate = Fate.CONFLICT
    else:
        fate = Fate.BACK
    grant_field = _GRANT_FIELDS.get(last.entity, customer_feed.grant_field)
    was, _ = change_entries.values(tx, first, grant_field)
    _, now = change_entries.values(tx, last, grant_field)
    return Step(
        entity=last.entity,
        entity_id=last.entity_id,
        entity_number=last.entity_number,
        field=last.field,
        fate=fate,
        was=was,
        now=now,
        by=by if fate is Fate.CONFLICT else 0,
    )


async def take_back(tx: Tx, deed: Deed) -> int:
    """Put back what can be; return how many records changed.

    Raises:
        Denied: the actor may not change such records (any more).
        Destroyed: one of the people is; nobody comes back from there.
    """
    changed = 0
    for (entity, entity_id), pairs in (await returning(await undo.entries(deed.id))).items():
        changed += await put_back(tx, entity, entity_id, pairs)
    return changed


Pairs = list[tuple[Entry, Entry]]
"""First and last change of each field of one record."""


async def returning(entries: Sequence[Entry]) -> dict[tuple[str, UUID], Pairs]:
    """What can come back, by record: fields that nobody changed since."""
    later = await _later(entries) if entries else {}
    by_record: dict[tuple[str, UUID], Pairs] = {}
    for first, last in _by_field(entries):
        newest = later.get((last.entity_id, last.field), (0, 0))[0]
        many = last.field in CUSTOMER_LISTS
        if comes_back(last.entity, last.field, last.kind) and (many or newest <= last.number):
            by_record.setdefault((last.entity, last.entity_id), []).append((first, last))
    return by_record


async def put_back(tx: Tx, entity: str, entity_id: UUID, pairs: Pairs) -> int:
    """Put the fields of one record back; 1 if it changed.

    Raises:
        NotFound: it is gone, or out of reach.
        Denied, Destroyed: see `take_back`.
    """
    if entity == "task":
        return await _task_back.put_back(tx, entity_id, pairs)
    put = _customer if entity == "customer" else _order
    return await put(tx, entity_id, pairs)


async def _customer(tx: Tx, entity_id: UUID, pairs: Sequence[tuple[Entry, Entry]]) -> int:
    tx.under(Permission.CUSTOMER_EDIT.value)
    known = await customers.find_by_id(entity_id)
    if known is None or known.state != "live" or not await customers.is_visible(tx, known.id):
        raise NotFound("customer_not_found")
    given: dict[str, Any] = {}
    address: dict[str, str] = {}
    requisites: dict[str, str] = {}
    add_tags: list[str] = []
    drop_tags: list[str] = []
    reach: list[tuple[ContactKind, str, bool]] = []
    custom: dict[str, Any] = {}
    for first, last in pairs:
        was, now = _plain(tx, first)[0], _plain(tx, last)[1]
        field = last.field
        if field.startswith(HISTORY):
            custom[field.removeprefix(HISTORY)] = was
        elif field == "tags":
            (add_tags if was else drop_tags).append(was or now)
        elif field in _CONTACTS:
            reach.append((_CONTACTS[field], was or now, bool(was)))
        elif field.startswith("address."):
            name = field.removeprefix("address.")
            address["country_iso" if name == "country" else name] = was or ""
        elif field.startswith("contragent."):
            requisites[field.removeprefix("contragent.")] = was or ""
        else:
            given[CUSTOMER_FIELDS[field]] = _customer_value(field, was)
    change = CustomerChange(
        **given,
        address=Personal(address) if address else None,
        requisites=Personal(requisites) if requisites else None,
        add_tags=tuple(add_tags),
        remove_tags=tuple(drop_tags),
        add_contacts=tuple(
            ContactDraft(kind=kind, value=Personal(text)) for kind, text, back in reach if back
        ),
        drop_contacts=await _typed_so(tx, known, reach),
        custom=_kept(custom),
    )
    return int(bool(await customer_edits.apply(tx, known, change)))


def _kept(custom: Mapping[str, Any]) -> Personal[Given] | None:
    return Personal(Given(values=custom, form=Form.KEPT)) if custom else None


async def _typed_so(
    tx: Tx, known: customers.Known, reach: Sequence[tuple[ContactKind, str, bool]]
) -> tuple[UUID, ...]:
    """Contacts that the deed had added, if they are still there."""
    gone = {(kind, text) for kind, text, back in reach if not back}
    if not gone:
        return ()
    have = await contacts.stored(tx, known.id, known.subject_id, list(_CONTACTS.values()))
    return tuple(row_id for row_id, one in have if (one.kind, one.typed) in gone)


def _plain(tx: Tx, entry: Entry) -> tuple[Any, Any]:
    """Before and after, whatever the grant shows: for writing only."""
    old, new = change_entries.stored(tx, entry)
    return old, new


def _customer_value(field: str, was: Any) -> Any:
    if field == "manager":
        return None if was is None else was["id"]
    if field in ("vip", "bad"):
        return bool(was)
    if field in ("sex", "region"):
        return was or ""
    if field == "party":
        return Party(was or "client")
    if field == "birthday":
        return None if was is None else Personal(date.fromisoformat(was))
    return Personal(was or "")


async def _order(tx: Tx, entity_id: UUID, pairs: Sequence[tuple[Entry, Entry]]) -> int:  # noqa: C901 - a table of fields
    only_status = all(last.field == "status" for _, last in pairs)
    tx.under((Permission.ORDER_STATUS if only_status else Permission.ORDER_EDIT).value)
    lists = await references.lists()
    order = await orders.get(tx, OrderSelector(id=entity_id))
    given: dict[str, Any] = {}
    delivery: dict[str, Any] = {}
    contact: dict[str, str] = {}
    address: dict[str, str] = {}
    custom: dict[str, Any] = {}
    for first, last in pairs:
        was, field = _plain(tx, first)[0], last.field
        if field.startswith(HISTORY):
            custom[field.removeprefix(HISTORY)] = was
        elif field in ORDER_CONTACT:
            contact[field] = was or ""
        elif field.startswith(ORDER_ADDRESS):
            name = field.removeprefix(ORDER_ADDRESS)
            address["country_iso" if name == "country" else name] = was or ""
        elif field in ORDER_DELIVERY:
            delivery[ORDER_DELIVERY[field]] = _order_value(field, was)
        elif field == "status":
            status = was["code"]
        else:
            given[ORDER_FIELDS[field]] = _order_value(field, was)
    wanted = _changing.Edit(order)
    if address:
        delivery["address"] = Personal(address)
    change = OrderChange(
        **given,
        contact=Personal(contact) if contact else None,
        delivery=DeliveryDraft(**delivery) if delivery else None,
        custom=_kept(custom),
    )
    await _editing.apply(tx, lists, wanted, change)
    if any(last.field == "status" for _, last in pairs) and status in lists.statuses:  # pyright: ignore[reportPossiblyUnboundVariable] - set with that field
        await _changing.set_status(tx, lists, wanted, status)  # pyright: ignore[reportPossiblyUnboundVariable] - as above
    became = await _changing.finish(tx, wanted)
    return int(became.version != order.version)


def _order_value(field: str, was: Any) -> Any:
    if field == "manager":
        return 0 if was is None else was["id"]
    if isinstance(was, dict):
        return str(was.get("code", ""))  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType] - JSON of the feed
    if field in ("delivery_date", "shipment_date"):
        return None if was is None else date.fromisoformat(was)
    if was is None:
        return None if field == "shipment_store" else 0 if field.endswith("cost") else ""
    return was
