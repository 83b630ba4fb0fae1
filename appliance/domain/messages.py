"""Text messages to clients: where each stands, what it may be, the rules of the box."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from typing import Final
from uuid import UUID

import msgspec

from appliance.domain.desk import Codes
from appliance.domain.personal import Personal

SETTING: Final = "messages"
BALANCES: Final = "message_balances"
TOLD: Final = "messages_told"
SMS: Final = "sms"
LONGEST_TEXT: Final = 670
"""Signs: ten parts of Cyrillic; what is longer is a letter."""


class MessageState(StrEnum):
    """Where a message stands."""

    QUEUED = "queued"  # with the box: waits for its hour or for the service
    SENT = "sent"  # the service took it
    DELIVERED = "delivered"  # it is on the phone
    READ = "read"
    FAILED = "failed"  # refused by the service, the operator or the box; `reason` says why
    EXPIRED = "expired"  # the phone was off for too long
    UNKNOWN = "unknown"  # nobody will say any more: it is not sent again by itself
    CANCELLED = "cancelled"  # called back before it left


_RANK: Final[Mapping[MessageState, int]] = {
    MessageState.QUEUED: 0,
    MessageState.SENT: 1,
    MessageState.UNKNOWN: 2,
    MessageState.EXPIRED: 3,
    MessageState.FAILED: 3,
    MessageState.DELIVERED: 4,
    MessageState.READ: 5,
    MessageState.CANCELLED: 9,
}
OPEN: Final = frozenset({MessageState.QUEUED, MessageState.SENT})
"""Of which more is to be heard."""


def goes_on(was: MessageState, told: MessageState) -> bool:
    """Whether a report moves a message on: one that is late never takes it back.

    >>> goes_on(MessageState.SENT, MessageState.DELIVERED)
    True
    >>> goes_on(MessageState.DELIVERED, MessageState.SENT)
    False
    >>> goes_on(MessageState.EXPIRED, MessageState.DELIVERED)
    True
    """
    return _RANK[told] > _RANK[was]


class MessagePurpose(StrEnum):
    """What a message is for: the ground that it stands on is looked up by it."""

    NOTIFY = "notify"  # about an order: part of the contract
    CALLBACK = "callback"  # an answer to somebody who asked to be called
    MAILING = "mailing"  # advertising: only with a consent that still stands


class MessageContent(msgspec.Struct, kw_only=True, omit_defaults=True):
    """Blob of `message.content`.

    Attributes:
        to: the number, +79120001234.
        any_hour: whoever wrote it wants it sent in quiet hours, too.
    """

    v: int = 1
    to: str = ""
    text: str = ""
    any_hour: bool = False

    def __repr__(self) -> str:
        return "MessageContent(•••)"


class MessageSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Setting `messages`.

    Attributes:
        plugin: the service that messages go by; empty: the first that runs.
        quiet_from, quiet_to: minutes after midnight at the recipient's.
        tells: codes of status groups whose beginning is told to the buyer.
        most_a_day: messages to one client within a day.
        least: kopecks on the account below which people are told.
        box_a_day: messages that leave the box within its day; zero: any number.
        spend_a_day: kopecks that they may cost; zero: any sum.
    """

    plugin: str = ""
    quiet_from: int = 21 * 60
    quiet_to: int = 9 * 60
    tells: tuple[str, ...] = ()
    most_a_day: int = 5
    least: int = 300_00
    box_a_day: int = 1000
    spend_a_day: int = 5_000_00


class Today(msgspec.Struct, frozen=True, kw_only=True):
    """What left the box within its day.

    Attributes:
        spent: kopecks that services named.
        unpriced: parts of messages whose price nobody has named yet.
        dearest: kopecks that a part has cost lately, at the most.
    """

    sent: int = 0
    spent: int = 0
    unpriced: int = 0
    dearest: int = 0

    def allows(self, rules: MessageSettings, parts: int) -> bool:
        """Whether one more message of so many parts may leave today.

        What is on its way counts as if it cost what parts have cost: a service that answers late
        does not let more through than the box may spend.

        >>> today = Today(sent=9, spent=30_00, unpriced=2, dearest=4_00)
        >>> today.allows(MessageSettings(box_a_day=10, spend_a_day=42_00), 1)
        True
        >>> today.allows(MessageSettings(box_a_day=9, spend_a_day=0), 1)
        False
        >>> today.allows(MessageSettings(box_a_day=0, spend_a_day=41_00), 1)
        False
        """
        if rules.box_a_day and self.sent >= rules.box_a_day:
            return False
        expected = self.spent + (self.unpriced + parts) * self.dearest
        return not rules.spend_a_day or expected <= rules.spend_a_day


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """Setting `messages_told`: the last day on which people heard that the limit was reached."""

    day: date | None = None


