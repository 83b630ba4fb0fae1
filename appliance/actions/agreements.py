"""Four eyes: asking for a second person, agreeing, taking back."""

import msgspec

from appliance.actions import _second
from appliance.actions._actors import needs_step_up
from appliance.actions._gate import action
from appliance.actions._subjects import other_hand
from appliance.domain.agreements import (
    KEY,
    Agreement,
    Agreements,
    Deed,
    Desk,
    Hands,
    Stand,
)
from appliance.domain.personal import Personal
from appliance.errors import Conflict, Denied, NotFound
from appliance.roles import Permission
from appliance.storage import settings
from appliance.storage.tx import Tx


@action(Permission.BOX_MANAGE, reads=True, quiet=True)
async def listed(tx: Tx) -> Agreements:
    """What waits, what is agreed to, and when a second person is needed."""
    return await _standing(tx)


@action(Permission.BOX_MANAGE, reads=True, quiet=True)
async def desk(tx: Tx) -> Desk:
    """The same, and whether anybody else could agree."""
    return Desk(await _standing(tx), alone=not await _second.others(tx))


async def _standing(tx: Tx) -> Agreements:
    known = await settings.get(KEY, Agreements)
    kept = tuple(one for one in known.kept if one.stand(tx.now) is not Stand.OVER)
    return msgspec.structs.replace(known, kept=kept)


@action(Permission.BOX_MANAGE)
async def ask(tx: Tx, deed: Deed, about: str) -> Agreement:
    """Ask a second person for a deed; who asks again is not asked twice.

    Raises:
        Denied: `step_up_needed`, `agreement_named`.
    """
    needs_step_up(tx)
    return await _second.asked(tx, deed, about)


async def _waiting(tx: Tx, number: int) -> tuple[Agreements, Agreement]:
    known = await settings.get(KEY, Agreements)
    found = next((one for one in known.kept if one.number == number), None)
    if found is None or found.stand(tx.now) is Stand.OVER:
        raise NotFound("agreement_not_found")
    tx.object_type, tx.payload = "agreement", {"number": number, "deed": found.deed.value}
    return known, found


@action(Permission.BOX_MANAGE)
async def agree(tx: Tx, number: int) -> Agreement:
    """Agree to what another administrator asks.

    Raises:
        NotFound: `agreement_not_found`: taken back, done, or three days old.
        Denied: `step_up_needed`, `approve_nobody`, `approve_own`, `approve_same_session`,
            `approve_same_device`.
        Conflict: `approved_already`.
    """
    known, one = await _waiting(tx, number)
    await other_hand(tx, one)
    if one.agreed_at is not None and not one.by_code:
        raise Conflict("approved_already", number=number)
    agreed = msgspec.structs.replace(
        one, agreed_by=tx.actor.number, agreed_at=tx.now, by_code=False
    )
    await settings.put(KEY, known.with_(agreed, tx.now))
    return agreed


@action(Permission.BOX_MANAGE)
async def agree_by_code(tx: Tx, number: int, code: Personal[str]) -> Agreement:
    """Have the recovery code stand for a second person, where there is none; 72 hours then.

    Raises:
        NotFound: `agreement_not_found`.
        Invalid: the code was mistyped.
        Denied: `step_up_needed`, `approve_nobody`, `unlock_recovery_wrong`.
        Conflict: `approver_there`: somebody else could agree; `approved_already`.
    """
    known, one = await _waiting(tx, number)
    needs_step_up(tx)
    if not tx.actor.number or tx.actor.id != one.asked_by:
        raise Denied("approve_nobody")
    if await _second.others(tx):
        raise Conflict("approver_there", number=number)
    if one.agreed_at is not None:
        raise Conflict("approved_already", number=number)
    tx.vault.must_be_code(code.reveal())
    agreed = msgspec.structs.replace(one, agreed_by=tx.actor.number, agreed_at=tx.now, by_code=True)
    await settings.put(KEY, known.with_(agreed, tx.now))
    return agreed


@action(Permission.BOX_MANAGE)
async def refuse(tx: Tx, number: int) -> None:
    """Take an asking back, or refuse somebody else's; an agreement goes with it.

    Raises:
        NotFound: `agreement_not_found`.
    """
    known, _one = await _waiting(tx, number)
    await settings.put(KEY, known.without(number))


@action(Permission.BOX_MANAGE)
async def set_hands(tx: Tx, hands: Hands) -> None:
    """Say when a second person is needed; to need him less needs him, too.

    Raises:
        Denied: `step_up_needed`; `agreement_needed`, `agreement_named`.
    """
    needs_step_up(tx)
    if hands is Hands.AUTO:
        await _second.must_be_agreed(tx, Deed.HANDS, hands.value)
    known = await settings.get(KEY, Agreements)
    tx.object_type, tx.payload = "agreement", {"hands": hands.value}
    await settings.put(KEY, msgspec.structs.replace(known, hands=hands))
