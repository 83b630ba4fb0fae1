"""The stream of a client, an order or a deal: what its entries are, and what a page shows."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import msgspec

from appliance.domain.personal import Personal


class Kind(StrEnum):
    """What an entry is. Calls, messages and letters are written by the modules that carry them."""

    CREATED = "created"  # the record itself was made
    ORDER = "order"  # an order was placed
    DEAL = "deal"  # a deal was opened
    STATUS = "status"  # a status or a stage moved
    PAYMENT = "payment"
    SHIPMENT = "shipment"
    CHANGE = "change"  # fields were changed, folded into one line
    NOTE = "note"
    MEETING = "meeting"  # minutes of a meeting
    NO_ANSWER = "no_answer"  # «не дозвонился»
    CALL = "call"
    MESSAGE = "message"
    LETTER = "letter"
    TASK = "task"
    FILE = "file"
    COMPLAINT = "complaint"
    VIOLATION = "violation"
    DOCUMENT = "document"
    CART = "cart"  # what a client has put into a shop's basket


class Tab(StrEnum):
    """A filter of the stream; `KINDS` says what it lets through."""

    ALL = "all"
    DEALINGS = "dealings"
    TALK = "talk"
    TASKS = "tasks"
    FILES = "files"
    HISTORY = "history"


KINDS: Mapping[Tab, tuple[Kind, ...]] = {
    Tab.ALL: (),
    Tab.DEALINGS: (
        Kind.ORDER,
        Kind.DEAL,
        Kind.STATUS,
        Kind.PAYMENT,
        Kind.SHIPMENT,
        Kind.CART,
    ),
    Tab.TALK: (
        Kind.NOTE,
        Kind.MEETING,
        Kind.NO_ANSWER,
        Kind.CALL,
        Kind.MESSAGE,
        Kind.LETTER,
        Kind.COMPLAINT,
        Kind.VIOLATION,
    ),
    Tab.TASKS: (Kind.TASK, Kind.NO_ANSWER, Kind.COMPLAINT, Kind.VIOLATION),
    Tab.FILES: (Kind.FILE, Kind.DOCUMENT),
    Tab.HISTORY: (Kind.CREATED, Kind.STATUS, Kind.CHANGE),
}

TYPED = frozenset(
    {Kind.NOTE, Kind.MEETING, Kind.NO_ANSWER, Kind.COMPLAINT, Kind.VIOLATION, Kind.FILE}
)
"""Kinds that a colleague writes by hand, and may take back."""

QUALITY = frozenset({Kind.COMPLAINT, Kind.VIOLATION})
"""Kinds with a state, a deadline and, it may be, a colleague concerned."""


class Progress(StrEnum):
    """Where a complaint or a violation stands."""

    OPEN = "open"
    AT_WORK = "at_work"
    SOLVED = "solved"
    REJECTED = "rejected"


SETTLED = frozenset({Progress.SOLVED, Progress.REJECTED})


class Said(msgspec.Struct, kw_only=True, omit_defaults=True):
    """Blob of `timeline_entry.text`: what was written about a person.

    Attributes:
        title: the name of a file, the subject of a letter, what a meeting was about.
    """

    v: int = 1
    text: str = ""
    title: str = ""


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One line to be written, in the same transaction as the deed it tells of.

    Attributes:
        at: when it happened, aware UTC.
        subject_id: whose key seals `said`; may be left out where nothing is said.
        ref_id: the record it tells of (payment, task, file, call), opened from it.
        data: codes and integers only: this part is not sealed.
        planned_at: when it is due; such an entry stands on top until `done_at`.
        concerns: number of the colleague a complaint or a violation is about; 0: nobody.
        private: seen by its author, by the colleague concerned and by the right to it.
        for_buyer: the page of the order shows it to the buyer, too.
    """

    kind: Kind
    at: datetime
    customer_id: UUID | None = None
    order_id: UUID | None = None
    deal_id: UUID | None = None
    subject_id: UUID | None = None
    ref_id: UUID | None = None
    said: Said | None = None
    private: bool = False
    pinned: bool = False
    for_buyer: bool = False
    concerns: int = 0
    planned_at: datetime | None = None
    done_at: datetime | None = None
    data: Mapping[str, Any] = {}


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Whose stream an entry goes to, by number: an order's, a deal's or a client's."""

    order: int | None = None
    deal: int | None = None
    client: int | None = None


