"""Notices to colleagues: what they are told, what they have muted, when they want quiet."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import msgspec

from appliance.domain import quiet_hours
from appliance.domain.personal import Personal


class NoticeKind(StrEnum):
    """What a colleague can be told. The web door has a sentence for each (`notice_words`)."""

    TASK_SET = "task.set"
    TASK_REMIND = "task.remind"
    TASK_DUE = "task.overdue"
    TASK_DONE = "task.done"
    TASK_MOVED = "task.moved"
    TASK_CANCELLED = "task.cancelled"
    MENTION = "mention"
    ORDER_NEW = "order.new"
    ORDER_ASSIGNED = "order.assigned"
    ORDER_UNTOUCHED = "order.untouched"
    ORDER_UNPAID = "order.unpaid"
    ORDER_REFUSED = "order.refused"
    SHELF_EMPTY = "shelf.empty"
    CLIENT_ASKED = "client.asked"
    CLIENT_GIVEN = "client.given"
    BUYER_WROTE = "buyer.wrote"
    COMPLAINT = "complaint"
    STOCK_LOW = "stock.low"
    IMPORT_DONE = "import.done"
    EXPORT_DONE = "export.done"
    BULK_DONE = "bulk.done"
    WORK_FAILED = "work.failed"
    MAIL_FAILED = "mail.failed"
    REQUEST_DUE = "request.due"
    REQUEST_WAITS = "request.waits"
    HANDS_WAIT = "hands.wait"
    MESSAGE_FAILED = "message.failed"
    MESSAGES_LOW = "messages.low"
    MESSAGES_FULL = "messages.full"


class NoticeChoice(msgspec.Struct, frozen=True, kw_only=True):
    """What one colleague wants to be told, and when.

    Attributes:
        muted: kinds he does not want at all.
        quiet_from, quiet_to: minutes after midnight; equal means no quiet hours. What comes in
            between waits until `quiet_to`.
        time_zone: IANA name of the zone those minutes are of.
        by_mail: letters, too, to the address of his account.
    """

    muted: tuple[str, ...] = ()
    quiet_from: int = 0
    quiet_to: int = 0
    time_zone: str = "UTC"
    by_mail: bool = False

    def shown_at(self, now: datetime) -> datetime:
        """When a notice that arises now is shown: now, or at the end of the quiet hours."""
        return quiet_hours.after(now, self.time_zone, self.quiet_from, self.quiet_to)


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """One thing a colleague was told: ids and codes, and what the record is called.

    Attributes:
        entity: `task`, `order`, `customer`, `deal`, `job`…: what `entity_number` counts.
        title: of a task, where the reader may see it; None otherwise.
        by: number of whoever caused it, 0 for the house.
    """

    id: UUID
    number: int
    kind: str
    entity: str
    entity_number: int
    by: int
    at: datetime
    read: bool
    title: Personal[str] | None = None
