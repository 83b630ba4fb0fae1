"""New keys: begun by the administrator, carried through by the house in short steps.

Which rows are under which key is kept beside the rows (`storage.key_walks`), so a copy that was
made before brings back its own mark, and the walk over its rows begins by itself.
"""

import msgspec

from appliance.actions._actors import needs_step_up
from appliance.actions._gate import action
from appliance.domain.key_rotation import Turn, Turning, Walk, begun, ended
from appliance.errors import Conflict
from appliance.roles import Permission
from appliance.storage import key_walks
from appliance.storage.tx import Tx

WALKS = (Turn.INDEX, Turn.PEOPLE)
PEOPLE_AT_ONCE = 500
WRAPS_AT_ONCE = 2_000


@action(Permission.BOX_MANAGE)
async def begin(tx: Tx, turn: Turn) -> Turning:
    """Make new keys of one kind; bringing everything over goes on by itself.

    Raises:
        Conflict: `rotation_running`: the one before is not at its end.
        Denied: `step_up_needed`.
        Unavailable: keys.db cannot be written; nothing was changed.
    """
    needs_step_up(tx)
    tx.object_type = "vault"
    if (await _state(tx, turn)).runs:
        raise Conflict("rotation_running")
    match turn:
        case Turn.KEK:
            tx.vault.rotate_subject_kek()
        case Turn.INDEX:
            tx.vault.rotate_blind()
        case Turn.PEOPLE:
            tx.vault.renew_people()
    found = await _state(tx, turn)
    tx.payload = {"turn": turn.value, "number": found.number}
    return found


@action(Permission.BOX_MANAGE, reads=True, quiet=True)
async def state(tx: Tx) -> list[Turning]:
    """How every rotation stands."""
    return [await _state(tx, turn) for turn in Turn]


@action(Permission.HOUSE, reads=True, quiet=True)
async def due(tx: Tx) -> list[Turn]:
    """Rotations that are not at their end, in the order in which they are to be done."""
    return [turn for turn in (Turn.PEOPLE, Turn.KEK, Turn.INDEX) if (await _state(tx, turn)).runs]


async def _state(tx: Tx, turn: Turn) -> Turning:
    if turn is Turn.KEK:
        found = tx.vault.rotation_status()
        runs = found.unfinished > 0 and found.remaining > 0
        return Turning(turn=turn, number=found.epoch, runs=runs, total=found.remaining)
    walk = await key_walks.get(turn)
    number = _number(tx, turn)
    # A crash may come between the end of the walk and the end of the old keys.
    kept = turn is Turn.INDEX and tx.vault.blind_epochs()[1] > 1
    return Turning(
        turn=turn,
        number=number,
        runs=walk.done != number or kept,
        done=walk.seen,
        total=max(walk.total, walk.seen),
        unreadable=walk.unreadable,
        ended_at=walk.ended_at,
    )


@action(Permission.HOUSE, quiet=True)
async def renew_people(tx: Tx, after: bytes) -> bytes | None:
    """Give the next people new keys: `after` of the next step; None behind the last."""
    return tx.vault.renew_step(after, PEOPLE_AT_ONCE).after


@action(Permission.HOUSE, quiet=True)
async def rewrap(tx: Tx) -> int:
    """Wrap the next people's keys anew; how many are left."""
    return tx.vault.rewrap_subjects(WRAPS_AT_ONCE)


@action(Permission.HOUSE)
async def carry(tx: Tx) -> bool:
    """Seal the next cells under their people's new keys; False when there are none left.

    The log notes what they look like now: its deep check compares them.
    """
    tx.object_type = "vault"
    return await _walk(tx, Turn.PEOPLE)


@action(Permission.HOUSE, quiet=True)
async def retoken(tx: Tx) -> bool:
    """Compute the next tokens under the new keys; False when there are none left."""
    return await _walk(tx, Turn.INDEX)


async def _walk(tx: Tx, turn: Turn) -> bool:
    number = _number(tx, turn)
    found = await key_walks.get(turn)
    if found.done == number:
        return False
    if found.towards != number:
        found = begun(found, number, await key_walks.total(turn), tx.now)
    if found.place >= len(key_walks.tables(turn)):
        await key_walks.put(turn, ended(found, tx.now))
        return False
    part = await key_walks.step(tx, turn, found)
    after = msgspec.structs.replace(
        found,
        after=part.after,
        place=found.place if part.after else found.place + 1,
        seen=found.seen + part.seen,
        changed=found.changed + part.changed,
        unreadable=found.unreadable + part.unreadable,
    )
    await key_walks.put(turn, after)
    return True


@action(Permission.HOUSE)
async def finish(tx: Tx, turn: Turn) -> Walk:
    """Write down that a rotation is at its end; erase the keys that nothing needs any more."""
    tx.object_type = "vault"
    if turn is Turn.KEK:
        tx.payload = {"turn": turn.value, "number": tx.vault.rotation_status().epoch}
        return Walk()
    found = await key_walks.get(turn)
    if turn is Turn.INDEX and found.done == _number(tx, turn):
        tx.vault.retire_blind()
    tx.payload = {
        "turn": turn.value,
        "number": found.done,
        "seen": found.seen,
        "changed": found.changed,
        "unreadable": found.unreadable,
    }
    return found


def _number(tx: Tx, turn: Turn) -> int:
    if turn is Turn.INDEX:
        return tx.vault.blind_epochs()[0]
    return tx.vault.people_generation()[0]
