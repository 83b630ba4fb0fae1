"""The accounts a process speaks for, each with its way to Ozon."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, NamedTuple

from appliance.plugin_api.core import Core
from appliance.plugin_api.messages import Account as Named
from plugins.marketplace_ozon.client import Ozon

if TYPE_CHECKING:
    import httpx

MARKET: Final = "ozon"
Value = str | int | bool | None


class Account(NamedTuple):
    """One cabinet.

    Attributes:
        warehouse: id of the warehouse there whose stock is told; empty: none is.
    """

    code: str
    title: str
    warehouse: str
    ozon: Ozon


class Ways:
    """Ways to Ozon by account, made anew when somebody changes the settings.

    Attributes:
        transport: in place of the way out (tests).
    """

    def __init__(self) -> None:
        self.transport: httpx.AsyncBaseTransport | None = None
        self._made: dict[str, tuple[tuple[Value, ...], Ozon]] = {}

    def _way(self, code: str, settings: Mapping[str, Value]) -> Ozon:
        told = (settings.get("address"), settings.get("client_id"), settings.get("api_key"))
        known = self._made.get(code)
        if known is not None and known[0] == told:
            return known[1]
        address, client_id, key = (str(one or "").strip() for one in told)
        way = Ozon(address, client_id, key, code, transport=self.transport)
        self._made[code] = (told, way)
        return way

    def of(self, core: Core) -> tuple[Account, ...]:
        """Accounts that are switched on."""
        return tuple(self._account(one) for one in core.accounts())

    def _account(self, one: Named) -> Account:
        warehouse = str(one.settings.get("warehouse") or "").strip()
        return Account(one.code, one.title, warehouse, self._way(one.code, one.settings))

    def one(self, core: Core, code: str) -> Account | None:
        """The account of this code, where it is switched on."""
        return next((one for one in self.of(core) if one.code == code), None)

    def forget(self) -> None:
        """Make all ways anew (tests)."""
        self._made.clear()


WAYS: Final = Ways()
