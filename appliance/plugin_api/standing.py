"""What a plugin tells of its accounts besides the lines of its journal."""

from datetime import datetime

import msgspec


class KeyUntil(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """When a key of access ends; None: the service does not tell any more."""

    account: str
    until: datetime | None = None
