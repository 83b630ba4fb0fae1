"""What services' plugins ask about text messages, and what they report of them."""

from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from appliance.actions import _messages, _plugin_asking
from appliance.actions._gate import action, house
from appliance.domain.messages import (
    BALANCES,
    SETTING,
    TOLD,
    Balance,
    Balances,
    MessageSettings,
    MessageState,
    Told,
    goes_on,
)
from appliance.domain.notices import NoticeKind
from appliance.domain.personal import Personal
from appliance.errors import Damaged, Destroyed, NotFound
from appliance.plugin_api import client_messages as api
from appliance.roles import Permission
from appliance.storage import alarms, messages, named, notices, settings, staff
from appliance.storage.messages import HEARD, Message
from appliance.storage.statements import any_of, fetch
from appliance.storage.tx import Tx

PHONE = ("phone",)
"""What is handed over besides the words; a manifest names it as `customer.phone`."""


LARGEST = 10**9
"""Kopecks of one message: whoever says more is not believed."""


class _Of(NamedTuple):
    """What a message says of its order."""

    number: int = 0
    shop: str = ""


async def _own(tx: Tx, message_id: UUID) -> Message | None:
    """A message of the plugin that asks."""
    found = await messages.find(message_id)
    return None if found is None or found.plugin != _plugin_asking.plugin_of(tx) else found


@action(Permission.MESSAGE_CARRY)
async def take(tx: Tx, asked: api.TakeAsked) -> api.Found:
    """A message to be sent now; the hand-over is written down with the first time it is taken.

    One that stands on nothing any more fails here, before anybody is asked; one that comes in
    quiet hours, since the service was down, waits for the morning, and so does one for which the
    box's limit of the day has no room.

    Raises:
        Denied: `field_not_granted`.
        Throttled: `plugin_budget_spent`.
    """
    found = await _own(tx, asked.id)
    if found is None or found.state != MessageState.QUEUED.value:
        return api.Found()
    _plugin_asking.open_fields(tx, PHONE, found.purpose)
    ground = await _plugin_asking.grounds(tx, [found.customer_id], found.purpose)
    if found.customer_id not in ground:
        await _fail(tx, found, "message_no_ground")
        return api.Found()
    try:
        content = messages.open_(tx, found)
    except (Damaged, Destroyed):
        await _fail(tx, found, "message_unreadable")
        return api.Found()
    rules = await settings.get(SETTING, MessageSettings)
    if not found.attempts and not (await _messages.today(tx)).allows(rules, found.parts):
        await _full(tx, rules, found)
        return api.Found()
    when = await _messages.hour(tx, rules, found.customer_id)
    if when.due > tx.now and not content.any_hour:
        await _messages.put_off(tx, found, when.due)
        return api.Found()
    if not found.attempts:
        basis = ground[found.customer_id]
        await _plugin_asking.hand_over(
            tx, [(found.customer_id, found.order_id, basis)], PHONE, found.purpose
        )
    await messages.begin(tx, found.id)
    taken = found._replace(attempts=found.attempts + 1)
    known = await _orders([taken])
    said = _message(tx, taken, known, content.to)
    return api.Found(messages=(msgspec.structs.replace(said, text=Personal(content.text)),))


@action(Permission.MESSAGE_CARRY, reads=True, quiet=True)
async def look(tx: Tx, asked: api.LookAsked) -> api.Found:
    """A message that was taken before: who it went to was handed over and written down then.

    Raises:
        Denied: `field_not_granted`.
    """
    found = await _own(tx, asked.id)
    if found is None or not found.attempts:
        return api.Found()
    return api.Found(messages=await _shown(tx, [found]))


@action(Permission.MESSAGE_CARRY, reads=True, quiet=True)
async def open_ones(tx: Tx, asked: api.OpenAsked) -> api.Found:
    """Messages that the service took and that are not at their end.

    Raises:
        Denied: `field_not_granted`.
    """
    plugin = _plugin_asking.plugin_of(tx)
    found = await messages.open_ones(plugin, asked.after, max(1, min(asked.limit, api.MOST_OPEN)))
    return api.Found(messages=await _shown(tx, found))


async def _shown(tx: Tx, found: list[Message]) -> tuple[api.Message, ...]:
    """Messages that were handed over before; of those that are gone nothing is left to ask."""
    known = await _orders(found)
    shown: list[api.Message] = []
    for one in found:
        _plugin_asking.open_fields(tx, PHONE, one.purpose)
        try:
            to = messages.open_(tx, one).to
        except (Damaged, Destroyed):
            continue
        shown.append(_message(tx, one, known, to))
    return tuple(shown)


