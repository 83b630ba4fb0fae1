"""What happened or is wanted, as ids and numbers: never a name, a phone or a text of a person."""

from typing import ClassVar
from uuid import UUID

import msgspec


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """One fact or wish; `lane` keeps the events of one order or client in sequence."""

    name: ClassVar[str]

    @property
    def lane(self) -> str:
        return ""


class OrderPlaced(Event, frozen=True, kw_only=True):
    """An order was accepted."""

    name: ClassVar[str] = "order_placed"
    order_id: UUID
    customer_id: UUID | None
    total: int

    @property
    def lane(self) -> str:
        return f"order:{self.order_id}"


class OrderChanged(Event, frozen=True, kw_only=True):
    """Fields of an order were changed; their names only."""

    name: ClassVar[str] = "order_changed"
    order_id: UUID
    fields: tuple[str, ...]

    @property
    def lane(self) -> str:
        return f"order:{self.order_id}"


class OrderStatusChanged(Event, frozen=True, kw_only=True):
    """An order moved from one status to another."""

    name: ClassVar[str] = "order_status_changed"
    order_id: UUID
    was: str
    became: str

    @property
    def lane(self) -> str:
        return f"order:{self.order_id}"


class CustomerChanged(Event, frozen=True, kw_only=True):
    """A client was added or changed; the search index follows its own feed, not this."""

    name: ClassVar[str] = "customer_changed"
    customer_id: UUID
    created: bool = False

    @property
    def lane(self) -> str:
        return f"customer:{self.customer_id}"


class LetterRequested(Event, frozen=True, kw_only=True):
    """A letter waits to be sent; who to and what about is under a key."""

    name: ClassVar[str] = "letter_requested"
    letter_id: UUID


class SubjectDestroyed(Event, frozen=True, kw_only=True):
    """A person was destroyed here: who keeps traces of his own destroys them and then settles.

    The person's request is not closed before every subscriber has.
    """

    name: ClassVar[str] = "subject_destroyed"
    customer_id: UUID
    subject_id: UUID

    @property
    def lane(self) -> str:
        return f"subject:{self.subject_id}"


EVENTS: dict[str, type[Event]] = {
    event.name: event
    for event in (
        OrderPlaced,
        OrderChanged,
        OrderStatusChanged,
        CustomerChanged,
        LetterRequested,
        SubjectDestroyed,
    )
}
