"""Stock: on hand, reserved, and every change of it with its one cause."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from appliance.domain.ids import uuid7
from appliance.storage import low_stock, market_offers
from appliance.storage.statements import execute, fetch, insert_many
from appliance.storage.tables import StockMovementRow
from appliance.storage.tx import Tx


class Shift(NamedTuple):
    """One change of stock; thousandths, signed."""

    variant: UUID
    warehouse: UUID
    on_hand: int
    reserved: int
    in_transit: int = 0


async def note(tx: Tx, shifts: Sequence[Shift], cause: str, cause_id: UUID | None) -> None:
    """Write down movements; the figures themselves are changed by the caller."""
    await insert_many(
        StockMovementRow,
        [
            {
                "id": uuid7(),
                "variant_id": shift.variant,
                "warehouse_id": shift.warehouse,
                "on_hand_milli": shift.on_hand,
                "reserved_milli": shift.reserved,
                "in_transit_milli": shift.in_transit,
                "cause": cause,
                "cause_id": cause_id,
                "at": tx.now,
            }
            for shift in shifts
        ],
    )
    if shifts:
        variants = {shift.variant for shift in shifts}
        await low_stock.watch(tx, variants)
        await market_offers.mark(variants)


async def reserve(
    tx: Tx, order_id: UUID, warehouse: UUID, wanted: Mapping[UUID, int]
) -> frozenset[UUID]:
    """Set goods aside for an order, as far as they are free; return the variants that were.

    A variant without a stock record here is not known to be here, and is left alone; so is one
    whose free quantity does not suffice: free stock never goes below zero by our own act.

    Args:
        tx: the action.
        order_id: the cause.
        warehouse: where.
        wanted: variant → thousandths; nothing at or below zero is asked for.
    """
    positive = {variant: milli for variant, milli in wanted.items() if milli > 0}
    if not positive:
        return frozenset()
    # One statement for all lines; the guard is in it, so two orders cannot take the same piece.
    cases = " ".join(["WHEN {} THEN CAST({} AS BIGINT)"] * len(positive))
    guards = " OR ".join(
        ["(variant_id = {} AND on_hand_milli - reserved_milli >= {})"] * len(positive)
    )
    pairs = [value for pair in positive.items() for value in pair]
    taken = await fetch(
        "UPDATE stock SET changed = changed + 1, "
        f"reserved_milli = reserved_milli + CASE variant_id {cases} END "
        f"WHERE warehouse_id = {{}} AND ({guards}) RETURNING variant_id",
        *pairs,
        warehouse,
        *pairs,
    )
    held = frozenset(_id(row[0]) for row in taken)
    shifts = [Shift(one, warehouse, 0, milli) for one, milli in positive.items() if one in held]
    await note(tx, shifts, "order", order_id)
    return held


def _id(value: UUID | bytes) -> UUID:
    """SQLite tells no type for a column of RETURNING, so an id may come as its bytes."""
    return value if isinstance(value, UUID) else UUID(bytes=value)


async def shift(tx: Tx, shifts: Sequence[Shift], cause: str, cause_id: UUID | None) -> None:
    """Change stock by given amounts, whatever is there: letting go, handing over, taking back."""
    real = [one for one in shifts if one.on_hand or one.reserved or one.in_transit]
    for one in real:
        await execute(
            "UPDATE stock SET on_hand_milli = on_hand_milli + {}, "
            "reserved_milli = reserved_milli + {}, in_transit_milli = in_transit_milli + {}, "
            "changed = changed + 1 WHERE variant_id = {} AND warehouse_id = {}",
            one.on_hand,
            one.reserved,
            one.in_transit,
            one.variant,
            one.warehouse,
        )
    await note(tx, real, cause, cause_id)


async def take(
    tx: Tx, taken: Shift, cause: str, cause_id: UUID | None, *, known_only: bool = True
) -> bool:
    """Take goods off a warehouse by our own act; False where they are not free there.

    `taken.on_hand` and `taken.reserved` are negative changes. A variant of which no stock is kept
    there is let through where `known_only` is false: nobody knows better.
    """
    changed = await execute(
        "UPDATE stock SET changed = changed + 1, on_hand_milli = on_hand_milli + {}, "
        "reserved_milli = reserved_milli + {} WHERE variant_id = {} AND warehouse_id = {} "
        "AND on_hand_milli + {} - (reserved_milli + {}) >= 0",
        taken.on_hand,
        taken.reserved,
        taken.variant,
        taken.warehouse,
        taken.on_hand,
        taken.reserved,
    )
    if changed:
        await note(tx, [taken], cause, cause_id)
        return True
    if known_only:
        return False
    kept = await fetch(
        "SELECT 1 FROM stock WHERE variant_id = {} AND warehouse_id = {}",
        taken.variant,
        taken.warehouse,
    )
    return not kept


async def set_on_hand(
    tx: Tx, figures: Sequence[tuple[UUID, UUID, int]], cause: str, cause_id: UUID | None
) -> None:
    """Take over counted figures (variant, warehouse, thousandths), negative ones too.

    What is set aside stays set aside; only differences become movements.
    """
    if not figures:
        return
    variants = {figure[0] for figure in figures}
    marks = ", ".join(["{}"] * len(variants))
    known = {
        (variant, warehouse): on_hand
        for variant, warehouse, on_hand in await fetch(
            f"SELECT variant_id, warehouse_id, on_hand_milli FROM stock WHERE variant_id IN ({marks})",  # noqa: E501 - placeholders only
            *variants,
        )
    }
    changes: list[Shift] = []
    for variant, warehouse, on_hand in figures:
        was = known.get((variant, warehouse))
        if was == on_hand:
            continue
        await execute(
            "INSERT INTO stock (id, variant_id, warehouse_id, on_hand_milli, reserved_milli, "
            "in_transit_milli, shelf, changed) VALUES ({}, {}, {}, {}, 0, 0, '', 1) "
            "ON CONFLICT (variant_id, warehouse_id) DO UPDATE "
            "SET on_hand_milli = excluded.on_hand_milli, changed = stock.changed + 1",
            uuid7(),
            variant,
            warehouse,
            on_hand,
        )
        changes.append(Shift(variant, warehouse, on_hand - (was or 0), 0))
    await note(tx, changes, cause, cause_id)
