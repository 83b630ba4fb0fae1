"""A box that stopped at an older step of the schema comes to this release with its data."""

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from appliance.actions import orders, products
from appliance.actions.products import StockFigures
from appliance.domain.orders import LineDraft
from appliance.storage.engine.sqlite import SqliteDatabase
from appliance.storage.migrations import runner
from appliance.storage.products import VariantRef
from tests.integration.engine.older import set_back
from tests.integration.goods.scene import stocked
from tests.integration.orders.drafts import draft
from tests.web_house import open_web_house

LAMP = VariantRef(external_id="L-1")
LINE = LineDraft(offer_external_id="L-1", quantity_milli=2000, price=120_000)

STOCK = (
    "SELECT v.sku, s.on_hand_milli, s.reserved_milli, "
    "(SELECT SUM(m.on_hand_milli) FROM stock_movement m WHERE m.variant_id = s.variant_id "
    "AND m.warehouse_id = s.warehouse_id), (SELECT SUM(m.reserved_milli) FROM stock_movement m "
    "WHERE m.variant_id = s.variant_id AND m.warehouse_id = s.warehouse_id) "
    "FROM stock s JOIN variant v ON v.id = s.variant_id ORDER BY v.sku"
)


def _schema(file: Path) -> tuple[set[tuple[str, str]], set[tuple[str, str]]]:
    """Tables and indexes, and the columns of every table."""
    with sqlite3.connect(file) as opened:
        things = set(opened.execute("SELECT type, name FROM sqlite_schema"))
        columns = {
            (table, row[1])
            for kind, table in things
            if kind == "table"
            for row in opened.execute(f"PRAGMA table_info('{table}')")
        }
    opened.close()
    return things, columns


def _stock(file: Path) -> list[tuple[Any, ...]]:
    """Article, on hand, reserved, and what the movements say of both."""
    with sqlite3.connect(file) as opened:
        found = opened.execute(STOCK).fetchall()
    opened.close()
    return found


@pytest.mark.parametrize("older_step", [5, 7])
async def test_a_box_at_an_older_step_comes_to_this_release_with_its_data(
    tmp_path: Path, older_step: int
) -> None:
    async with open_web_house(tmp_path, clients=5, orders=7) as made:
        await stocked(made.house)
        await orders.place(made.house.shop_key(), draft(lines=(LINE,)))
        key = made.house.shop_key()
        await products.upload_stock(
            key, "main", [StockFigures(variant=LAMP, stores={"main": 9000})]
        )
    file = tmp_path / "main.db"
    before, stock = _schema(file), _stock(file)
    await set_back(file, older_step)
    with sqlite3.connect(file) as older:
        older.execute("DELETE FROM reference WHERE kind IN ('task-kinds', 'task-results')")
    older.close()
    database = SqliteDatabase(file)
    await database.start()
    try:
        done = await runner.migrate(database)
    finally:
        await database.stop()
    assert done[0].number == older_step + 1
    assert _schema(file) == before
    assert _stock(file) == stock
    assert ("L-1", 9000, 2000, 9000, 2000) in stock
    assert all(row[1:3] == row[3:5] for row in stock)
    with sqlite3.connect(file) as newer:
        counted = {
            table: newer.execute(f'SELECT COUNT(*) FROM "{table}"').fetchone()[0]  # noqa: S608
            for table in ("customer", "orders", "calendar_day")  # our own names
        }
        kinds = newer.execute("SELECT COUNT(*) FROM reference WHERE kind LIKE 'task-%'")
        assert kinds.fetchone()[0] > 0
        granted = newer.execute("SELECT code FROM role WHERE grants LIKE '%task.edit%'").fetchall()
    newer.close()
    assert (counted["customer"], counted["orders"]) == (6, 8)
    assert counted["calendar_day"] > 20
    assert ("seller",) in granted
