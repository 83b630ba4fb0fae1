"""What was kept of the log outside the box: one row for each try, and the owner's choice."""

from uuid import UUID

import msgspec

from appliance.domain.access import NOBODY
from appliance.domain.anchors import (
    CHECKED,
    SETTING,
    Anchor,
    AnchorKind,
    AnchorRules,
    AnchorState,
    Checked,
    Kept,
    LogHealth,
    RulesForm,
    Tried,
    health_of,
)
from appliance.domain.ids import uuid7
from appliance.domain.letters import LetterState
from appliance.domain.personal import Personal
from appliance.storage import counters, letters, settings
from appliance.storage.statements import fetch, fetch_one, fetch_value, insert, update_row
from appliance.storage.tables import AnchorRow
from appliance.storage.tx import Tx

LABEL = "anchors.to"
OVER = {
    LetterState.SENT.value: AnchorState.DONE,
    LetterState.REFUSED.value: AnchorState.FAILED,
    LetterState.CANCELLED.value: AnchorState.FAILED,
}
"""States of a letter after which its anchor waits for nothing."""

_list = msgspec.msgpack.Decoder(tuple[str, ...])
_encode = msgspec.msgpack.Encoder().encode


async def add(tx: Tx, kept: Kept, letter_id: UUID | None = None) -> UUID:
    """Write a try down: done, failed with a code, or waiting for its letter."""
    row_id = uuid7()
    waits = letter_id is not None and not kept.code
    state = AnchorState.FAILED if kept.code else AnchorState.DONE
    await insert(
        AnchorRow,
        id=row_id,
        number=await counters.draw("anchor"),
        kind=kept.kind.value,
        state=(AnchorState.WAITING if waits else state).value,
        place=kept.place[:255],
        size=kept.size,
        code=kept.code[:64],
        by_number=tx.actor.number,
        made_at=tx.now,
        done_at=None if waits or kept.code else tx.now,
        letter_id=letter_id,
    )
    tx.about("anchor", row_id)
    return row_id


async def settle(tx: Tx) -> int:
    """Bring rows that wait for a letter to where the letter stands; how many changed."""
    rows = await fetch(
        "SELECT id, letter_id FROM anchor WHERE state = {} AND letter_id IS NOT NULL",
        AnchorState.WAITING.value,
    )
    changed = 0
    for row_id, letter_id in rows:
        letter = await letters.find(letter_id)
        state = AnchorState.FAILED if letter is None else OVER.get(letter.state)
        if state is None:
            continue
        changed += 1
        code = "" if letter is None else letter.reason
        done = tx.now if state is AnchorState.DONE else None
        await update_row(AnchorRow, row_id, state=state.value, code=code[:64], done_at=done)
    return changed


async def page(before: int | None, limit: int) -> list[Anchor]:
    """The newest first."""
    rows = await fetch(
        "SELECT number, kind, state, place, size, by_number, made_at, done_at, code FROM anchor "
        "WHERE number < {} ORDER BY number DESC LIMIT {}",
        before or 2**62,
        limit,
    )
    return [
        Anchor(
            number=row[0],
            kind=AnchorKind(row[1]),
            state=AnchorState(row[2]),
            place=row[3],
            size=row[4],
            by=row[5],
            made_at=row[6],
            done_at=row[7],
            code=row[8],
        )
        for row in rows
    ]


async def tried(kind: AnchorKind) -> Tried:
    """How it stands with one kind."""
    last = await fetch_one(
        "SELECT number, done_at FROM anchor WHERE kind = {} AND state = {} "
        "ORDER BY number DESC LIMIT 1",
        kind.value,
        AnchorState.DONE.value,
    )
    failed = await fetch(
        "SELECT made_at FROM anchor WHERE kind = {} AND state = {} AND number > {} "
        "ORDER BY number DESC LIMIT 9",
        kind.value,
        AnchorState.FAILED.value,
        last[0] if last else 0,
    )
    at = failed[0][0] if failed else None
    return Tried(done_at=last[1] if last else None, tried_at=at, failures=len(failed))


async def waits(kind: AnchorKind) -> bool:
    """Whether one of this kind is on its way."""
    return (
        await fetch_one(
            "SELECT 1 FROM anchor WHERE kind = {} AND state = {} LIMIT 1",
            kind.value,
            AnchorState.WAITING.value,
        )
        is not None
    )


async def newest_size() -> int:
    """Up to which entry the log is kept outside; 0: nowhere."""
    return (
        await fetch_value("SELECT MAX(size) FROM anchor WHERE state = {}", AnchorState.DONE.value)
        or 0
    )


async def health() -> LogHealth:
    """The newest of every kind, the last failure, the last verification."""
    kept = {kind: await tried(kind) for kind in AnchorKind}
    codes: list[str] = []
    for kind, one in kept.items():
        if one.failures:
            row = await fetch_one(
                "SELECT code FROM anchor WHERE kind = {} AND state = {} "
                "ORDER BY number DESC LIMIT 1",
                kind.value,
                AnchorState.FAILED.value,
            )
            codes += [row[0]] if row else []
    return health_of(kept, codes, await settings.get(CHECKED, Checked))


async def rules(tx: Tx) -> RulesForm:
    """What the owner chose, its addresses opened."""
    known = await settings.get(SETTING, AnchorRules)
    to: tuple[str, ...] = ()
    if known.to:
        to = _list.decode(tx.vault.open_secret(LABEL, NOBODY, known.to))
    return RulesForm(file=known.file, mail=known.mail, paper=known.paper, to=Personal(to))


async def put_rules(tx: Tx, form: RulesForm) -> None:
    """Keep the choice.

    Raises:
        Conflict: `setting_locked`.
    """
    listed = tuple(form.to.reveal())
    sealed = tx.vault.seal_secret(LABEL, NOBODY, _encode(listed)) if listed else b""
    fresh = AnchorRules(file=form.file, mail=form.mail, paper=form.paper, to=sealed)
    await settings.put(SETTING, fresh)
