"""Fields that an administrator makes, and filling them in on records that have no form of theirs.

Clients and orders take their fields with every other edit (`clients.change`, `order_edits.change`).
"""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from appliance.actions._gate import action
from appliance.domain.card_tabs import Card, known
from appliance.domain.fields import (
    CHOSEN,
    CODE,
    EXACT,
    LONGEST_LINE,
    PERSONAL_OWNERS,
    CustomField,
    FieldType,
    FieldValue,
    Given,
    Owner,
    read,
)
from appliance.domain.orders import OrderSelector
from appliance.domain.personal import Personal
from appliance.domain.privacy import LegalBasis
from appliance.errors import Conflict, Invalid
from appliance.roles import FIELDS, Permission
from appliance.storage import (
    deals,
    feed,
    field_definitions,
    fields,
    orders,
    product_edits,
    references,
    roles_store,
    tasks,
)
from appliance.storage.references import Lists
from appliance.storage.tx import Tx

MOST_FIELDS: Final = 100
MOST_OPTIONS: Final = 200
LONGEST_NAME: Final = 100
MOST_MONTHS: Final = 1200
_SAME_PEOPLE: Final = {Owner.CUSTOMER: Owner.COMPANY, Owner.COMPANY: Owner.CUSTOMER}
"""Clients of both kinds share one history, so a code means one field there."""


class FieldList(msgspec.Struct, frozen=True, kw_only=True):
    """All fields by owner and code, and what the roles are called."""

    fields: Mapping[Owner, Mapping[str, CustomField]]


class TabsScreen(msgspec.Struct, frozen=True, kw_only=True):
    """Roles by code with their names, and the tabs that were set."""

    roles: tuple[tuple[str, str], ...]
    chosen: Mapping[tuple[str, Card], tuple[str, ...]]


@action(Permission.FIELD_MANAGE, reads=True, quiet=True)
async def definitions(tx: Tx) -> FieldList:
    """Every field, removed ones too."""
    return FieldList(fields=(await references.lists()).fields)


@action(Permission.REFERENCE_VIEW, reads=True, quiet=True)
async def offered(tx: Tx) -> FieldList:
    """Every field that is in use, for a program's mapping."""
    known_ones = (await references.lists()).fields
    return FieldList(
        fields={
            owner: {code: one for code, one in many.items() if one.active}
            for owner, many in known_ones.items()
        }
    )


@action(Permission.FIELD_MANAGE)
async def put(tx: Tx, field: CustomField, default: Any = None) -> bool:
    """Make a field, or change what may be changed of the one with this code; True: it is new.

    A field is never deleted: one that is not active keeps its values and comes back with them.

    Args:
        tx: of the actor.
        field: as it is to be.
        default: what a new record starts with, as typed.

    Raises:
        Invalid: codes by the form's field.
        Conflict: `field_code_taken`, `field_fixed`.
    """
    lists = await references.lists()
    was = lists.fields[field.owner].get(field.code)
    _check(lists, field, fresh=was is None)
    if was is not None:
        fixed = ("type", "personal", "exact")
        if any(getattr(was, name) != getattr(field, name) for name in fixed):
            raise Conflict("field_fixed")
        field = msgspec.structs.replace(field, id=was.id, options=_kept_options(was, field))
    elif field.code in lists.fields.get(_SAME_PEOPLE.get(field.owner, field.owner), {}):
        raise Invalid("field_code_taken", fields={"code": "field_code_taken"})
    try:
        value = read(field, default, Given(values={}))
    except Invalid as error:
        raise Invalid("invalid", fields={"default": error.code}) from error
    await field_definitions.put(
        tx, msgspec.structs.replace(field, default=value), fresh=was is None
    )
    await references.touch()
    tx.about("custom_field", field.id)
    return was is None


def _kept_options(was: CustomField, became: CustomField) -> tuple[Any, ...]:
    """Options that were taken out stay behind as inactive: records still speak of them."""
    codes = {one.code for one in became.options}
    gone = [msgspec.structs.replace(o, active=False) for o in was.options if o.code not in codes]
    return (*became.options, *gone)


def _check(lists: Lists, field: CustomField, *, fresh: bool) -> None:
    codes = [one.code for one in field.options]
    twice = len(set(codes)) != len(codes) or not all(codes)
    long = len(codes) > MOST_OPTIONS or any(len(one) > LONGEST_LINE for one in codes)
    mine, listed = field.personal, field.in_list or field.in_filter
    lawful = field.basis in {one.value for one in LegalBasis}
    full = fresh and len(lists.fields[field.owner]) >= MOST_FIELDS
    found = (
        ("code", "too_many_items", full),
        ("code", "field_code", not CODE.fullmatch(field.code)),
        ("name", "name_long", len(field.name) > LONGEST_NAME),
        ("name", "name_missing", not field.name.strip()),
        ("hint", "text_too_long", len(field.hint) > LONGEST_LINE),
        ("options", "too_many_items", long),
        ("options", "field_options_twice", twice),
        ("options", "field_options", field.type in CHOSEN and not codes),
        ("personal", "field_without_person", mine and field.owner not in PERSONAL_OWNERS),
        ("access", "choice_unknown", mine and field.access not in FIELDS),
        ("basis", "field_basis", mine and not lawful),
        ("exact", "field_exact", field.exact and (not mine or field.type not in EXACT)),
        ("in_list", "field_personal_list", mine and listed),
        ("in_filter", "field_long_filter", field.in_filter and field.type is FieldType.TEXT),
        ("keep_months", "amount_out_of_range", not 0 <= field.keep_months <= MOST_MONTHS),
    )
    wrong = {name: code for name, code, is_so in found if is_so}
    if wrong:
        raise Invalid("invalid", fields=wrong)


