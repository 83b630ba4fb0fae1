"""Lists of codes, kept in memory: every order asks them, hardly anybody changes them."""

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from appliance.domain.assignment import Spreading
from appliance.domain.card_tabs import Card
from appliance.domain.fields import CustomField, Owner
from appliance.domain.fulfilments import Operator
from appliance.domain.ids import uuid7
from appliance.domain.references import (
    Reference,
    ReferenceKind,
    Shop,
    Status,
    StatusGroup,
    Warehouse,
)
from appliance.domain.shops import ShopLink
from appliance.domain.statuses import RuleEvent, StatusRule
from appliance.storage import counters, field_definitions, operators, report_marks
from appliance.storage.statements import execute, fetch, insert, update_row, upsert
from appliance.storage.tables import (
    OrderStatusRow,
    ReferenceRow,
    SettingRow,
    ShopRow,
    StatusGroupRow,
    WarehouseRow,
)

STAMP = "references.stamp"
"""Setting that changes with every change of a list, in the same transaction: whoever sees the
change sees the new stamp too, on any connection, and reads the lists again."""
ASSIGNMENT = "orders.assignment"
"""Setting: what happens to an order that nobody claims (`domain.assignment.Spreading`)."""


class Lists(NamedTuple):
    """Everything an order is checked against; each by code, in the order of position."""

    statuses: dict[str, Status]
    groups: dict[str, StatusGroup]
    entries: dict[ReferenceKind, dict[str, Reference]]
    shops: dict[str, Shop]
    warehouses: dict[str, Warehouse]
    warehouse_ids: dict[str, UUID]
    assignment: Spreading
    rules: dict[RuleEvent, StatusRule]
    branch_places: dict[str, UUID]
    """Shop of a branch → the branch's first active warehouse."""
    fields: dict[Owner, dict[str, CustomField]]
    tabs: dict[tuple[str, Card], tuple[str, ...]]
    operators: tuple[Operator, ...]

    def of(self, kind: ReferenceKind) -> dict[str, Reference]:
        """One plain list."""
        return self.entries.get(kind, {})

    def delivery(self, code: str) -> Reference | None:
        """A way of delivery."""
        return self.of(ReferenceKind.DELIVERY_TYPE).get(code)

    def default(self, kind: ReferenceKind) -> str:
        """Code of a list's default entry; else of its first, else empty."""
        known = self.of(kind)
        return next((one.code for one in known.values() if one.is_default), next(iter(known), ""))

    def default_status(self) -> str:
        """Where an order begins."""
        known = self.statuses
        return next((one.code for one in known.values() if one.is_default), next(iter(known), ""))

    def group_of(self, status: str) -> str:
        """Code of a status's group; empty for a status that is gone."""
        found = self.statuses.get(status)
        return "" if found is None else found.group

    def in_process(self) -> list[str]:
        """Codes of the statuses in which an order is still worked on."""
        working = {group.code for group in self.groups.values() if group.process}
        return [status.code for status in self.statuses.values() if status.group in working]

    def settled_status(self) -> str:
        """Code of the state in which money counts as received."""
        known = self.of(ReferenceKind.PAYMENT_STATUS)
        if self.settles("paid"):
            return "paid"
        return next(
            (code for code in known if self.settles(code)),
            self.default(ReferenceKind.PAYMENT_STATUS),
        )

    def settles(self, payment_status: str) -> bool:
        """Whether money in this state counts as received (or given back)."""
        entry = self.of(ReferenceKind.PAYMENT_STATUS).get(payment_status)
        return entry is not None and bool(entry.extra.get("paymentComplete"))


class _Kept(NamedTuple):
    stamp: str
    lists: Lists


_kept: _Kept | None = None


async def lists() -> Lists:
    """All lists as of the running body's snapshot: one small statement unless they changed."""
    global _kept  # noqa: PLW0603  the cache; replaced whole, so threads see one or the other
    settings = dict(
        await fetch("SELECT key, value FROM setting WHERE key IN ({}, {})", STAMP, ASSIGNMENT)
    )
    stamp = f"{settings.get(STAMP)} {settings.get(ASSIGNMENT)}"
    kept = _kept
    if kept is None or kept.stamp != stamp:
        rule = msgspec.json.decode(settings.get(ASSIGNMENT, '"nobody"'), type=Spreading)
        kept = _kept = _Kept(stamp, await _read(rule))
    return kept.lists


