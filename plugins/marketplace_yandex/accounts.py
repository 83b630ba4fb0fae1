"""The accounts a process speaks for, each with its way to Yandex Market."""

from typing import TYPE_CHECKING, Final, NamedTuple

from appliance.plugin_api.marketplaces import Ways, setting
from appliance.plugin_api.messages import Account as Named
from plugins.marketplace_yandex.client import Yandex

if TYPE_CHECKING:
    import httpx

MARKET: Final = "yandex"
FORMS: Final = ("A4", "A7", "A9", "A9_HORIZONTALLY")
"""Sizes of a label."""


class Account(NamedTuple):
    """One cabinet, or some of its shops.

    Attributes:
        warehouse: number of the warehouse there whose stock is told; 0: none is.
        by_shop: the cabinet has groups of warehouses: stock is told of a shop.
        form: size of a label.
        tests: orders that Yandex makes for trying are taken as well.
    """

    code: str
    title: str
    warehouse: int
    by_shop: bool
    form: str
    tests: bool
    yandex: Yandex


def _made(one: Named, transport: "httpx.AsyncBaseTransport | None") -> Account:
    campaigns = tuple(
        int(text)
        for text in setting(one, "campaigns").replace(";", ",").replace(" ", ",").split(",")
        if text.isascii() and text.isdecimal()
    )
    warehouse = setting(one, "warehouse")
    form = setting(one, "label")
    return Account(
        one.code,
        one.title,
        int(warehouse) if warehouse.isascii() and warehouse.isdecimal() else 0,
        setting(one, "stock_by") == "shop",
        form if form in FORMS else FORMS[0],
        bool(one.settings.get("test_orders")),
        Yandex(
            setting(one, "address"), setting(one, "api_key"), campaigns, one.code,
            transport=transport,
        ),
    )  # fmt: skip


WAYS: Final = Ways(_made)
