"""What a plugin may do is what an administrator read and agreed to, and nothing wider."""

from pathlib import Path

import pytest

from appliance.actions import plugins, upkeep
from appliance.domain.ids import uuid7
from appliance.domain.plugins import FoundPlugin, Letters, PluginState, Rights, rights
from appliance.errors import Conflict, Denied
from appliance.storage.statements import insert
from appliance.storage.tables import EventDeliveryRow
from tests.house_fixture import TestHouse, open_test_house

ASKED = rights(["order.view"], ["order_placed"], ["api.example.ru:443"], [("phone", "notify")])
WIDER = rights(["order.view"], ["order_placed"], ["api.example.ru:443"],
               [("phone", "notify"), ("email", "notify")])  # fmt: skip


TOML = """
name = "site_monitor"
version = "{version}"
api = 1
title = {{ ru = "Наблюдение", en = "Monitor" }}
about = {{ ru = "Смотрит на сайт.", en = "Looks at a site." }}
"""


def found(version: str = "1.0.0", asked: Rights = ASKED, problem: str = "") -> FoundPlugin:
    return FoundPlugin(
        name="site_monitor",
        version=version,
        manifest=TOML.format(version=version),
        asked=asked,
        problem=problem,
    )


async def state(house: TestHouse) -> PluginState:
    return (await plugins.card(house.system, "site_monitor"))[0].state


async def test_a_plugin_runs_only_with_rights_that_a_person_read_and_gave(tmp_path: Path) -> None:
    async with open_test_house(tmp_path) as house:
        system = house.system
        administrator = house.actor_for("administrator")
        await plugins.notice(system, [found()])
        assert await state(house) is PluginState.FOUND
        with pytest.raises(Conflict, match="plugin_unapproved"):
            await plugins.switch_on(administrator, "site_monitor")
        with pytest.raises(Denied, match="step_up_needed"):
            await plugins.approve(administrator, "site_monitor", "1.0.0", ASKED)
        administrator = administrator._replace(step_up=True)
        with pytest.raises(Denied):
            await plugins.approve(house.actor_for("head"), "site_monitor", "1.0.0", ASKED)
        with pytest.raises(Conflict, match="plugin_changed"):
            await plugins.approve(administrator, "site_monitor", "1.0.0", WIDER)
        assert await plugins.approve(administrator, "site_monitor", "1.0.0", ASKED) == "ready"
        await plugins.switch_on(administrator, "site_monitor")

        await plugins.notice(system, [found("1.0.1")])
        assert await state(house) is PluginState.RUNNING  # it asks for no more than before
        await plugins.notice(system, [found("1.1.0", WIDER)])
        assert await state(house) is PluginState.WAITING
        known, _, _ = await plugins.card(administrator, "site_monitor")
        assert known.allowed == ASKED
        assert [one.field for one in known.wider.personal] == ["email"]
        await plugins.notice(system, [found("1.1.1", WIDER)])
        assert await plugins.approve(administrator, "site_monitor", "1.1.1", WIDER) == "running"

        await plugins.quarantine(system, "site_monitor", "plugin_crashed")
        assert await state(house) is PluginState.QUARANTINED
        seen = await upkeep.look(administrator)
        assert seen.plugins.stopped == (("site_monitor", "plugin_crashed"),)
        await plugins.switch_on(administrator, "site_monitor")
        await plugins.notice(system, [])
        known, given, _ = await plugins.card(administrator, "site_monitor")
        assert (known.state, known.reason) == (PluginState.BROKEN, "plugin_gone")
        assert [(one.version, one.until is None) for one in given] == [
            ("1.1.1", True), ("1.0.0", False),
        ]  # fmt: skip
        await plugins.notice(system, [found("1.1.1", WIDER)])
        assert await state(house) is PluginState.READY
        await plugins.take_back(administrator, "site_monitor")
        known, _, _ = await plugins.card(administrator, "site_monitor")
        assert (known.state, known.allowed) == (PluginState.FOUND, Rights())


async def test_events_a_plugin_could_not_take_are_handed_to_it_again_or_never(
    tmp_path: Path,
) -> None:
    async with open_test_house(tmp_path) as house:
        administrator = house.actor_for("administrator")
        await plugins.notice(house.system, [found()])

        async def put() -> None:
            for state in ("dead", "held"):
                await insert(
                    EventDeliveryRow, id=uuid7(), subscriber="plugin:site_monitor",
                    event="order_placed", payload="{}", lane="order:1", state=state,
                    attempts=7, due_at=house.clock(), created_at=house.clock(),
                )  # fmt: skip

        await house.database.write(put)
        assert (await plugins.card(administrator, "site_monitor"))[2] == Letters(waiting=1, dead=1)
        assert await plugins.deliver_again(administrator, "site_monitor", drop=False) == 1
        assert (await plugins.card(administrator, "site_monitor"))[2] == Letters(waiting=2)
        assert await plugins.deliver_again(administrator, "site_monitor", drop=True) == 0
