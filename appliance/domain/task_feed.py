"""The feed of changes of tasks, as programs read it."""

from datetime import datetime
from typing import Any

import msgspec


class TaskFeedFilter(msgspec.Struct, frozen=True, kw_only=True):
    """What a reader asks for.

    Attributes:
        since: number of the last entry the reader has; it is not given again.
        start, end: both included.
    """

    since: int = 0
    start: datetime | None = None
    end: datetime | None = None
    number: int | None = None
    limit: int = 100


class TaskFeedEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One changed field of one task; a personal value is wrapped, or None where it is hidden."""

    number: int
    at: datetime
    created: bool
    source: str
    user_number: int
    current_key: bool | None
    field: str
    old: Any
    new: Any
    task_number: int


class TaskFeedPage(msgspec.Struct, frozen=True, kw_only=True):
    """A page of the feed; `total_count` of what remains, these included."""

    generated_at: datetime
    entries: tuple[TaskFeedEntry, ...]
    total_count: int
