"""The filter of the list of goods: in the address, and as chips above the list."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import parse_qsl, urlencode

from appliance.domain.catalogue import CatalogueFilter, Named
from appliance.web.order_filters import Chip, Translate

MARKS = ("low", "out", "to_check", "hidden")
LONGEST = 100


@dataclass(frozen=True, slots=True)
class Asked:
    """A filter as the address writes it; goods are no personal data, so a text may stand there."""

    text: str = ""
    category: int = 0
    warehouse: str = ""
    low: bool = False
    out: bool = False
    to_check: bool = False
    hidden: bool = False

    @property
    def query(self) -> str:
        """The filter for an address, without `?`; empty for no filter."""
        parts = {"q": self.text, "category": str(self.category or ""), "warehouse": self.warehouse}
        parts |= {mark: "1" for mark in MARKS if getattr(self, mark)}
        return urlencode({name: value for name, value in parts.items() if value})

    def hidden_fields(self) -> list[tuple[str, str]]:
        """The conditions besides the text, for the form that asks for another text."""
        return parse_qsl(replace(self, text="").query)

    def address(self, path: str = "/catalog") -> str:
        """A page under this filter."""
        if not self.query and path == "/catalog":
            return "/catalog?all=1"  # the bare address opens the list with its starred view
        return f"{path}?{self.query}" if self.query else path

    def paged(self, cursor: int) -> str:
        """The page after a cursor, under this filter."""
        return f"/catalog?{self.query}{'&' if self.query else ''}after={cursor}"

    def as_filter(self) -> CatalogueFilter:
        """What the action is asked for."""
        return CatalogueFilter(
            text=self.text,
            category=self.category,
            warehouse=self.warehouse,
            low=self.low,
            out=self.out,
            to_check=self.to_check,
            hidden=self.hidden,
        )


def read(query: Mapping[str, str]) -> Asked:
    """Read an address; what cannot be read is left out."""
    category = query.get("category", "")
    marks = {mark: query.get(mark) == "1" for mark in MARKS}
    return Asked(
        text=query.get("q", "").strip()[:LONGEST],
        category=int(category) if category.isascii() and category.isdigit() else 0,
        warehouse=query.get("warehouse", "")[:64],
        **marks,
    )


def chips(asked: Asked, named: Named, _: Translate) -> list[Chip]:
    """The conditions of a filter, in words."""
    found: list[Chip] = []
    if asked.category:
        name = next((one.path for one in named.categories if one.number == asked.category), "?")
        found.append(Chip(_("группа"), name, replace(asked, category=0).address()))
    if asked.warehouse:
        name = dict(named.warehouses).get(asked.warehouse, asked.warehouse)
        found.append(Chip(_("склад"), name, replace(asked, warehouse="").address()))
    words = {
        "low": _("заканчивается"),
        "out": _("нет в наличии"),
        "to_check": _("проверить"),
        "hidden": _("снят с продажи"),
    }
    for mark, text in words.items():
        if getattr(asked, mark):
            found.append(Chip(_("только"), text, replace(asked, **{mark: False}).address()))
    if asked.text:
        found.append(Chip(_("текст"), asked.text, replace(asked, text="").address()))
    return found
