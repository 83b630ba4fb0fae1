"""The gate: permission, transaction, body, outbox, audit, commit. There is no other way in."""

from collections.abc import Awaitable, Callable, Coroutine
from contextvars import ContextVar
from functools import wraps
from typing import Any, Concatenate, NamedTuple, ParamSpec, TypeVar, cast

from appliance.actions import _once
from appliance.audit.append import append
from appliance.domain.access import Actor
from appliance.domain.grants import Grant, Scope
from appliance.errors import Denied, HouseError, Unavailable
from appliance.roles import Permission
from appliance.storage import budgets, outbox, undo
from appliance.storage.tx import House, Tx

P = ParamSpec("P")
R = TypeVar("R")

NOTHING = Grant(Scope.NONE)

WHILE_READ_ONLY = frozenset({Permission.HOUSE, Permission.BOX_MANAGE, Permission.SIGN_IN})
"""What may write in a restored box that waits to be confirmed: signing in to look, and the
administrator's own work."""


_house: House | None = None
_inside: ContextVar[bool] = ContextVar("inside_an_action", default=False)


def install(house: House | None) -> None:
    """Set the house that actions work on; None takes it away."""
    global _house  # noqa: PLW0603  one house per process, set at boot
    _house = house


def house() -> House:
    """The house of this process.

    Raises:
        Unavailable: nothing was installed yet.
    """
    if _house is None:
        raise Unavailable("not_started")
    return _house


class ActionInfo(NamedTuple):
    """What the role matrix and the documentation know of an action."""

    name: str
    permission: Permission
    reads: bool
    slow: bool
    quiet: bool


ACTIONS: dict[str, ActionInfo] = {}
Body = Callable[Concatenate[Tx, P], Coroutine[Any, Any, R]]
Run = Callable[Concatenate[Actor, P], Awaitable[R]]


def action(
    permission: Permission, *, reads: bool = False, slow: bool = False, quiet: bool = False
) -> Callable[[Body[P, R]], Run[P, R]]:
    """Make an action of a body.

    Args:
        permission: what the actor's roles must grant; there is no default.
        reads: the body writes nothing: it runs on a snapshot, outside the writer's way.
        slow: a report or rebuild: it runs on a reader thread (implies `reads`).
        quiet: leaves no audit row when it opened nobody and succeeded (lists of codes, checks
            that every request makes). A refusal is always written down.
    """

    def make(body: Body[P, R]) -> Run[P, R]:
        name = f"{body.__module__.rpartition('.')[2]}.{body.__name__}"
        info = ActionInfo(name, permission, reads or slow, slow, quiet)
        ACTIONS[name] = info

        @wraps(body)
        async def run(actor: Actor, /, *args: P.args, **kwargs: P.kwargs) -> R:
            if _inside.get():
                raise RuntimeError(f"{name} was called from inside another action")
            token = _inside.set(True)
            try:
                return await _run(info, actor, lambda tx: body(tx, *args, **kwargs))
            finally:
                _inside.reset(token)

        return run

    return make


async def _run(info: ActionInfo, actor: Actor, body: Callable[[Tx], Coroutine[Any, Any, R]]) -> R:
    here = house()
    last: list[Tx] = []

    def start() -> Tx:
        grant = actor.grants.get(info.permission)
        tx = Tx(actor, grant or NOTHING, here.vault, here.index, here.clock())
        last[:] = [tx]
        if grant is None or grant.scope is Scope.NONE:
            raise Denied(message=f"{info.name} needs {info.permission}")
        if here.read_only and not info.reads and info.permission not in WHILE_READ_ONLY:
            raise Unavailable("restore_unconfirmed")
        return tx

    try:
        if info.reads:
            return await _read(info, here, start, body)
        result = await here.database.write(lambda: _write(info, start(), body))
    except Exception as error:
        await _note_refusal(info, here, actor, last, error)
        raise
    if last[0].topics:
        here.told(actor, last[0].topics)
    if last[0].events:
        here.posted()
    return result


async def _write(info: ActionInfo, tx: Tx, body: Callable[[Tx], Coroutine[Any, Any, R]]) -> R:
    tx.deed = info.name
    once = _once.current()
    if await _once.was_done(tx, once):
        await append(tx, info.name, "repeated")
        return cast("R", None)  # the door gives the first answer again
    result = await body(tx)
    await undo.settle(tx)
    await outbox.enqueue(tx)
    await _once.keep(tx, once, result)
    if tx.subjects or not info.quiet:
        await append(tx, info.name, "done")
    return result


async def _read(
    info: ActionInfo,
    here: House,
    start: Callable[[], Tx],
    body: Callable[[Tx], Coroutine[Any, Any, R]],
) -> R:
    tx = start()
    run = here.database.slow_read if info.slow else here.database.read
    result = await run(lambda: body(tx))
    if tx.subjects or not info.quiet:
        # No log, no action: the answer waits for the note's commit.
        await here.database.write(lambda: _note_read(info, tx))
    return result


async def _note_read(info: ActionInfo, tx: Tx) -> None:
    if tx.actor.people_a_day:
        await budgets.spend_people(tx)
    await append(tx, info.name, "done")


async def _note_refusal(
    info: ActionInfo, here: House, actor: Actor, last: list[Tx], error: Exception
) -> None:
    """Write down what was refused, on its own: the deed was rolled back, its trace must not be."""
    code = error.code if isinstance(error, HouseError) else "failed"
    if isinstance(error, Unavailable):
        return  # the storage itself refused; a second write would only fail again
    seen = last[0] if last else None
    tx = Tx(actor, NOTHING, here.vault, here.index, here.clock())
    if seen is not None:
        tx.object_type, tx.object_id = seen.object_type, seen.object_id
        tx.subjects = seen.subjects
    await here.database.write(lambda: append(tx, info.name, code))
