"""Who a cookie or a key stands for, kept in memory: it is asked on every request.

The cache holds hashes, never cookies or keys. Whatever changes people, roles or keys empties it
(`forgets_actors`), which costs every open session one read.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import wraps
from typing import Concatenate, Final, Generic, ParamSpec, TypeVar
from uuid import UUID

from appliance.domain.access import NOBODY, Actor, ActorKind, Origin
from appliance.domain.grants import Access, Grant, Scope
from appliance.domain.users import SignInPolicy, Visit
from appliance.errors import Denied
from appliance.roles import Grants, Permission
from appliance.storage import staff
from appliance.storage.tx import Tx

P = ParamSpec("P")
R = TypeVar("R")
E = TypeVar("E")
Run = Callable[Concatenate[Actor, P], Awaitable[R]]

MOST_HELD: Final = 4096
_MANAGING: Final = (
    Permission.USER_MANAGE,
    Permission.ROLE_MANAGE,
    Permission.KEY_MANAGE,
    Permission.BOX_MANAGE,
)
VISITOR_GRANTS: Final[Grants] = {Permission.SIGN_IN.value: Grant(Scope.ALL)}
ONLY_SELF: Final[Grants] = {Permission.SELF.value: Grant(Scope.ALL)}
"""What is left to someone who must first change his password or enrol an authenticator."""


def visitor(origin: Origin) -> Actor:
    """Somebody at the door, of whom nothing is known yet."""
    return Actor(ActorKind.ANONYMOUS, NOBODY, VISITOR_GRANTS, origin=origin)


@dataclass(slots=True)
class HeldVisit:
    """A session in memory.

    Attributes:
        user_id, session_id: whose and which.
        last_seen_at: newest request; the row is at most a minute older.
        written_at: when the row was last told.
    """

    visit: Visit
    user_id: UUID
    last_seen_at: datetime
    written_at: datetime
    expires_at: datetime
    step_up_until: datetime | None


@dataclass(slots=True)
class HeldActor:
    """An API key in memory."""

    actor: Actor
    expires_at: datetime | None
    noted_at: datetime | None = None


class Cache(Generic[E]):
    """A bounded map from a hash to what it stands for; the oldest goes when it is full.

    Attributes:
        generation: rises whenever something is forgotten, so that an answer which was on its
            way meanwhile is not kept.
    """

    __slots__ = ("_held", "generation")

    def __init__(self) -> None:
        self._held: dict[bytes, E] = {}
        self.generation = 0

    def get(self, key: bytes) -> E | None:
        return self._held.get(key)

    def keep(self, key: bytes, entry: E, generation: int) -> None:
        """Hold an answer that was asked for at `generation`."""
        if generation != self.generation:
            return
        if len(self._held) >= MOST_HELD:
            del self._held[next(iter(self._held))]
        self._held[key] = entry

    def drop(self, key: bytes) -> None:
        """Forget one."""
        self.generation += 1
        self._held.pop(key, None)

    def clear(self) -> None:
        """Forget all."""
        self.generation += 1
        self._held.clear()


VISITS: Final[Cache[HeldVisit]] = Cache()
KEYS: Final[Cache[HeldActor]] = Cache()


def forget_actors() -> None:
    """Have every cookie and key, and the staff directory, looked up anew."""
    VISITS.clear()
    KEYS.clear()
    staff.forget()


def forgets_actors(run: Run[P, R]) -> Run[P, R]:
    """Empty the caches after an action that changes who may do what, whether it worked or not."""

    @wraps(run)
    async def wrapped(actor: Actor, /, *args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return await run(actor, *args, **kwargs)
        finally:
            forget_actors()

    return wrapped


def needs_step_up(tx: Tx) -> None:
    """Ask a signed-in person for the factor or password again, unless that was just done.

    Raises:
        Denied: `step_up_needed`; `person_needed`: a program has no factor to give.
    """
    if tx.actor.kind is ActorKind.API_KEY:
        raise Denied("person_needed")
    if tx.actor.kind is ActorKind.USER and not tx.actor.step_up:
        raise Denied("step_up_needed")


def must_enrol(policy: SignInPolicy, grants: Grants) -> bool:
    """Whether these grants ask for an authenticator under the box's policy."""
    match policy.factor:
        case "everybody":
            return True
        case "personal":
            return sees_people(grants) or manages(grants)
        case _:
            return False


def sees_people(grants: Grants) -> bool:
    """Whether any personal field of a client can be seen."""
    return any(
        access is not Access.HIDDEN
        for grant in grants.values()
        if grant.scope is not Scope.NONE
        for access in grant.fields.values()
    )


def manages(grants: Grants) -> bool:
    """Whether the grants run the box or its people: 15 characters of password then."""
    return any(
        grants.get(permission.value, Grant()).scope is not Scope.NONE for permission in _MANAGING
    )


def age(now: datetime, then: datetime) -> timedelta:
    """How long ago; never negative, as the clock may be set back."""
    return max(now - then, timedelta(0))
