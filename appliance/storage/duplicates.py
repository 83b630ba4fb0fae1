"""Pairs of clients who may be one: found by equal blind indexes, confirmed by names."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import combinations
from typing import Any, Final, NamedTuple
from uuid import UUID

import msgspec

from appliance.domain import duplicates
from appliance.domain.customers import Person
from appliance.domain.duplicates import Look, Reason, Seen
from appliance.domain.folding import fold
from appliance.domain.ids import uuid7
from appliance.domain.names import full_name
from appliance.errors import Damaged, Destroyed
from appliance.storage.statements import (
    any_of,
    execute,
    fetch,
    fetch_one,
    insert_many,
    update_many,
)
from appliance.storage.tables import DuplicatePairRow
from appliance.storage.tx import Tx
from appliance.storage.visible import visible
from appliance.vault.envelope import CellRef

LOOK_KEY: Final = "duplicates.scan"
GROUPS: Final = 200
"""Equal values one step takes: their pairs are kept in one short transaction."""

MOST_PAIRED: Final = 6
"""Records with one value that are paired each with each; of more, each with the oldest."""

MOST_IN_A_GROUP: Final = 50
"""A phone of more records than this is nobody's own: a stub, an office, a shop's default."""

_person = msgspec.msgpack.Decoder(Person)
_KINDS: Final = {
    "phone": Reason.PHONE,
    "email": Reason.EMAIL,
    "messenger": Reason.MESSENGER,
}


class _Source(NamedTuple):
    """An index to look through: its equal tokens, and whose they are."""

    tokens: str
    members: str


SOURCES: Final = (
    _Source(
        "SELECT value_index FROM contact WHERE value_index > {} GROUP BY value_index "
        "HAVING COUNT(*) > 1 ORDER BY value_index LIMIT {}",
        "SELECT k.value_index, k.kind, 1, c.id, c.kind FROM contact k "
        "JOIN customer c ON c.id = k.customer_id WHERE k.value_index IN {} AND c.state = 'live' "
        "ORDER BY k.value_index, c.number",
    ),
    _Source(
        "SELECT tail_index FROM contact WHERE tail_index > {} GROUP BY tail_index "
        "HAVING COUNT(*) > 1 AND COUNT(value_index) < COUNT(*) ORDER BY tail_index LIMIT {}",
        "SELECT k.tail_index, 'tail', CASE WHEN k.value_index IS NULL THEN 0 ELSE 1 END, "
        "c.id, c.kind FROM contact k "
        "JOIN customer c ON c.id = k.customer_id WHERE k.tail_index IN {} AND c.state = 'live' "
        "ORDER BY k.tail_index, c.number",
    ),
    _Source(
        "SELECT inn_index FROM requisites WHERE inn_index > {} GROUP BY inn_index "
        "HAVING COUNT(*) > 1 ORDER BY inn_index LIMIT {}",
        "SELECT k.inn_index, 'tax_id', 1, c.id, c.kind FROM requisites k "
        "JOIN customer c ON c.id = k.customer_id WHERE k.inn_index IN {} AND c.state = 'live' "
        "ORDER BY k.inn_index, c.number",
    ),
)


async def look(step: Look) -> tuple[tuple[Seen, ...], Look]:
    """Look through the next equal values; the step after the last has no source any more."""
    source = SOURCES[step.source]
    rows = await fetch(source.tokens, bytes.fromhex(step.after), GROUPS)
    tokens = [bytes(row[0]) for row in rows]
    found = await _seen(source, tokens) if tokens else ()
    if len(tokens) < GROUPS:
        return found, msgspec.structs.replace(step, source=step.source + 1, after="")
    return found, msgspec.structs.replace(step, after=tokens[-1].hex())


async def _seen(source: _Source, tokens: Sequence[bytes]) -> tuple[Seen, ...]:
    groups: dict[tuple[bytes, str, str], dict[UUID, bool]] = {}
    for token, what, read, client, kind in await fetch(source.members, any_of(tokens)):
        group = groups.setdefault((bytes(token), what, kind), {})
        group[client] = group.get(client, True) and bool(read)
    found: list[Seen] = []
    for (_, what, _), group in groups.items():
        reason = _KINDS.get(what) or Reason(what)
        for first, second in _pairs(list(group)):
            # Two phones that were both read, and differ, are two people's.
            if reason is not Reason.TAIL or not (group[first] and group[second]):
                found.append(Seen(first=first, second=second, reason=reason))
    return tuple(found)


def _pairs(clients: Sequence[UUID]) -> Iterable[tuple[UUID, UUID]]:
    if len(clients) > MOST_IN_A_GROUP:
        return ()
    if len(clients) > MOST_PAIRED:
        return ((clients[0], one) for one in clients[1:])
    return combinations(clients, 2)


async def keep(tx: Tx, seen: Sequence[Seen], started_at: datetime) -> None:
    """Write down what a step found, beside what this look found of the same two before."""
    by_pair: dict[tuple[UUID, UUID], set[Reason]] = {}
    for one in seen:
        by_pair.setdefault((one.first, one.second), set()).add(one.reason)
    people = await _people(tx, {client for pair in by_pair for client in pair})
    known = await _known(by_pair)
    fresh: list[dict[str, Any]] = []
    again: list[tuple[Any, ...]] = []
    for pair, given in by_pair.items():
        reasons = given | _common(people.get(pair[0]), people.get(pair[1]))
        old = known.get(pair)
        if old is None:
            fresh.append(
                {
                    "id": uuid7(),
                    "first_id": pair[0],
                    "second_id": pair[1],
                    "reasons": duplicates.written(reasons),
                    "confidence": duplicates.confidence(reasons),
                    "found_at": tx.now,
                    "seen_at": started_at,
                }
            )
            continue
        if old.seen_at >= started_at:
            reasons |= set(duplicates.read(old.reasons))
        again.append(
            (duplicates.written(reasons), duplicates.confidence(reasons), started_at, old.id)
        )
    await insert_many(DuplicatePairRow, fresh)
    await update_many(DuplicatePairRow, "id", ("reasons", "confidence", "seen_at"), again)


class _Kept(NamedTuple):
    id: UUID
    reasons: str
    seen_at: datetime


async def _known(pairs: Iterable[tuple[UUID, UUID]]) -> dict[tuple[UUID, UUID], _Kept]:
    firsts = list({first for first, _ in pairs})
    found: dict[tuple[UUID, UUID], _Kept] = {}
    for start in range(0, len(firsts), 500):
        for first, second, row_id, reasons, seen_at in await fetch(
            "SELECT first_id, second_id, id, reasons, seen_at FROM duplicate_pair "
            "WHERE first_id IN {}",
            any_of(firsts[start : start + 500]),
        ):
            found[first, second] = _Kept(row_id, reasons, seen_at)
    return found


async def _people(tx: Tx, clients: set[UUID]) -> dict[UUID, tuple[str, Any]]:
    """Folded name and birthday of each.

    Not noted person by person: like the search index, this shows nothing to anybody.
    """
    found: dict[UUID, tuple[str, Any]] = {}
    ids = list(clients)
    for start in range(0, len(ids), 500):
        rows = await fetch(
            "SELECT id, kind, subject_id, person FROM customer WHERE id IN {} "
            "AND person IS NOT NULL",
            any_of(ids[start : start + 500]),
        )
        tx.vault.preload([row[2] for row in rows])
        for client, kind, subject, cell in rows:
            try:
                plain = tx.vault.open_cell(CellRef("customer", "person", client, subject), cell)
            except (Damaged, Destroyed):
                continue
            person = _person.decode(plain)
            found[client] = (fold(full_name(person, kind)), person.birthday)
    return found


def _common(first: tuple[str, Any] | None, second: tuple[str, Any] | None) -> set[Reason]:
    if first is None or second is None:
        return set()
    same: set[Reason] = set()
    if first[0] and sorted(first[0].split()) == sorted(second[0].split()):
        same.add(Reason.NAME)
    if first[1] is not None and first[1] == second[1]:
        same.add(Reason.BIRTHDAY)
    return same


async def forget_unseen(started_at: datetime) -> int:
    """Drop open pairs that this look saw no reason for any more."""
    return await execute(
        "DELETE FROM duplicate_pair WHERE state = 'open' AND seen_at < {}", started_at
    )


# --- the desk ---


class StoredPair(NamedTuple):
    """A pair without its people."""

    id: UUID
    first_id: UUID
    second_id: UUID
    reasons: str
    confidence: int


async def page(tx: Tx, after: tuple[int, UUID] | None, limit: int) -> list[StoredPair]:
    """Open pairs of clients whom the grant reaches, the surest first."""
    first, first_args = visible(tx, "a.owner_id")
    second, second_args = visible(tx, "b.owner_id")
    place, place_args = "1 = 1", ()
    if after is not None:
        place = "(p.confidence < {} OR (p.confidence = {} AND p.id < {}))"
        place_args = (after[0], after[0], after[1])
    rows = await fetch(
        "SELECT p.id, p.first_id, p.second_id, p.reasons, p.confidence FROM duplicate_pair p "
        "JOIN customer a ON a.id = p.first_id JOIN customer b ON b.id = p.second_id "
        "WHERE p.state = 'open' AND a.state = 'live' AND b.state = 'live' "
        f"AND {place} AND {first} AND {second} "
        "ORDER BY p.confidence DESC, p.id DESC LIMIT {}",
        *place_args,
        *first_args,
        *second_args,
        limit,
    )
    return [StoredPair(*row) for row in rows]


async def between(one: UUID, other: UUID) -> StoredPair | None:
    """What is known of two clients, in whichever order."""
    row = await fetch_one(
        "SELECT id, first_id, second_id, reasons, confidence FROM duplicate_pair "
        "WHERE first_id IN {} AND second_id IN {}",
        any_of([one, other]),
        any_of([one, other]),
    )
    return None if row is None else StoredPair(*row)


async def decide(tx: Tx, pair_id: UUID, was: str, became: str) -> bool:
    """Move a pair from one state to another; False where it is not there any more."""
    return bool(
        await execute(
            "UPDATE duplicate_pair SET state = {}, decided_by = {} WHERE id = {} AND state = {}",
            became,
            tx.actor.id,
            pair_id,
            was,
        )
    )
