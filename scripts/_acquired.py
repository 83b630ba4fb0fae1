"""An acquirer in the invented box, and what its services said of one order in their journals."""

from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Final

from appliance.actions import _plugin_asking, plugin_accounts, plugin_words, plugins
from appliance.boot.index import HOUSE_ACTOR
from appliance.domain.ids import uuid7
from appliance.domain.personal import Personal
from appliance.plugin_api.calls import Direction, Note, Standing
from appliance.plugin_api.standing import KeyUntil
from appliance.plugin_host.finding import look_around
from plugins.payments_yookassa.fake import Fake
from scripts._carried import CDEK, POST
from scripts.vendors_box import Stand

NAME: Final = "payments_yookassa"
TALKED: Final = 7
"""Number of the order that services spoke of."""
LINES: Final[tuple[tuple[str, str, Direction, Standing, dict[str, int | str]], ...]] = (
    (CDEK, "book_refused", "out", "bad", {"why": "recipient.phone"}),
    (CDEK, "label_refused", "out", "warn", {}),
    (CDEK, "status_unknown", "in", "warn", {"status": "READY_FOR_SHIPMENT"}),
    (POST, "cancelled", "out", "ok", {}),
)
"""Plugin, code of its texts, which way, how it ended."""
ENDS: Final = timedelta(days=9, hours=2)
"""Until the key of one service ends."""


@cache
def acquirer() -> Stand:
    """The service at an address of this machine, as long as the pictures are taken."""
    stand = Stand(NAME, Fake(), 0, "")
    stand.begin()
    return stand


async def take_payments() -> None:
    """Approve the acquirer with a shop there; write down what services said of one order."""
    lying = look_around()
    await plugins.notice(HOUSE_ACTOR, [one.found for one in lying.values()])
    found = lying[NAME].found
    await plugins.approve(HOUSE_ACTOR, NAME, found.version, found.asked)
    stand = acquirer()
    typed = {**stand.fake.settings(), "address": f"{stand.address}/v3"}
    form = {name: Personal(text) for name, text in typed.items()}
    await plugin_accounts.put(HOUSE_ACTOR, NAME, "", Personal("Интернет-магазин"), form)
    await plugins.switch_on(HOUSE_ACTOR, NAME)
    for plugin, code, direction, state, data in LINES:
        note = Note(
            code=code,
            direction=direction,
            state=state,
            data=data,
            kind="order",
            object_number=TALKED,
            delivery=uuid7(),
        )
        await plugin_words.journal(_plugin_asking.actor_of(plugin, ()), note)
    until = KeyUntil(account="main", until=datetime.now(UTC) + ENDS)
    await plugin_words.key_until(_plugin_asking.actor_of(CDEK, ()), until)
