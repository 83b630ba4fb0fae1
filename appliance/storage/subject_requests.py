"""Requests of people about their data: rows, approvals, and time by the clock nobody can set."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final, NamedTuple
from uuid import UUID

import msgspec

from appliance.domain.acts import ActState
from appliance.domain.backups import KEY_SETS, KeySets
from appliance.domain.ids import uuid7
from appliance.domain.subjects import (
    APPROVAL_LIFE,
    NEEDED,
    RULE,
    Due,
    Found,
    HoldView,
    RequestKind,
    RequestState,
    Steady,
    Who,
)
from appliance.errors import NotFound
from appliance.roles import Permission
from appliance.storage import counters, evidence, legal_holds, roles_store, settings
from appliance.storage.statements import any_of, execute, fetch, fetch_one, insert, update_row
from appliance.storage.tables import SubjectApprovalRow, SubjectRequestRow
from appliance.storage.tx import Tx
from appliance.vault.envelope import CellRef

PAGE: Final = 50
_NOBODY: Final = UUID(int=0)
_who = msgspec.msgpack.Decoder(Who)
_encode = msgspec.msgpack.Encoder().encode


class Request(NamedTuple):
    """A row, its sealed part still closed."""

    id: UUID
    number: int
    kind: str
    state: str
    customer_id: UUID
    customer_number: int
    subject_id: UUID
    about: bytes | None
    channel: str
    received_on: date
    due_on: date
    extended: int
    asked_by: UUID
    asked_number: int
    asked_session: str
    asked_device: str
    asked_at: datetime
    found: str
    pause_hours: int
    served_ms: int
    cooling_from_ms: int | None
    approved_by: UUID | None
    ledger: int
    blocked_at: datetime | None
    approved_at: datetime | None
    erased_at: datetime | None
    closed_at: datetime | None
    wiped: bool

    @property
    def rule(self) -> Any:
        """What its kind brings with it."""
        return RULE[RequestKind(self.kind)]

    @property
    def counted(self) -> Found:
        """What was found, decoded."""
        return msgspec.json.decode(self.found, type=Found)

    def cooling_left(self) -> timedelta | None:
        """What is left of the pause; None while it does not run."""
        if self.state != RequestState.COOLING.value:
            return None
        pause = timedelta(hours=self.pause_hours)
        if self.cooling_from_ms is None:
            return pause
        served = timedelta(milliseconds=self.served_ms - self.cooling_from_ms)
        return max(pause - served, timedelta())


_COLUMNS: Final = ", ".join(Request._fields)
_SELECT: Final = f"SELECT {_COLUMNS} FROM subject_request WHERE "


class Approval(NamedTuple):
    """Somebody agreed."""

    user_id: UUID
    user_number: int
    by_code: bool
    at: datetime
    served_ms: int
    stands: bool


async def add(
    tx: Tx, kind: RequestKind, state: RequestState, who: Who, **columns: Any
) -> tuple[UUID, int]:
    """Write a request down; its id and number."""
    row_id, number = uuid7(), await counters.draw("subject_request")
    await insert(
        SubjectRequestRow,
        id=row_id,
        number=number,
        kind=kind.value,
        state=state.value,
        about=seal(tx, row_id, who),
        asked_by=tx.actor.id,
        asked_number=tx.actor.number,
        asked_at=tx.now,
        **columns,
    )
    return row_id, number


def seal(tx: Tx, request_id: UUID, who: Who) -> bytes:
    """Close what outlives the person, under the evidence key."""
    return tx.vault.seal_evidence(_ref(request_id), _encode(who))


def who_of(tx: Tx, one: Request) -> Who:
    """Open it; empty once its time is over."""
    if one.about is None:
        return Who()
    return _who.decode(tx.vault.open_evidence(_ref(one.id), one.about))


def _ref(request_id: UUID) -> CellRef:
    return CellRef("subject_request", "about", request_id, _NOBODY)


async def get(number: int) -> Request:
    """By number.

    Raises:
        NotFound: `subject_request_not_found`.
    """
    return _one(await fetch_one(_SELECT + "number = {}", number))


async def by_id(request_id: UUID) -> Request:
    """By id.

    Raises:
        NotFound: `subject_request_not_found`.
    """
    return _one(await fetch_one(_SELECT + "id = {}", request_id))


def _one(row: Any) -> Request:
    if row is None:
        raise NotFound("subject_request_not_found")
    return Request(*row)


async def page(states: Sequence[RequestState], before: int | None, limit: int) -> list[Request]:
    """The newest first; all states where none is named."""
    wanted = [one.value for one in states or RequestState]
    rows = await fetch(
        _SELECT + "state IN {} AND number < {} ORDER BY number DESC LIMIT {}",
        any_of(wanted),
        before or 2**62,
        limit,
    )
    return [Request(*row) for row in rows]


async def in_states(*states: RequestState) -> list[Request]:
    """All that stand so, the oldest first."""
    rows = await fetch(
        _SELECT + "state IN {} ORDER BY number", any_of([one.value for one in states])
    )
    return [Request(*row) for row in rows]


async def of_customer(customer_ids: Sequence[UUID]) -> list[Request]:
    """A client's requests that are not ended, the oldest first."""
    rows = await fetch(
        _SELECT + "customer_id IN {} AND state NOT IN ('closed', 'refused') ORDER BY number",
        any_of(customer_ids),
    )
    return [Request(*row) for row in rows]


