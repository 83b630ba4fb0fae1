"""Files of services about an order. Pure."""

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

FileKind = Literal["label", "act", "waybill", "receipt", "other"]
"""What a file is; a label goes to the printer of labels."""


class ServiceFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file without its name and bytes.

    Attributes:
        number: by which people and plugins call it.
    """

    number: int
    plugin: str
    kind: FileKind
    media: str
    size: int
    order_id: UUID
    file_id: UUID
    at: datetime
