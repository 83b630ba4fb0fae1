"""What a list of clients on the screen is narrowed to. Nothing of a person stands in it."""

from typing import Final

import msgspec

from appliance.domain.customers import Party

MOST_DAYS: Final = 3_650


class ClientList(msgspec.Struct, frozen=True, kw_only=True):
    """Conditions joined by AND.

    Attributes:
        party: suppliers and partners stand in lists of their own.
        quiet_days: nobody talked to the client for so long, or ever; 0: no matter.
        bought: an article, a barcode or a whole name of goods in any of the client's orders.
        owes: something is not paid.
        region: code of `domain.regions`.
    """

    party: Party = Party.CLIENT
    quiet_days: int = 0
    bought: str = ""
    owes: bool = False
    region: str = ""

    @property
    def is_bare(self) -> bool:
        """Whether it is the plain list of clients."""
        return self == BARE


BARE: Final = ClientList()
