"""What the Post calls things, and what they are here. Data: an unknown word moves nothing."""

from typing import Final, NamedTuple

from appliance.plugin_api.parcels import Gives, State


class Service(NamedTuple):
    """A kind of mail."""

    name: str
    gives: Gives


SERVICES: Final[dict[str, Service]] = {
    "POSTAL_PARCEL": Service("Посылка", "point"),
    "ONLINE_PARCEL": Service("Посылка онлайн", "point"),
    "PARCEL_CLASS_1": Service("Посылка 1 класса", "point"),
    "ONLINE_COURIER": Service("Курьер онлайн", "door"),
    "EMS": Service("EMS", "door"),
}
"""Mail type → what people call it, and where the buyer gets it. At an office: of any postcode."""

GOOD_QUALITY: Final = frozenset({"GOOD", "POSTAL_BOX", "ON_DEMAND", "UNDEF_05"})
GOOD_VALIDATION: Final = frozenset({"VALIDATED", "OVERRIDDEN", "CONFIRMED_MANUALLY"})
"""Both must hold, or the parcel may never arrive: a colleague is asked."""

TROUBLES: Final = (
    ("POSTCODE", "postoffice_unknown"),
    ("POSTOFFICE", "postoffice_unknown"),
    ("TEL", "phone_refused"),
    ("PHONE", "phone_refused"),
    ("MASS", "weight_refused"),
    ("DIMENSION", "size_refused"),
    ("TARIFF", "tariff_unavailable"),
    ("MAIL_TYPE", "tariff_unavailable"),
    ("MAIL_CATEGORY", "tariff_unavailable"),
    ("PAYMENT", "cash_refused"),
    ("INSR", "cash_refused"),
    ("SURNAME", "name_refused"),
    ("NAME", "name_refused"),
    ("INDEX", "index_refused"),
    ("ADDRESS", "address_unclear"),
    ("REGION", "address_unclear"),
    ("PLACE", "address_unclear"),
    ("STREET", "address_unclear"),
    ("HOUSE", "address_unclear"),
)
"""What a code of a refusal speaks of → the plugin's sentence; the code itself goes to the journal.

The Post has more than a hundred (`EMPTY_INDEX_TO`, `ILLEGAL_INDEX_TO`, …) and adds others: each
names the field it is about.
"""

STATES: Final[dict[int, State]] = {
    20: "registered",
    28: "registered",
    1: "accepted",
    4: "in_transit",
    8: "in_transit",
    21: "out_for_delivery",
    22: "out_for_delivery",
    6: "ready_for_pickup",
    12: "attempt_failed",
    2: "delivered",
    3: "returning",
    5: "attempt_failed",
    15: "lost",
    16: "lost",
    17: "lost",
    18: "lost",
}
"""Kind of an operation → state. 28 gives the number; the others as the Post's tracking tells."""
ATTRIBUTES: Final[dict[tuple[int, int], State]] = {
    (8, 2): "ready_for_pickup",  # arrived where it is handed out
    (2, 2): "returned",  # handed out to the sender
    (5, 1): "lost",
    (5, 2): "error",  # seized
}
"""Kind and attribute, where the attribute changes what it means."""
RETURN: Final = 3
ENDS: Final[frozenset[State]] = frozenset({"delivered", "returned", "lost"})
SENT: Final = frozenset({"SENT", "ARCHIVED"})
"""States of a batch that cannot be changed any more."""


def state_of(kind: int, attribute: int, gives: Gives = "point") -> State | None:
    """Where a parcel is by an operation; None: nobody knows it."""
    state = ATTRIBUTES.get((kind, attribute)) or STATES.get(kind)
    if state == "ready_for_pickup" and gives == "door":
        return "in_transit"  # at the office of the courier: it still has to be brought
    return state


def trouble_of(code: str) -> str:
    """The plugin's own word for a refusal."""
    word = code.upper()
    return next((trouble for part, trouble in TROUBLES if part in word), "refused")


def is_deliverable(quality: str, validation: str) -> bool:
    """Whether the Post is sure of an address."""
    return quality in GOOD_QUALITY and validation in GOOD_VALIDATION
