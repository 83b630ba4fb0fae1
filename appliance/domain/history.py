"""What happened to a record, and what it said on a day gone by."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from appliance.domain.desk import Codes
from appliance.domain.personal import Personal


class HistoryLine(msgspec.Struct, frozen=True, kw_only=True):
    """One changed field: who, when, what it was and became.

    Attributes:
        number: of the record it happened to: a client merged into this one keeps his own.
        source: user, api, rule or code.
        hidden: the reader's role does not see this field.
        part: the line or payment touched.
    """

    entry: int
    number: int
    at: datetime
    kind: str
    field: str
    old: Personal[str] | Any
    new: Personal[str] | Any
    source: str
    user_number: int
    hidden: bool = False
    part: Mapping[str, Any] = {}


class Past(msgspec.Struct, frozen=True, kw_only=True):
    """A record as of a moment.

    Attributes:
        values: field of the history → value (a list where there are many); hidden ones left out.
        lines: an order's positions: number → (name, thousandths, kopecks per unit).
        exists: False before it was made.
    """

    at: datetime
    exists: bool
    values: Mapping[str, Any]
    lines: Mapping[int, tuple[str, int, int]] = {}


class HistoryPage(msgspec.Struct, frozen=True, kw_only=True):
    """The history of one record, newest first; `after` is the cursor of the next page."""

    entity: str
    number: int
    lines: tuple[HistoryLine, ...]
    after: int | None
    past: Past | None


class Since(msgspec.Struct, frozen=True, kw_only=True):
    """What was saved of a record since somebody opened it, newest first, and its version now."""

    version: int
    lines: tuple[HistoryLine, ...]
    codes: Codes
