"""The accounts a process speaks for, each with its way to Ozon."""

from typing import TYPE_CHECKING, Final, NamedTuple

from appliance.plugin_api.marketplaces import Ways, setting
from appliance.plugin_api.messages import Account as Named
from plugins.marketplace_ozon.client import Ozon

if TYPE_CHECKING:
    import httpx

MARKET: Final = "ozon"


class Account(NamedTuple):
    """One cabinet.

    Attributes:
        warehouse: id of the warehouse there whose stock is told; empty: none is.
    """

    code: str
    title: str
    warehouse: str
    ozon: Ozon


def _made(one: Named, transport: "httpx.AsyncBaseTransport | None") -> Account:
    way = Ozon(
        setting(one, "address"),
        setting(one, "client_id"),
        setting(one, "api_key"),
        one.code,
        transport=transport,
    )
    return Account(one.code, one.title, setting(one, "warehouse"), way)


WAYS: Final = Ways(_made)
