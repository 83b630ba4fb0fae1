"""What a law keeps of a person who is destroyed: taken out before his key goes, ended on its day.

A destruction under a hold is two. First, at once, all that the hold does not need: `trim` seals the
fewest fields by themselves (`Vault.keep`), then the person is destroyed as anybody. Second, on the
hold's last day, what was kept: its own request waits in state `held`, then goes the ordinary way.
"""

from uuid import UUID

import msgspec

from appliance.actions._actors import needs_step_up
from appliance.actions._gate import action
from appliance.domain.holds import KeptSet, wanted
from appliance.domain.personal import Personal
from appliance.domain.subjects import RULES, DestructionRules, RequestState
from appliance.errors import Conflict, NotFound
from appliance.roles import Permission
from appliance.storage import kept_parts, settings, subject_finds, subject_requests
from appliance.storage.subject_requests import Request
from appliance.storage.tx import Tx

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(KeptSet).decode


@action(Permission.HOUSE)
async def trim(tx: Tx, request_id: UUID) -> bool:
    """Take out what holds need of a person whose destruction began; whether anything stays.

    May be cut off and done again: the set is in keys.db before the request that ends it is here.
    """
    one = await subject_requests.by_id(request_id)
    tx.about("customer", one.customer_id)
    found = one.counted
    if found.kept_in or found.kept_of or tx.vault.erasure(one.subject_id) is not None:
        return bool(found.kept_in)
    people = await subject_finds.cards(one.customer_id)
    known = next((s for s, of in tx.vault.kept_sets().items() if of == one.subject_id), None)
    if known is not None:
        kept = _decode(tx.vault.kept(known))
    else:
        fors = kept_parts.fors_of(await subject_requests.holds_of(one, tx.now.date()))
        lines = await kept_parts.gather(tx, people, wanted(fors))
        if not lines:
            return False
        kept = KeptSet(
            customer_id=one.customer_id,
            customer_number=one.customer_number,
            subject_id=one.subject_id,
            request=one.number,
            fors=fors,
            lines=lines,
        )
        known = tx.vault.keep(one.subject_id, _encode(kept))
    number = await kept_parts.register(tx, one, known, kept, people, one.asked_by)
    await kept_parts.note_on(one, kept, number)
    tx.payload = {"request": one.number, "kept": number, "categories": sorted(kept.lines)}
    return True


@action(Permission.HOUSE)
async def let_go(tx: Tx, request_id: UUID) -> None:
    """Begin the pause before the end of a kept set: no law needs it any more."""
    one = await subject_requests.by_id(request_id)
    tx.about("customer", one.customer_id)
    if one.state != RequestState.HELD.value:
        return
    if await subject_requests.holds_of(one, tx.now.date()):
        return
    given = [a for a in await subject_requests.approvals(one.id) if a.stands]
    rules = await settings.get(RULES, DestructionRules)
    pause = rules.pause(alone=any(a.by_code for a in given))
    await subject_requests.change(
        one.id,
        state=RequestState.COOLING.value,
        pause_hours=int(pause.total_seconds()) // 3600,
        cooling_from_ms=None,
    )
    tx.payload = {"request": one.number}


@action(Permission.HOUSE, reads=True, quiet=True)
async def unregistered(tx: Tx) -> list[UUID]:
    """Kept sets of destroyed people of which no request speaks: an older copy knows none."""
    sets = tx.vault.kept_sets()
    known = await kept_parts.registered([*sets])
    return [
        subject
        for subject, of in sets.items()
        if subject not in known and tx.vault.erasure(of) is not None
    ]


@action(Permission.HOUSE)
async def lay_back(tx: Tx, subject: UUID) -> None:
    """Write the request of a kept set anew, and the holds it is for, after an older copy came."""
    kept = _decode(tx.vault.kept(subject))
    tx.about("customer", kept.customer_id)
    erasure = tx.vault.erasure(kept.subject_id)
    if erasure is None or await kept_parts.registered([subject]):
        return
    one = await kept_parts.destroyer_of(kept.subject_id)
    people = await subject_finds.cards(kept.customer_id)
    number = await kept_parts.register(tx, one, subject, kept, people, erasure.requested_by)
    await kept_parts.hold_again(kept, tx.now, tx.now.date())
    if one is not None:
        await kept_parts.note_on(one, kept, number)
    tx.payload = {"kept": number}


@action(Permission.EVIDENCE_READ, reads=True)
async def kept(tx: Tx, number: int) -> Personal[KeptSet]:
    """Show what is kept of a destroyed person, for a dispute or an inspector; the log notes it.

    Args:
        tx: of whoever reads acts.
        number: of the request that destroyed him, or of the one that ends the set.

    Raises:
        NotFound: `subject_request_not_found`, `kept_nothing`.
        Denied: `step_up_needed`.
        Conflict: `subject_destroyed`: its day is over.
    """
    needs_step_up(tx)
    one = await subject_requests.get(number)
    tx.about("customer", one.customer_id)
    one = await _ending(one)
    if tx.vault.erasure(one.subject_id) is not None:
        raise Conflict("subject_destroyed", number=one.customer_number)
    found = _decode(tx.vault.kept(one.subject_id))
    tx.touch(one.subject_id, *sorted(found.lines))
    return Personal(found)


async def _ending(one: Request) -> Request:
    found = one.counted
    if found.kept_of:
        return one
    if not found.kept_in:
        raise NotFound("kept_nothing")
    return await subject_requests.get(found.kept_in)
