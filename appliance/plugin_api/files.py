"""Files that a plugin brings about an order: labels, acts, waybills, receipts."""

from uuid import UUID

import msgspec

from appliance.domain.personal import Personal
from appliance.domain.service_files import FileKind


class FileGiven(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A file about an order.

    Attributes:
        key: the plugin's own name for it: brought again under the same one, it is kept once.
        name: as people see it, with its ending.
    """

    order_id: UUID
    key: str
    name: Personal[str]
    kind: FileKind = "other"
    body: Personal[bytes]


class FileKept(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Its number; `created` is False when it was there already."""

    number: int
    created: bool = True
