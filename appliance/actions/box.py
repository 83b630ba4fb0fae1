"""The box as a whole: unlocking it, and what is written down about its keys."""

from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Final

from appliance.actions._actors import VISITOR_GRANTS, forget_actors, needs_step_up, visitor
from appliance.actions._gate import action, house
from appliance.actions._second import must_be_agreed
from appliance.actions.sign_in import Door
from appliance.domain import guessing
from appliance.domain.access import Actor
from appliance.domain.agreements import Deed
from appliance.domain.guessing import Tries
from appliance.errors import Conflict, HouseError, Throttled
from appliance.roles import Permission
from appliance.storage import sessions
from appliance.storage.tx import Tx

MOST_ADDRESSES: Final = 1024

# A locked box can write nothing, so wrong tries are counted in memory until it opens.
_tries: OrderedDict[str, Tries] = OrderedDict()


async def unlock(door: Door, kind: str, opening: Callable[[], Awaitable[None]]) -> None:
    """Try to open the vault; the log says who did and how often it failed before.

    Args:
        door: where somebody tries; delays double per address, never on the console's socket.
        kind: `passphrase`, `code` or `key_file`, for the log.
        opening: opens the vault and whatever goes on after it (boot gives it).

    Raises:
        Conflict: `vault_open`: there is nothing to open.
        Throttled: too many wrong tries from this address; nothing was tried.
        Unauthenticated, Invalid, Damaged: as the vault refuses.
    """
    if house().vault.is_open:
        raise Conflict("vault_open")
    now = house().clock()
    if wait := guessing.wait_seconds(_tries.get(door.address), now):
        raise Throttled("throttled", seconds=wait)
    if door.address:
        _tries[door.address] = guessing.after_slow(_tries.get(door.address), now)
        while len(_tries) > MOST_ADDRESSES:
            _tries.popitem(last=False)
    await opening()
    failed = sum(one.tries for one in _tries.values()) - (1 if door.address else 0)
    _tries.clear()
    forget_actors()
    await unlocked(visitor(door.origin), kind, max(failed, 0))


@action(Permission.SIGN_IN)
async def unlocked(tx: Tx, kind: str, failed: int) -> None:
    """Write down that the vault was opened, and how many wrong tries came before."""
    tx.object_type = "vault"
    tx.payload = {"kind": kind, "failed": failed}


async def seal(actor: Actor, sealing: Callable[[], Awaitable[None]]) -> None:
    """Lock the vault: every session ends first, as nothing can be written afterwards.

    Args:
        actor: who seals.
        sealing: drops the keys (boot gives it).
    """
    try:
        # Whoever may seal may also end the sessions, whatever his role grants.
        await before_seal(actor._replace(grants={**actor.grants, **VISITOR_GRANTS}))
    except HouseError:
        # Sealing must work on a full disk too; the sessions end with the keys in any case.
        pass
    finally:
        forget_actors()
        await sealing()


@action(Permission.SIGN_IN)
async def before_seal(tx: Tx) -> None:
    """End every session and write down that the vault is about to be locked."""
    tx.object_type = "vault"
    await sessions.end_everybody()


@action(Permission.BOX_MANAGE)
async def change_slots(tx: Tx, change: str, *, is_agreed: bool = False) -> None:
    """Write down a change of the ways into the vault, before it is made.

    Args:
        tx: of the administrator.
        change: `passphrase added`, `key file added`, `slot 3 removed`.
        is_agreed: the second step of what was agreed to: a code that was drawn is typed back.

    Raises:
        Denied: `step_up_needed`; `agreement_needed`, `agreement_named`: a second person first.
    """
    needs_step_up(tx)
    if not is_agreed:
        await must_be_agreed(tx, Deed.SLOTS, change)
    tx.object_type = "vault"
    tx.payload = {"change": change}
