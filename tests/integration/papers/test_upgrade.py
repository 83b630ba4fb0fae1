"""A box of an earlier release, with orders in it, learns to print and to give orders out."""

import pytest

from appliance.actions import assignment
from appliance.domain.assignment import Rule
from appliance.domain.papers import PaperKind
from appliance.storage.migrations.operations import Migration
from appliance.storage.migrations.runner import migrate
from appliance.storage.statements import execute
from tests.house_fixture import TestHouse
from tests.integration.papers.scene import entity, order, printed, words

TABLES = (
    "order_alarm",
    "assignment_rule",
    "paper",
    "print_template",
    "legal_entity_picture",
    "legal_entity_place",
    "legal_entity",
)


@pytest.mark.parametrize("repeated", [False, True])
async def test_a_box_of_an_earlier_release_prints_its_old_orders(
    house: TestHouse, repeated: bool
) -> None:
    placed = await order(house)

    async def as_it_was() -> None:
        for table in TABLES:
            await Migration().drop_table(table)
        await execute("DELETE FROM schema_migration WHERE number IN (12, 17)")

    await house.write(as_it_was)
    await migrate(house.database)
    if repeated:
        await house.write(lambda: execute("DELETE FROM schema_migration WHERE number IN (12, 17)"))
        await migrate(house.database)
    await entity(house)
    assert "ТД-1" in words(await printed(house, placed.number, PaperKind.INVOICE))
    assert await assignment.put_rule(house.actor_for("head"), Rule(name="Все")) == 1
