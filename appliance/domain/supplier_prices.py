"""What suppliers ask for our goods. All sums are kopecks."""

from datetime import datetime

import msgspec

LONGEST_SKU = 100
HIGHEST = 100_000_000_000_00


class SupplierPrice(msgspec.Struct, frozen=True, kw_only=True):
    """What a supplier asks for a variant now; `sku`: his own article, `was`: his price before."""

    variant: int
    product: int
    name: str
    our_sku: str
    sku: str
    amount: int
    since: datetime
    was: int | None = None
