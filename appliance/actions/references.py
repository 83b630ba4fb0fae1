"""What can be done with lists of codes, shops and warehouses."""

from collections.abc import Sequence

import msgspec

from appliance.actions import _frame
from appliance.actions._gate import action
from appliance.domain.assignment import Spreading
from appliance.domain.desk import Frame
from appliance.domain.references import (
    APART,
    Reference,
    ReferenceKind,
    Shop,
    Status,
    StatusGroup,
    Warehouse,
)
from appliance.errors import Conflict, Invalid, NotFound
from appliance.roles import Permission
from appliance.storage import references
from appliance.storage.references import Lists
from appliance.storage.tx import Tx


@action(Permission.REFERENCE_VIEW, reads=True, quiet=True)
async def list_entries(tx: Tx, kind: ReferenceKind) -> Sequence[Reference]:
    """One plain list, in its order, inactive entries too."""
    return tuple((await references.lists()).of(kind).values())


@action(Permission.REFERENCE_VIEW, reads=True, quiet=True)
async def list_statuses(tx: Tx) -> Sequence[Status]:
    """Statuses by group and position."""
    return tuple((await references.lists()).statuses.values())


@action(Permission.REFERENCE_VIEW, reads=True, quiet=True)
async def list_groups(tx: Tx) -> Sequence[StatusGroup]:
    """Groups of statuses."""
    return tuple((await references.lists()).groups.values())


@action(Permission.REFERENCE_VIEW, reads=True, quiet=True)
async def list_shops(tx: Tx) -> Sequence[Shop]:
    """Shops; a program with a key of one shop sees that one."""
    shops = (await references.lists()).shops.values()
    return tuple(shop for shop in shops if tx.actor.shop in ("", shop.code))


@action(Permission.REFERENCE_VIEW, reads=True, quiet=True)
async def list_warehouses(tx: Tx) -> Sequence[Warehouse]:
    """Warehouses."""
    return tuple((await references.lists()).warehouses.values())


@action(Permission.REFERENCE_EDIT)
async def edit_entry(tx: Tx, kind: ReferenceKind, entry: Reference) -> bool:
    """Store an entry of a plain list; say whether it is new.

    Raises:
        Conflict: `code_taken` by a list that must not share codes with this one.
        Invalid: `code_invalid`, `name_missing`.
    """
    lists = await references.lists()
    _check(entry.code, entry.name)
    known = lists.of(kind).get(entry.code)
    if known is None and kind in APART:
        _check_apart(lists, entry.code)
    await references.set_entry(kind, known, entry)
    return known is None


@action(Permission.REFERENCE_EDIT)
async def edit_status(tx: Tx, status: Status, *, keep_place: bool = False) -> bool:
    """Store a status with its moves; say whether it is new.

    Args:
        tx: of the actor.
        status: as it is to be.
        keep_place: a known one stays where it stands in the list, and a default stays one.

    Raises:
        Conflict: `code_taken`.
        Invalid: `code_invalid`, `name_missing`; `status_group_unknown`, `status_unknown` (a move).
    """
    lists = await references.lists()
    _check(status.code, status.name)
    known = lists.statuses.get(status.code)
    if known is None:
        _check_apart(lists, status.code)
    elif keep_place:
        status = msgspec.structs.replace(
            status, position=known.position, is_default=known.is_default
        )
    if status.group not in lists.groups:
        raise Invalid("status_group_unknown", fields={"group": "status_group_unknown"})
    if any(code not in lists.statuses and code != status.code for code in status.moves):
        raise Invalid("status_unknown", fields={"moves": "code_unknown"})
    await references.set_status(status)
    return known is None


@action(Permission.REFERENCE_EDIT, reads=True, quiet=True)
async def statuses_for_edit(tx: Tx) -> Frame:
    """Let in whoever may change statuses; they stand among the frame's names."""
    return await _frame.frame_of(tx)


@action(Permission.REFERENCE_EDIT)
async def edit_group(tx: Tx, group: StatusGroup) -> bool:
    """Store a group of statuses; say whether it is new.

    Raises:
        Invalid: `code_invalid`, `name_missing`.
    """
    lists = await references.lists()
    _check(group.code, group.name)
    await references.set_group(group)
    return group.code not in lists.groups


@action(Permission.REFERENCE_EDIT)
async def edit_shop(tx: Tx, shop: Shop) -> None:
    """Change a shop that is known; programs cannot make shops.

    Raises:
        NotFound: `shop_not_found`: unknown, or not the key's own.
        Invalid: `name_missing`.
    """
    lists = await references.lists()
    known = lists.shops.get(shop.code)
    if known is None or tx.actor.shop not in ("", shop.code):
        raise NotFound("shop_not_found")
    _check(shop.code, shop.name)
    await references.set_shop(_numbered(shop, known.number))


@action(Permission.REFERENCE_EDIT)
async def add_shop(tx: Tx, shop: Shop) -> None:
    """Add a shop; for people, not for programs.

    Raises:
        Conflict: `shop_exists`.
        Invalid: `code_invalid`, `name_missing`.
    """
    lists = await references.lists()
    _check(shop.code, shop.name)
    if shop.code in lists.shops or tx.actor.shop:
        raise Conflict("shop_exists")
    await references.set_shop(_numbered(shop, 0))


@action(Permission.REFERENCE_EDIT)
async def edit_warehouse(tx: Tx, warehouse: Warehouse) -> bool:
    """Store a warehouse; say whether it is new.

    Raises:
        Invalid: `code_invalid`, `name_missing`.
    """
    lists = await references.lists()
    _check(warehouse.code, warehouse.name)
    known = lists.warehouse_ids.get(warehouse.code)
    await references.set_warehouse(known, warehouse)
    return known is None


@action(Permission.REFERENCE_EDIT)
async def set_assignment(tx: Tx, rule: Spreading) -> None:
    """Say what happens to orders that nobody claims."""
    await references.set_assignment(rule)


def _numbered(shop: Shop, number: int) -> Shop:
    return Shop(
        **{name: getattr(shop, name) for name in shop.__struct_fields__ if name != "number"},
        number=number,
    )


def _check(code: str, name: str) -> None:
    if not code or len(code) > 64 or not all(c.isalnum() or c in "-_." for c in code):
        raise Invalid("code_invalid", fields={"code": "code_invalid"})
    if not name.strip():
        raise Invalid("name_missing", fields={"name": "name_missing"})


def _check_apart(lists: Lists, code: str) -> None:
    if code in lists.statuses or any(code in lists.of(kind) for kind in APART):
        raise Conflict("code_taken", field="code")
