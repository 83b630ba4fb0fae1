"""The admin door: what the `korobka` command asks of a running box over its Unix socket.

Everything is `POST /<noun>/<verb>` with a JSON object; 200 with a JSON object, or
`{"code": …, "params": {…}}`. Members of the socket's group may look and unlock; the rest needs a
named person (`POST /sign-in`, then `Authorization: Bearer`), or root or the box's own account.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

import msgspec
from litestar import Request, Response, Router, post
from litestar.params import JSONBody

from appliance.actions import box, me, sign_in, users
from appliance.actions._actors import visitor
from appliance.actions.sign_in import CONSOLE, Door, FactorNeeded
from appliance.api.seconds import change_slots
from appliance.domain.access import Actor, Origin
from appliance.domain.health import Machine
from appliance.domain.personal import Personal
from appliance.domain.users import NewUser
from appliance.errors import Invalid, Unauthenticated, Unavailable
from appliance.http.errors import AnyRequest
from appliance.http.origin import state_of

HERE: Final = Door(Origin.LOOPBACK, agent=CONSOLE)
Answer = dict[str, Any]


def _unknown() -> Machine:
    raise Unavailable("not_started")


async def _unread(_actor: Actor, _number: int, _days: int) -> Answer:
    raise Unavailable("not_started")


class Paper(Protocol):
    """A new recovery code: drawn and shown, typed back, then put in the old one's place."""

    def draw(self) -> str: ...

    def must_be(self, typed: str, old: str) -> None: ...

    async def replace(self, typed: str, old: str) -> None: ...


def _unheard() -> None:
    """Where nobody carries rotations through."""


@dataclass(frozen=True, slots=True)
class Control:
    """What boot lends to the admin door; `app.state.control`.

    Attributes:
        status: facts for `korobka status`; `open` among them.
        unlock: kind (`passphrase`, `code`) and secret; opens the vault and goes on.
        seal: drops keys, index and log.
        slots: number, kind, created and last_ok (Unix milliseconds) of each way in.
        machine: what the process sees around itself; only of an open box.
        turned: hears that a rotation of keys was begun.
        paper: draws recovery codes; None where nobody does.
        address: of the staff's door, without a slash at its end.
        trail: what a colleague (by number) opened and took out in so many days, from the log.
    """

    status: Callable[[], Answer]
    unlock: Callable[[str, Personal[str]], Awaitable[None]]
    seal: Callable[[], Awaitable[None]]
    identity: Callable[[], str]
    slots: Callable[[], list[Answer]]
    add_passphrase: Callable[[Personal[str]], Awaitable[int]]
    add_key_file: Callable[[Path], Awaitable[int]]
    remove_slot: Callable[[int], Awaitable[None]]
    machine: Callable[[], Machine] = _unknown
    turned: Callable[[], None] = _unheard
    paper: Paper | None = None
    trail: Callable[[Actor, int, int], Awaitable[Answer]] = _unread
    address: Callable[[], str] = str


class Input(msgspec.Struct, forbid_unknown_fields=True):
    """A misspelt field must not be silently without effect."""


class Nothing(Input):
    """An empty object."""


class SignIn(Input):
    """`code` only for people with an authenticator."""

    login: str
    password: str
    code: str = ""

    def __repr__(self) -> str:
        return "SignIn(•••)"


class Unlock(Input):
    """One of the two."""

    passphrase: str = ""
    recovery_code: str = ""

    def __repr__(self) -> str:
        return "Unlock(•••)"


class NewPassphrase(Input):
    """A new way in."""

    passphrase: str

    def __repr__(self) -> str:
        return "NewPassphrase(•••)"


class ByPath(Input):
    """A path on the box's own machine."""

    path: str


class ByNumber(Input):
    """The number of a slot or key."""

    number: int


class ByLogin(Input):
    """The login of the colleague it is about."""

    of: str


class AddUser(Input):
    """`name` is the login where none was given."""

    new_login: str
    roles: tuple[str, ...]
    name: str = ""

    def __repr__(self) -> str:
        return "AddUser(•••)"


class SetRoles(Input):
    """Roles instead of the old ones."""

    of: str
    roles: tuple[str, ...]
    seen: tuple[str, ...] | None = None


class ChangePassword(Input):
    """My own."""

    current: str
    fresh: str

    def __repr__(self) -> str:
        return "ChangePassword(•••)"


def control_of(request: AnyRequest) -> Control:
    """What boot lent."""
    return request.app.state.control


def actor_of(request: AnyRequest) -> Actor:
    """Who asks."""
    return request.scope["user"]


@post("/status", status_code=200)
async def status(request: Request[Any, Any, Any], data: JSONBody[Nothing]) -> Answer:
    """Facts of the running box."""
    return control_of(request).status()


@post("/sign-in", status_code=200)
async def enter(request: Request[Any, Any, Any], data: JSONBody[SignIn]) -> Answer:
    """Name the person on whose behalf the rest is asked: `{"token": …}`."""
    entered = await sign_in.enter(HERE, data.login, Personal(data.password))
    if isinstance(entered, FactorNeeded):
        if not data.code:
            raise Unauthenticated("code_needed")
        entered = await sign_in.enter_with_code(HERE, entered.ticket, Personal(data.code))
    return {"token": entered.token}


@post("/vault/unlock", status_code=200)
async def unlock(request: Request[Any, Any, Any], data: JSONBody[Unlock]) -> Answer:
    """Open the vault."""
    kind = "code" if data.recovery_code else "passphrase"
    secret = Personal(data.recovery_code or data.passphrase)
    control = control_of(request)
    await box.unlock(HERE, kind, lambda: control.unlock(kind, secret))
    return {"open": True}


