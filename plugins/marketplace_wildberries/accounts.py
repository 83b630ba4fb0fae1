"""The accounts a process speaks for, each with its way to WB API."""

from typing import TYPE_CHECKING, Final, NamedTuple

from appliance.plugin_api.marketplaces import Ways, setting
from appliance.plugin_api.messages import Account as Named
from plugins.marketplace_wildberries.client import Wildberries

if TYPE_CHECKING:
    import httpx

MARKET: Final = "wildberries"


class Account(NamedTuple):
    """One seller's cabinet.

    Attributes:
        warehouse: id of the seller's warehouse there whose stock is told; empty: none is.
        hours: within which the shop assembles an order; 0: it does not say.
        discount: percent told with a price; None: it stays as it is there.
    """

    code: str
    title: str
    warehouse: str
    hours: int
    discount: int | None
    wb: Wildberries


def _number(one: Named, name: str) -> int | None:
    text = setting(one, name) if one.settings.get(name) != 0 else "0"
    return int(text) if text.isdigit() else None


def _made(one: Named, transport: "httpx.AsyncBaseTransport | None") -> Account:
    way = Wildberries(
        setting(one, "address"),
        setting(one, "token"),
        one.code,
        bearer=bool(one.settings.get("bearer")),
        transport=transport,
    )
    return Account(
        one.code,
        one.title,
        setting(one, "warehouse"),
        _number(one, "hours") or 0,
        _number(one, "discount"),
        way,
    )


WAYS: Final = Ways(_made)