def remembered() -> Lists | None:
    """The lists as they were read last; for what cannot wait."""
    return None if _kept is None else _kept.lists


async def touch() -> None:
    """Make every reader read the lists again; a stamp is never used twice, even after an undo."""
    await upsert(
        SettingRow, ["key"], key=STAMP, value=msgspec.json.encode(uuid7()).decode(), locked=False
    )


async def _read(rule: Spreading) -> Lists:
    places = await fetch(
        "SELECT id, number, code, name, external_id, active FROM warehouse ORDER BY number"
    )
    return Lists(
        statuses=await _statuses(),
        groups=await _groups(),
        entries=await _entries(),
        shops=await _shops(),
        warehouses={
            code: Warehouse(
                number=number, code=code, name=name, external_id=external_id, active=bool(active)
            )
            for _, number, code, name, external_id, active in places
        },
        warehouse_ids={row[2]: row[0] for row in places},
        assignment=rule,
        rules=await _rules(),
        branch_places=await _branch_places(),
        fields=await field_definitions.read_all(),
        tabs=await field_definitions.read_tabs(),
        operators=await operators.read({row[0]: row[2] for row in places}),
    )


async def _branch_places() -> dict[str, UUID]:
    rows = await fetch(
        "SELECT s.code, w.id FROM shop s JOIN warehouse w ON w.branch_id = s.branch_id "
        "WHERE w.active = {} ORDER BY w.number DESC",
        True,
    )
    return {row[0]: row[1] for row in rows}


async def _statuses() -> dict[str, Status]:
    rows = await fetch(
        "SELECT s.code, s.name, s.status_group, s.active, s.position, s.tone, s.shape, s.moves, "
        "s.is_default, s.next_main, s.needs FROM order_status s "
        "LEFT JOIN status_group g ON g.code = s.status_group "
        "ORDER BY COALESCE(g.position, 0), s.position, s.code"
    )
    return {
        code: Status(
            code=code,
            name=name,
            group=group,
            active=bool(active),
            position=position,
            tone=tone,
            shape=shape,
            moves=msgspec.json.decode(moves, type=tuple[str, ...]),
            is_default=bool(is_default),
            next_main=next_main,
            needs=msgspec.json.decode(needs, type=tuple[str, ...]),
        )
        for (
            code,
            name,
            group,
            active,
            position,
            tone,
            shape,
            moves,
            is_default,
            next_main,
            needs,
        ) in rows
    }


async def _rules() -> dict[RuleEvent, StatusRule]:
    rows = await fetch("SELECT event, target, sources FROM status_rule WHERE active = {}", True)
    return {
        RuleEvent(event): StatusRule(target, msgspec.json.decode(sources, type=tuple[str, ...]))
        for event, target, sources in rows
        if event in set(RuleEvent)
    }


async def _groups() -> dict[str, StatusGroup]:
    rows = await fetch(
        "SELECT code, name, position, process, active FROM status_group ORDER BY position, code"
    )
    return {
        code: StatusGroup(
            code=code, name=name, position=position, process=bool(process), active=bool(active)
        )
        for code, name, position, process, active in rows
    }


async def _entries() -> dict[ReferenceKind, dict[str, Reference]]:
    rows = await fetch(
        "SELECT kind, number, code, name, active, position, is_default, extra FROM reference "
        "ORDER BY position, number"
    )
    found: dict[ReferenceKind, dict[str, Reference]] = {}
    for kind, number, code, name, active, position, is_default, extra in rows:
        found.setdefault(ReferenceKind(kind), {})[code] = Reference(
            number=number,
            code=code,
            name=name,
            active=bool(active),
            position=position,
            is_default=bool(is_default),
            extra=msgspec.json.decode(extra, type=dict[str, object]),
        )
    return found


async def _shops() -> dict[str, Shop]:
    rows = await fetch(
        "SELECT number, code, name, url, currency, country, yml_url, load_from_yml, link FROM shop "
        "ORDER BY number"
    )
    return {row[1]: Shop(**_shop_fields(row)) for row in rows}


