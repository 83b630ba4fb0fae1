"""Colleagues: who they are, how they signed in, and what the box asks of signing in."""

from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

import msgspec

from appliance.domain.access import Actor
from appliance.domain.personal import Personal

LANGUAGES = ("ru", "en")
THEMES = ("auto", "light", "dark")
DENSITIES = ("normal", "tight", "loose", "touch")


class Profile(msgspec.Struct, frozen=True, omit_defaults=True):
    """Blob of `users.profile`, sealed under the box's own secret: staff, not clients."""

    v: int = 1
    name: str = ""
    phone: str = ""
    email: str = ""

    def __repr__(self) -> str:
        return "Profile(•••)"


class User(msgspec.Struct, frozen=True, kw_only=True):
    """A colleague as lists and pages show him.

    Attributes:
        roles: codes of his roles.
        factor: has confirmed an authenticator.
    """

    id: UUID
    number: int
    login: str
    name: Personal[str]
    phone: Personal[str]
    email: Personal[str]
    roles: tuple[str, ...]
    department_id: UUID | None
    active: bool
    factor: bool
    must_change_password: bool
    language: str
    theme: str
    density: str
    created_at: datetime


class NewUser(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked for a new colleague; the password comes from `users.create`."""

    login: str
    name: Personal[str]
    roles: tuple[str, ...]
    phone: Personal[str] = Personal("")
    email: Personal[str] = Personal("")
    department: str = ""
    language: str = "ru"


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """One signed-in browser, as its owner sees it. `current`: the one that asks."""

    id: UUID
    device: str
    origin: str
    created_at: datetime
    last_seen_at: datetime
    current: bool = False


class Visit(NamedTuple):
    """One signed-in request: the actor and how his pages look.

    Attributes:
        session_id: row of the session.
        must: what has to be done before anything else: `password`, `factor` or nothing.
        idle: how long the browser may rest before it is asked again.
    """

    actor: Actor
    session_id: UUID
    theme: str
    density: str
    must: str
    idle: timedelta


class SignInPolicy(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Setting `sign_in`: limits of sessions. Defaults: security reference, section E.

    Attributes:
        idle_minutes: rest after which the session ends; `role_idle_minutes` may give a role
            more (the longest of one's roles holds).
        absolute_hours: age at which it ends whatever happens.
        parallel: sessions of one person; the one longest unseen ends first.
        factor: who must use an authenticator: `nobody`, `personal` (whoever may see a
            personal field or manages the box), `everybody`.
        company_words: words no password may contain, beside login and box name.
    """

    idle_minutes: int = 15
    role_idle_minutes: dict[str, int] = {}
    absolute_hours: int = 10
    parallel: int = 3
    step_up_minutes: int = 5
    factor: str = "nobody"
    company_words: tuple[str, ...] = ()

    def idle_for(self, roles: tuple[str, ...]) -> timedelta:
        """How long a person of these roles may rest."""
        extra = (self.role_idle_minutes.get(role, 0) for role in roles)
        return timedelta(minutes=max((self.idle_minutes, *extra)))


class RevealBudget(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Distinct clients one person may reveal: warned at `hour`, refused at `day` and `week`."""

    hour: int = 40
    day: int = 150
    week: int = 500


class ApiKey(msgspec.Struct, frozen=True, kw_only=True):
    """A program's key, without the key.

    Attributes:
        role: acts with the rights of this role too; empty: only by its scopes.
        fields: personal fields that it may see at most; empty: whatever role and scopes show.
        people_a_day: how many people it may read within 24 hours; 0: any number.
    """

    id: UUID
    number: int
    name: str
    shop: str
    scopes: tuple[str, ...]
    hide_own: bool
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    role: str = ""
    fields: tuple[str, ...] = ()
    people_a_day: int = 0


class NewApiKey(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked for a new key; see `ApiKey`."""

    name: str
    shop: str
    scopes: tuple[str, ...] = ()
    expires_at: datetime | None = None
    hide_own: bool = False
    role: str = ""
    fields: tuple[str, ...] = ()
    people_a_day: int = 0


class Role(msgspec.Struct, frozen=True, kw_only=True):
    """A role as data. `grants`: permission → scope and fields, names of their enums."""

    code: str
    name: str
    preset: bool
    grants: dict[str, "RoleGrant"]


class RoleGrant(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """One permission of a role, as stored: `own`, `{"phone": "masked"}`."""

    scope: str
    fields: dict[str, str] = {}


class Team(msgspec.Struct, frozen=True, kw_only=True):
    """A department with the numbers of those who work in it now."""

    id: UUID
    code: str
    name: str
    members: tuple[int, ...]


class Department(msgspec.Struct, frozen=True, kw_only=True):
    """A department."""

    id: UUID
    code: str
    name: str
