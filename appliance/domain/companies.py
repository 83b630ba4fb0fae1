"""A company and its people."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

import msgspec

from appliance.domain.customers import CustomerBrief
from appliance.domain.personal import Personal

ROLES: Final[Sequence[str]] = ("director", "accountant", "lawyer", "secretary", "buyer", "stock")
"""Roles with a name of their own; any other is kept as typed."""
LONGEST_ROLE: Final = 100


class Tie(msgspec.Struct, frozen=True, kw_only=True):
    """A person in a role at a company, seen from either side.

    Attributes:
        role: one of `ROLES`, or in free words.
        is_main: whom to turn to first.
        number: of the other side; `client` is None where the actor may not see it.
    """

    id: UUID
    role: str
    is_main: bool
    number: int
    client: CustomerBrief | None


class OwnerRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody asks for a client; the reason is a text about a person."""

    id: UUID
    asker: str
    reason: Personal[str] | None
