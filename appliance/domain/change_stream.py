"""One feed of whatever changed, for programs that keep a copy."""

from datetime import datetime
from typing import Any

import msgspec

from appliance.domain.personal import Personal


class ChangeLine(msgspec.Struct, frozen=True, kw_only=True):
    """One changed field of one record.

    Attributes:
        id: grows by one with every change of the box; ask again with the last one seen.
        entity: order, customer, deal, task, project, product or stock_document.
        number: of the record, as people see it.
        kind: create, change, delete…
        old, new: None where the key may not see the field, or it is read with its record.
        part: the line or payment it is about.
        source: user, api or code.
        own: the reading key made the change itself.
    """

    id: int
    at: datetime
    entity: str
    number: int
    shop: str
    kind: str
    field: str
    old: Personal[str] | Any
    new: Personal[str] | Any
    part: Any
    source: str
    user_number: int
    own: bool


class ChangeFeed(msgspec.Struct, frozen=True, kw_only=True):
    """A page of the feed, ascending.

    Attributes:
        last: what to give as `since` next time; as it was when nothing is new.
        more: the page was full: ask again at once.
    """

    items: tuple[ChangeLine, ...]
    last: int
    more: bool
