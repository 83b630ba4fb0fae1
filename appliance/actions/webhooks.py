"""Addresses of programs that are told of events: kept, tried, replayed; and the telling itself."""

import secrets
from collections.abc import Awaitable, Callable, Sequence
from functools import wraps
from typing import Any, Concatenate, Final, ParamSpec, TypeVar
from uuid import UUID

import msgspec

from appliance.actions._gate import action
from appliance.domain.access import Actor
from appliance.domain.personal import Personal
from appliance.domain.webhooks import (
    EVENTS,
    TEST,
    Parcel,
    WebhookDraft,
    WebhookMade,
    WebhookTry,
    WebhookView,
    problem_of_url,
)
from appliance.errors import Invalid, NotFound
from appliance.roles import Permission
from appliance.storage import api_keys, webhooks
from appliance.storage.tx import Tx

P = ParamSpec("P")
R = TypeVar("R")
SECRET_BYTES: Final = 32
MOST: Final = 100
PAGE: Final = 50
_changed: list[Callable[[], None]] = []


def on_change(heard: Callable[[], None]) -> None:
    """Have somebody hear, after the commit, that addresses changed; the house's postman does."""
    _changed[:] = [heard]


def _tells(
    run: Callable[Concatenate[Actor, P], Awaitable[R]],
) -> Callable[Concatenate[Actor, P], Awaitable[R]]:
    @wraps(run)
    async def wrapped(actor: Actor, /, *args: P.args, **kwargs: P.kwargs) -> R:
        result = await run(actor, *args, **kwargs)
        for heard in _changed:
            heard()
        return result

    return wrapped


def _new_secret() -> str:
    return secrets.token_urlsafe(SECRET_BYTES)


async def _check(draft: WebhookDraft) -> None:
    problems: dict[str, str] = {}
    if not draft.name.strip():
        problems["name"] = "name_empty"
    wrong = problem_of_url(draft.url, lan=draft.lan)
    if wrong:
        problems["url"] = wrong
    if not draft.events:
        problems["events"] = "event_missing"
    if any(one not in EVENTS for one in draft.events):
        problems["events"] = "event_unknown"
    if draft.shop and not await api_keys.shop_exists(draft.shop):
        problems["shop"] = "code_unknown"
    if problems:
        raise Invalid(fields=problems)


@action(Permission.KEY_MANAGE, reads=True)
async def list_all(tx: Tx) -> Sequence[WebhookView]:
    """Every address, with what waits for it and how the newest attempt ended."""
    return await webhooks.every()


@action(Permission.KEY_MANAGE)
async def keep(tx: Tx, draft: WebhookDraft, secret: Personal[str]) -> int:
    """Write a new address down. Raises as `add`."""
    await _check(draft)
    if len(await webhooks.every()) >= MOST:
        raise Invalid("webhooks_most", most=MOST)
    number = await webhooks.add(tx, draft, secret.reveal())
    tx.object_type = "webhook"
    tx.payload = {"number": number, "url": draft.url, "events": list(draft.events)}
    return number


@_tells
async def add(actor: Actor, draft: WebhookDraft) -> WebhookMade:
    """Tell an address of events from now on; its secret is shown this once.

    Raises:
        Invalid: by field: `name_empty`, `address_unreadable`, `address_plain`, `event_missing`,
            `event_unknown`, `code_unknown`; `webhooks_most`.
    """
    secret = Personal(_new_secret())
    return WebhookMade(number=await keep(actor, draft, secret), secret=secret)


@_tells
@action(Permission.KEY_MANAGE)
async def change(tx: Tx, number: int, draft: WebhookDraft) -> None:
    """Change an address whole. Raises as `add`; NotFound: `webhook_not_found`."""
    row_id, _, _ = await webhooks.find(number)
    await _check(draft)
    await webhooks.change(row_id, draft)
    tx.about("webhook", row_id)
    tx.payload = {"number": number, "url": draft.url, "events": list(draft.events)}


