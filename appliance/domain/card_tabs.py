"""Tabs of a card: which there are, and in what order a role sees them."""

from collections.abc import Collection, Sequence
from enum import StrEnum
from typing import Final


class Card(StrEnum):
    """Cards whose tabs can be set."""

    CLIENT = "client"
    ORDER = "order"


TABS: Final[dict[Card, tuple[str, ...]]] = {
    Card.CLIENT: ("fields", "wishes", "people", "company", "requisites", "grounds", "consents"),
    Card.ORDER: ("fields", "source"),
}
"""Every tab of a card, in the order a new box has."""


def known(card: Card, codes: Sequence[str]) -> tuple[str, ...]:
    """Codes that are tabs of this card, each once."""
    return tuple(dict.fromkeys(code for code in codes if code in TABS[card]))


def order_of(
    card: Card, roles: Collection[str], chosen: dict[tuple[str, Card], tuple[str, ...]]
) -> tuple[str, ...]:
    """Tabs for somebody with these roles: a tab that one of them shows is shown.

    A role nobody set has all of them. Of two orders the first role's comes first.
    """
    lists = [chosen.get((role, card), TABS[card]) for role in sorted(roles)]
    return tuple(dict.fromkeys(code for one in lists for code in one)) if lists else TABS[card]
