"""Notes about clients as programs know them."""

from datetime import datetime
from typing import Final

import msgspec

from appliance.domain.customers import CustomerKind
from appliance.domain.personal import Personal

LONGEST: Final = 10_000


class NoteFilter(msgspec.Struct, frozen=True, kw_only=True):
    """What a list of notes asks for."""

    kind: CustomerKind = CustomerKind.PERSON
    numbers: tuple[int, ...] = ()
    clients: tuple[int, ...] = ()
    client_external_ids: tuple[str, ...] = ()
    managers: tuple[int, ...] = ()
    created_from: datetime | None = None
    created_to: datetime | None = None


class NoteView(msgspec.Struct, frozen=True, kw_only=True):
    """A note; `text` is None where the grant hides it or it cannot be opened any more."""

    number: int
    text: Personal[str] | None
    at: datetime
    author: int
    customer_number: int
    customer_external_id: str | None
    customer_kind: CustomerKind
    shop: str


class NotePage(msgspec.Struct, frozen=True, kw_only=True):
    """A page, newest first; `total` counts no further than ten thousand."""

    rows: tuple[NoteView, ...]
    total: int