@action(Permission.KEY_MANAGE)
async def put_secret(tx: Tx, number: int, secret: Personal[str]) -> int:
    """Give an address another secret; the old one signs nothing more."""
    row_id, _, _ = await webhooks.find(number)
    await webhooks.set_secret(tx, row_id, secret.reveal())
    tx.about("webhook", row_id)
    return number


async def renew_secret(actor: Actor, number: int) -> WebhookMade:
    """Give an address a new secret, shown this once. Raises NotFound: `webhook_not_found`."""
    secret = Personal(_new_secret())
    return WebhookMade(number=await put_secret(actor, number, secret), secret=secret)


@_tells
@action(Permission.KEY_MANAGE)
async def remove(tx: Tx, number: int) -> None:
    """Tell an address no more; what waits for it is dropped.

    Raises:
        NotFound: `webhook_not_found`.
    """
    row_id, _, _ = await webhooks.find(number)
    tx.about("webhook", row_id)
    tx.payload = {"number": number}
    await webhooks.remove(row_id, number)


@action(Permission.KEY_MANAGE)
async def test(tx: Tx, number: int) -> UUID:
    """Send a trial event to an address; the delivery's id.

    Raises:
        NotFound: `webhook_not_found`.
        Invalid: `webhook_off`.
    """
    row_id, view, _ = await webhooks.find(number)
    if not view.active:
        raise Invalid("webhook_off")
    tx.about("webhook", row_id)
    return await webhooks.enqueue(tx, number, TEST, b"{}")


@action(Permission.KEY_MANAGE, reads=True)
async def tries(tx: Tx, number: int, after: UUID | None = None) -> Sequence[WebhookTry]:
    """Attempts to tell an address, the newest first, fifty at a time.

    Raises:
        NotFound: `webhook_not_found`.
    """
    row_id, _, _ = await webhooks.find(number)
    return await webhooks.tries(row_id, after, PAGE)


@action(Permission.KEY_MANAGE)
async def replay(tx: Tx, number: int, delivery_id: UUID) -> None:
    """Send a delivery of the last seven days once more, under its own id.

    Raises:
        NotFound: `webhook_not_found`, `webhook_delivery_gone`.
    """
    row_id, _, _ = await webhooks.find(number)
    tx.about("webhook", row_id)
    if not await webhooks.replay(tx, number, delivery_id):
        raise NotFound("webhook_delivery_gone")


# --- the house tells ---


@action(Permission.HOUSE, reads=True, quiet=True)
async def listening(tx: Tx) -> Sequence[WebhookView]:
    """Addresses that are told now."""
    return await webhooks.active()


@action(Permission.HOUSE, reads=True, quiet=True)
async def parcel(
    tx: Tx, number: int, event: str, payload: Personal[bytes], delivery_id: UUID
) -> Parcel:
    """What goes to an address for one event: ids and numbers, never a word of a person.

    Raises:
        NotFound: `webhook_not_found`: it was removed meanwhile.
    """
    row_id, view, sealed = await webhooks.find(number)
    told: dict[str, Any] = msgspec.json.decode(payload.reveal(), type=dict[str, Any])
    numbers = await webhooks.numbers_of(_id(told, "order_id"), _id(told, "customer_id"))
    shops = {shop for _, shop in numbers.values() if shop}
    foreign = bool(view.shop and shops and view.shop not in shops)
    at = await webhooks.created_at(delivery_id) or tx.now
    body: dict[str, Any] = {
        "id": delivery_id,
        "event": event,
        "at": at,
        **{f"{noun}_number": found[0] for noun, found in numbers.items()},
        "data": told,
    }
    return Parcel(
        url=view.url,
        lan=view.lan,
        secret=Personal(webhooks.secret_of(tx, row_id, sealed)),
        body=None if foreign else msgspec.json.encode(body),
    )


def _id(told: dict[str, Any], name: str) -> UUID | None:
    value = told.get(name)
    return UUID(value) if isinstance(value, str) else None


@action(Permission.HOUSE, quiet=True)
async def note(tx: Tx, number: int, made: WebhookTry) -> None:
    """Write an attempt down."""
    row_id, _, _ = await webhooks.find(number)
    await webhooks.note(tx, row_id, made)
