"""Finding a pick-up point by words of its address, and by what a town is called."""

import re
from collections.abc import Iterable
from datetime import timedelta
from typing import Final, Protocol, TypeVar

FRESH: Final = timedelta(hours=24)
"""A town's points are asked for anew after a day; until then, and while nobody answers, the old
list stands."""
MOST_FOUND: Final = 40
_WORD: Final = re.compile(r"[\w-]+")


class Point(Protocol):
    """What is looked through."""

    @property
    def name(self) -> str: ...
    @property
    def address(self) -> str: ...
    @property
    def metro(self) -> str: ...
    @property
    def code(self) -> str: ...


P = TypeVar("P", bound=Point)


def folded(text: str) -> str:
    """Letters as they are compared."""
    return text.casefold().replace("ё", "е")


def key_of(city: str, index: str, country: str = "RU") -> str:
    """A town as its points are kept by.

    >>> key_of(" г. Нижний  Новгород", "603000")
    'RU:нижний новгород'
    """
    words = [one for one in _WORD.findall(folded(city)) if one not in {"г", "город"}]
    return f"{country}:{' '.join(words) or index.strip()}"[:140]


def found(points: Iterable[P], text: str, most: int = MOST_FOUND) -> list[P]:
    """Points that hold every word that was typed, each at the beginning of a word.

    >>> class One:
    ...     name, metro, code = "Пункт", "", "MSK1"
    ...     address = "Тверская улица, 7"
    >>> len(found([One()], "тверск 7")), len(found([One()], "арбат"))
    (1, 0)
    """
    wanted = _WORD.findall(folded(text))
    kept: list[P] = []
    for one in points:
        words = _WORD.findall(folded(f"{one.address} {one.name} {one.metro} {one.code}"))
        if all(any(word.startswith(part) for word in words) for part in wanted):
            kept.append(one)
            if len(kept) == most:
                break
    return kept
