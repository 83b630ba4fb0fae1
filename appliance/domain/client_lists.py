"""What a list of clients on the screen is narrowed to. Nothing of a person stands in it."""

from typing import Final

import msgspec

from appliance.domain.customers import Party

MOST_DAYS: Final = 3_650
NOT_GIVEN: Final = "-"


class ClientList(msgspec.Struct, frozen=True, kw_only=True):
    """Conditions joined by AND.

    Attributes:
        party: suppliers and partners stand in lists of their own.
        quiet_days: nobody talked to the client for so long, or ever; 0: no matter.
        bought: an article, a barcode or a whole name of goods in any of the client's orders.
        owes: something is not paid.
        region: code of `domain.regions`; `NOT_GIVEN` for those without one.
        manager: number of a colleague, 0 for nobody's.
        tag: a mark that must stand on the client.
        vip: only those.
        custom: (code, value as typed) of fields that an administrator made; never personal ones.
    """

    party: Party = Party.CLIENT
    quiet_days: int = 0
    bought: str = ""
    owes: bool = False
    region: str = ""
    manager: int | None = None
    tag: str = ""
    vip: bool = False
    custom: tuple[tuple[str, str], ...] = ()

    @property
    def is_bare(self) -> bool:
        """Whether it is the plain list of clients."""
        return self == BARE


BARE: Final = ClientList()


class ClientGroup(msgspec.Struct, frozen=True, kw_only=True):
    """Figures of a group of a list: clients, the sum of their orders, and what is not paid."""

    key: str
    clients: int
    total: int
    owed: int
