"""The buyer's page of an order: links to it, reading it, writing to the manager."""

import secrets
from collections.abc import Sequence
from datetime import timedelta
from hashlib import sha256
from uuid import UUID

import msgspec

from appliance.actions._actors import visitor
from appliance.actions._gate import action
from appliance.domain.access import Actor, Origin
from appliance.domain.buyers import MOST_WORDS, SETTING, BuyerPage, BuyerSettings, LinkView
from appliance.domain.notices import NoticeKind
from appliance.domain.orders import OrderSelector
from appliance.domain.personal import Personal
from appliance.domain.tasks import TaskDraft
from appliance.domain.timeline import Entry, Kind, Said
from appliance.errors import Destroyed, Invalid, NotFound, Throttled
from appliance.roles import Permission
from appliance.storage import (
    buyer_pages,
    form_tokens,
    notices,
    orders,
    references,
    roles_store,
    settings,
    status_links,
    tasks,
    timeline,
)
from appliance.storage.orders import Order
from appliance.storage.tx import Tx

TOKEN_BYTES = 32
"""256 random bits in an address: nobody guesses it, and nothing slower than SHA-256 is needed."""


class NewLink(msgspec.Struct, frozen=True, kw_only=True):
    """A link just made. The token is shown once: only its hash is kept."""

    id: UUID
    token: Personal[str]


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """What the buyer typed.

    Attributes:
        form: of the form; a second delivery of it writes nothing.
        title: of the task it leaves, in the box's language.
    """

    form: UUID
    text: Personal[str]
    title: str


def hash_of(token: str) -> bytes:
    """What is kept of a token."""
    return sha256(token.encode("utf-8", "replace")).digest()


def new_token() -> str:
    """A token for a link: URL-safe, 43 characters."""
    return secrets.token_urlsafe(TOKEN_BYTES)


# --- for colleagues ---


async def make_link(actor: Actor, number: int) -> NewLink:
    """Make a link to an order and give its token, once.

    Raises:
        NotFound: `order_not_found`: absent, or not for this actor.
    """
    token = new_token()
    return NewLink(id=await add_link(actor, number, hash_of(token)), token=Personal(token))


@action(Permission.LETTER_SEND)
async def add_link(tx: Tx, number: int, token_hash: bytes) -> UUID:
    """Make a link for a token of which only the hash comes in.

    Raises:
        NotFound: `order_not_found`.
    """
    order = await orders.get(tx, OrderSelector(number=number))
    term = (await settings.get(SETTING, BuyerSettings)).term
    return await status_links.add(tx, order.id, token_hash, term)


@action(Permission.LETTER_SEND, reads=True, quiet=True)
async def links(tx: Tx, number: int) -> Sequence[LinkView]:
    """Links of an order, the newest first.

    Raises:
        NotFound: `order_not_found`.
    """
    order = await orders.get(tx, OrderSelector(number=number))
    return await status_links.of_order(order.id)


@action(Permission.LETTER_SEND)
async def revoke(tx: Tx, number: int, link_id: UUID) -> None:
    """Take a link back: it leads nowhere from now on.

    Raises:
        NotFound: `order_not_found`, `link_not_found`.
    """
    order = await orders.get(tx, OrderSelector(number=number))
    if not await status_links.revoke(tx, order.id, link_id):
        raise NotFound("link_not_found")


# --- for buyers ---


async def page(token: str, origin: Origin) -> BuyerPage:
    """The page of a token.

    Raises:
        NotFound: `link_not_found`: wrong, expired, revoked, or the person is gone.
    """
    actor, hashed = visitor(origin), hash_of(token)
    found = await show(actor, hashed)
    await note_opened(actor, hashed)
    return found


@action(Permission.SIGN_IN, reads=True, quiet=True)
async def show(tx: Tx, token_hash: bytes) -> BuyerPage:
    """The page of a token.

    Raises:
        NotFound: `link_not_found`.
    """
    order = await _order(tx, token_hash)
    try:
        return await buyer_pages.page(tx, await references.lists(), order)
    except Destroyed:
        raise NotFound("link_not_found") from None


