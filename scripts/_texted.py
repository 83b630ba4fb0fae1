"""Text messages in the invented box: a service in memory carries them, some have arrived."""

from functools import cache
from typing import Final

from appliance.actions import (
    _plugin_asking,
    message_reports,
    message_setup,
    messages,
    plugin_accounts,
    plugins,
)
from appliance.actions import orders as order_deeds
from appliance.boot.index import HOUSE_ACTOR
from appliance.domain.ids import uuid7
from appliance.domain.messages import MessageDraft, MessageSettings, Template
from appliance.domain.orders import OrderFilter
from appliance.domain.personal import Personal
from appliance.domain.timeline import Place
from appliance.errors import HouseError
from appliance.plugin_api.client_messages import Report, State, TakeAsked
from appliance.plugin_host.finding import look_around
from plugins.sms_smsc.fake import Fake
from scripts.vendors_box import Stand

NAME: Final = "sms_smsc"
WAYS: Final[tuple[tuple[str, str, State, str], ...]] = (
    ("Тёплый дом: заказ готов, можно забирать.", "ready", "delivered", ""),
    ("Тёплый дом: не смогли до вас дозвониться. Когда вам удобно?", "missed", "failed",
     "unreachable"),
    ("Тёплый дом: курьер выехал, будет через час.", "free", "read", ""),
)  # fmt: skip
"""Text, template, what became of it, why."""


@cache
def service() -> Stand:
    """The service at an address of this machine, as long as the pictures are taken."""
    stand = Stand(NAME, Fake(), 0, "")
    stand.begin()
    return stand


async def send_messages() -> None:
    """Approve the plugin with an account at the service, and write to some buyers."""
    lying = look_around()
    await plugins.notice(HOUSE_ACTOR, [one.found for one in lying.values()])
    found = lying[NAME].found
    await plugins.approve(HOUSE_ACTOR, NAME, found.version, found.asked)
    stand = service()
    typed = {**stand.fake.settings(), "address": stand.address}
    await plugin_accounts.put(
        HOUSE_ACTOR,
        NAME,
        "",
        Personal("Основная"),
        {name: Personal(text) for name, text in typed.items()},
    )
    await plugins.switch_on(HOUSE_ACTOR, NAME)
    rules = MessageSettings(plugin=NAME, quiet_from=0, quiet_to=0, tells=("delivery",))
    await message_setup.set_rules(HOUSE_ACTOR, rules)
    sale = Template(
        code="", name="Скидка недели", advert=True, own=True,
        body="{{ shop }}: на этой неделе светильники на 15 % дешевле",
    )  # fmt: skip
    await message_setup.put_template(HOUSE_ACTOR, sale)
    new = await order_deeds.list_page(HOUSE_ACTOR, OrderFilter(statuses=("new",)), limit=4)
    for row, (text, template, state, reason) in zip(new.rows, WAYS * 2, strict=False):
        await _write(row.number, text, template, state, reason)


async def _write(number: int, text: str, template: str, state: State, reason: str) -> None:
    draft = MessageDraft(
        form=uuid7(), plugin=NAME, template=template, to=Personal("order"), text=Personal(text)
    )
    try:
        made = await messages.send(HOUSE_ACTOR, Place(order=number), draft)
    except HouseError:  # an invented buyer without a mobile phone
        return
    actor = _plugin_asking.actor_of(
        NAME, ("messages.write",), [("customer.phone", "notify"), ("customer.phone", "callback")]
    )
    await message_reports.take(actor, TakeAsked(id=made))
    said = Report(id=made, state="sent", account="main", vendor_id=made.hex, price=380)
    await message_reports.report(actor, said)
    await message_reports.report(actor, Report(id=made, state=state, reason=reason))
