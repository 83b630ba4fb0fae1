"""Who acts: a signed-in user, a program with a key, or the house itself."""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from appliance.domain.grants import Grant

NOBODY = UUID(int=0)


class ActorKind(StrEnum):
    """What stands behind an action; the audit keeps it."""

    USER = "user"
    API_KEY = "api_key"
    SYSTEM = "system"
    CONSOLE = "console"
    ANONYMOUS = "anonymous"
    PLUGIN = "plugin"


PROGRAMS = frozenset({ActorKind.API_KEY, ActorKind.PLUGIN})
"""Who is no person: programs answer for their own order of things."""


class Origin(StrEnum):
    """Where the request came from, as coarse as the log may know."""

    LOOPBACK = "loopback"
    LAN = "lan"
    OUTER = "outer"
    NONE = "none"


class Actor(NamedTuple):
    """The one who acts, with everything his roles grant, resolved once at sign-in.

    Attributes:
        grants: permission code → how far it reaches; absent means refused.
        number: the user's or key's number for people (0 for the house).
        department: of a user; drives `Scope.DEPARTMENT`.
        session: first 8 hex digits of the session's hash, for the log.
        shop: code of the shop an API key is bound to.
        step_up: the second factor was given less than five minutes ago.
        handover: (personal field, purpose) that a plugin may be handed; for nobody else.
        people_a_day: how many people an API key may read within 24 hours; 0: any number.
    """

    kind: ActorKind
    id: UUID
    grants: Mapping[str, Grant]
    number: int = 0
    department: UUID | None = None
    session: str = ""
    origin: Origin = Origin.NONE
    shop: str = ""
    language: str = "ru"
    step_up: bool = False
    name: str = ""
    handover: frozenset[tuple[str, str]] = frozenset()
    people_a_day: int = 0
