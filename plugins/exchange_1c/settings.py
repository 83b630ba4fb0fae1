"""What an administrator filled in for a base."""

from plugins.exchange_1c.bases import Given
from plugins.exchange_1c.guards import GuardSettings
from plugins.exchange_1c.orders_in import StatusRules, rules_from
from plugins.exchange_1c.orders_port import OrderSettings
from plugins.exchange_1c.papers import Ways
from plugins.exchange_1c.server import Rights
from plugins.exchange_1c.translating import Ownership


class Settings:
    """What an administrator filled in."""

    def __init__(self, given: Given) -> None:
        self._given = given

    def flag(self, name: str, *, otherwise: bool = True) -> bool:
        """A yes or no."""
        found = self._given.get(name)
        return otherwise if found is None else bool(found)

    def text(self, name: str, otherwise: str = "") -> str:
        """A text."""
        found = self._given.get(name)
        return otherwise if found is None else str(found).strip()

    def number(self, name: str, otherwise: int) -> int:
        """A number."""
        found = self._given.get(name)
        return found if isinstance(found, int) else otherwise

    def rules(self) -> GuardSettings:
        """When changes are held."""
        return GuardSettings(
            hidden_percent=self.number("hidden_percent", 20),
            zeroed_percent=self.number("zeroed_percent", 30),
            price_change_percent=self.number("price_percent", 50),
        )

    def owns(self) -> Ownership:
        """Who leads which field."""
        return Ownership(
            name=self.text("own_name", "1c"),
            description=self.text("own_description", "fill"),
            prices=self.text("own_prices", "1c"),
            by_article=self.flag("by_article", otherwise=False),
        )

    def orders(self) -> OrderSettings:
        """How orders go."""
        return OrderSettings(
            profile=self.text("profile", "auto"),
            charset=self.text("charset", "utf-8"),
            hours=self.number("hours", 3),
            statuses=StatusRules(
                named=rules_from(self.text("statuses")),
                cancelled=self.text("status_cancelled"),
                paid=self.text("status_paid"),
                shipped=self.text("status_shipped"),
                done=self.text("status_done"),
            ),
            money=self.flag("take_money"),
            goods=self.flag("take_shipments"),
            lines=self.text("own_lines", "box"),
            shops=frozenset(self.text("order_shops").replace(",", " ").split()),
            ways=Ways(cash=self.text("way_cash"), cashless=self.text("way_cashless")),
        )

    def rights(self) -> Rights:
        """What the base may do."""
        return Rights(
            goods=self.flag("takes_goods"),
            gives=self.flag("gives_orders"),
            hears=self.flag("hears_orders"),
        )
