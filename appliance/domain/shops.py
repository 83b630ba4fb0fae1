"""Connected shops: what a connection is set to, and what each shop's module demands of the box."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Final

import msgspec

PERIODS: Final = (0, 15, 60, 240, 1440)
"""Minutes between two readings of a catalogue; 0: only when somebody asks."""


class Cms(StrEnum):
    """What a shop is built on; decides what the wizard says, nothing else."""

    OPENCART = "opencart"
    BITRIX = "bitrix"
    WOOCOMMERCE = "woocommerce"
    PRESTASHOP = "prestashop"
    SCRIPT = "script"


class Step(StrEnum):
    """Steps of the wizard, in their order."""

    SHOP = "shop"
    KEY = "key"
    CHECK = "check"
    CATALOGUE = "catalogue"
    DEFAULTS = "defaults"
    IMPORT = "import"


STEPS: Final = tuple(Step)


class Demands(msgspec.Struct, frozen=True, kw_only=True):
    """What a module demands of the address it is given.

    Attributes:
        https: refuses an address without TLS.
        root: keeps scheme and host only: the box must answer at port 443, at the root.
        proof: verifies the certificate against the authorities it knows.
        public: refuses names that resolve to addresses of a local network.
        alias: the address must name the vendor: the box answers under that name too.
        override: its form takes the vendor's domains only; a file beside the module changes that.
        catalogue: where the module puts the file of its catalogue, from the shop's root.
        tells: the module itself tells the box where its catalogue is.
    """

    https: bool = True
    root: bool = False
    proof: bool = False
    public: bool = False
    alias: bool = False
    override: bool = False
    catalogue: str = ""
    tells: bool = False


DEMANDS: Final[Mapping[Cms, Demands]] = {
    Cms.OPENCART: Demands(root=True, catalogue="/retailcrm.xml"),
    Cms.BITRIX: Demands(
        root=True, proof=True, public=True, catalogue="/bitrix/catalog_export/retailcrm.xml"
    ),
    Cms.WOOCOMMERCE: Demands(root=True, override=True, catalogue="/simla.xml", tells=True),
    Cms.PRESTASHOP: Demands(alias=True, catalogue="/simla.xml", tells=True),
    Cms.SCRIPT: Demands(https=False),
}
"""Read in the sources of the modules: opencart 4.2, bitrix 6.8, woocommerce 5.0, prestashop 3.6."""


MOST_REFUSED: Final = 100
"""Rows refused that are named one by one."""


class Batch(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How many rows were made, brought up to date, refused."""

    created: int = 0
    updated: int = 0
    failed: int = 0


class RefusedRow(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A row that was not taken: `orders` or `clients`, the shop's id of it, the code why."""

    kind: str
    external_id: str = ""
    code: str = ""


class Uploads(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a shop's module has uploaded."""

    orders: Batch = Batch()
    clients: Batch = Batch()
    refused: tuple[RefusedRow, ...] = ()
    at: datetime | None = None


class ShopLink(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a shop's connection is set to; empty and 0 mean: as the box is set.

    Attributes:
        step: how far the wizard came; empty: it was never opened for this shop.
        key: number of the shop's key.
        lan: the catalogue may be fetched from an address of the local network.
        every: minutes between readings of the catalogue, of `PERIODS`.
        takes_prices, takes_stock: what of the catalogue is taken over beside names and groups.
        warehouse: code; where stock of the catalogue lies.
        price_type: code; what the catalogue's price is.
        status, order_method, order_type: codes for orders that name none.
        manager: number of whoever gets orders that nobody claims.
        pipeline: code of the pipeline in which orders of this shop make deals.
        notify: code of the department whose people are told of each new order.
    """

    cms: str = ""
    step: str = ""
    key: int = 0
    lan: bool = False
    every: int = 0
    takes_prices: bool = True
    takes_stock: bool = False
    warehouse: str = ""
    price_type: str = "base"
    status: str = ""
    order_method: str = ""
    order_type: str = ""
    manager: int = 0
    pipeline: str = ""
    notify: str = ""

    @property
    def is_done(self) -> bool:
        """Whether the wizard came to its end."""
        return self.step == "done"
