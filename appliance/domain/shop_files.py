"""Files as a shop's programs know them."""

from datetime import datetime
from uuid import UUID

import msgspec

from appliance.domain.orders import CustomerRef, OrderSelector
from appliance.domain.personal import Personal


class FileFilter(msgspec.Struct, frozen=True, kw_only=True):
    """What a list of files asks for."""

    numbers: tuple[int, ...] = ()
    clients: tuple[int, ...] = ()
    orders: tuple[int, ...] = ()


class FileTarget(msgspec.Struct, frozen=True, kw_only=True):
    """Where a file is to hang; neither leaves it where it is."""

    customer: CustomerRef | None = None
    order: OrderSelector | None = None


class FileView(msgspec.Struct, frozen=True, kw_only=True):
    """A file without its bytes; 0 for a client or order it does not hang on.

    Attributes:
        name: None where it may not be read, or cannot be opened any more.
    """

    number: int
    file_id: UUID
    name: Personal[str] | None
    media: str
    size: int
    created_at: datetime
    customer_number: int
    customer_external_id: str | None
    order_number: int
    order_shown: str
    order_external_id: str | None
    shop: str


class FilePage(msgspec.Struct, frozen=True, kw_only=True):
    """A page, newest first; `total` counts no further than ten thousand."""

    rows: tuple[FileView, ...]
    total: int


class FileBytes(msgspec.Struct, frozen=True, kw_only=True):
    """A file with what is in it."""

    view: FileView
    body: Personal[bytes]
