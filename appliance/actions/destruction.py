"""The house's own part of a destruction: time, the steps after the pause, what a copy brings back.

Each step may be cut off and done again; `jobs.destruction` calls them in order:
`tick` → `begin` → `trimming.trim` → (key: `Vault.destroy`) → `wipe` until nothing is left → (index,
files of the databases) → `finish` → `close` when copies and subscribers have followed.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from appliance.actions import _subjects
from appliance.actions._gate import action
from appliance.domain.backups import KEY_SETS, KeySet, KeySets
from appliance.domain.events import CustomerChanged, SubjectDestroyed
from appliance.domain.notices import NoticeKind
from appliance.domain.subjects import Due, Found, RequestKind, RequestState, Steady, Who
from appliance.errors import Conflict, NotFound
from appliance.roles import Permission
from appliance.storage import (
    notices,
    settings,
    subject_blocks,
    subject_finds,
    subject_requests,
    subject_terms,
)
from appliance.storage.moving import Owner
from appliance.storage.subject_finds import Card
from appliance.storage.subject_requests import Request
from appliance.storage.tx import Tx


@action(Permission.HOUSE, quiet=True)
async def tick(tx: Tx, reading: Steady) -> list[Due]:
    """Add up time and give what has a step to do: pauses and holds that are over, what was begun.

    A hold that came, or came back with the clock, in the pause before a kept set ends stops it.
    """
    for one in await subject_requests.in_states(RequestState.BLOCKED, RequestState.COOLING):
        counted = await subject_requests.note_time(one, reading)
        if counted.state == RequestState.BLOCKED.value:
            await subject_requests.expire(counted, tx.now)
    due: list[Due] = []
    for one in await subject_requests.in_states(
        RequestState.COOLING, RequestState.ERASING, RequestState.WAITING
    ):
        left = one.cooling_left()
        if left is not None and await _still_kept(tx, one):
            await subject_requests.change(one.id, state=RequestState.HELD.value)
        elif left is None or not left:
            due.append(await subject_requests.due_of(one))
    for one in await subject_requests.in_states(RequestState.HELD):
        if not await _still_kept(tx, one):
            due.append(await subject_requests.due_of(one))
    return due


async def _still_kept(tx: Tx, one: Request) -> bool:
    """Whether a law still needs what is kept of a destroyed person."""
    return bool(one.counted.kept_of and await subject_requests.holds_of(one, tx.now.date()))


@action(Permission.HOUSE)
async def begin(tx: Tx, request_id: UUID) -> None:
    """Go from the pause to the destruction; from here there is no way back.

    Raises:
        Conflict: `destroy_cooling`: the pause is not over; `destroy_not_asked`; `destroy_held`: a
            law still needs what was kept.
    """
    one = await subject_requests.by_id(request_id)
    tx.about("customer", one.customer_id)
    if one.state in (RequestState.ERASING.value, RequestState.WAITING.value):
        return
    left = one.cooling_left()
    if left is None:
        raise Conflict("destroy_not_asked", number=one.number)
    if left:
        raise Conflict("destroy_cooling", hours=-(-int(left.total_seconds()) // 3600))
    tx.payload = {"request": one.number}
    if one.counted.kept_of:
        await _subjects.must_be_free(tx, one)
        await subject_requests.change(one.id, state=RequestState.ERASING.value)
        return
    people = await subject_finds.cards(one.customer_id)
    await subject_requests.change(
        one.id,
        state=RequestState.ERASING.value,
        found=subject_requests.written(await subject_finds.found_of(people)),
    )
    tx.payload["cards"] = len(people)


@action(Permission.HOUSE)
async def wipe(tx: Tx, request_id: UUID) -> int:
    """Wipe the next card of a person whose key is gone; how many are left after it.

    The log gives up what it kept under his key with this very entry.

    Raises:
        Conflict: `destroy_not_asked`: his key is still there.
    """
    one = await subject_requests.by_id(request_id)
    tx.about("customer", one.customer_id)
    erasure = tx.vault.erasure(one.subject_id)
    if erasure is None or one.state != RequestState.ERASING.value:
        raise Conflict("destroy_not_asked", number=one.number)
    parts = await subject_blocks.open_parts(one.id)
    if not parts:
        return 0
    await _wipe(tx, parts[0])
    await subject_requests.change(one.id, ledger=erasure.seq)
    return len(parts) - 1


async def _wipe(tx: Tx, owner: Owner) -> None:
    await subject_blocks.erase(tx, owner)
    erasure = tx.vault.erasure(owner.subject)
    tx.redacts = (0 if erasure is None else erasure.seq, owner.subject)
    tx.emit(CustomerChanged(customer_id=owner.client))


@action(Permission.HOUSE)
async def finish(tx: Tx, request_id: UUID) -> None:
    """Note that nothing of the person is left here, and tell every subscriber.

    Raises:
        Conflict: `destroy_unfinished`: a key or a row is still there.
    """
    one = await subject_requests.by_id(request_id)
    tx.about("customer", one.customer_id)
    if one.state != RequestState.ERASING.value:
        return
    cards = await subject_finds.cards(one.customer_id)
    own = tx.vault.erasure(one.subject_id)
    keys = [card for card in cards if tx.vault.erasure(card.subject_id) is None]
    if keys or own is None or await subject_blocks.open_parts(one.id):
        raise Conflict("destroy_unfinished", number=one.number)
    await subject_requests.change(
        one.id,
        state=RequestState.WAITING.value,
        erased_at=tx.now,
        wiped=True,
        ledger=one.ledger or own.seq,
    )
    for card in cards if not one.counted.kept_of else ():  # they were told when he was destroyed
        tx.emit(SubjectDestroyed(customer_id=card.id, subject_id=card.subject_id))
    tx.payload = {"request": one.number, "ledger": one.ledger or own.seq}


@action(Permission.HOUSE, quiet=True)
async def waits_for(tx: Tx, request_id: UUID) -> tuple[str, ...]:
    """What a destruction still waits for: `subscribers`, `copies`."""
    return await subject_requests.waits_for(await subject_requests.by_id(request_id))


@action(Permission.HOUSE)
async def close(tx: Tx, request_id: UUID) -> None:
    """Close a request whose person is gone from here, from subscribers and from copies.

    Raises:
        Conflict: `destroy_waits`.
    """
    one = await subject_requests.by_id(request_id)
    tx.about("customer", one.customer_id)
    if one.state != RequestState.WAITING.value:
        return
    if await subject_requests.waits_for(one):
        raise Conflict("destroy_waits", number=one.number)
    await subject_requests.change(one.id, state=RequestState.CLOSED.value, closed_at=tx.now)
    tx.payload = {"request": one.number}


@action(Permission.HOUSE, quiet=True)
async def note_keys(tx: Tx, targets: Sequence[tuple[str, datetime | None]]) -> None:
    """Keep what a run of copies saw on its targets: path, and when the oldest keys were made.

    While nobody waits for it a known target is not written down anew.
    """
    known = dict((await settings.get(KEY_SETS, KeySets)).targets)
    if all(path in known for path, _ in targets):
        waiting = await subject_requests.in_states(RequestState.ERASING, RequestState.WAITING)
        if not waiting:  # nobody asks, and a step every two minutes must not be a change itself
            return
    known |= {path: KeySet(oldest=oldest, seen_at=tx.now) for path, oldest in targets}
    await settings.put(KEY_SETS, KeySets(targets=known))


@action(Permission.HOUSE, quiet=True)
async def remind(tx: Tx) -> int:
    """Tell of requests whose last day is near or over, once a day; how many such there are.

    Who wrote it down is told from three days before; everybody who works on requests, decides or
    runs the box, once the last day is tomorrow, or where that colleague is gone.
    """
    today = tx.now.date()
    found = await subject_terms.pressing(today)
    if not found:
        return 0
    all_ = await subject_requests.holders(
        Permission.SUBJECT_REQUEST, Permission.SUBJECT_APPROVE, Permission.BOX_MANAGE
    )
    told = [
        notices.Told(user, NoticeKind.REQUEST_DUE, "request", one.id, one.number)
        for one in found
        for user in sorted(
            all_ if subject_terms.is_grave(one, today) else {one.asked_by} & all_ or all_
        )
    ]
    await notices.tell_all(tx, told)
    return len(found)


# --- what an older copy, or a crash, brought back ---


@action(Permission.HOUSE, reads=True, quiet=True)
async def brought_back(tx: Tx) -> list[Owner]:
    """Cards that speak of people the erasure ledger names."""
    return await subject_blocks.alive([one.subject for one in tx.vault.ledger()])


@action(Permission.HOUSE)
async def wipe_again(tx: Tx, client: UUID, subject: UUID) -> None:
    """Wipe a card of a person who was destroyed, as it came back with an older copy.

    Raises:
        Conflict: `destroy_not_asked`: the ledger does not name him.
    """
    tx.about("customer", client)
    if tx.vault.erasure(subject) is None:
        raise Conflict("destroy_not_asked")
    await _wipe(tx, Owner(client, subject))
    for one in await subject_requests.of_customer([client]):
        if not one.counted.kept_of:
            await subject_requests.change(one.id, state=RequestState.ERASING.value)


@action(Permission.HOUSE, reads=True, quiet=True)
async def blocked(tx: Tx) -> list[UUID]:
    """Whose keys must be blocked: people of requests that wait."""
    found = await subject_requests.in_states(RequestState.BLOCKED, RequestState.COOLING)
    return [one.subject_id for one in found if not one.counted.kept_of]


@action(Permission.HOUSE)
async def adopt(tx: Tx, subject: UUID) -> int:
    """Write a request for a person whose key is blocked and of whom none speaks; its number, or 0.

    A crash right before the commit of a block leaves such a one, and so does a copy from before
    it. He stays blocked until somebody decides.

    Raises:
        NotFound: `customer_not_found`: nobody has this key.
    """
    card = await subject_blocks.card_of(subject)
    if card is None:
        raise NotFound("customer_not_found")
    tx.about("customer", card.id)
    people = await subject_finds.cards(card.id)
    running = await subject_requests.of_customer([one.id for one in people])
    if card.state != "live" or any(one.blocked_at is not None for one in running):
        return 0
    request_id, number = await subject_requests.add(
        tx,
        RequestKind.BLOCK,
        RequestState.BLOCKED,
        Who(shown=f"№ {card.number}"),
        **await _columns(tx, card, await subject_finds.found_of(people)),
    )
    await subject_blocks.block(tx, request_id, people)
    tx.payload = {"request": number}
    return number


async def _columns(tx: Tx, card: Card, found: Found) -> dict[str, object]:
    today = tx.now.date()
    return {
        "customer_id": card.id,
        "customer_number": card.number,
        "subject_id": card.subject_id,
        "received_on": today,
        "due_on": await _subjects.last_day(tx, RequestKind.BLOCK, today),
        "asked_session": "",
        "asked_device": "",
        "found": subject_requests.written(found),
        "blocked_at": tx.now,
    }