@action(Permission.FIELD_MANAGE)
async def move(tx: Tx, owner: Owner, code: str, *, up: bool) -> None:
    """Put a field one place higher or lower.

    Raises:
        Invalid: `field_unknown`.
    """
    many = list((await references.lists()).fields[owner].values())
    place = next((at for at, one in enumerate(many) if one.code == code), None)
    if place is None:
        raise Invalid("field_unknown")
    other = max(0, min(len(many) - 1, place + (-1 if up else 1)))
    many[place], many[other] = many[other], many[place]
    for at, one in enumerate(many):
        if one.position != at:
            await field_definitions.put(tx, msgspec.structs.replace(one, position=at), fresh=False)
    await references.touch()


# --- tabs of cards ---


@action(Permission.FIELD_MANAGE, reads=True, quiet=True)
async def tabs(tx: Tx) -> TabsScreen:
    """Roles and the tabs they see."""
    lists = await references.lists()
    roles = tuple((one.code, one.name) for one in await roles_store.list_all())
    return TabsScreen(roles=roles, chosen=lists.tabs)


@action(Permission.FIELD_MANAGE)
async def put_tabs(tx: Tx, role: str, card: Card, codes: tuple[str, ...]) -> None:
    """Set which tabs of a card a role sees, in what order.

    Raises:
        Invalid: `role_unknown`.
    """
    if await roles_store.unknown([role]):
        raise Invalid("role_unknown", fields={"role": "role_unknown"})
    await field_definitions.put_tabs(role, card, known(card, codes))
    await references.touch()


# --- records without a form of theirs ---


Values = tuple[FieldValue, ...]


@action(Permission.DEAL_VIEW, reads=True)
async def of_deal(tx: Tx, number: int) -> Values:
    """Fields of a deal.

    Raises:
        NotFound: `deal_not_found`.
    """
    deal = await deals.get(tx, number)
    return await fields.of_record(tx, await references.lists(), Owner.DEAL, deal.id)


@action(Permission.DEAL_EDIT)
async def fill_deal(tx: Tx, number: int, given: Personal[Given]) -> int:
    """Change fields of a deal; how many changed.

    Raises:
        NotFound: `deal_not_found`.
        Invalid: see `storage.fields.change`.
    """
    deal = await deals.get(tx, number)
    record = fields.Record(Owner.DEAL, deal.id, deal.subject_id)
    changes = await fields.change(tx, await references.lists(), record, given)
    if changes:
        await deals.change(tx, deal, changes)
    return len(changes)


@action(Permission.ORDER_VIEW, reads=True)
async def of_order(tx: Tx, number: int) -> Values:
    """Fields of an order.

    Raises:
        NotFound: `order_not_found`.
    """
    order = await orders.get(tx, OrderSelector(number=number))
    return await fields.of_record(tx, await references.lists(), Owner.ORDER, order.id)


@action(Permission.TASK_VIEW, reads=True)
async def of_task(tx: Tx, number: int) -> Values:
    """Fields of a task.

    Raises:
        NotFound: `task_not_found`.
    """
    task = await tasks.find(tx, number)
    return await fields.of_record(tx, await references.lists(), Owner.TASK, task.id)


@action(Permission.TASK_EDIT)
async def fill_task(tx: Tx, number: int, given: Personal[Given]) -> int:
    """Change fields of a task; how many changed.

    Raises:
        NotFound: `task_not_found`.
        Invalid: see `storage.fields.change`.
    """
    task = await tasks.find(tx, number)
    record = fields.Record(Owner.TASK, task.id)
    changes = await fields.change(tx, await references.lists(), record, given)
    if changes:
        await tasks.change(tx, task, changes)
    return len(changes)


@action(Permission.PRODUCT_VIEW, reads=True, quiet=True)
async def of_product(tx: Tx, number: int) -> Values:
    """Fields of a product.

    Raises:
        NotFound: `product_not_found`.
    """
    found = await product_edits.get(tx, number)
    return await fields.of_record(tx, await references.lists(), Owner.PRODUCT, found.id)


@action(Permission.PRODUCT_EDIT)
async def fill_product(tx: Tx, number: int, given: Personal[Given]) -> int:
    """Change fields of a product; how many changed.

    Raises:
        NotFound: `product_not_found`.
        Invalid: see `storage.fields.change`.
    """
    found = await product_edits.get(tx, number)
    record = fields.Record(Owner.PRODUCT, found.id)
    changes = await fields.change(tx, await references.lists(), record, given)
    tx.about("product", found.id)
    await feed.record(tx, "product", found.id, found.number, found.shop, found.id, changes)
    return len(changes)
