"""Text messages from cards: filling a form from a template, sending, calling back, the list."""

from uuid import UUID

from appliance.actions import _letters, _messages
from appliance.actions._gate import action
from appliance.actions._letters import Home
from appliance.domain import phones
from appliance.domain.buyers import SETTING as BUYERS
from appliance.domain.buyers import BuyerSettings
from appliance.domain.grants import Access
from appliance.domain.letter_texts import with_link
from appliance.domain.letters import MARK
from appliance.domain.masks import mask_phone
from appliance.domain.message_parts import MOST_PARTS, Measure, measure
from appliance.domain.message_texts import OF_ORDERS, OF_OTHERS, fill
from appliance.domain.messages import (
    BALANCES,
    LONGEST_TEXT,
    SETTING,
    Balances,
    MessageContent,
    MessageDraft,
    MessageForm,
    MessageSettings,
    MessagesPage,
    MessageState,
    Reached,
    Template,
)
from appliance.domain.personal import Personal
from appliance.domain.timeline import Place
from appliance.errors import Conflict, Invalid, NotFound
from appliance.roles import Permission
from appliance.storage import desk, letters, messages, references, settings, status_links
from appliance.storage.messages import NewMessage
from appliance.storage.tx import Tx

PREFIX = 4
"""Signs of a number, without the plus, by which services know country and operator."""


async def _templates(home: Home) -> dict[str, Template]:
    """Templates that fit the place."""
    known = OF_ORDERS if home.order is not None else OF_OTHERS
    every = await messages.templates()
    return {code: one for code, one in every.items() if one.own or code in known}


@action(Permission.MESSAGE_SEND, reads=True)
async def compose(tx: Tx, place: Place, template: str = "") -> MessageForm:
    """A form filled from a template; a link to the order is only marked in it.

    Raises:
        NotFound: `order_not_found`, `deal_not_found`, `customer_not_found`.
        Conflict: `customer_gone`.
    """
    home = await _letters.home_of(tx, place)
    known = await _templates(home)
    code = template if template in known else next(iter(known))
    rules = await settings.get(SETTING, MessageSettings)
    full = not (await _messages.today(tx)).allows(rules, 1)
    wait = _messages.tomorrow if full else _messages.hour
    when = await wait(tx, rules, home.customer_id)
    return MessageForm(
        template=code,
        templates=tuple(known.values()),
        recipients=await _recipients(tx, home),
        text=Personal(fill(known[code], await _letters.values_of(tx, home))),
        plugin=rules.plugin,
        opted_out=await letters.opted_out(home.customer_id),
        waits=when.due if when.due > tx.now else None,
        zone=when.zone,
        shop="" if home.order is None else home.order.shop,
        is_full=full,
    )


async def _recipients(tx: Tx, home: Home) -> tuple[Reached, ...]:
    """Numbers a message may go to: whole, masked, or only counted, as the role sees them."""
    access = tx.may("phone")
    found = (await _messages.known_numbers(tx, home)).items()
    return tuple(
        Reached(
            value=value,
            shown=Personal(_shown(at, number, access)),
            prefix=prefix_of(number),
            trouble=phones.sms_trouble(number),
        )
        for at, (number, value) in enumerate(found, 1)
    )


def prefix_of(number: str) -> str:
    """Country and operator of a number, without the plus: 7912."""
    return number.removeprefix("+")[:PREFIX]


def _shown(at: int, number: str, access: Access) -> str:
    if access is Access.VISIBLE:
        return number
    return mask_phone("", number) if access is Access.MASKED else f"№ {at}"


@action(Permission.MESSAGE_SEND, reads=True, quiet=True)
async def measured(tx: Tx, text: Personal[str], link: int) -> Measure:
    """What a text that is being typed comes to; a marked link takes as many signs as a real one."""
    del tx
    said = text.reveal().replace("\r\n", "\n").strip()
    return measure(with_link(said, "x" * link))


