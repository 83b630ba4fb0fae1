"""Zones, hours and places of pick-up as a shop types them, and what a parcel costs by them."""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from appliance.plugin_api.parcels import Box, Point

_WORD: Final = re.compile(r"[\w-]+")
_HOURS: Final = re.compile(r"([01]?\d|2[0-4]):([0-5]\d)\s*[-–—]\s*([01]?\d|2[0-4]):([0-5]\d)")
MOST_LINES: Final = 200
GRAMS_IN_KILO: Final = 1000


class Zone(NamedTuple):
    """Where the courier goes, and for how much; kopecks, days."""

    name: str
    towns: tuple[str, ...]
    starts: tuple[str, ...]
    price: int
    days: tuple[int, int]
    free_from: int

    @property
    def code(self) -> str:
        """By which a tariff of it is known again."""
        return f"zone-{'-'.join(_WORD.findall(folded(self.name)))}"[:64]


def folded(text: str) -> str:
    """Letters as they are compared."""
    return text.casefold().replace("ё", "е")


def town(text: str) -> str:
    """A town's name without «г.»."""
    return " ".join(one for one in _WORD.findall(folded(text)) if one not in {"г", "город"})


def _lines(text: str, least: int) -> Iterator[list[str]]:
    for line in text.splitlines()[:MOST_LINES]:
        parts = [one.strip() for one in line.split(";")]
        if len(parts) >= least and parts[0]:
            yield parts


def _kopecks(text: str) -> int | None:
    plain = text.replace("\u00a0", "").replace(" ", "").replace(",", ".").removesuffix("₽")
    try:
        value = round(float(plain) * 100)
    except (ValueError, OverflowError):
        return None
    return value if value >= 0 else None


def _days(text: str) -> tuple[int, int]:
    found = [int(one) for one in re.findall(r"\d{1,3}", text)]
    if not found:
        return (1, 1)
    return (min(found), max(found))


def zones_of(text: str) -> list[Zone]:
    """Zones, one a line; a line that cannot be read is passed over (`diagnose` counts them)."""
    made: list[Zone] = []
    for name, places, price, *rest in _lines(text, 3):
        kopecks = _kopecks(price)
        if kopecks is None:
            continue
        words = [one.strip() for one in places.split(",") if one.strip()]
        starts = tuple(one.rstrip("*") for one in words if one.rstrip("*").isdigit())
        made.append(
            Zone(
                name=name,
                towns=tuple(town(one) for one in words if not one.rstrip("*").isdigit()),
                starts=starts,
                price=kopecks,
                days=_days(rest[0]) if rest else (1, 1),
                free_from=(_kopecks(rest[1]) or 0) if len(rest) > 1 else 0,
            )
        )
    return made


def unread(text: str) -> int:
    """Lines that say something and are no zone."""
    return sum(1 for one in text.splitlines() if one.strip()) - len(zones_of(text))


def zone_for(zones: list[Zone], city: str, index: str) -> Zone | None:
    """The zone of a place: the longest beginning of its postcode decides, then its town."""
    fits = [
        (len(start), zone)
        for zone in zones
        for start in zone.starts
        if index and index.startswith(start)
    ]
    if fits:
        return max(fits, key=lambda one: one[0])[1]
    wanted = town(city)
    return next((zone for zone in zones if wanted and wanted in zone.towns), None)


def price_of(zone: Zone, box: Box, declared: int, free_grams: int, kilo_price: int) -> int:
    """Kopecks: every begun kilogram above what the price covers costs more."""
    over = max(box.grams - free_grams, 0)
    heavy = -(-over // GRAMS_IN_KILO) * kilo_price
    is_free = zone.free_from and declared >= zone.free_from
    return (0 if is_free else zone.price) + heavy


def windows_of(text: str) -> tuple[str, ...]:
    """Hours in the form 10:00-14:00, those that make sense."""
    made: list[str] = []
    for line in text.splitlines():
        found = _HOURS.search(line)
        if found:
            begins, ends = (f"{int(found[at]):02}:{found[at + 1]}" for at in (1, 3))
            if begins < ends:
                made.append(f"{begins}-{ends}")
    return tuple(dict.fromkeys(made))


class Place(NamedTuple):
    """A shop of ours where orders are handed over."""

    point: Point
    town: str
    days: tuple[int, int]


def places_of(text: str) -> list[Place]:
    """Places of pick-up, one a line."""
    return [
        Place(
            Point(
                code=code[:64],
                kind="shop",
                name=name,
                address=f"{city}, {address}",
                hours=rest[0] if rest else "",
            ),
            town(city),
            _days(rest[1]) if len(rest) > 1 else (0, 1),
        )
        for code, name, city, address, *rest in _lines(text, 4)
    ]
