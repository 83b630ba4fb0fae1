"""A screen of a plugin: rows of its table, and the buttons that each row offers, no others."""

import pytest

from appliance.actions import plugin_screens, plugins
from appliance.domain.plugin_rows import Shape
from appliance.errors import Conflict, Denied, NotFound
from appliance.plugin_api.calls import Row
from appliance.plugin_api.screens import DeedAsked
from appliance.plugin_host.finding import look_around
from appliance.storage.statements import execute
from tests.house_fixture import TestHouse
from tests.integration.plugins.asking import plugin
from tests.integration.plugins.test_exchange_1c import MANIFEST

NAME = "exchange_1c"


async def scene(house: TestHouse) -> None:
    """The exchange is known to the box, and three runs of it: done, held, done."""
    await plugins.notice(house.system, [look_around()[NAME].found])
    table = MANIFEST.tables["runs"]
    core = plugin(NAME, tables={"runs": Shape(columns=dict(table.columns), key=table.key)})
    rows = [{"run": n, "state": state} for n, state in ((1, "done"), (2, "held"), (10, "done"))]
    await core.rows_put("runs", [Row(values=one) for one in rows])


async def test_rows_come_newest_first_with_the_buttons_of_their_state(house: TestHouse) -> None:
    await scene(house)
    administrator = house.actor_for("administrator")
    page = await plugin_screens.page(administrator, NAME, "runs")
    assert [(one.values["run"], one.deeds) for one in page.rows] == [
        (10, ("undo",)), (2, ("confirm", "reject")), (1, ("undo",)),
    ]  # fmt: skip
    with pytest.raises(NotFound) as refused:
        await plugin_screens.page(administrator, NAME, "no_such")
    assert refused.value.code == "plugin_screen_not_found"
    with pytest.raises(Denied):
        await plugin_screens.page(house.actor_for("seller"), NAME, "runs")

    held, done = page.rows[1].key, page.rows[0].key
    with pytest.raises(Conflict) as refused:
        await plugin_screens.wished(administrator, NAME, "runs", "confirm", held)
    assert refused.value.code == "plugin_not_running"
    await house.write(lambda: execute("UPDATE plugin SET state = 'running'"))
    asked = await plugin_screens.wished(administrator, NAME, "runs", "confirm", held)
    assert asked == DeedAsked(screen="runs", deed="confirm", key=(2,))
    with pytest.raises(Conflict) as refused:
        await plugin_screens.wished(administrator, NAME, "runs", "confirm", done)
    assert refused.value.code == "plugin_deed_gone"
    with pytest.raises(NotFound) as refused:
        await plugin_screens.wished(administrator, NAME, "runs", "confirm", "zz")
    assert refused.value.code == "row_not_found"
