"""Invented goods on two shelves."""

from typing import Any

from appliance.actions import catalogue, products
from appliance.domain.catalogue import CatalogueFilter, ProductForm, VariantForm
from appliance.domain.ids import uuid7
from appliance.domain.products import ProductDraft, VariantDraft
from appliance.storage import counters, references
from appliance.storage.statements import insert
from appliance.storage.tables import WarehouseRow
from tests.house_fixture import TestHouse

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489"
    "0000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)


def variant(sku: str = "L-1", **changes: Any) -> VariantDraft:
    """A lamp: 1 200 ₽, five pieces at the main warehouse."""
    values: dict[str, Any] = {
        "external_id": sku,
        "sku": sku,
        "barcode": "4600000000017",
        "name": "Лампа «Ёлочка»",
        "prices": {"base": 120_000},
        "purchase_price": 70_000,
        "stock": {"main": 5000},
    }
    return VariantDraft(**(values | changes))


async def stocked(house: TestHouse, *variants: VariantDraft, **changes: Any) -> int:
    """Bring goods in as a shop's upload; the product's number."""
    values: dict[str, Any] = {
        "external_id": "P-1",
        "name": "Лампа «Ёлочка»",
        "shop": "main",
        "group": "Свет",
        "variants": variants or (variant(),),
    }
    draft = ProductDraft(**(values | changes))
    return (await products.upload(house.system, [draft]))[0]


async def second_warehouse(house: TestHouse) -> None:
    """A shop window beside the main warehouse."""

    async def body() -> None:
        number = await counters.draw("warehouse")
        await insert(WarehouseRow, id=uuid7(), number=number, code="hall", name="Зал")
        await references.touch()

    await house.database.write(body)


async def found(house: TestHouse, who: str = "storekeeper", **asked: Any) -> list[str]:
    """Names of the goods a filter has."""
    screen = await catalogue.screen(house.actor_for(who), CatalogueFilter(**asked))
    return [row.product.name for row in screen.rows]


def form(name: str = "Плед «Север»", **changes: Any) -> ProductForm:
    """A blanket as the form gives it."""
    one = VariantForm(
        sku="PL-1", barcodes=("4600000000024", "4600000000031"), prices={"base": 350_000}
    )
    return ProductForm(**({"name": name, "new_category": "Текстиль", "variants": (one,)} | changes))


async def figures(house: TestHouse, sku: str = "L-1", warehouse: str = "main") -> tuple[int, ...]:
    """On hand, reserved, in transit, thousandths."""
    rows = await house.rows(
        "SELECT s.on_hand_milli, s.reserved_milli, s.in_transit_milli FROM stock s "
        "JOIN variant v ON v.id = s.variant_id JOIN warehouse w ON w.id = s.warehouse_id "
        "WHERE v.sku = {} AND w.code = {}",
        sku,
        warehouse,
    )
    return rows[0] if rows else (0, 0, 0)  # pyright: ignore[reportReturnType]  three integers
