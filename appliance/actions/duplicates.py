"""Doubles of clients: finding them, telling them apart, making one of two and two of one again."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from appliance.actions._gate import action
from appliance.domain.customers import ContactDraft, CustomerView
from appliance.domain.duplicates import (
    FIELDS,
    Comparison,
    Desk,
    KeyDue,
    Likenesses,
    Look,
    Merged,
    MergeDone,
    Pair,
    Parting,
    Seen,
    read,
)
from appliance.domain.events import CustomerChanged
from appliance.domain.ids import uuid7
from appliance.domain.personal import Personal
from appliance.errors import Conflict, Invalid, NotFound
from appliance.roles import Permission
from appliance.storage import (
    customer_views,
    customers,
    duplicates,
    jobs,
    likenesses,
    merge_keys,
    merges,
    partings,
    settings,
)
from appliance.storage.customers import Known
from appliance.storage.statements import any_of
from appliance.storage.tx import Tx

PAGE: Final = 20
SCAN: Final = "duplicates.scan"


@action(Permission.CUSTOMER_MERGE, reads=True)
async def desk(tx: Tx, after: str = "") -> Desk:
    """A page of pairs, the surest first, and what was merged lately.

    Raises:
        Invalid: `cursor_unreadable`.
    """
    pairs = await duplicates.page(tx, _cursor(after), PAGE + 1)
    more, pairs = len(pairs) > PAGE, pairs[:PAGE]
    ids = list({client for pair in pairs for client in (pair.first_id, pair.second_id)})
    rows = await customer_views.list_visible(tx, "c.id IN {}", [any_of(ids)], len(ids))
    views = {view.id: view for view in await customer_views.views_of(tx, rows)}
    look = await settings.get(duplicates.LOOK_KEY, Look)
    return Desk(
        pairs=tuple(
            Pair(
                id=pair.id,
                first=views[pair.first_id],
                second=views[pair.second_id],
                reasons=read(pair.reasons),
                confidence=pair.confidence,
            )
            for pair in pairs
            if pair.first_id in views and pair.second_id in views
        ),
        after=f"{pairs[-1].confidence}.{pairs[-1].id}" if more else None,
        merged=() if after else await _lately(tx),
        scanned_at=look.finished_at,
    )


def _cursor(text: str) -> tuple[int, UUID] | None:
    if not text:
        return None
    confidence, _, pair = text.partition(".")
    try:
        return int(confidence), UUID(pair)
    except ValueError:
        raise Invalid("cursor_unreadable") from None


async def _lately(tx: Tx) -> tuple[Merged, ...]:
    return tuple(
        Merged(
            id=merge.id,
            survivor_number=survivor,
            other_number=other,
            at=merge.at,
            until=merge.until,
            by_number=by,
        )
        for merge, survivor, other, by in await merges.lately(tx, 10)
    )


async def _known(tx: Tx, number: int) -> Known:
    known = await customers.find_by_number(number)
    if known is None or known.state == "destroyed" or not await customers.is_visible(tx, known.id):
        raise NotFound("customer_not_found")
    return known


async def _view(tx: Tx, known: Known) -> CustomerView:
    row = await customer_views.find_visible(tx, "c.id = {}", known.id)
    return await customer_views.view_of(tx, row)


@action(Permission.CUSTOMER_MERGE, reads=True)
async def compare(tx: Tx, survivor: int, other: int) -> Comparison:
    """Two clients side by side, by their numbers, and what would come over.

    Raises:
        NotFound: `customer_not_found`.
        Invalid: `merge_with_itself`, `merge_kinds_differ`, `customer_not_live`.
    """
    here, there = await _known(tx, survivor), await _known(tx, other)
    merges.check(here, there)
    tx.about("customer", here.id)
    mine, theirs = await _view(tx, here), await _view(tx, there)
    pair = await duplicates.between(here.id, there.id)
    differs, only_other = _choices(mine, theirs)
    return Comparison(
        survivor=mine,
        other=theirs,
        reasons=() if pair is None else read(pair.reasons),
        confidence=0 if pair is None else pair.confidence,
        moves=await merges.moves(here, there),
        differs=differs,
        only_other=only_other,
    )


def _choices(mine: CustomerView, theirs: CustomerView) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Fields to choose, and fields that only the other has."""
    differs: list[str] = []
    only_other: list[str] = []
    for name in FIELDS:
        own, others = customer_views.said(mine, name), customer_views.said(theirs, name)
        if not others or own == others:
            continue
        (differs if own else only_other).append(name)
    return tuple(differs), tuple(only_other)


@action(Permission.CUSTOMER_MERGE)
async def merge(
    tx: Tx,
    survivor: int,
    other: int,
    take: Sequence[str] = (),
    seen: tuple[int, int] | None = None,
) -> MergeDone:
    """Take one client into another; doing it again changes nothing and answers the same.

    Args:
        tx: of the actor.
        survivor: number of the one that stays.
        other: number of the one that is taken into it.
        take: fields of `FIELDS` that come from the other; the rest stays the survivor's.
        seen: versions of the two that the chooser saw; None does not ask.

    Raises:
        NotFound: `customer_not_found`.
        Conflict: `version_conflict`: one of them was changed meanwhile.
        Invalid: `merge_with_itself`, `merge_kinds_differ`, `customer_not_live`,
            `merge_too_big`, `field_unknown`.
    """
    here, there = await _known(tx, survivor), await _known(tx, other)
    if (known := await _done_before(here, there)) is not None:
        return known
    merges.check(here, there)
    if not set(take) <= set(FIELDS):
        raise Invalid("field_unknown")
    if seen is not None and seen != (here.version, there.version):
        raise Conflict("version_conflict", was=here.version)
    tx.about("customer", here.id)
    merge_id = tx.undo = uuid7()
    done = await merges.perform(tx, merge_id, here, there, take)
    tx.payload = {"merged": there.number, "into": here.number, "moved": done.moved}
    for known in (here, there):
        tx.emit(CustomerChanged(customer_id=known.id))
    return done


