"""Notices to colleagues: what they are told, what they have muted, when they want quiet."""

from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

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
        if self.quiet_from == self.quiet_to:
            return now
        zone = ZoneInfo(self.time_zone)
        local = now.astimezone(zone)
        minute = local.hour * 60 + local.minute
        over_midnight = self.quiet_from > self.quiet_to
        inside = (
            minute >= self.quiet_from or minute < self.quiet_to
            if over_midnight
            else self.quiet_from <= minute < self.quiet_to
        )
        if not inside:
            return now
        day = local.date()
        if over_midnight and minute >= self.quiet_from:
            day += timedelta(days=1)
        ends = time(self.quiet_to // 60, self.quiet_to % 60)
        return datetime.combine(day, ends, zone).astimezone(UTC)


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
