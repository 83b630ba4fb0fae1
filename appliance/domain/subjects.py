"""Requests of people about their data (152-FZ): kinds, terms, holds, approvals, what was found."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final, NamedTuple
from uuid import UUID

import msgspec

from appliance.domain.holds import KeptFor
from appliance.domain.personal import Personal
from appliance.domain.privacy import PurposeCode

FLOOR: Final = timedelta(hours=24)
"""The shortest pause between the last approval and the destruction (issue C, item 6): a constant
on purpose, no setting and no variable of the surroundings reaches it."""

ALONE: Final = timedelta(hours=72)
"""The shortest pause where the recovery code stands for a second person (security.md, E)."""

LONGEST_PAUSE: Final = timedelta(hours=240)
"""Ten days: with it a destruction still fits into 30 calendar days; more would not."""

APPROVAL_LIFE: Final = timedelta(days=3)
"""How long an approval waits for the other one (security.md, E "Four eyes")."""

NEAR: Final = timedelta(days=3)
"""What is left of a term when it turns red, and when the house begins to tell of it every day."""

NEEDED: Final = 2
"""Different people who must agree, neither of them the one who wrote the request down."""

RULES: Final = "destruction.rules"


class RequestKind(StrEnum):
    """What somebody asks for, or what we found out ourselves."""

    ACCESS = "access"
    RECTIFY = "rectify"
    BLOCK = "block"
    MARKETING = "marketing"
    AUTHORITY = "authority"
    WITHDRAW = "withdraw"
    ERASE = "erase"
    UNLAWFUL = "unlawful"
    SURPLUS = "surplus"
    PURPOSE_END = "purpose_end"


class RequestState(StrEnum):
    """Where a request stands."""

    OPEN = "open"  # written down; nobody is blocked
    BLOCKED = "blocked"  # nothing of the person is shown; approvals may come
    COOLING = "cooling"  # approved; the pause runs
    ERASING = "erasing"  # the key is going or gone, rows follow
    WAITING = "waiting"  # gone here; copies or subscribers are behind
    HELD = "held"  # what a law keeps of a destroyed person waits for its last day
    CLOSED = "closed"
    REFUSED = "refused"  # taken back: the person is as before


ENDED: Final = frozenset({RequestState.CLOSED, RequestState.REFUSED})
BLOCKING: Final = frozenset({RequestState.BLOCKED, RequestState.COOLING})
UNDER_WAY: Final = frozenset({RequestState.ERASING, RequestState.WAITING})


class Unit(StrEnum):
    """What a term counts."""

    WORKING_DAY = "working_day"
    CALENDAR_DAY = "calendar_day"
    AT_ONCE = "at_once"


class Term(NamedTuple):
    """A legal term (compliance.md, section 3).

    Attributes:
        code: of the timer.
        norm: article of 152-FZ.
        amount: of `unit`; the day of receipt is not counted.
        extension: working days that a letter with reasons adds; 0: none.
    """

    code: str
    norm: str
    amount: int
    unit: Unit
    extension: int = 0


class Rule(NamedTuple):
    """What a kind of request brings with it.

    Attributes:
        blocks: the person is blocked at once.
        destroys: it ends in destruction; `reason` is the ledger's word for it then.
    """

    term: Term
    blocks: bool = False
    destroys: bool = False
    reason: str = ""


_WORK, _DAY = Unit.WORKING_DAY, Unit.CALENDAR_DAY
RULE: Final = {
    RequestKind.ACCESS: Rule(Term("answer_subject", "14.3, 20.1", 10, _WORK, 5)),
    RequestKind.RECTIFY: Rule(Term("rectify", "21.2", 7, _WORK), blocks=True),
    RequestKind.BLOCK: Rule(Term("block", "21.1", 0, Unit.AT_ONCE), blocks=True),
    RequestKind.MARKETING: Rule(Term("stop_marketing", "15.2", 0, Unit.AT_ONCE)),
    RequestKind.AUTHORITY: Rule(Term("answer_rkn", "20.4", 10, _WORK, 5)),
    RequestKind.WITHDRAW: Rule(
        Term("destroy_withdrawal", "21.5", 30, _DAY), True, True, "withdrawal"
    ),
    RequestKind.ERASE: Rule(Term("stop_on_demand", "21.5.1", 10, _WORK, 5), True, True, "demand"),
    RequestKind.UNLAWFUL: Rule(Term("destroy_unlawful", "21.3", 10, _WORK), True, True, "unlawful"),
    RequestKind.SURPLUS: Rule(Term("erase_unneeded", "20.3", 7, _WORK), True, True, "surplus"),
    RequestKind.PURPOSE_END: Rule(
        Term("destroy_purpose_end", "21.4", 30, _DAY), True, True, "purpose_end"
    ),
}
"""Kind → term and consequence. The numbers are those of compliance.md, section 3."""


def due_on(term: Term, received: date, is_off: Callable[[date], bool], *, extra: int = 0) -> date:
    """The last safe day of a term.

    Args:
        term: of the request's kind.
        received: not counted itself.
        is_off: whether nobody works that day.
        extra: working days granted besides, by a letter with reasons.
    """
    day = received
    if term.unit is Unit.CALENDAR_DAY:
        day += timedelta(days=term.amount)
    else:
        day = _working(day, term.amount, is_off)
    return _working(day, extra, is_off)


def _working(day: date, count: int, is_off: Callable[[date], bool]) -> date:
    left = count
    while left > 0:
        day += timedelta(days=1)
        left -= not is_off(day)
    return day


class Steady(NamedTuple):
    """A reading of the clock nobody can set.

    Attributes:
        boot: of the machine's start; readings of two starts cannot be compared.
        ms: since then, sleep included.
    """

    boot: str
    ms: int


class DestructionRules(msgspec.Struct, frozen=True, kw_only=True):
    """Setting `RULES`.

    Attributes:
        pause_hours: between the approvals and the destruction; whatever stands here, never less
            than `FLOOR`.
        full_name: the act names the person in full; else initials and number.
    """

    pause_hours: int = 72
    full_name: bool = False

    def pause(self, *, alone: bool) -> timedelta:
        """The pause that holds."""
        floor = ALONE if alone else FLOOR
        return max(min(timedelta(hours=self.pause_hours), LONGEST_PAUSE), floor)


class Found(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the box holds of a person: counts only.

    Attributes:
        cells: category (`domain.subjects.CATEGORIES` or `custom:<code>`) → sealed values.
        rows: table → rows that are his.
        indexes: keyed hashes by which he is found.
        records: cards that are he: his own and those merged into it.
        orders, open_orders: stay without a name; the open ones are still to be delivered.
        deals, open_deals, open_tasks, open_letters: what is under way.
        paid_for: orders of others that he pays.
        companies: firms he is a contact of.
        files, file_bytes: attachments.
        drafts: files of exports and imports that wait in the box and may name him.
        kept: category → values that a law keeps by themselves, when all else was destroyed.
        kept_for: the laws of that day.
        kept_in: number of the request that ends what is kept; 0: nothing is.
        kept_of: of such a request: number of the one that destroyed the person.
    """

    cells: dict[str, int] = {}
    rows: dict[str, int] = {}
    indexes: int = 0
    records: int = 1
    orders: int = 0
    open_orders: int = 0
    deals: int = 0
    open_deals: int = 0
    open_tasks: int = 0
    open_letters: int = 0
    paid_for: int = 0
    companies: int = 0
    files: int = 0
    file_bytes: int = 0
    drafts: int = 0
    kept: dict[str, int] = {}
    kept_for: tuple[KeptFor, ...] = ()
    kept_in: int = 0
    kept_of: int = 0

    @property
    def gone(self) -> dict[str, int]:
        """Category → values that nobody reads any more: all but what a law keeps."""
        left = {code: count - self.kept.get(code, 0) for code, count in self.cells.items()}
        return {code: count for code, count in left.items() if count > 0}

    @property
    def categories(self) -> tuple[str, ...]:
        """Categories of personal data, for the act."""
        return tuple(sorted(self.cells))


