"""One field of many records changed at once: what can be changed, and what came of it."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final
from uuid import UUID

import msgspec

MOST_AT_ONCE: Final = 60
"""Records of one transaction: a page of a list and a little more; further ones go in steps."""
MOST_LOOKED: Final = 500
"""Records that a preview looks at one by one; the rest are looked at as they are changed."""
MOST: Final = 10_000
"""Records of one deed."""
MOST_NAMED: Final = 20
"""Refused records that are named for each reason."""
LONGEST_VALUE: Final = 64


class Section(StrEnum):
    """Lists that can be changed so."""

    ORDERS = "orders"
    CLIENTS = "clients"
    TASKS = "tasks"


ENTITIES: Final[Mapping[Section, str]] = {
    Section.ORDERS: "order",
    Section.CLIENTS: "customer",
    Section.TASKS: "task",
}
FIELDS: Final[Mapping[Section, tuple[str, ...]]] = {
    Section.ORDERS: ("status", "manager", "method", "type", "ship_day"),
    Section.CLIENTS: ("manager", "tag_add", "tag_drop", "vip", "bad", "party"),
    Section.TASKS: ("performer", "due", "kind", "cancel"),
}
"""Fields of each, in the order they are offered."""


class BulkChange(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be changed.

    Attributes:
        field: of `FIELDS`.
        value: a code, a number of a colleague (0: nobody), an ISO day, a tag, `1` or `0`.
    """

    section: Section
    field: str
    value: str


class Refusal(msgspec.Struct, frozen=True, kw_only=True):
    """Records that stay as they are, for one reason.

    Attributes:
        code: of the error that changing them one by one would give.
        count: how many.
        numbers: the first of them, for people.
    """

    code: str
    count: int
    numbers: tuple[int, ...]


class BulkOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """What a change does, or did.

    Attributes:
        changed: records that become different.
        same: records that are so already.
        refused: the rest, by reason.
        set_id: the undo set it was written under.
    """

    changed: int = 0
    same: int = 0
    refused: tuple[Refusal, ...] = ()
    set_id: UUID | None = None

    @property
    def seen(self) -> int:
        """Records that were looked at."""
        return self.changed + self.same + self.barred

    @property
    def barred(self) -> int:
        """Records that stay."""
        return sum(one.count for one in self.refused)


class Verdict(msgspec.Struct, frozen=True):
    """What becomes of one record: an error's code, empty where it changes, `SAME` where not."""

    number: int
    code: str


SAME: Final = "same"


def added(known: BulkOutcome, verdicts: list[Verdict]) -> BulkOutcome:
    """An outcome with some more records in it."""
    codes = [one.code for one in verdicts]
    refused = {one.code: one for one in known.refused}
    for one in verdicts:
        if one.code in ("", SAME):
            continue
        was = refused.get(one.code, Refusal(code=one.code, count=0, numbers=()))
        refused[one.code] = Refusal(
            code=one.code,
            count=was.count + 1,
            numbers=(*was.numbers, one.number)[:MOST_NAMED],
        )
    return BulkOutcome(
        changed=known.changed + codes.count(""),
        same=known.same + codes.count(SAME),
        refused=tuple(refused.values()),
        set_id=known.set_id,
    )


class BulkState(StrEnum):
    """Where a change in steps stands."""

    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"
    FAILED = "failed"


class BulkView(msgspec.Struct, frozen=True, kw_only=True):
    """A change in steps, as its maker sees it.

    Attributes:
        total: how many records it began with.
        back: it takes another change back.
        error: code of what stopped it.
    """

    id: UUID
    change: BulkChange
    state: BulkState
    total: int
    outcome: BulkOutcome
    back: bool = False
    error: str = ""