async def change(request_id: UUID, **columns: Any) -> None:
    """Change columns."""
    await update_row(SubjectRequestRow, request_id, **columns)


# --- approvals ---


async def approvals(request_id: UUID) -> list[Approval]:
    """All that were given, the oldest first."""
    return (await approvals_of([request_id])).get(request_id, [])


async def approvals_of(request_ids: Sequence[UUID]) -> dict[UUID, list[Approval]]:
    """All that were given to each of these, the oldest first."""
    found: dict[UUID, list[Approval]] = {}
    for row in await fetch(
        "SELECT request_id, user_id, user_number, by_code, at, served_ms, stands "
        "FROM subject_approval WHERE request_id IN {} ORDER BY at, id",
        any_of(request_ids),
    ):
        given = Approval(row[1], row[2], bool(row[3]), row[4], row[5], bool(row[6]))
        found.setdefault(row[0], []).append(given)
    return found


async def approve(tx: Tx, one: Request, session: str, device: str, *, by_code: bool) -> None:
    """Write an approval down."""
    await insert(
        SubjectApprovalRow,
        id=uuid7(),
        request_id=one.id,
        user_id=tx.actor.id,
        user_number=tx.actor.number,
        session=session,
        device=device,
        by_code=by_code,
        at=tx.now,
        served_ms=one.served_ms,
    )


def is_stale(one: Request, given: Approval, now: datetime) -> bool:
    """Whether an approval waited too long, by either clock: a wall clock set back saves none."""
    life = APPROVAL_LIFE // timedelta(milliseconds=1)
    return now - given.at > APPROVAL_LIFE or one.served_ms - given.served_ms > life


async def expire(one: Request, now: datetime) -> None:
    """Take away what waited too long for the other approval."""
    if any(given.stands and is_stale(one, given, now) for given in await approvals(one.id)):
        bound = one.served_ms - APPROVAL_LIFE // timedelta(milliseconds=1)
        await execute(
            "UPDATE subject_approval SET stands = {} WHERE request_id = {} "
            "AND (at < {} OR served_ms < {})",
            False,
            one.id,
            now - APPROVAL_LIFE,
            bound,
        )


async def forget_approvals(request_id: UUID) -> None:
    """What was agreed to is another thing now."""
    await execute(
        "UPDATE subject_approval SET stands = {} WHERE request_id = {}", False, request_id
    )


async def holders(*permissions: Permission) -> frozenset[UUID]:
    """Active colleagues who hold one of these."""
    rows = await fetch("SELECT id, roles FROM users WHERE active = {}", True)
    known: dict[str, bool] = {}
    for _, codes in rows:
        if codes not in known:
            grants = await roles_store.grants_of(codes.split(","))
            known[codes] = any(one.value in grants for one in permissions)
    return frozenset(user for user, codes in rows if known[codes])


async def needs(one: Request, able: frozenset[UUID] | None = None) -> tuple[int, bool]:
    """How many people must agree, and whether the recovery code stands for one who is missing.

    `able` are those who could agree, where the caller knows them already.
    """
    if able is None:
        able = await holders(Permission.SUBJECT_APPROVE)
    people = min(NEEDED, len(able - {one.asked_by}))  # whoever asked is left out
    return people, people < NEEDED


# --- time ---