async def _done_before(here: Known, there: Known) -> MergeDone | None:
    if there.state != "merged":
        return None
    merge = await merges.of_other(there.id)
    if merge is None or merge.survivor_id != here.id:
        return None
    return MergeDone(id=merge.id, survivor_number=here.number, other_number=there.number, moved={})


@action(Permission.CUSTOMER_MERGE, reads=True)
async def look_back(tx: Tx, merge_id: UUID) -> Parting:
    """What taking a merge back would do.

    Raises:
        NotFound: `merge_not_found`, `customer_not_found`.
        Conflict: `merge_undone`, `merge_too_old`, `merged_further`.
        Destroyed: one of the two people is.
    """
    stored, here, there = await _merge(tx, merge_id)
    way = await partings.way_back(tx, stored, here, there)
    return partings.parting(way, stored, here, there)


async def _merge(tx: Tx, merge_id: UUID) -> tuple[merges.Merge, Known, Known]:
    stored = await merges.get(merge_id)
    here = await customers.find_by_id(stored.survivor_id)
    there = await customers.find_by_id(stored.other_id)
    if here is None or there is None or not await customers.is_visible(tx, here.id):
        raise NotFound("customer_not_found")
    tx.about("customer", here.id)
    return stored, here, there


@action(Permission.CUSTOMER_MERGE)
async def unmerge(tx: Tx, merge_id: UUID) -> Parting:
    """Make two clients of one again; errors as `look_back`."""
    stored, here, there = await _merge(tx, merge_id)
    way = await partings.way_back(tx, stored, here, there)
    await partings.part(tx, stored, here, there, way)
    for known in (here, there):
        tx.emit(CustomerChanged(customer_id=known.id))
    tx.payload = {"parted": there.number, "from": here.number}
    return partings.parting(way, stored, here, there)


@action(Permission.CUSTOMER_MERGE)
async def dismiss(tx: Tx, pair_id: UUID) -> None:
    """Say that two records are two clients; the nightly look does not show them again.

    Raises:
        NotFound: `pair_not_found`: decided already, or gone.
    """
    if not await duplicates.decide(tx, pair_id, "open", "dismissed"):
        raise NotFound("pair_not_found")


@action(Permission.CUSTOMER_MERGE)
async def reopen(tx: Tx, pair_id: UUID) -> None:
    """Take `dismiss` back.

    Raises:
        NotFound: `pair_not_found`.
    """
    if not await duplicates.decide(tx, pair_id, "dismissed", "open"):
        raise NotFound("pair_not_found")


@action(Permission.CUSTOMER_MERGE)
async def ask_scan(tx: Tx) -> None:
    """Have the nightly look run at once."""
    await jobs.hasten(SCAN, tx.now)


# --- while a client is typed ---


@action(Permission.CUSTOMER_VIEW, quiet=True)
async def suggest(
    tx: Tx,
    contacts: Sequence[ContactDraft],
    name: Personal[str] | None = None,
    inn: Personal[str] | None = None,
    but: int | None = None,
) -> Likenesses:
    """Who has these contacts already: to warn, never to refuse.

    A client out of the actor's reach answers with the owner's name alone, and only to whoever may
    ask for owners; each contact asked about counts in that budget (`customers.find_owner`).

    Args:
        tx: of the actor.
        contacts: phones and e-mails as far as they are typed.
        name: full name; answers within the actor's reach only.
        inn: of a company.
        but: number of the client that is being edited.
    """
    found, spent = await likenesses.of(tx, contacts, name, inn, but)
    return Likenesses(found=tuple(found), spent=spent)


# --- the other's key ---


@action(Permission.HOUSE, reads=True, quiet=True)
async def keys_due(tx: Tx) -> list[KeyDue]:
    """Which keys of merged people wait for a mark, for its end, or for theirs."""
    return await merge_keys.due(tx)


@action(Permission.HOUSE)
async def close_merge(tx: Tx, merge_id: UUID) -> None:
    """Forget what a merge could be taken back by; the other's key is destroyed next.

    A second call changes nothing.
    """
    await merge_keys.close(tx, merge_id)


@action(Permission.HOUSE, quiet=True)
async def key_done(tx: Tx, due: KeyDue) -> None:
    """Note what was done in keys.db."""
    await merge_keys.done(tx, due)


# --- the nightly look ---


@action(Permission.HOUSE, slow=True, quiet=True)
async def look_on(tx: Tx) -> tuple[Look, Look | None, tuple[Seen, ...]]:
    """Where the look stands, where it goes next (None: it is over), and what it found there."""
    step = await settings.get(duplicates.LOOK_KEY, Look)
    if step.started_at is None:
        step = Look(started_at=tx.now, finished_at=step.finished_at)
    if step.source >= len(duplicates.SOURCES):
        return step, None, ()
    seen, after = await duplicates.look(step)
    return step, after, seen


@action(Permission.HOUSE, quiet=True)
async def look_done(tx: Tx, step: Look, after: Look | None, seen: Sequence[Seen]) -> bool:
    """Keep what one step found; give whether there is more. A repeated step changes nothing."""
    started = step.started_at or tx.now
    if after is None:
        await duplicates.forget_unseen(started)
        await settings.put(duplicates.LOOK_KEY, Look(finished_at=tx.now))
        return False
    await duplicates.keep(tx, seen, started)
    await settings.put(duplicates.LOOK_KEY, after)
    return True
