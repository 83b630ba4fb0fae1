"""What went wrong, in the words and shapes that retailCRM's clients compare.

Texts are compared literally by some of them; `errors` is flat and there only when it says more.
A value a program sent may come back to that program, and goes nowhere else.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from appliance.errors import (
    Conflict,
    Damaged,
    Denied,
    HouseError,
    Invalid,
    NotFound,
    Sealed,
    Throttled,
    Unauthenticated,
    Unavailable,
)

METHOD_NOT_FOUND: Final = "API method not found"
METHOD_NOT_ALLOWED: Final = "Method Not Allowed"
INTERNAL: Final = "Internal server error"
PARAMETERS: Final = "Errors in the input parameters"
ENTITY: Final = "Errors in the entity format"
NOT_LOADED: Final = "Order is not loaded"
KEY_MISSING: Final = '"apiKey" is missing.'
KEY_WRONG: Final = 'Wrong "apiKey" value.'
ACCESS_DENIED: Final = "Access denied."

Flat = Mapping[str, str] | Sequence[str]


class Refused(HouseError):
    """A refusal worded by this door itself.

    Attributes:
        text: for the program; may name parameters, never values about a person.
        errors: flat details.
    """

    default_code = "api_call_refused"

    def __init__(self, text: str, *, status: int = 400, errors: Flat = ()) -> None:
        super().__init__(message=f"refused with {status}")
        self.text = text
        self.status = status
        self.errors = errors


class Trouble(NamedTuple):
    """An error as it is answered."""

    status: int
    text: str
    errors: Flat = ()

    def body(self) -> dict[str, Any]:
        """The answer's JSON."""
        body: dict[str, Any] = {"success": False, "errorMsg": self.text}
        if self.errors:
            body["errors"] = self.errors
        return body


_PLAIN: Final[tuple[tuple[type[HouseError], Trouble], ...]] = (
    (NotFound, Trouble(404, "Not found")),
    (Unauthenticated, Trouble(403, KEY_WRONG)),
    (Denied, Trouble(403, ACCESS_DENIED)),
    (Throttled, Trouble(503, "Rate limit exceeded")),
    (Sealed, Trouble(503, "The box is locked, try again later.")),
)
_NO_DISK: Final = "The box cannot write to its disk, nothing was stored. Try again later."
_UNABLE: Final[Mapping[str, str]] = {
    "disk_full": "The box's disk is full, nothing was stored. Try again later.",
    "read_only_storage": _NO_DISK,
    "keystore_unwritable": _NO_DISK,
    "storage_failed": _NO_DISK,
}
_DAMAGED: Final = (
    "The box found its own data unreadable, nothing was stored. Its administrator must look at it."
)
_NAMES: Final[Mapping[str, str]] = {
    "status": "Status",
    "orderType": "OrderType",
    "orderMethod": "OrderMethod",
    "shipmentStore": "Store",
    "site": "Site",
    "delivery.code": "DeliveryType",
    "type": "PaymentType",
    "group": "StatusGroup",
    "code": "Store",
}
_SENTENCES: Final[Mapping[str, str]] = {
    "amount_out_of_range": "This value is out of range.",
    "manager_unknown": "User with this id does not exist.",
    "money_unreadable": "This value is not an amount: digits with one decimal separator expected.",
    "number_unreadable": "This value is not a number.",
    "date_unreadable": "This value is not a valid date: YYYY-MM-DD HH:MM:SS expected.",
    "text_unreadable": "This value is not a text.",
    "too_long": "This value is too long.",
    "list_expected": "This value is not a list.",
    "map_expected": "This value is not an object.",
    "consent_text_unknown": "No such consent text in this version.",
    "payment_external_id_taken": "This external id is already set for a payment",
    "external_id_taken": "This external id is already set for another entity",
    "order_exists": "Order already exists.",
    "name_empty": "This value should not be blank.",
    "entry_empty": "This value should not be blank.",
    "entry_long": "This value is too long.",
}
_OWN_FIELD: Final = re.compile(r"^custom_")
_PART: Final = re.compile(r"([^.\[\]]+)|\[(\d+)\]")


def value_at(sent: Any, path: str) -> Any:
    """The value under a path like `payments[0].type`; None where there is none."""
    here = sent
    for name, place in _PART.findall(path):
        try:
            here = here[int(place)] if place else here[name]
        except (KeyError, IndexError, TypeError):
            return None
    return here


def _code_of(path: str, sent: Any) -> str:
    last = path.rpartition(".")[2]
    name = _NAMES.get(path) or _NAMES.get(last) or last
    if path.startswith("payments[") and last == "status":
        name = "PaymentStatus"
    value = value_at(sent, path)
    return f'"{name}" with "code"="{value}" does not exist.'


def _field(path: str, code: str, sent: Any) -> str:
    if code == "code_unknown":
        return _code_of(path, sent)
    if code == "offer_unknown":
        return f"Offer with id {value_at(sent, path)} not found."
    return _SENTENCES.get(code, "This value is not valid.")


def flat(error: Invalid, sent: Any) -> dict[str, str]:
    """Details of an invalid entity: path → sentence."""
    return {
        _OWN_FIELD.sub("customFields.", path): _field(path, code, sent)
        for path, code in error.fields.items()
    }


def of_conflict(error: Conflict, sent: Any) -> Trouble:
    """A thing that is there already, or is another's."""
    if error.code == "order_exists":
        return Trouble(400, "Order already exists.")
    if error.code == "customer_exists":
        external_id = value_at(sent, "externalId")
        text = f"Customer with externalId={external_id} already exists"
        return Trouble(400, "Customer already exists.", {"externalId": text})
    if error.code == "external_id_taken":
        return Trouble(400, ENTITY, {"externalId": _SENTENCES["external_id_taken"]})
    return Trouble(400, "The entity was changed meanwhile, read it again.")


def of_house(error: HouseError, what: str = "", sent: Any = None) -> Trouble:
    """Put an error of the house into this door's words.

    Args:
        error: what the house refused with.
        what: `Order` or `Customer` where one was being written, else empty.
        sent: the entity as sent, to name values in it.
    """
    if isinstance(error, Refused):
        return Trouble(error.status, error.text, error.errors)
    if isinstance(error, Invalid):
        details = flat(error, sent)
        if error.code == "offer_unknown":
            return Trouble(400, NOT_LOADED, details)
        return Trouble(400, ENTITY if details or what else PARAMETERS, details)
    if isinstance(error, Conflict):
        return of_conflict(error, sent)
    if error.code == "payment_not_found":
        return Trouble(404, "Payment not found")
    return _plain(error)


def _plain(error: HouseError) -> Trouble:
    if isinstance(error, Unavailable):
        text = _UNABLE.get(error.code, "The box cannot do it now, try again later.")
        return Trouble(503, text, {"code": error.code})
    if isinstance(error, Damaged):
        return Trouble(500, _DAMAGED, {"code": error.code})
    plain = (trouble for kind, trouble in _PLAIN if isinstance(error, kind))
    return next(plain, Trouble(500, INTERNAL))
