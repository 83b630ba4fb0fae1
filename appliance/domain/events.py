"""What happened or is wanted, as ids and numbers: never a name, a phone or a text of a person."""

from typing import ClassVar, Literal
from uuid import UUID

import msgspec


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """One fact or wish; `lane` keeps the events of one order or client in sequence."""

    name: ClassVar[str]

    @property
    def lane(self) -> str:
        return ""

    @property
    def only_to(self) -> str:
        """The one subscriber it is for, whether or not he takes events now; empty: who asked."""
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


WishKind = Literal["parcel", "payment", "refund", "receipt", "message", "fulfilment", "posting"]
"""Of what record something is wished."""


LOOK = "look"
"""The deed of any kind: read the record again at the other side, and do nothing there."""


class ServiceWished(Event, frozen=True, kw_only=True):
    """The box wants something of the other side that one plugin speaks with.

    The plugin reads the record by a question of its kind, does the deed there, and reports by
    another; what was wished of a plugin that is switched off waits until it is on.

    Attributes:
        plugin: the one that does it; nobody else hears of it.
        kind: of the record.
        record_id: of the record; wishes of one record come in their order.
        deed: a word of the kind's: `book`, `cancel`, `label`, `create`, `capture`, `send`, …
        order_id: the order it is about: its marks are asked for afterwards, and the exchange is
            found by its number.
    """

    name: ClassVar[str] = "service_wished"
    plugin: str
    kind: WishKind
    record_id: UUID
    deed: str
    order_id: UUID | None = None

    @property
    def lane(self) -> str:
        return f"{self.kind}:{self.record_id}"

    @property
    def only_to(self) -> str:
        return f"plugin:{self.plugin}"


EVENTS: dict[str, type[Event]] = {
    event.name: event
    for event in (
        OrderPlaced,
        OrderChanged,
        OrderStatusChanged,
        CustomerChanged,
        LetterRequested,
        SubjectDestroyed,
        ServiceWished,
    )
}
