import pytest

from appliance.storage.migrations.operations import Migration
from appliance.storage.migrations.runner import migrate
from appliance.storage.statements import execute
from tests.house_fixture import TestHouse
from tests.integration.deals.scene import deal

TABLES = ("deal_tally", "deal_move", "deal_line", "deal", "loss_reason", "stage", "pipeline")


@pytest.mark.parametrize("repeated", [False, True])
async def test_a_box_of_an_earlier_release_gets_pipelines(house: TestHouse, repeated: bool) -> None:
    async def as_it_was() -> None:
        for table in TABLES:
            await Migration().drop_table(table)
        await execute("DELETE FROM counter WHERE name IN ('deal', 'stage', 'pipeline')")
        await execute("DELETE FROM schema_migration WHERE number = 5")

    await house.write(as_it_was)
    await migrate(house.database)
    if repeated:
        await house.write(lambda: execute("DELETE FROM schema_migration WHERE number = 5"))
        await migrate(house.database)
    lines = await house.rows("SELECT code FROM pipeline ORDER BY position")
    assert [row[0] for row in lines] == ["sales", "from-orders"]
    assert (await deal(house)).number == 1
