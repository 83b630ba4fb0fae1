"""What time it is where a client lives, by his region: for quiet hours, no closer than that.

Source of the zones: the law on the calculation of time (107-FZ of 2011 with its changes up to
2024), which assigns one zone to each region; regions of two zones (Yakutia, Sakhalin) have that of
their capital. A region that is not named lives by Moscow's clock.
"""

from collections.abc import Mapping
from typing import Final

_ZONES: Final[Mapping[str, str]] = {
    "Europe/Kaliningrad": "39",
    "Europe/Samara": "18 30 63 64 73",
    "Asia/Yekaterinburg": "02 45 56 59 66 72 74 86 89",
    "Asia/Omsk": "55",
    "Asia/Novosibirsk": "04 17 19 22 24 42 54 70",
    "Asia/Irkutsk": "03 38",
    "Asia/Yakutsk": "14 28 75",
    "Asia/Vladivostok": "25 27 79",
    "Asia/Magadan": "49 65",
    "Asia/Kamchatka": "41 87",
}
"""Zone → codes of `domain.regions`; zones that show the same clock stand under one name.

Astrakhan, Saratov and Ulyanovsk have names of their own that equal Samara's since 2016."""

_MOSCOW: Final = "Europe/Moscow"
_BY_REGION: Final[Mapping[str, str]] = {
    code: zone for zone, codes in _ZONES.items() for code in codes.split()
}


def zone_of(region: str) -> str:
    """IANA name of a region's zone; empty for no region.

    >>> zone_of("54"), zone_of("77"), zone_of("")
    ('Asia/Novosibirsk', 'Europe/Moscow', '')
    """
    return _BY_REGION.get(region, _MOSCOW) if region else ""