async def note_time(one: Request, reading: Steady) -> Request:
    """Add what has passed since the last reading; across a start of the machine nothing does.

    A clock that jumps, forward or back, moves nothing here: only time that the machine ran
    counts. The pause begins with the first reading after the approval, never before it.
    """
    row = await fetch_one(
        "SELECT steady_boot, steady_ms FROM subject_request WHERE id = {}", one.id
    )
    boot, last = row or ("", 0)
    served = one.served_ms
    if boot == reading.boot:
        served += max(reading.ms - last, 0)
    start = one.cooling_from_ms
    if one.state == RequestState.COOLING.value and start is None:
        start = served
    await change(
        one.id,
        steady_boot=reading.boot,
        steady_ms=reading.ms,
        served_ms=served,
        cooling_from_ms=start,
    )
    return one._replace(served_ms=served, cooling_from_ms=start)


async def holds_of(one: Request, today: date) -> tuple[HoldView, ...]:
    """Laws that forbid the destruction today, on any card of the person."""
    return (await holds_of_each([one], today))[one.id]


async def holds_of_each(
    requests: Sequence[Request], today: date
) -> dict[UUID, tuple[HoldView, ...]]:
    """The same of many."""
    cards = {one.id: [one.customer_id] for one in requests}
    for request_id, customer_id in await fetch(
        "SELECT request_id, customer_id FROM subject_part WHERE request_id IN {}", any_of([*cards])
    ):
        if customer_id not in cards[request_id]:
            cards[request_id].append(customer_id)
    ids = sorted({card for of_one in cards.values() for card in of_one})
    found = await legal_holds.of_clients(ids, today) if ids else {}
    return {
        request_id: tuple(hold for card in of_one for hold in found.get(card, ()))
        for request_id, of_one in cards.items()
    }


async def due_of(one: Request) -> Due:
    """What the house needs to go on."""
    keeps = bool(one.counted.kept_of)
    others = await fetch(
        "SELECT subject_id FROM subject_part WHERE request_id = {} AND subject_id <> {} "
        "ORDER BY id",
        one.id,
        one.subject_id,
    )
    return Due(
        request_id=one.id,
        number=one.number,
        state=RequestState(one.state),
        subject_id=one.subject_id,
        reason=RULE[RequestKind(one.kind)].reason,
        requested_by=one.asked_by,
        approved_by=one.approved_by,
        others=() if keeps else tuple(row[0] for row in others),
        keeps=keeps,
    )


def written(found: Found) -> str:
    """What was found, as its column keeps it."""
    return msgspec.json.encode(found).decode()


async def waits_for(one: Request) -> tuple[str, ...]:
    """Why a destroyed person's request is not closed: subscribers, copies."""
    if one.state != RequestState.WAITING.value:
        return ()
    found: list[str] = []
    if await untold(one.subject_id):
        found.append("subscribers")
    if one.erased_at is not None and not await copies_are_newer(one.erased_at):
        found.append("copies")
    if await lacks_act(one):
        found.append("act")
    return tuple(found)


async def lacks_act(one: Request) -> bool:
    """Whether the act of a destruction is still to be written."""
    record = await evidence.known(one.id)
    return record is None or record.state is ActState.GATHERED


async def untold(subject_id: UUID) -> int:
    """How many subscribers have not taken the news of a destruction; dead letters count."""
    row = await fetch_one(
        "SELECT COUNT(*) FROM event_delivery WHERE lane = {} AND state <> 'done'",
        f"subject:{subject_id}",
    )
    return int(row[0]) if row else 0


async def copies_are_newer(erased_at: datetime) -> bool:
    """Whether every target that ever took keys was seen to hold only younger ones."""
    known = await settings.get(KEY_SETS, KeySets)
    if not known.targets:  # a box that never made a copy has none to wait for
        made = await fetch_one(
            "SELECT 1 FROM copy_run WHERE kind = 'copy' AND state = 'done' LIMIT 1"
        )
        return made is None
    return all(one.oldest is None or one.oldest > erased_at for one in known.targets.values())


async def give_up_place(path: str) -> bool:
    """Wait no more for a place of copies; False where none of that name took keys."""
    known = dict((await settings.get(KEY_SETS, KeySets)).targets)
    if known.pop(path, None) is None:
        return False
    await settings.put(KEY_SETS, KeySets(targets=known))
    return True