class HoldView(msgspec.Struct, frozen=True, kw_only=True):
    """A law that keeps a person's data although he asks for their end.

    Attributes:
        purpose: what they are kept for.
        law: the norm, in words: `402-ФЗ, ст. 29`.
        until: the last day.
    """

    id: UUID
    customer_number: int
    purpose: PurposeCode
    law: str
    until: date
    set_by: int
    set_at: datetime


class ApprovalView(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody agreed.

    Attributes:
        by: number of the colleague.
        code: by the recovery code, in place of a second person.
        stands: counts; False: it waited too long for the other.
    """

    by: int
    at: datetime
    code: bool = False
    stands: bool = True


class Who(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Blob of `subject_request.about`, under the evidence key: it outlives the person.

    Attributes:
        shown: initials and number, or the full name, as the setting said at the request.
        note: how it came and from whom: a letter's number, a representative.
        answer: what was answered, or why it was refused.
    """

    v: int = 1
    shown: str = ""
    note: str = ""
    answer: str = ""


class RequestView(msgspec.Struct, frozen=True, kw_only=True):
    """A request as lists and cards show it.

    Attributes:
        number: for people.
        customer_id, customer_number, subject_id: whose; ids and numbers stay after the end.
        shown: who it is, for the act: initials, or the name; needs the evidence key only.
        due_on: last safe day; `norm` says by which article.
        asked_by: number of the colleague who wrote it down.
        needed: people who must agree; `code_needed`: the recovery code besides.
        pause_hours: the pause that holds, or held.
        cooling_left: seconds of pause left, by the clock nobody can set; None: it does not run.
        found: what was found when it was blocked; after the end, what was destroyed.
        ledger: number in the erasure ledger; 0: not destroyed.
        waits_for: why it is not closed yet: `copies`, `subscribers`.
        is_lost: the key of what is blocked or kept is gone, and nobody destroyed it.
    """

    number: int
    kind: RequestKind
    state: RequestState
    customer_id: UUID
    customer_number: int
    subject_id: UUID
    shown: Personal[str]
    note: Personal[str]
    answer: Personal[str]
    channel: str
    received_on: date
    due_on: date
    norm: str
    term: str
    extended: int
    asked_by: int
    asked_at: datetime
    needed: int
    code_needed: bool
    pause_hours: int
    cooling_left: int | None
    found: Found
    approvals: tuple[ApprovalView, ...]
    holds: tuple[HoldView, ...]
    blocked_at: datetime | None
    approved_at: datetime | None
    erased_at: datetime | None
    closed_at: datetime | None
    ledger: int
    waits_for: tuple[str, ...] = ()
    is_lost: bool = False


LOST: Final = "_lost"
"""What the erasure ledger's reason ends with where the key was gone before its destruction."""


class Due(NamedTuple):
    """A destruction that has a next step to do, for the house.

    Attributes:
        others: people of cards that were merged into his.
        keeps: what stays of a person who was destroyed: no rows are his, only a sealed set.
    """

    request_id: UUID
    number: int
    state: RequestState
    subject_id: UUID
    reason: str
    requested_by: UUID
    approved_by: UUID | None
    others: tuple[UUID, ...] = ()
    keeps: bool = False


CATEGORIES: Final = {
    "name": "фамилия, имя, отчество",
    "birthday": "дата рождения, пол",
    "comment": "заметки о человеке",
    "wishes": "пожелания к заказам",
    "contacts": "телефоны, адреса электронной почты, мессенджеры",
    "address": "адреса",
    "tax_id": "реквизиты: ИНН, ОГРНИП, счета",
    "consent": "подтверждения согласий",
    "dates": "памятные даты",
    "order_contact": "имя и контакты получателя в заказах",
    "order_comment": "комментарии к заказам",
    "deal_text": "тексты сделок",
    "payment": "сведения о плательщике",
    "task": "тексты задач",
    "stream": "записи ленты общения",
    "call": "номера звонков",
    "file": "вложения",
    "letter": "письма",
    "message": "сообщения",
    "plugin": "сведения, которые хранят плагины",
    "history": "прежние значения полей",
}
"""Category of `Found.cells` → what the act calls it; `custom:<code>` is a field's own name."""