@action(Permission.SIGN_IN, quiet=True)
async def note_opened(tx: Tx, token_hash: bytes) -> None:
    """Write down that the buyer was here."""
    link = await status_links.find(tx, token_hash)
    if link is not None:
        await status_links.note_opened(tx, link.id)


@action(Permission.SIGN_IN, reads=True, quiet=True)
async def stamp(tx: Tx, token_hash: bytes) -> tuple[UUID, str]:
    """The order's id, for the stream of changes, and what differs whenever the page does.

    Raises:
        NotFound: `link_not_found`.
    """
    order = await _order(tx, token_hash)
    return order.id, await buyer_pages.stamp(order)


@action(Permission.SIGN_IN)
async def write(tx: Tx, token_hash: bytes, draft: Draft) -> None:
    """Put the buyer's words into the order's stream, with a task and a notice for its manager.

    Raises:
        NotFound: `link_not_found`.
        Invalid: `entry_empty`, `entry_long`.
        Throttled: `buyer_budget`: enough for a day.
    """
    order = await _order(tx, token_hash)
    if await form_tokens.spent_on(draft.form) is not None:
        return
    words = draft.text.reveal().strip()
    if not words:
        raise Invalid("entry_empty", fields={"text": "entry_empty"})
    if len(words) > MOST_WORDS:
        raise Invalid("entry_long", fields={"text": "entry_long"}, most=MOST_WORDS)
    rules = await settings.get(SETTING, BuyerSettings)
    sent = await buyer_pages.written_since(order.id, tx.now - buyer_pages.DAY)
    if sent >= rules.messages_a_day:
        raise Throttled("buyer_budget", seconds=3600)
    performer = order.manager_id or await _on_duty()
    task_id = await _task(tx, order, performer, draft.title, rules.answer_hours)
    await timeline.record(
        tx,
        Entry(
            kind=Kind.MESSAGE,
            at=tx.now,
            customer_id=order.customer_id,
            order_id=order.id,
            subject_id=order.subject_id,
            said=Said(text=words),
            ref_id=task_id,
            for_buyer=True,
        ),
    )
    if performer is not None:
        await notices.tell(
            tx,
            performer,
            NoticeKind.BUYER_WROTE,
            entity="order",
            entity_id=order.id,
            entity_number=order.number,
        )
    await form_tokens.spend(tx, draft.form, order.number)


async def _order(tx: Tx, token_hash: bytes) -> Order:
    link = await status_links.find(tx, token_hash)
    if link is None:
        raise NotFound("link_not_found")
    try:
        return await orders.get(tx, OrderSelector(id=link.order_id))
    except NotFound:
        raise NotFound("link_not_found") from None


async def _task(
    tx: Tx, order: Order, performer: UUID | None, title: str, hours: int
) -> UUID | None:
    """The task to answer: one until it is done, however much the buyer writes meanwhile."""
    known = await buyer_pages.task_that_waits(order.id)
    if known is not None or performer is None:
        return known
    return await tasks.add(
        tx,
        TaskDraft(
            title=Personal(title),
            performer_id=performer,
            due_at=tx.now + timedelta(hours=hours),
            customer_id=order.customer_id,
            order_id=order.id,
        ),
    )


async def _on_duty() -> UUID | None:
    """Who answers for an order that nobody leads: whoever may give orders to colleagues."""
    codes = {
        role.code
        for role in await roles_store.list_all()
        if Permission.ORDER_ASSIGN in role.grants and Permission.TASK_EDIT in role.grants
    }
    return await buyer_pages.nobodys(frozenset(codes))


# --- settings ---


@action(Permission.MAIL_MANAGE, reads=True, quiet=True)
async def rules(tx: Tx) -> BuyerSettings:
    """How long links live, and what buyers are told by themselves."""
    return await settings.get(SETTING, BuyerSettings)