@action(Permission.MESSAGE_SEND)
async def send(tx: Tx, place: Place, draft: MessageDraft) -> UUID:
    """Have a message sent, with its line in the stream.

    Raises:
        NotFound: `order_not_found`, `deal_not_found`, `customer_not_found`.
        Conflict: `customer_gone`, `messages_off`, `message_no_consent`, `message_no_ground`,
            `message_too_many`.
        Invalid: by field: `phone_unreadable`, `phone_landline`, `phone_free`, `entry_empty`,
            `entry_long`, `message_long`.
    """
    home = await _letters.home_of(tx, place)
    known = await messages.by_form(draft.form)
    if known is not None:
        return known
    if not draft.plugin:
        raise Conflict("messages_off")
    template = (await _templates(home)).get(draft.template)
    advert = template is not None and template.advert
    purpose = await _messages.ground(tx, home.customer_id, advert=advert)
    rules = await settings.get(SETTING, MessageSettings)
    await _messages.check_day(tx, rules, home.customer_id)
    content = await _content(tx, home, draft, any_hour=draft.now and not advert)
    link_id = None
    if home.order is not None and draft.token_hash and MARK in draft.text.reveal():
        buyers = await settings.get(BUYERS, BuyerSettings)
        link_id = await status_links.add(tx, home.order.id, draft.token_hash, buyers.term)
    when = await _messages.hour(tx, rules, home.customer_id)
    waits = when.due > tx.now and not content.any_hour
    message_id = await _messages.keep(
        tx,
        NewMessage(
            plugin=draft.plugin,
            kind=draft.template if template is not None else "free",
            purpose=purpose,
            content=content,
            parts=measure(content.text).parts,
            subject_id=home.subject_id,
            customer_id=home.customer_id,
            order_id=None if home.order is None else home.order.id,
            deal_id=home.deal_id,
            link_id=link_id,
            form=draft.form,
            due=when.due if waits else None,
        ),
    )
    tx.about("message", message_id)
    return message_id


async def _content(tx: Tx, home: Home, draft: MessageDraft, *, any_hour: bool) -> MessageContent:
    text = draft.text.reveal().replace("\r\n", "\n").strip()
    text = with_link(text, draft.link.reveal())
    if not text:
        raise Invalid("entry_empty", fields={"text": "entry_empty"})
    if len(text) > LONGEST_TEXT:
        raise Invalid("entry_long", fields={"text": "entry_long"}, most=LONGEST_TEXT)
    if measure(text).parts > MOST_PARTS:
        raise Invalid("message_long", fields={"text": "message_long"}, most=MOST_PARTS)
    to = await _to(tx, home, draft.to.reveal().strip())
    return MessageContent(to=to, text=text, any_hour=any_hour)


async def _to(tx: Tx, home: Home, given: str) -> str:
    """The number behind a choice, or the typed one; services charge for those that take none."""
    found = await _messages.known_numbers(tx, home)
    number = next((one for one, value in found.items() if value == given), "")
    number = number or _messages.number_of(given)
    trouble = phones.sms_trouble(number) if number else "phone_unreadable"
    if trouble:
        raise Invalid(trouble, fields={"to": trouble})
    return number


@action(Permission.MAIL_MANAGE)
async def cancel(tx: Tx, number: int) -> None:
    """Call back a message that waits; of one that a service was asked to send nobody knows.

    Either is never sent again.

    Raises:
        NotFound: `message_not_found`.
        Conflict: `message_gone`: the service has it.
    """
    found = await messages.by_number(number)
    if found is None:
        raise NotFound("message_not_found")
    if found.state != MessageState.QUEUED.value:
        raise Conflict("message_gone")
    became = MessageState.UNKNOWN if found.attempts else MessageState.CANCELLED
    await messages.change(tx, found, became)


@action(Permission.MAIL_MANAGE, reads=True, quiet=True)
async def page(tx: Tx, before: int | None = None) -> MessagesPage:
    """Messages, the newest first: what they are about and what came of them, no number."""
    rows = await messages.page(before, messages.PAGE + 1)
    more = len(rows) > messages.PAGE
    rows = rows[: messages.PAGE]
    rules, balances = await settings.both(SETTING, MessageSettings, BALANCES, Balances)
    return MessagesPage(
        rows=tuple(rows),
        after=rows[-1].number if more else None,
        codes=await desk.codes(tx, await references.lists()),
        balances=balances,
        settings=rules,
        today=await _messages.today(tx),
    )
