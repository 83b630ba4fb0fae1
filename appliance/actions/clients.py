"""What the staff do with clients on their own pages: the form, and what hangs on the card."""

from datetime import date
from typing import Any
from uuid import UUID

import msgspec

from appliance.actions import _client_checks
from appliance.actions._client_checks import reached
from appliance.actions._gate import action
from appliance.domain.access import ActorKind
from appliance.domain.client_forms import ClientForm
from appliance.domain.customers import (
    CustomerChange,
    CustomerDraft,
    CustomerKind,
    RequisitesParts,
)
from appliance.domain.events import CustomerChanged
from appliance.domain.grants import Access
from appliance.domain.ids import uuid7
from appliance.domain.references import ReferenceKind
from appliance.errors import Conflict, Denied, NotFound
from appliance.roles import Permission
from appliance.storage import (
    addresses,
    customer_edits,
    customer_views,
    customers,
    desk,
    fields,
    references,
    used_tags,
)
from appliance.storage.references import Lists
from appliance.storage.tx import Tx


class Saved(msgspec.Struct, frozen=True, kw_only=True):
    """A client as it was added or changed.

    Attributes:
        changed: names of the fields.
        undo: what takes the change back; None where nothing changed, or a program did it.
    """

    number: int
    changed: tuple[str, ...] = ()
    undo: UUID | None = None


async def _choices(tx: Tx, lists: Lists) -> dict[str, Any]:
    return {
        "codes": await desk.codes(tx, lists),
        "payments": {code: one.name for code, one in lists.of(ReferenceKind.PAYMENT_TYPE).items()},
        "tags": await used_tags.most_used(),
    }


@action(Permission.CUSTOMER_CREATE, reads=True, quiet=True)
async def new_form(tx: Tx) -> ClientForm:
    """What a new client's form offers to choose from."""
    lists = await references.lists()
    blank = {
        kind.value: fields.of_nothing(tx, lists, fields.owner_of(kind.value))
        for kind in CustomerKind
    }
    return ClientForm(client=None, blank=blank, **await _choices(tx, lists))


@action(Permission.CUSTOMER_EDIT, reads=True)
async def edit_form(tx: Tx, number: int) -> ClientForm:
    """A client's form, by the number for people.

    Raises:
        NotFound: `customer_not_found`: absent, or not for this actor.
    """
    row = await customer_views.find_visible(tx, "c.number = {}", number)
    tx.about("customer", row[0])
    view = await customer_views.view_of(tx, row)
    if view.state == "destroyed":
        raise NotFound("customer_not_found")
    return ClientForm(client=view, **await _choices(tx, await references.lists()))


@action(Permission.CUSTOMER_CREATE)
async def add(tx: Tx, draft: CustomerDraft, today: date) -> Saved:
    """Add a client whom a colleague wrote down; he leads him then.

    Raises:
        Invalid: every wrong field at once, none of it is stored.
    """
    draft = _client_checks.check_draft(draft, today, await references.lists())
    leads = tx.actor.id if tx.actor.number else None
    known = await customers.add(tx, draft, owner_id=leads)
    tx.about("customer", known.id)
    tx.emit(CustomerChanged(customer_id=known.id, created=True))
    return Saved(number=known.number)


@action(Permission.CUSTOMER_EDIT)
async def change(tx: Tx, number: int, wanted: CustomerChange, today: date) -> Saved:
    """Change a client as the form was filled in.

    Raises:
        NotFound: `customer_not_found`: absent, destroyed, or not for this actor.
        Conflict: `version_conflict`: somebody saved since the form was opened.
        Denied: `field_hidden`: a field that the role does not see was sent.
        Invalid: every wrong field at once, none of it is stored.
    """
    known = await reached(tx, number)
    _only_seen(tx, wanted)
    if wanted.version is not None and wanted.version != known.version:
        raise Conflict("version_conflict", was=known.version)
    stored = await customers.requisites(tx, known.id) if wanted.requisites is not None else None
    wanted = _client_checks.check_change(
        wanted, today, await references.lists(), stored or RequisitesParts()
    )
    if wanted.address is not None:
        old = await addresses.stored(tx, known.id, known.subject_id)
        address = _client_checks.whole_address(wanted.address.reveal(), old)
        wanted = msgspec.structs.replace(wanted, address=address)
    wanted = _client_checks.region_after(wanted, wanted.address)
    entries = await customer_edits.apply(tx, known, wanted)
    if entries:
        tx.emit(CustomerChanged(customer_id=known.id))
    if entries and tx.actor.kind is ActorKind.USER:
        tx.undo = uuid7()
    changed = tuple(one.field for one in entries)
    return Saved(number=known.number, changed=changed, undo=tx.undo)


_FIELDS = {
    "name": ("first_name", "last_name", "patronymic", "company_name"),
    "birthday": ("birthday",),
    "comment": ("comment", "wishes", "fleet", "culture", "software"),
}


def _only_seen(tx: Tx, wanted: CustomerChange) -> None:
    """Refuse to overwrite what the role is not shown: a blank field would wipe it unseen."""
    for field, names in _FIELDS.items():
        given = any(getattr(wanted, name) is not msgspec.UNSET for name in names)
        if given and tx.may(field) is Access.HIDDEN:
            raise Denied("field_hidden", field=field)
    if wanted.address is not None and tx.may("address") is not Access.VISIBLE:
        raise Denied("field_hidden", field="address")
    if wanted.requisites is not None and tx.may("tax_id") is Access.HIDDEN:
        raise Denied("field_hidden", field="tax_id")
