"""What Yandex lets pass: each operation so much an hour or a minute, and few requests at once.

The figures are `x-resource-limit-config` of Yandex's own description; a test holds them to it.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

from appliance.plugin_api.pace import AtOnce, Pace

HOUR: Final = 3600.0
MINUTE: Final = 60.0
SHARE: Final = 0.95
"""We take a little less than we may: Yandex's clock is not ours."""
ABREAST: Final = 3
"""Requests at once for one cabinet; Yandex lets 4 pass and answers 420 to the fifth."""


class Operation(NamedTuple):
    """One operation.

    Attributes:
        name: of the description.
        amount, seconds: so much may pass in so long; requests, or goods where `goods` is set.
    """

    name: str
    method: str
    amount: int
    seconds: float
    goods: bool = False


CAMPAIGNS: Final = Operation("getCampaigns", "GET", 1000, HOUR)
TOKEN: Final = Operation("getAuthTokenInfo", "POST", 100, HOUR)
WAREHOUSES: Final = Operation("getPartnerWarehouses", "POST", 100, HOUR)
ORDERS: Final = Operation("getBusinessOrders", "POST", 10_000, HOUR)
STATUS: Final = Operation("updateOrderStatus", "PUT", 10_000, HOUR)
BOXES: Final = Operation("setOrderBoxLayout", "PUT", 10_000, HOUR)
CODES: Final = Operation("getOrderIdentifiersStatus", "POST", 1000, HOUR)
LABELS: Final = Operation("generateOrderLabels", "GET", 10_000, HOUR)
SHIPMENTS: Final = Operation("searchShipments", "PUT", 200, HOUR)
SHIPMENT: Final = Operation("getShipment", "GET", 200, HOUR)
CONFIRM: Final = Operation("confirmShipment", "POST", 200, HOUR)
ACT: Final = Operation("downloadShipmentAct", "GET", 200, HOUR)
RETURNS: Final = Operation("getReturns", "GET", 5000, HOUR)
OFFERS: Final = Operation("getOfferMappings", "POST", 100, MINUTE)
STOCKS: Final = Operation("updateStocksOnPartnerWarehouses", "POST", 50, MINUTE)
GROUP_STOCKS: Final = Operation("updateStocks", "PUT", 100_000, MINUTE, goods=True)
PRICES: Final = Operation("updateBusinessPrices", "POST", 10_000, MINUTE, goods=True)
HELD: Final = Operation("getBusinessQuarantineOffers", "POST", 5000, MINUTE)
ALL: Final = (
    CAMPAIGNS, TOKEN, WAREHOUSES, ORDERS, STATUS, BOXES, CODES, LABELS, SHIPMENTS, SHIPMENT,
    CONFIRM, ACT, RETURNS, OFFERS, STOCKS, GROUP_STOCKS, PRICES, HELD,
)  # fmt: skip


class Limits:
    """Paces of all operations, shared by accounts of one key of access."""

    def __init__(self) -> None:
        self.paces: Mapping[str, Pace] = {
            one.name: Pace(int(one.amount * SHARE), one.seconds) for one in ALL
        }
        self.at_once = AtOnce(ABREAST)

    def of(self, one: Operation) -> Pace:
        """The pace of an operation."""
        return self.paces[one.name]