def _shop_fields(row: tuple[Any, ...]) -> dict[str, Any]:
    number, code, name, url, currency, country, yml_url, load, link = row
    return {
        "number": number,
        "code": code,
        "name": name,
        "url": url,
        "currency": currency,
        "country": country,
        "yml_url": yml_url,
        "load_from_yml": bool(load),
        "link": msgspec.json.decode(link, type=ShopLink),
    }


async def set_entry(kind: ReferenceKind, known: Reference | None, entry: Reference) -> None:
    """Store an entry of a plain list; `known` is what stands under its code, if anything."""
    values: dict[str, Any] = {
        "name": entry.name,
        "active": entry.active,
        "position": entry.position,
        "is_default": entry.is_default,
        "extra": msgspec.json.encode(entry.extra).decode(),
    }
    if known is None:
        values |= {"id": uuid7(), "number": await counters.draw("reference")}
        await insert(ReferenceRow, kind=kind.value, code=entry.code, **values)
    else:
        await execute(
            "UPDATE reference SET name = {}, active = {}, position = {}, is_default = {}, "
            "extra = {} WHERE kind = {} AND code = {}",
            *values.values(),
            kind.value,
            entry.code,
        )
    if entry.is_default:
        await execute(
            "UPDATE reference SET is_default = {} WHERE kind = {} AND code <> {}",
            False,
            kind.value,
            entry.code,
        )
    if kind is ReferenceKind.PAYMENT_STATUS:
        await report_marks.forget_all()
    await touch()


async def set_order(kind: ReferenceKind, codes: Sequence[str]) -> None:
    """Put a plain list into this order."""
    for at, code in enumerate(codes, 1):
        await execute(
            "UPDATE reference SET position = {} WHERE kind = {} AND code = {}",
            at * 10,
            kind.value,
            code,
        )
    await touch()


async def set_status(status: Status) -> None:
    """Store a status with its moves."""
    await upsert(
        OrderStatusRow,
        ["code"],
        code=status.code,
        name=status.name,
        status_group=status.group,
        position=status.position,
        active=status.active,
        is_default=status.is_default,
        tone=status.tone,
        shape=status.shape,
        moves=msgspec.json.encode(status.moves).decode(),
        next_main=status.next_main,
        needs=msgspec.json.encode(status.needs).decode(),
    )
    if status.is_default:
        await execute(
            "UPDATE order_status SET is_default = {} WHERE code <> {}", False, status.code
        )
    await report_marks.forget_all()
    await touch()


async def set_group(group: StatusGroup) -> None:
    """Store a group of statuses."""
    await upsert(
        StatusGroupRow,
        ["code"],
        code=group.code,
        name=group.name,
        position=group.position,
        process=group.process,
        active=group.active,
    )
    await touch()


async def set_shop(shop: Shop) -> None:
    """Store a shop; one without a number is new."""
    values: dict[str, Any] = {
        "name": shop.name,
        "url": shop.url,
        "currency": shop.currency,
        "country": shop.country,
        "yml_url": shop.yml_url,
        "load_from_yml": shop.load_from_yml,
    }
    if shop.number:
        await update_row(ShopRow, shop.code, **values)
    else:
        number = await counters.draw("shop")
        await insert(ShopRow, code=shop.code, number=number, **values)
    await touch()


async def set_link(shop: str, link: ShopLink) -> None:
    """Store what a shop's connection is set to."""
    await update_row(ShopRow, shop, link=msgspec.json.encode(link).decode())
    await touch()


async def set_warehouse(known: UUID | None, warehouse: Warehouse) -> None:
    """Store a warehouse; `known` is the id under its code."""
    values: dict[str, Any] = {
        "name": warehouse.name,
        "external_id": warehouse.external_id,
        "active": warehouse.active,
    }
    if known is None:
        number = await counters.draw("warehouse")
        await insert(WarehouseRow, id=uuid7(), number=number, code=warehouse.code, **values)
    else:
        await update_row(WarehouseRow, known, **values)
    await touch()


async def set_assignment(rule: Spreading) -> None:
    """Store what happens to orders that nobody claims."""
    value = msgspec.json.encode(rule).decode()
    await upsert(SettingRow, ["key"], key=ASSIGNMENT, value=value, locked=False)
