"""An order is found by its shown number without reading all of them."""

from pathlib import Path

from appliance.storage.migrations.runner import migrate
from appliance.storage.statements import execute, fetch
from tests.house_fixture import open_test_house


async def as_it_was() -> None:
    """Take away what migration 0015 brought."""
    await execute("DROP INDEX orders_shown_number")
    await execute("DELETE FROM schema_migration WHERE number = 15")


PLAN = "EXPLAIN QUERY PLAN SELECT id FROM orders o WHERE o.shown_number IN "


async def plan(numbers: str) -> str:
    # Explaining alone does not look whether the schema changed, so something real goes before it;
    # and another text each time, as a prepared one goes on telling the plan it was prepared with.
    await fetch("SELECT 1 FROM orders LIMIT 1")
    return " ".join(str(row) for row in await fetch(PLAN + numbers))


async def test_a_box_in_use_gets_the_index_of_shown_numbers(tmp_path: Path) -> None:
    async with open_test_house(tmp_path) as house:
        read, write = house.database.read, house.database.write
        assert "orders_shown_number" in await read(lambda: plan("('1', '2')"))
        await write(as_it_was)
        assert "SCAN" in await read(lambda: plan("('3', '4')"))
        await migrate(house.database)
        assert "orders_shown_number" in await read(lambda: plan("('5', '6')"))
