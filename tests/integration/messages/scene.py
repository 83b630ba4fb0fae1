"""A house that a service of text messages is connected to, and what its plugin holds."""

from datetime import UTC, datetime

from appliance.actions import message_setup
from appliance.domain.ids import uuid7
from appliance.domain.messages import MessageDraft, MessageSettings
from appliance.domain.personal import Personal
from appliance.plugin_api.core import Core
from appliance.storage.statements import insert
from appliance.storage.tables import PluginRow
from tests.house_fixture import TestHouse
from tests.integration.plugins.asking import plugin

NAME = "texter"
GRANTED = (("customer.phone", "notify"), ("customer.phone", "mailing"))
WORDS = "Тёплый дом: заказ готов, можно забирать"


async def known(house: TestHouse) -> Core:
    """Have the box know a service; what its plugin holds."""

    async def add() -> None:
        moment = datetime(2026, 2, 1, tzinfo=UTC)
        await insert(
            PluginRow, name=NAME, version="1.0.0", source="box", manifest="", asked="{}",
            state="running", installed_at=moment, changed_at=moment,
        )  # fmt: skip

    await house.write(add)
    return plugin(NAME, permissions=("messages.write",), personal=GRANTED)


def draft(
    text: str = WORDS, to: str = "order", template: str = "free", **more: object
) -> MessageDraft:
    values: dict[str, object] = {
        "form": uuid7(), "plugin": NAME, "template": template,
        "to": Personal(to), "text": Personal(text),
    }  # fmt: skip
    return MessageDraft(**(values | more))  # type: ignore[arg-type]


async def ruled(house: TestHouse, **rules: object) -> None:
    """Set the rules of the box."""
    values: dict[str, object] = {"plugin": NAME, "quiet_from": 0, "quiet_to": 0}
    await message_setup.set_rules(
        house.actor_for("head"),
        MessageSettings(**(values | rules)),  # type: ignore[arg-type]
    )


async def standing(house: TestHouse) -> list[tuple[object, ...]]:
    """State and reason of every message, oldest first."""
    return await house.rows("SELECT state, reason FROM message ORDER BY number")


async def wishes(house: TestHouse) -> list[tuple[object, ...]]:
    """When each wish for a message may leave."""
    return await house.rows(
        "SELECT due_at FROM event_delivery WHERE subscriber = 'plugin:texter' ORDER BY id"
    )
