"""Webhooks: a program's address that is told what happened, signed, without a word of a person."""

import hashlib
import hmac
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit
from uuid import UUID

import msgspec

from appliance.domain.events import (
    CustomerChanged,
    OrderChanged,
    OrderPlaced,
    OrderStatusChanged,
    SubjectDestroyed,
)
from appliance.domain.personal import Personal

EVENTS: Final = tuple(
    one.name
    for one in (OrderPlaced, OrderChanged, OrderStatusChanged, CustomerChanged, SubjectDestroyed)
)
"""What an address may ask to be told of."""
TEST: Final = "test"
"""The event of a trial delivery."""

MOST_URL: Final = 2_000
SUBSCRIBER: Final = "webhook:"
FRESH_SECONDS: Final = 300
"""How old a receiver should let a signature be; a copy sent later is somebody else's."""


class WebhookDraft(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked for an address.

    Attributes:
        url: `https://…`; plain `http://` only where `lan` is set.
        events: names out of `EVENTS`.
        shop: events of this shop alone; empty: of all.
        lan: the address stands in the firm's own network: an administrator's word for it.
    """

    name: str
    url: str
    events: tuple[str, ...]
    shop: str = ""
    lan: bool = False
    active: bool = True


class WebhookView(msgspec.Struct, frozen=True, kw_only=True):
    """An address as it is shown: never with its secret.

    Attributes:
        waiting: deliveries on their way or put off; dead: given up, until somebody replays them.
        last_status: of the newest attempt; 0: no answer, None: none was made.
    """

    number: int
    name: str
    url: str
    events: tuple[str, ...]
    shop: str
    lan: bool
    active: bool
    created_at: datetime
    waiting: int = 0
    dead: int = 0
    last_at: datetime | None = None
    last_status: int | None = None


class WebhookMade(msgspec.Struct, frozen=True, kw_only=True):
    """A new address, or a new secret of one: shown this once."""

    number: int
    secret: Personal[str]


class WebhookTry(msgspec.Struct, frozen=True, kw_only=True):
    """One attempt.

    Attributes:
        delivery_id: stays the same over attempts and replays.
        state: of the delivery: ready, done, dead, held; empty: it is no longer kept.
        status: of the answer; 0: there was none, `code` says why.
    """

    id: UUID
    delivery_id: UUID
    event: str
    at: datetime
    status: int
    code: str
    milliseconds: int
    state: str


class Parcel(msgspec.Struct, frozen=True, kw_only=True):
    """What goes out: made when it goes, so that numbers are those of now.

    Attributes:
        body: None: there is nothing to tell this address.
    """

    url: str
    lan: bool
    secret: Personal[str]
    body: bytes | None


def signature(secret: str, moment: int, body: bytes) -> str:
    """`t=<seconds since 1970>,v1=<hex>`: HMAC-SHA256 of `<t>.<body>` (RFC 2104).

    >>> signature("key", 0, b"{}")[:12]
    't=0,v1=73143'
    """
    made = hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256)
    return f"t={moment},v1={made.hexdigest()}"


def problem_of_url(url: str, *, lan: bool) -> str:
    """What is wrong with an address, as a code; empty: nothing."""
    if len(url) > MOST_URL or not url.isprintable() or " " in url:
        return "address_unreadable"
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return "address_unreadable"
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username is not None:
        return "address_unreadable"
    return "" if parts.scheme == "https" or lan else "address_plain"


def number_of(subscriber: str) -> int:
    """Of the address that a subscriber of the outbox is."""
    return int(subscriber.removeprefix(SUBSCRIBER))


def subscriber_of(number: int) -> str:
    """The name of an address among the outbox's subscribers."""
    return f"{SUBSCRIBER}{number}"
