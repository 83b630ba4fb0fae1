"""Accounts at operators: their addresses, keys, and the way there."""

from collections.abc import Mapping
from typing import Any, Final

from appliance.plugin_api.core import Core
from appliance.plugin_api.outcomes import Permanent
from appliance.plugin_api.pace import Pace
from appliance.plugin_api.vendor import Vendor

A_MINUTE: Final = 300
"""Requests to one operator."""


class Side:
    """One account.

    Attributes:
        code: of the account.
        warehouse: what the operator calls the warehouse; empty: it has one.
        vendor: the way there.
    """

    def __init__(
        self, code: str, settings: Mapping[str, Any], pace: Pace, transport: Any = None
    ) -> None:
        """Args: transport: of httpx, in place of the way out through the host (tests)."""
        self.code = code
        self.secret = str(settings.get("secret") or "")
        self.warehouse = str(settings.get("warehouse") or "")
        self.carrier = str(settings.get("carrier") or "operator")
        key = str(settings.get("key") or "")
        self.vendor = Vendor(
            str(settings.get("address") or ""),
            {"authorization": f"Bearer {key}"},
            pace,
            account=code,
            transport=transport,
        )


class Sides:
    """Keeps one way for each account, made anew when its settings change."""

    def __init__(self) -> None:
        self.transport: Any = None
        self._pace = Pace(A_MINUTE, 60.0)
        self._known: dict[str, tuple[dict[str, Any], Side]] = {}

    def find(self, core: Core, code: str) -> Side | None:
        """The account of this code; None: there is none, or it is off."""
        account = next((one for one in core.accounts() if one.code == code), None)
        if account is None:
            return None
        settings = dict(account.settings)
        known = self._known.get(code)
        if known is None or known[0] != settings:
            known = settings, Side(code, settings, self._pace, self.transport)
            self._known[code] = known
        return known[1]

    def of(self, core: Core, code: str) -> Side:
        """The same.

        Raises:
            Permanent: `account_off`.
        """
        side = self.find(core, code)
        if side is None:
            raise Permanent("account_off")
        return side

    def forget(self) -> None:
        """Begin anew; tests do."""
        self._known.clear()


SIDES: Final = Sides()


def sides_of(core: Core) -> list[Side]:
    """Every account that is on."""
    found = (SIDES.find(core, one.code) for one in core.accounts())
    return [one for one in found if one is not None]
