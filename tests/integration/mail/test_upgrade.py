"""The way of an older box to letters and links."""

from appliance.storage.migrations.operations import Migration
from appliance.storage.migrations.runner import migrate
from appliance.storage.statements import execute
from tests.house_fixture import TestHouse
from tests.integration.mail.buyers import linked, ordered, outside


async def _make_old() -> None:
    """Take away what 0013 brought."""
    m = Migration()
    for table in ("status_link", "letter", "letter_template"):
        await m.drop_table(table)
    for table, column in (("timeline_entry", "for_buyer"), ("notice_choice", "by_mail")):
        change = f'ALTER TABLE "{table}" DROP COLUMN "{column}"'
        await m.sql(sqlite=change, postgres=change)
    await execute("DELETE FROM schema_migration WHERE number = 13")


async def test_an_older_box_with_orders_in_it_gets_links(house: TestHouse) -> None:
    number = await ordered(house)
    await house.database.alter(_make_old)
    assert "0013_mail" in [step.name for step in await migrate(house.database)]
    assert (await outside(house).get(await linked(house, number))).status_code == 200
    assert await migrate(house.database) == []
