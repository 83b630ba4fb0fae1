"""An order is found by its shown number without reading all of them."""

from pathlib import Path

from appliance.storage.migrations.runner import migrate
from appliance.storage.statements import execute, fetch
from tests.house_fixture import open_test_house


async def as_it_was() -> None:
    """Take away what migration 0015 brought."""
    await execute("DROP INDEX orders_shown_number")
    await execute("DELETE FROM schema_migration WHERE number = 15")


async def plan() -> str:
    asked = "EXPLAIN QUERY PLAN SELECT id FROM orders o WHERE o.shown_number IN ('7', '8')"
    return " ".join(str(row) for row in await fetch(asked))


async def test_a_box_in_use_gets_the_index_of_shown_numbers(tmp_path: Path) -> None:
    async with open_test_house(tmp_path) as house:
        write = house.database.write  # its connection is the one that changed the schema
        assert "orders_shown_number" in await write(plan)
        await write(as_it_was)
        assert "SCAN" in await write(plan)
        await migrate(house.database)
        assert "orders_shown_number" in await write(plan)
