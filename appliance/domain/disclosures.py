"""Hand-overs of personal data to plugins as people read them."""

from datetime import datetime

import msgspec

from appliance.domain.privacy import LegalBasis


class Disclosed(msgspec.Struct, frozen=True, kw_only=True):
    """Fields of one person went to a plugin, and by it to whoever it serves.

    Attributes:
        fields: as a manifest names them, `customer.phone`.
        purpose: of the manifest.
        times: how often within the day, the last time at `at`.
    """

    at: datetime
    plugin: str
    customer_number: int
    fields: tuple[str, ...]
    purpose: str
    basis: LegalBasis
    times: int = 1