@post("/vault/seal", status_code=200)
async def seal(request: Request[Any, Any, Any], data: JSONBody[Nothing]) -> Answer:
    """Forget the keys at once."""
    who = request.scope.get("user") or visitor(Origin.LOOPBACK)
    await box.seal(who, control_of(request).seal)
    return {"open": False}


@post("/vault/identity", status_code=200)
async def identity(request: Request[Any, Any, Any], data: JSONBody[Nothing]) -> Answer:
    """To whom backups are encrypted."""
    return {"identity": control_of(request).identity()}


@post("/vault/slots", status_code=200)
async def slots(request: Request[Any, Any, Any], data: JSONBody[Nothing]) -> Answer:
    """The ways in."""
    return {"slots": control_of(request).slots()}


@post("/vault/add-passphrase", status_code=200)
async def add_passphrase(request: Request[Any, Any, Any], data: JSONBody[NewPassphrase]) -> Answer:
    """Add a way in."""
    await change_slots(actor_of(request), "passphrase added")
    return {"number": await control_of(request).add_passphrase(Personal(data.passphrase))}


@post("/vault/add-key-file", status_code=200)
async def add_key_file(request: Request[Any, Any, Any], data: JSONBody[ByPath]) -> Answer:
    """Write a key file on the box's own machine and add it."""
    path = Path(data.path)
    if not path.is_absolute():
        raise Invalid("path_relative")
    await change_slots(actor_of(request), "key file added")
    return {"number": await control_of(request).add_key_file(path)}


@post("/vault/remove-slot", status_code=200)
async def remove_slot(request: Request[Any, Any, Any], data: JSONBody[ByNumber]) -> Answer:
    """Take a way in away."""
    await change_slots(actor_of(request), f"slot {data.number} removed")
    await control_of(request).remove_slot(data.number)
    return {}


@post("/users/list", status_code=200)
async def list_users(request: Request[Any, Any, Any], data: JSONBody[Nothing]) -> Answer:
    """Everybody."""
    found = await users.list_all(actor_of(request))
    return {
        "users": [
            {
                "number": one.number,
                "login": one.login,
                "name": one.name.reveal(),
                "roles": list(one.roles),
                "department": str(one.department_id or ""),
                "active": one.active,
                "factor": one.factor,
                "must_change_password": one.must_change_password,
            }
            for one in found
        ]
    }


@post("/users/add", status_code=200)
async def add_user(request: Request[Any, Any, Any], data: JSONBody[AddUser]) -> Answer:
    """Take a colleague on: `{"number", "login", "password"}`, the password once."""
    new = NewUser(
        login=data.new_login, name=Personal(data.name or data.new_login), roles=data.roles
    )
    return _one_time(await users.create(actor_of(request), new))


@post("/users/disable", status_code=200)
async def disable_user(request: Request[Any, Any, Any], data: JSONBody[ByLogin]) -> Answer:
    """Let a colleague go."""
    await users.disable(actor_of(request), await users.number_of(actor_of(request), data.of))
    return {}


@post("/users/enable", status_code=200)
async def enable_user(request: Request[Any, Any, Any], data: JSONBody[ByLogin]) -> Answer:
    """Take a colleague back."""
    await users.enable(actor_of(request), await users.number_of(actor_of(request), data.of))
    return {}


@post("/users/set-roles", status_code=200)
async def set_roles(request: Request[Any, Any, Any], data: JSONBody[SetRoles]) -> Answer:
    """Give other roles."""
    number = await users.number_of(actor_of(request), data.of)
    await users.set_roles(actor_of(request), number, data.roles, data.seen)
    return {}


@post("/users/reset-password", status_code=200)
async def reset_password(request: Request[Any, Any, Any], data: JSONBody[ByLogin]) -> Answer:
    """Give a new one-time password: as `/users/add`."""
    number = await users.number_of(actor_of(request), data.of)
    return _one_time(await users.reset_password(actor_of(request), number))


@post("/users/drop-factor", status_code=200)
async def drop_factor(request: Request[Any, Any, Any], data: JSONBody[ByLogin]) -> Answer:
    """Take a lost authenticator off."""
    await users.drop_factor(actor_of(request), await users.number_of(actor_of(request), data.of))
    return {}


def _one_time(made: users.OneTime) -> Answer:
    return {"number": made.number, "login": made.login, "password": made.password.reveal()}


@post("/me/password", status_code=200)
async def change_password(
    request: Request[Any, Any, Any], data: JSONBody[ChangePassword]
) -> Answer:
    """Change the signed-in person's password; a one-time one must be."""
    visit = state_of(request.scope)["visit"]
    if visit is None:
        raise Unauthenticated("sign_in_needed")
    await me.change_password(
        visit.actor, visit.session_id, Personal(data.current), Personal(data.fresh)
    )
    return {}


def first_field(request: AnyRequest, error: Invalid) -> Response[Any]:
    """The command shows one sentence: the first field's, where fields were wrong."""
    code = next(iter(error.fields.values()), error.code)
    return Response({"code": code, "params": dict(error.params)}, status_code=422)


HANDLERS: Final = (
    Router(
        path="/",
        route_handlers=[
            status,
            enter,
            unlock,
            seal,
            identity,
            slots,
            add_passphrase,
            add_key_file,
            remove_slot,
            list_users,
            add_user,
            disable_user,
            enable_user,
            set_roles,
            reset_password,
            drop_factor,
            change_password,
        ],
        exception_handlers={Invalid: first_field},
    ),
)