async def _orders(found: list[Message]) -> dict[UUID, _Of]:
    ids = [one.order_id for one in found if one.order_id is not None]
    if not ids:
        return {}
    rows = await fetch("SELECT id, number, shop FROM orders WHERE id IN {}", any_of(ids))
    return {row[0]: _Of(row[1], row[2]) for row in rows}


def _message(tx: Tx, one: Message, known: dict[UUID, _Of], to: str) -> api.Message:
    order = _Of() if one.order_id is None else known.get(one.order_id, _Of())
    return api.Message(
        id=one.id,
        number=one.number,
        order_id=one.order_id,
        order_number=order.number,
        shop=order.shop,
        account=one.account,
        kind=one.kind,
        state=one.state,
        attempt=one.attempts,
        stale=one.sent_at is not None and tx.now - one.sent_at > HEARD,
        vendor_id=one.vendor_id,
        parts=one.parts,
        phone=Personal(to),
    )


@action(Permission.MESSAGE_CARRY)
async def report(tx: Tx, said: api.Report) -> api.Done:
    """Take over what became of a message; one that comes twice or late changes nothing.

    Raises:
        NotFound: `message_not_found`.
    """
    was = await _own(tx, said.id)
    if was is None:
        raise NotFound("message_not_found")
    columns = _told(said)
    known, told = MessageState(was.state), MessageState(said.state or was.state)
    moves = goes_on(known, told)
    if moves and told in (MessageState.DELIVERED, MessageState.READ, MessageState.SENT):
        columns["reason"] = ""
    elif not moves:
        columns.pop("reason", None)
    await messages.change(tx, was, told if moves else known, **columns)
    if moves and told in (MessageState.FAILED, MessageState.EXPIRED):
        await _tell_author(tx, was)
    return api.Done()


def _told(said: api.Report) -> dict[str, Any]:
    """Columns that a report changes besides the state."""
    columns: dict[str, Any] = {"raw_state": said.raw[:64]} if said.raw else {}
    for name in ("account", "vendor_id", "reason"):
        if text := getattr(said, name):
            columns[name] = text[:64]
    for name in ("price", "parts"):
        value = getattr(said, name)
        if value is not None and 0 <= value < LARGEST:
            columns[name] = value
    return columns


async def _fail(tx: Tx, was: Message, reason: str) -> None:
    await messages.change(tx, was, MessageState.FAILED, reason=reason)
    await _tell_author(tx, was)


async def _tell_author(tx: Tx, was: Message) -> None:
    """Whoever wrote it is told that it did not arrive."""
    author = await staff.id_of(was.author_number) if was.author_number else None
    if author is None:
        return
    entity, row_id = ("customer", was.customer_id)
    if was.order_id is not None:
        entity, row_id = "order", was.order_id
    number = (await named.numbers(entity, [row_id])).get(row_id, 0)
    await notices.tell(
        tx,
        author,
        NoticeKind.MESSAGE_FAILED,
        entity=entity,
        entity_id=row_id,
        entity_number=number,
    )


@action(Permission.MESSAGE_CARRY, quiet=True)
async def balance(tx: Tx, said: api.BalanceSaid) -> api.Done:
    """Keep what is left on an account; people hear once that it is little, until it is filled."""
    plugin = _plugin_asking.plugin_of(tx)
    rules, known = await settings.both(SETTING, MessageSettings, BALANCES, Balances)
    key = f"{plugin}:{said.account[:64]}"
    was = known.of.get(key)
    low = said.amount < rules.least
    if low and (was is None or not was.told):
        for user_id in await _who_minds():
            await notices.tell(
                tx,
                user_id,
                NoticeKind.MESSAGES_LOW,
                entity="messages",
                entity_number=max(1, said.amount // 100),
            )
    fresh = Balance(amount=said.amount, at=tx.now, told=low)
    await settings.put(BALANCES, Balances(of={**known.of, key: fresh}))
    return api.Done()


async def _full(tx: Tx, rules: MessageSettings, found: Message) -> None:
    """Have a message wait for tomorrow; people hear of it once a day."""
    when = await _messages.tomorrow(tx, rules, found.customer_id)
    await _messages.put_off(tx, found, when.due, "message_day_full")
    day = tx.now.astimezone(house().zone).date()
    if (await settings.get(TOLD, Told)).day == day:
        return
    await settings.put(TOLD, Told(day=day))
    for user_id in await _who_minds():
        await notices.tell(
            tx, user_id, NoticeKind.MESSAGES_FULL, entity="message_day", entity_number=1
        )


async def _who_minds() -> list[UUID]:
    """Heads, and who runs the box."""
    found = [one.id for one in await staff.active_with_role("head")]
    first = await alarms.first_administrator()
    return found if first is None or first in found else [*found, first]
