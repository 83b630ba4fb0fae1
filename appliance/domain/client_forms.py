"""What a client's form needs besides the client."""

from collections.abc import Mapping
from datetime import datetime

import msgspec

from appliance.domain.customers import CustomerView
from appliance.domain.desk import Codes
from appliance.domain.fields import FieldValue
from appliance.domain.personal import Personal


class ClientForm(msgspec.Struct, frozen=True, kw_only=True):
    """The form of a new client (`client` is None) or of one that is there.

    Attributes:
        payments: code → name of the ways to pay.
        tags: marks in use, the most used first.
        blank: fields of an administrator's making as a new client of either kind begins with them.
    """

    client: CustomerView | None
    codes: Codes
    payments: Mapping[str, str]
    tags: tuple[str, ...]
    blank: Mapping[str, tuple[FieldValue, ...]] = {}


class FieldChange(msgspec.Struct, frozen=True, kw_only=True):
    """One field that somebody else saved: what it was, what it is; None where a role hides it."""

    field: str
    old: Personal[str] | str | None
    new: Personal[str] | str | None
    at: datetime
    who: str


class Theirs(msgspec.Struct, frozen=True, kw_only=True):
    """What was saved meanwhile, newest first, and the version it made."""

    number: int
    version: int
    changes: tuple[FieldChange, ...]
