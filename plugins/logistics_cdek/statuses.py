"""What CDEK calls things, and what they are here. Data: an unknown word moves nothing."""

from typing import Final

from appliance.plugin_api.parcels import Gives, State

_IN_TRANSIT: Final = (
    "TAKEN_BY_TRANSPORTER_FROM_SENDER_CITY",
    "SENT_TO_RECIPIENT_CITY",
    "SENT_TO_TRANSIT_CITY",
    "ACCEPTED_IN_TRANSIT_CITY",
    "ACCEPTED_AT_TRANSIT_WAREHOUSE",
    "ENTERED_TO_TRANSIT_WAREHOUSE",
    "READY_FOR_SHIPMENT_IN_TRANSIT_CITY",
    "TAKEN_BY_TRANSPORTER_FROM_TRANSIT_CITY",
    "SENT_TO_SENDER_CITY",
    "ACCEPTED_IN_SENDER_CITY",
    "ACCEPTED_IN_RECIPIENT_CITY",
    "ACCEPTED_AT_RECIPIENT_CITY_WAREHOUSE",
    "ENTERED_TO_RECIPIENT_CITY_WAREHOUSE",
    "ENTERED_TO_PICK_UP_POINT",
    "CUSTOMS_COMPLETE",
    "SHIPPED_TO_DESTINATION",
    "PASSED_TO_TRANSIT_CARRIER",
    # A repeated acceptance on the way, not a return to the shop.
    "RETURNED_TO_SENDER_CITY_WAREHOUSE",
    "RETURNED_TO_TRANSIT_WAREHOUSE",
)
STATES: Final[dict[str, State]] = {
    **dict.fromkeys(("ACCEPTED", "CREATED"), "registered"),
    "RECEIVED_AT_SHIPMENT_WAREHOUSE": "accepted",
    "READY_FOR_SHIPMENT_IN_SENDER_CITY": "accepted",
    **dict.fromkeys(_IN_TRANSIT, "in_transit"),
    "TAKEN_BY_COURIER": "out_for_delivery",
    "RETURNED_TO_RECIPIENT_CITY_WAREHOUSE": "attempt_failed",
    "ACCEPTED_AT_PICK_UP_POINT": "ready_for_pickup",
    "POSTOMAT_POSTED": "ready_for_pickup",
    "POSTOMAT_RECEIVED": "ready_for_pickup",  # taken out: DELIVERED follows
    "DELIVERED": "delivered",
    "POSTOMAT_SEIZED": "returning",
    "NOT_DELIVERED": "returning",
}
"""Code of a status → state. INVALID and REMOVED are said of the request, not of its way."""
OF_THE_REQUEST: Final = frozenset({"INVALID", "REMOVED"})
LOST_REASONS: Final = frozenset({"26", "27"})
"""Of NOT_DELIVERED: lost, and disposed of."""
FIRST: Final = frozenset({"ACCEPTED", "CREATED", "INVALID"})
"""A request of these can be deleted; what comes behind them is refused for money."""
GIVES: Final[dict[int, Gives]] = {
    1: "door", 3: "door", 8: "door",
    2: "point", 4: "point", 9: "point",
    6: "locker", 7: "locker", 10: "locker",
}  # fmt: skip
"""Mode of delivery → where the buyer gets it."""
FROM_DOOR: Final = frozenset({1, 2, 6})
FROM_POINT: Final = frozenset({3, 4, 7})
AGAIN: Final = frozenset({"v2_similar_request_still_processed", "v2_internal_error"})
ABSENT: Final = frozenset({"v2_entity_not_found", "v2_entity_not_found_im_number"})
"""There is no such order; any other refusal of a look says nothing of whether there is."""
THERE_ALREADY: Final = "error_validate_im_dep_number_has_already_had_integration"
TOLD: Final = frozenset(
    {
        "v2_bad_request", "v2_entity_not_found", "v2_entity_has_final_status",
        "v2_recipient_location_not_recognized", "v2_sender_location_not_recognized",
        "v2_phone_number_is_invalid", "v2_delivery_point_not_found", "v2_tariff_not_available",
    }
)  # fmt: skip
"""Codes of refusals that have a sentence of their own in `texts`."""


def state_of(code: str, reason: str = "") -> State | None:
    """Where a parcel is by a status; None: nobody knows that code, or it says nothing of it."""
    if code == "NOT_DELIVERED" and reason in LOST_REASONS:
        return "lost"
    if code.startswith("IN_CUSTOMS_"):
        return "in_transit"
    return STATES.get(code)


def trouble_of(code: str) -> str:
    """The plugin's own word for a refusal."""
    return code if code in TOLD else "refused"
