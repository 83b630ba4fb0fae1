"""What people ask about their data: written down, found, blocked, held, agreed to.

A destruction goes: `request` (blocks at once) → two times `approve`, by two people who did not
write it down → the pause → the house destroys (`actions.destruction`) → `waiting` until no copy
holds an older key → `closed`. All takes the number of a request, except where a client's is said.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

from appliance.actions import _subjects
from appliance.actions._actors import needs_step_up
from appliance.actions._gate import action
from appliance.domain.personal import Personal
from appliance.domain.privacy import PurposeCode
from appliance.domain.subjects import (
    BLOCKING,
    FLOOR,
    LONGEST_PAUSE,
    RULE,
    RULES,
    DestructionRules,
    Found,
    RequestKind,
    RequestState,
    RequestView,
    Who,
)
from appliance.errors import Conflict, Denied, Invalid, NotFound
from appliance.roles import Permission
from appliance.storage import (
    legal_holds,
    sessions,
    settings,
    subject_finds,
    subject_requests,
    subject_views,
)
from appliance.storage.tx import Tx

_KEPT = (RequestState.HELD.value, RequestState.COOLING.value)
EXTENSION = 5
"""Working days that a letter with reasons adds (152-FZ 14.3, 20.1, 20.4, 21.5.1)."""


@action(Permission.SUBJECT_REQUEST, reads=True)
async def find(tx: Tx, customer_number: int) -> Found:
    """Count what the box holds of a client, before anything is asked or blocked.

    Raises:
        NotFound: `customer_not_found`.
    """
    card = await _subjects.known(customer_number)
    tx.about("customer", card.id)
    return await subject_finds.found_of(await _subjects.people_of(card))


@action(Permission.SUBJECT_REQUEST)
async def request(
    tx: Tx,
    customer_number: int,
    kind: RequestKind,
    *,
    received_on: date | None = None,
    channel: str = "",
    note: Personal[str] | None = None,
) -> RequestView:
    """Write down what a person asks; kinds that block do it at once, in this very transaction.

    A withdrawn consent ends all purposes that stand on consent; where others remain (a contract),
    the request is `open`, nobody is blocked, and the answer must say what goes on.

    Args:
        tx: of whoever writes it down; he cannot approve it.
        customer_number: of the client.
        kind: what is asked; `domain.subjects.RULE` says what follows from it.
        received_on: the day it came in; None: today. Terms count from it.
        channel: `letter`, `phone`, `visit`…
        note: who brought it, numbers of letters; kept under the evidence key.

    Raises:
        NotFound: `customer_not_found`.
        Conflict: `subject_destroyed`, `request_exists`: one that blocks is under way.
        Invalid: `received_on_wrong`, `note_too_long`, `channel_too_long`.
    """
    text = note.reveal().strip() if note is not None else ""
    if len(text) > _subjects.LONGEST_NOTE:
        raise Invalid(fields={"note": "note_too_long"})
    if len(channel) > _subjects.LONGEST_CHANNEL:
        raise Invalid(fields={"channel": "channel_too_long"})
    received = _subjects.checked_day(tx, received_on)
    card = await _subjects.known(customer_number)
    _subjects.must_be_alive(card)
    tx.about("customer", card.id)
    people = await _subjects.people_of(card)
    running = await subject_requests.of_customer([one.id for one in people])
    rule = RULE[kind]
    goes_on = await _subjects.goes_on(tx, card.id, kind)
    blocks = rule.blocks and not goes_on
    if blocks and (taken := [one for one in running if one.blocked_at is not None]):
        raise Conflict("request_exists", number=taken[0].number)
    mark = await sessions.mark_of(tx.actor.id, tx.actor.session)
    found = await subject_finds.found_of(people)
    who = Who(shown=await _subjects.shown(tx, card), note=text)
    request_id, number = await subject_requests.add(
        tx,
        kind,
        RequestState.BLOCKED if blocks else RequestState.OPEN,
        who,
        customer_id=card.id,
        customer_number=card.number,
        subject_id=card.subject_id,
        channel=channel,
        received_on=received,
        due_on=await _subjects.last_day(tx, kind, received),
        asked_session=mark.session,
        asked_device=mark.device,
        found=subject_requests.written(found),
        blocked_at=tx.now if blocks else None,
    )
    tx.payload = {"request": number, "kind": kind.value, "customer": card.number}
    if blocks:
        await _subjects.tell_deciders(tx, kind, request_id, number)
        await _subjects.block(tx, request_id, people)
    return await subject_views.view(tx, await subject_requests.by_id(request_id))


@action(Permission.SUBJECT_REQUEST)
async def block(tx: Tx, number: int) -> RequestView:
    """Block the person of an open request: while a claim is checked, or to destroy after all.

    Raises:
        NotFound: `subject_request_not_found`.
        Conflict: `request_ended`, `request_blocked`, `request_exists`, `subject_destroyed`.
    """
    one = await _subjects.request(number)
    if one.state != RequestState.OPEN.value:
        raise Conflict("request_blocked", number=number)
    card = await _subjects.known(one.customer_number)
    _subjects.must_be_alive(card)
    tx.about("customer", card.id)
    people = await _subjects.people_of(card)
    running = await subject_requests.of_customer([part.id for part in people])
    if taken := [other for other in running if other.blocked_at is not None]:
        raise Conflict("request_exists", number=taken[0].number)
    await subject_requests.change(
        one.id,
        state=RequestState.BLOCKED.value,
        blocked_at=tx.now,
        found=subject_requests.written(await subject_finds.found_of(people)),
    )
    tx.payload = {"request": number}
    await _subjects.tell_deciders(tx, RequestKind(one.kind), one.id, one.number)
    await _subjects.block(tx, one.id, people)
    return await subject_views.view(tx, await subject_requests.by_id(one.id))


@action(Permission.SUBJECT_REQUEST)
async def refuse(tx: Tx, number: int, reason: Personal[str]) -> RequestView:
    """Take a request back with a reason; a blocked person is as before. Not once it is destroyed.

    Raises:
        NotFound: `subject_request_not_found`.
        Conflict: `request_ended`, `destroy_begun`.
        Invalid: `answer_missing`, `note_too_long`.
    """
    text = _subjects.said(reason)
    one = await _subjects.request(number)
    tx.about("customer", one.customer_id)
    if one.state != RequestState.OPEN.value:
        await _subjects.unblock(tx, one)
    await subject_requests.forget_approvals(one.id)
    await subject_requests.change(
        one.id,
        state=RequestState.REFUSED.value,
        closed_at=tx.now,
        about=_subjects.answered(tx, one, text),
    )
    tx.payload = {"request": number}
    return await subject_views.view(tx, await subject_requests.by_id(one.id))


@action(Permission.SUBJECT_REQUEST)
async def answer(tx: Tx, number: int, text: Personal[str]) -> RequestView:
    """Close a request that needs no destruction, with what was answered.

    A person who was blocked for the time of a check is as before.

    Raises:
        NotFound: `subject_request_not_found`.
        Conflict: `request_ended`, `destroy_begun`; `request_destroys`: such a one ends by itself,
            or is refused.
        Invalid: `answer_missing`, `note_too_long`.
    """
    written = _subjects.said(text)
    one = await _subjects.request(number)
    tx.about("customer", one.customer_id)
    if one.rule.destroys and RequestState(one.state) is not RequestState.OPEN:
        raise Conflict("request_destroys", number=number)
    if RequestState(one.state) in BLOCKING:
        await _subjects.unblock(tx, one)
    await subject_requests.change(
        one.id,
        state=RequestState.CLOSED.value,
        closed_at=tx.now,
        about=_subjects.answered(tx, one, written),
    )
    tx.payload = {"request": number}
    return await subject_views.view(tx, await subject_requests.by_id(one.id))


@action(Permission.SUBJECT_REQUEST)
async def extend(tx: Tx, number: int) -> RequestView:
    """Add five working days, once, where the law lets it and a letter with reasons went out.

    Raises:
        NotFound: `subject_request_not_found`.
        Conflict: `request_ended`, `term_not_extendable`.
    """
    one = await _subjects.request(number)
    kind = RequestKind(one.kind)
    if one.extended or not RULE[kind].term.extension:
        raise Conflict("term_not_extendable", number=number)
    tx.about("customer", one.customer_id)
    tx.payload = {"request": number}
    day = await _subjects.last_day(tx, kind, one.received_on, EXTENSION)
    await subject_requests.change(one.id, extended=EXTENSION, due_on=day)
    return await subject_views.view(tx, await subject_requests.by_id(one.id))


# --- laws that forbid it for now ---


@action(Permission.SUBJECT_REQUEST)
async def hold(tx: Tx, customer_number: int, purpose: PurposeCode, law: str, until: date) -> UUID:
    """Keep for a law, until a day, what its purpose needs of a client (`domain.holds.MINIMAL`).

    A destruction goes on and takes all the rest. Of a person who is destroyed a hold makes the
    time of what was kept longer; it brings nothing back.

    Raises:
        NotFound: `customer_not_found`.
        Conflict: `subject_destroyed`, `destroy_begun`.
        Invalid: `law_missing`, `until_past`.
    """
    if not law.strip() or len(law) > 200:
        raise Invalid(fields={"law": "law_missing"})
    if until < tx.now.date():
        raise Invalid(fields={"until": "until_past"})
    card = await _subjects.known(customer_number)
    tx.about("customer", card.id)
    running = await subject_requests.of_customer([card.id])
    if not any(one.counted.kept_of and one.state in _KEPT for one in running):
        _subjects.must_be_alive(card)
        for one in running:
            if RequestState(one.state) in (RequestState.ERASING, RequestState.WAITING):
                raise Conflict("destroy_begun", number=one.number)
    tx.payload = {"customer": card.number, "purpose": purpose.value, "law": law.strip()}
    return await legal_holds.add(tx, card.id, purpose, law.strip(), until)


@action(Permission.SUBJECT_REQUEST)
async def release(tx: Tx, hold_id: UUID) -> None:
    """End a hold before its day.

    Raises:
        NotFound: `hold_not_found`.
    """
    customer_id = await legal_holds.lift(tx, hold_id)
    if customer_id is None:
        raise NotFound("hold_not_found")
    tx.about("customer", customer_id)


# --- agreeing ---


@action(Permission.SUBJECT_APPROVE)
async def approve(tx: Tx, number: int) -> RequestView:
    """Agree to a destruction; with the last approval the pause begins.

    Raises:
        NotFound: `subject_request_not_found`.
        Denied: `step_up_needed`, `approve_own`, `approve_same_session`, `approve_same_device`,
            `approve_nobody`.
        Conflict: `request_ended`, `destroy_not_asked`, `destroy_approved`, `approved_already`.
    """
    one = await _subjects.to_approve(number)
    tx.about("customer", one.customer_id)
    mark = await _subjects.other_hand(tx, one)
    await subject_requests.expire(one, tx.now)
    given = [a for a in await subject_requests.approvals(one.id) if a.stands]
    if any(a.user_id == tx.actor.id and not a.by_code for a in given):
        raise Conflict("approved_already", number=number)
    await subject_requests.approve(tx, one, *mark, by_code=False)
    tx.payload = {"request": number}
    await _subjects.settle(tx, one)
    return await subject_views.view(tx, await subject_requests.by_id(one.id))


@action(Permission.SUBJECT_APPROVE)
async def approve_by_code(tx: Tx, number: int, code: Personal[str]) -> RequestView:
    """Agree by the recovery code in place of a second person, where the firm has none.

    The pause is 72 hours then, or longer. Whoever wrote the request down may do this.

    Raises:
        NotFound: `subject_request_not_found`.
        Invalid: the code was mistyped.
        Denied: `step_up_needed`, `approve_nobody`, `unlock_recovery_wrong`.
        Conflict: `approver_there`: there are people enough; and as `approve`.
    """
    one = await _subjects.to_approve(number)
    tx.about("customer", one.customer_id)
    needs_step_up(tx)
    if not tx.actor.number:
        raise Denied("approve_nobody")
    _, alone = await subject_requests.needs(one)
    if not alone:
        raise Conflict("approver_there", number=number)
    tx.vault.must_be_code(code.reveal())
    await subject_requests.expire(one, tx.now)
    if any(a.stands and a.by_code for a in await subject_requests.approvals(one.id)):
        raise Conflict("approved_already", number=number)
    mark = await sessions.mark_of(tx.actor.id, tx.actor.session)
    await subject_requests.approve(tx, one, *mark, by_code=True)
    tx.payload = {"request": number}
    await _subjects.settle(tx, one)
    return await subject_views.view(tx, await subject_requests.by_id(one.id))


@action(Permission.SUBJECT_APPROVE)
async def give_up_place(tx: Tx, path: str) -> None:
    """Say that a place of copies is gone for good, disk and all: no request waits for it any more.

    Raises:
        Denied: `step_up_needed`.
        NotFound: `copies_place_unknown`: no keys were ever seen there.
    """
    needs_step_up(tx)
    tx.object_type, tx.payload = "copy", {"place": path}
    if not await subject_requests.give_up_place(path):
        raise NotFound("copies_place_unknown")


# --- looking ---


@action(Permission.SUBJECT_REQUEST, reads=True)
async def list_requests(
    tx: Tx, states: Sequence[RequestState] = (), before: int | None = None
) -> list[RequestView]:
    """A page of requests, the newest first; the next page is `before` the last one's number."""
    found = await subject_requests.page(states, before, subject_requests.PAGE)
    return await subject_views.views(tx, found)


