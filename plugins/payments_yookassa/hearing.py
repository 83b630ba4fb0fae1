"""What a notification says, before it is believed: whom it is from, and what it speaks of."""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple
from uuid import UUID

import msgspec

from appliance.plugin_api.callers import came_from, networks
from appliance.plugin_api.hooks import RouteRequest
from plugins.payments_yookassa.mapping import part_of

ADDRESSES: Final = networks(
    "185.71.76.0/27",
    "185.71.77.0/27",
    "77.75.153.0/25",
    "77.75.154.128/25",
    "77.75.156.11/32",
    "77.75.156.35/32",
    "2a02:5180:0:1509::/64",
    "2a02:5180:0:2655::/64",
    "2a02:5180:0:1533::/64",
    "2a02:5180:0:2669::/64",
)
"""From which YooKassa says that it sends notifications."""
OWN: Final = "korobka"
"""Key of the metadata under which a payment carries its id in the box."""


class Told(NamedTuple):
    """What a notification speaks of; `own`: our id, as its copy of the object says."""

    event: str
    payment: str
    refund: str
    own: UUID | None


def from_there(request: RouteRequest) -> bool:
    """Whether it came from YooKassa, as far as the box knows the sender's address."""
    return came_from(request, ADDRESSES)


def spoken_of(body: bytes) -> Told | None:
    """Read a notification; None: it is none."""
    try:
        said = msgspec.json.decode(body)
    except msgspec.DecodeError:
        return None
    given, found = part_of(said), part_of(part_of(said).get("object"))
    if given.get("type") != "notification" or not found:
        return None
    event = str(given.get("event", ""))[:64]
    if event.startswith("refund."):
        return Told(event, _id(found.get("payment_id")), _id(found.get("id")), None)
    return Told(event, _id(found.get("id")), "", own_id(found))


def _id(value: Any) -> str:
    text = str(value or "")
    return text if 0 < len(text) <= 64 and text.replace("-", "").isalnum() else ""


def own_id(thing: Mapping[str, Any]) -> UUID | None:
    """Our id of a payment or a refund, as its metadata say."""
    try:
        return UUID(str(part_of(thing.get("metadata")).get(OWN, "")))
    except ValueError:
        return None
