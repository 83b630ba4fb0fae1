"""Prices of suppliers: every one is kept, the newest holds."""

from uuid import UUID

from appliance.domain.ids import uuid7
from appliance.domain.supplier_prices import SupplierPrice
from appliance.storage.statements import execute, fetch, fetch_one, fetch_value, insert
from appliance.storage.tables import SupplierPriceRow
from appliance.storage.tx import Tx

MOST_SHOWN = 200


async def of_supplier(supplier_id: UUID) -> tuple[SupplierPrice, ...]:
    """The newest price of each variant, by its name."""
    rows = await fetch(
        "SELECT v.number, p.number, v.name, v.sku, s.sku, s.amount, s.since, "
        "(SELECT b.amount FROM supplier_price b WHERE b.supplier_id = s.supplier_id "
        "AND b.variant_id = s.variant_id AND b.since < s.since ORDER BY b.since DESC LIMIT 1) "
        "FROM supplier_price s JOIN variant v ON v.id = s.variant_id "
        "JOIN product p ON p.id = v.product_id WHERE s.supplier_id = {} AND NOT EXISTS ("
        "SELECT 1 FROM supplier_price n WHERE n.supplier_id = s.supplier_id "
        "AND n.variant_id = s.variant_id AND n.since > s.since) ORDER BY v.name LIMIT {}",
        supplier_id,
        MOST_SHOWN,
    )
    return tuple(
        SupplierPrice(
            variant=row[0],
            product=row[1],
            name=row[2],
            our_sku=row[3],
            sku=row[4],
            amount=row[5],
            since=row[6],
            was=row[7],
        )
        for row in rows
    )


async def is_supplier(customer_id: UUID) -> bool:
    """Whether this record is one to buy from."""
    return await fetch_value("SELECT party FROM customer WHERE id = {}", customer_id) == "supplier"


async def put(tx: Tx, supplier_id: UUID, variant_id: UUID, sku: str, amount: int) -> int | None:
    """Note a price from now on; give the one before. The same price and article change nothing."""
    last = await fetch_one(
        "SELECT id, amount, sku, since FROM supplier_price WHERE supplier_id = {} "
        "AND variant_id = {} ORDER BY since DESC LIMIT 1",
        supplier_id,
        variant_id,
    )
    if last is not None and (last[1] == amount or last[3] == tx.now):
        await execute(
            "UPDATE supplier_price SET sku = {}, amount = {} WHERE id = {}", sku, amount, last[0]
        )
        return last[1]
    await insert(
        SupplierPriceRow,
        id=uuid7(),
        supplier_id=supplier_id,
        variant_id=variant_id,
        sku=sku,
        amount=amount,
        since=tx.now,
    )
    return None if last is None else last[1]


async def remove(supplier_id: UUID, variant_id: UUID) -> int | None:
    """Forget what a supplier asks for a variant; give his last price, None where he had none."""
    last = await fetch_value(
        "SELECT amount FROM supplier_price WHERE supplier_id = {} AND variant_id = {} "
        "ORDER BY since DESC LIMIT 1",
        supplier_id,
        variant_id,
    )
    await execute(
        "DELETE FROM supplier_price WHERE supplier_id = {} AND variant_id = {}",
        supplier_id,
        variant_id,
    )
    return last