@action(Permission.SUBJECT_REQUEST, reads=True)
async def show(tx: Tx, number: int) -> RequestView:
    """One request with approvals and holds.

    Raises:
        NotFound: `subject_request_not_found`.
    """
    one = await subject_requests.get(number)
    tx.about("customer", one.customer_id)
    return await subject_views.view(tx, one, await subject_requests.waits_for(one))


@action(Permission.SUBJECT_APPROVE, reads=True)
async def to_agree(tx: Tx) -> list[RequestView]:
    """What waits for approvals, the oldest first: for whoever may only agree."""
    found = await subject_requests.in_states(RequestState.BLOCKED, RequestState.COOLING)
    return await subject_views.views(tx, [one for one in found if one.rule.destroys])


@action(Permission.SUBJECT_REQUEST, reads=True, quiet=True)
async def rules(tx: Tx) -> DestructionRules:
    """The pause and how acts name people."""
    return await settings.get(RULES, DestructionRules)


@action(Permission.SUBJECT_APPROVE)
async def set_rules(tx: Tx, wanted: DestructionRules) -> None:
    """Set the pause, 24 hours at the least, and how acts name people.

    Raises:
        Denied: `step_up_needed`.
        Invalid: `pause_out_of_range`.
    """
    needs_step_up(tx)
    if not FLOOR <= timedelta(hours=wanted.pause_hours) <= LONGEST_PAUSE:
        raise Invalid(fields={"pause_hours": "pause_out_of_range"})
    tx.payload = {"pause_hours": wanted.pause_hours, "full_name": int(wanted.full_name)}
    await settings.put(RULES, wanted)