def day_began(now: datetime, zone: tzinfo, *, ahead: int = 0) -> datetime:
    """When the box's day began, or one `ahead` of it will.

    >>> day_began(datetime(2026, 5, 4, 12, tzinfo=UTC), UTC, ahead=1)
    datetime.datetime(2026, 5, 5, 0, 0, tzinfo=datetime.timezone.utc)
    """
    day = now.astimezone(zone).date() + timedelta(days=ahead)
    return datetime.combine(day, time(), zone).astimezone(UTC)


class Balance(msgspec.Struct, frozen=True, kw_only=True):
    """What is left on an account of a service, kopecks.

    Attributes:
        told: people know that it is low.
    """

    amount: int
    at: datetime
    told: bool = False


class Balances(msgspec.Struct, frozen=True, kw_only=True):
    """Setting `message_balances`: `plugin:account` → what is left there."""

    of: dict[str, Balance] = {}


class Template(msgspec.Struct, frozen=True, kw_only=True):
    """A template of messages.

    Attributes:
        name: of the house's own; the release's are named by the door, in the reader's language.
        advert: advertising: needs a consent.
        own: made in this box.
        changed: one of the release's that says something else now.
    """

    code: str
    body: str
    name: str = ""
    advert: bool = False
    own: bool = False
    changed: bool = False


class MessageDraft(msgspec.Struct, frozen=True, kw_only=True):
    """A message as its form gives it.

    Attributes:
        form: of the form; a second delivery of it sends nothing new.
        to: id of a contact, `order` for the order's own phone, else a typed number.
        now: sent in quiet hours, too; advertising never is.
        token_hash, link: of a link to the order that takes the place of `letters.MARK`.
    """

    form: UUID
    plugin: str
    template: str
    to: Personal[str]
    text: Personal[str]
    now: bool = False
    token_hash: bytes = b""
    link: Personal[str] = Personal("")


class Reached(msgspec.Struct, frozen=True, kw_only=True):
    """One number that a message may go to.

    Attributes:
        value: how the form names it.
        shown: as the role may see it.
        prefix: country and range of the operator: what the price is by, nobody's number.
        trouble: why no message can reach it; empty: one can.
    """

    value: str
    shown: Personal[str]
    prefix: str = ""
    trouble: str = ""


class MessageForm(msgspec.Struct, frozen=True, kw_only=True):
    """A form filled from a template.

    Attributes:
        opted_out: the client takes no advertising.
        waits: until when a message would wait now; None: it leaves at once.
        zone: by whose clock that is.
        shop: of the order, by which a service's account is chosen; empty elsewhere.
        is_full: nothing more leaves the box today: it waits for tomorrow.
    """

    template: str
    templates: tuple[Template, ...]
    recipients: tuple[Reached, ...]
    text: Personal[str]
    plugin: str
    opted_out: bool = False
    waits: datetime | None = None
    zone: str = ""
    shop: str = ""
    is_full: bool = False


class MessageView(msgspec.Struct, frozen=True, kw_only=True):
    """A message in the list: nobody's number is in it."""

    id: UUID
    number: int
    kind: str
    state: MessageState
    reason: str
    author_number: int
    parts: int
    price: int | None
    created_at: datetime
    due_at: datetime
    settled_at: datetime | None
    order_number: int
    client_number: int
    plugin: str


class MessagesPage(msgspec.Struct, frozen=True, kw_only=True):
    """A page of messages by key."""

    rows: tuple[MessageView, ...]
    after: int | None
    codes: Codes
    balances: Balances
    settings: MessageSettings
    today: Today
