"""Letters: what waits to be sent, what came of it, and the account it goes out by."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

import msgspec

from appliance.domain.desk import Codes
from appliance.domain.papers import Paper
from appliance.domain.personal import Personal

ACCOUNT: Final = "mail_account"
LONGEST_SUBJECT: Final = 200
LONGEST_TEXT: Final = 20_000
MOST_TRIES: Final = 7
"""As often as the outbox tries (`storage.deliveries.PAUSES`): then the letter is refused."""

MARK: Final = "[[ссылка на заказ]]"
"""Stands in a text for the link until it is sent: a link made for a look would lead nowhere."""


class LetterState(StrEnum):
    """Where a letter stands."""

    WAITING = "waiting"  # in the outbox; `reason` says why it is not tried yet
    SENDING = "sending"  # handed to a server, which did not answer yet
    RETRY = "retry"  # the server asked to come again
    SENT = "sent"  # the server took it
    REFUSED = "refused"  # no server will take it
    CANCELLED = "cancelled"  # called back before it left


OPEN: Final = frozenset({LetterState.WAITING, LetterState.SENDING, LetterState.RETRY})


class Security(StrEnum):
    """How the conversation with the mail server is protected."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


class MailAccount(msgspec.Struct, frozen=True, kw_only=True):
    """Setting `mail_account`.

    Attributes:
        password: sealed by the house's own secret; empty where the server asks for none.
        trouble: code of what kept the last letter from being tried; empty when all is well.
        trouble_at: since when.
    """

    host: str = ""
    port: int = 587
    security: Security = Security.STARTTLS
    login: str = ""
    password: bytes = b""
    from_address: str = ""
    from_name: str = ""
    trouble: str = ""
    trouble_at: datetime | None = None

    @property
    def is_set(self) -> bool:
        """Whether letters can leave at all."""
        return bool(self.host and self.from_address)

    def __repr__(self) -> str:
        return "MailAccount(•••)"


class AccountForm(msgspec.Struct, frozen=True, kw_only=True):
    """The account as its form gives it; a password of None stays as it is."""

    host: str
    port: int
    security: Security
    login: str
    password: Personal[str] | None
    from_address: str
    from_name: str


class LetterContent(msgspec.Struct, kw_only=True, omit_defaults=True):
    """Blob of `letter.content`.

    Attributes:
        to: the address, normalised.
        name: of whom it goes to; may be empty.
        notice: of a colleague's: kind, entity, number, language; then there is no text yet.
    """

    v: int = 1
    to: str = ""
    name: str = ""
    subject: str = ""
    text: str = ""
    notice: tuple[str, str, int, str] | None = None

    def __repr__(self) -> str:
        return "LetterContent(•••)"


class Attached(msgspec.Struct, frozen=True, kw_only=True):
    """A file on its way out."""

    name: Personal[str]
    media: str
    body: Personal[bytes]


class Outgoing(msgspec.Struct, frozen=True, kw_only=True):
    """A letter and the way it takes, for whoever talks to the server."""

    id: UUID
    attempts: int
    host: str
    port: int
    security: Security
    login: str
    password: Personal[str]
    from_address: str
    from_name: str
    content: Personal[LetterContent]
    files: tuple[Attached, ...] = ()


class LetterDraft(msgspec.Struct, frozen=True, kw_only=True):
    """A letter as its form gives it.

    Attributes:
        form: of the form; a second delivery of it sends nothing new.
        to: id of a contact, `order` for the order's own address, else a typed address.
        token_hash, link: of a link to the order that takes the place of `MARK`.
        sent: files that were chosen in the form.
        papers: numbers of the order's documents that go with it.
    """

    form: UUID
    template: str
    to: Personal[str]
    subject: Personal[str]
    text: Personal[str]
    token_hash: bytes = b""
    link: Personal[str] = Personal("")
    sent: tuple[Attached, ...] = ()
    papers: tuple[int, ...] = ()


class Recipient(msgspec.Struct, frozen=True, kw_only=True):
    """One address a letter may go to; `shown` as the role may see it."""

    value: str
    shown: Personal[str]


class LetterForm(msgspec.Struct, frozen=True, kw_only=True):
    """A form filled from a template.

    Attributes:
        templates: codes that fit the place.
        ready: the box has an account to send by.
        opted_out: the client does not want letters beside his orders.
        papers: the order's documents that may go with it, the newest first.
    """

    template: str
    templates: tuple[str, ...]
    recipients: tuple[Recipient, ...]
    subject: Personal[str]
    text: Personal[str]
    ready: bool
    opted_out: bool = False
    papers: tuple[Paper, ...] = ()


class LetterView(msgspec.Struct, frozen=True, kw_only=True):
    """A letter in the list: nobody's address is in it."""

    id: UUID
    number: int
    kind: str
    state: LetterState
    reason: str
    author_number: int
    attempts: int
    created_at: datetime
    settled_at: datetime | None
    order_number: int
    deal_number: int
    client_number: int


class LettersPage(msgspec.Struct, frozen=True, kw_only=True):
    """A page of letters by key."""

    rows: tuple[LetterView, ...]
    after: int | None
    account: MailAccount
    codes: Codes


class Template(msgspec.Struct, frozen=True, kw_only=True):
    """A template; `changed` when it is no longer as the release brought it."""

    code: str
    subject: str
    body: str
    changed: bool = False


Values = Mapping[str, str]
"""What a template may name → text."""
