"""The house's own part of text messages: buyers told that an order moved on."""

from hashlib import sha256
from uuid import UUID

from appliance.actions import _letters, _messages
from appliance.actions._gate import action
from appliance.actions.buyers import new_token
from appliance.domain import phones
from appliance.domain.access import Actor
from appliance.domain.buyers import SETTING as BUYERS
from appliance.domain.buyers import BuyerSettings
from appliance.domain.message_parts import measure
from appliance.domain.message_texts import STATUS, fill
from appliance.domain.messages import SETTING, SMS, MessageContent, MessageSettings
from appliance.domain.orders import OrderSelector
from appliance.domain.personal import Personal
from appliance.errors import Conflict, Invalid, NotFound
from appliance.roles import Permission
from appliance.storage import (
    market_postings,
    messages,
    orders,
    references,
    settings,
    status_links,
)
from appliance.storage.messages import NewMessage
from appliance.storage.tx import Tx


async def tell_status(actor: Actor, order_id: UUID, status: str, base: str) -> None:
    """Text the buyer that his order moved on, if the box is told to; once per group of an order."""
    token = new_token()
    await write_status(
        actor, order_id, status, sha256(token.encode()).digest(), Personal(f"{base}/s/{token}")
    )


@action(Permission.HOUSE, quiet=True)
async def write_status(
    tx: Tx, order_id: UUID, status: str, token_hash: bytes, link: Personal[str]
) -> None:
    """The same with the token made already.

    Buyers of marketplaces are told by those: the numbers they give are not the buyers' own.
    """
    rules = await settings.get(SETTING, MessageSettings)
    lists = await references.lists()
    group = lists.group_of(status)
    if group not in rules.tells or not rules.plugin:
        return
    once = f"{STATUS}:{group}:{order_id}:{STATUS}:{SMS}"
    if await messages.by_event(once) is not None:
        return
    try:
        order = await orders.get(tx, OrderSelector(id=order_id))
    except NotFound:
        return
    # Moved on meanwhile: the later move has a delivery of its own.
    if order.status != status or await market_postings.of_order(order.id) is not None:
        return
    to = _messages.of_order(tx, order)
    if not to or phones.sms_trouble(to):
        return
    try:
        purpose = await _messages.ground(tx, order.customer_id, advert=False)
        await _messages.check_day(tx, rules, order.customer_id)
        template = (await messages.templates())[STATUS]
        values = dict(await _letters.of_order(tx, lists, order), link=link.reveal())
        text = fill(template, values)
    except (Conflict, Invalid):
        return
    link_id = None
    if link.reveal() in text:
        buyers = await settings.get(BUYERS, BuyerSettings)
        link_id = await status_links.add(tx, order.id, token_hash, buyers.term)
    when = await _messages.hour(tx, rules, order.customer_id)
    await _messages.keep(
        tx,
        NewMessage(
            plugin=rules.plugin,
            kind=STATUS,
            purpose=purpose,
            content=MessageContent(to=to, text=text),
            parts=measure(text).parts,
            subject_id=order.subject_id,
            customer_id=order.customer_id,
            order_id=order.id,
            link_id=link_id,
            once=once,
            due=when.due if when.due > tx.now else None,
        ),
    )
