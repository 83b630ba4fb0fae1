"""What a plugin measured is drawn for the administrator, and its words stand on the order."""

from datetime import timedelta
from pathlib import Path

import pytest

from appliance.actions import desk, orders, plugin_rows, plugins
from appliance.domain.orders import OrderFilter
from appliance.domain.plugin_charts import STEPS, series_of
from appliance.domain.plugin_rows import Shape
from appliance.errors import Denied
from appliance.plugin_api.calls import Row
from appliance.plugin_host.finding import look_around
from tests.house_fixture import START, TestHouse, open_test_house
from tests.integration.orders.drafts import draft
from tests.integration.plugins.asking import plugin


@pytest.mark.checklist(33)
async def test_a_day_of_answers_is_drawn_page_by_page(tmp_path: Path) -> None:
    async with open_test_house(tmp_path) as house:
        lying = look_around()["site_monitor"]
        assert lying.manifest is not None
        await plugins.notice(house.system, [lying.found])
        table = lying.manifest.tables["checks"]
        shape = Shape(columns=dict(table.columns), key=table.key)
        core = plugin("site_monitor", tables={"checks": shape})
        rows = [
            Row(values={"page": page, "at": at.isoformat(), "ms": ms, "status": 200, "good": good})
            for page in ("/", "/cart/")
            for at, ms, good in (
                (START - timedelta(days=3), 9000, False),  # not of the last day
                (START - timedelta(hours=2), 300, True),
                (START - timedelta(hours=2, minutes=1), 500, True),
                (START, 7000, page == "/"),
            )
        ]
        await core.rows_put("checks", rows)
        (drawn,) = await plugin_rows.charts(house.actor_for("administrator"), "site_monitor", "ru")
        assert drawn.title == "Время ответа, мс"
        assert [(one.name, one.last, one.is_good, one.bad) for one in drawn.series] == [
            ("/", 7000, True, 0),
            ("/cart/", 7000, False, 1),
        ]
        assert [one.value for one in drawn.series[0].steps if one.count] == [500, 300, 7000]
        with pytest.raises(Denied):
            await plugin_rows.charts(house.actor_for("head"), "site_monitor", "ru")


def test_nothing_measured_is_an_empty_day() -> None:
    line = series_of("/", START, [])
    assert (len(line.steps), line.last, line.measured) == (STEPS, None, 0)


async def test_a_plugins_word_stands_on_the_card_and_in_the_list(house: TestHouse) -> None:

    made = await orders.place(house.shop_key(), draft())
    core = plugin()
    await core.badge(made.order_id, "Собран", "ok")
    await core.badge(made.order_id, "В пункте", "info")
    head = house.actor_for("head")
    (mark,) = (await desk.order(head, made.number)).order.marks
    assert (mark.plugin, mark.text, mark.tone) == ("courier_hand", "В пункте", "info")
    page = (await desk.orders(head, OrderFilter())).page
    assert [one.text for one in page.rows[0].marks] == ["В пункте"]
    await core.badge(made.order_id, "")
    assert (await desk.order(head, made.number)).order.marks == ()