class EntryDraft(msgspec.Struct, frozen=True, kw_only=True):
    """What a colleague writes by hand.

    Attributes:
        planned_at: the next call, or the deadline of a complaint; in the future.
        sort: which complaint or violation it is: a code of `SORTS`.
        concerns: number of the colleague it is about; 0: nobody.
        task: title of the task that a call in vain leaves for `planned_at`.
        for_buyer: a note of an order that its buyer shall read on his page.
        form: of what it was typed into: delivered twice, it writes once.
    """

    kind: Kind = Kind.NOTE
    text: Personal[str] = Personal("")
    title: Personal[str] = Personal("")
    private: bool = False
    planned_at: datetime | None = None
    sort: str = ""
    concerns: int = 0
    task: Personal[str] = Personal("")
    for_buyer: bool = False
    form: UUID | None = None


SORTS: Mapping[Kind, tuple[str, ...]] = {
    Kind.COMPLAINT: ("goods", "delivery", "service", "money", "other"),
    Kind.VIOLATION: ("late", "rude", "rules", "mistake", "other"),
}
"""What complaints and violations are about, by kind."""


class EntryHistory(msgspec.Struct, frozen=True, kw_only=True):
    """One change of an entry.

    Attributes:
        old: the words before, of a change of the text.
        became: the new value of a change of state.
    """

    at: datetime
    field: str
    user_number: int
    old: Personal[str] | None = None
    became: str = ""


class ChangedField(msgspec.Struct, frozen=True, kw_only=True):
    """A field of a folded deed; personal values are wrapped, those of a hidden field are None."""

    field: str
    old: Personal[str] | str | None
    new: Personal[str] | str | None


class EntryOrder(msgspec.Struct, frozen=True, kw_only=True):
    """The order an entry belongs to; kopecks."""

    number: int
    status: str
    summary: str
    lines_count: int
    total: int


class StreamTask(msgspec.Struct, frozen=True, kw_only=True):
    """A task of this client, order or deal, planned or done.

    Attributes:
        title: None where the grant hides it or it cannot be opened any more.
        ask: its kind wants to know what came of it.
        mine: the actor may close it.
    """

    number: int
    kind: str
    title: Personal[str] | None
    due_at: datetime
    all_day: bool
    performer_number: int
    result: str = ""
    ask: bool = False
    mine: bool = False


class EntryView(msgspec.Struct, frozen=True, kw_only=True):
    """An entry as the actor may see it.

    Attributes:
        said: None where nothing was said, or the grant hides it (`hidden`), or it cannot be
            opened any more (`gone`).
        mine: the actor wrote it, and may change it.
        deleted_at: it was taken back; shown to its author only, who may bring it back.
        client_number: in a company's stream: of the person it is about, when another.
    """

    id: UUID
    at: datetime
    kind: Kind
    author_number: int
    source: str
    private: bool
    pinned: bool
    concerns: int
    planned_at: datetime | None
    done_at: datetime | None
    edited_at: datetime | None
    deleted_at: datetime | None
    version: int
    ref_id: UUID | None
    data: Mapping[str, Any]
    for_buyer: bool = False
    said: Personal[Said] | None = None
    hidden: bool = False
    gone: bool = False
    mine: bool = False
    order: EntryOrder | None = None
    fields: tuple[ChangedField, ...] = ()
    client_number: int | None = None
    task: StreamTask | None = None


class StreamPage(msgspec.Struct, frozen=True, kw_only=True):
    """A page of the stream, newest first, with what is planned (on the first page only).

    Attributes:
        tasks: open ones, the next first.
        planned: complaints that wait for their deadline, and the like.
        logins: number and login of those an @ may call; none where nothing may be written.
        after: the cursor of the next page: id of the last entry; None at the end.
        may_write: the actor may add to this stream.
    """

    tasks: tuple[StreamTask, ...]
    planned: tuple[EntryView, ...]
    entries: tuple[EntryView, ...]
    after: UUID | None
    may_write: bool
    logins: tuple[tuple[int, str], ...] = ()
    tab: Tab = Tab.ALL


def kind_of(entity: str, fields: tuple[str, ...], *, created: bool) -> Kind:
    """What a deed on a record is, by the names of the fields it changed.

    >>> kind_of("order", ("status", "manager"), created=False)
    <Kind.STATUS: 'status'>
    """
    if created:
        return {"order": Kind.ORDER, "deal": Kind.DEAL}.get(entity, Kind.CREATED)
    if any(one == "payments" or one.startswith("payments.") for one in fields):
        return Kind.PAYMENT
    if "status" in fields or "stage" in fields:
        return Kind.STATUS
    shipped = any(one == "shipped" or one.startswith("shipments") for one in fields)
    return Kind.SHIPMENT if shipped else Kind.CHANGE
