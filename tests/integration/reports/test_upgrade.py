from datetime import UTC, date, datetime

import pytest

from appliance.actions import orders, reports
from appliance.domain.reports import Asked, Cut, Span
from appliance.jobs.tallies import settle_reports
from appliance.storage.migrations.operations import Migration
from appliance.storage.migrations.runner import migrate
from appliance.storage.statements import execute
from tests.house_fixture import TestHouse
from tests.integration.orders.drafts import draft


@pytest.mark.parametrize("repeated", [False, True])
async def test_a_box_of_an_earlier_release_gets_reports_of_its_old_orders(
    house: TestHouse, repeated: bool
) -> None:
    placed = datetime(2026, 1, 5, 9, tzinfo=UTC)
    await orders.place(house.shop_key(), draft(created_at=placed))

    async def as_it_was() -> None:
        for table in ("report_cell", "report_day"):
            await Migration().drop_table(table)
        await execute("DELETE FROM schema_migration WHERE number = 14")

    await house.write(as_it_was)
    await migrate(house.database)
    if repeated:
        await house.write(lambda: execute("DELETE FROM schema_migration WHERE number = 14"))
        await migrate(house.database)
    while await settle_reports(house.system, "Europe/Moscow"):
        pass
    span = Span(date(2026, 1, 1), date(2026, 1, 31))
    asked = Asked(span=span, cut=Cut.SHOP, zone="Europe/Moscow")
    report = await reports.sales(house.actor_for("head"), asked)
    assert [(one.key, one.now.placed) for one in report.rows] == [("main", 1)]
    assert report.kept_days == 27
