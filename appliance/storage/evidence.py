"""evidence.db: what proves that a person was destroyed, kept for three years and then gone, too.

It names the person when nothing else does, so it is a file of its own, under a key of its own
(`evidence` in the keyring), with a term of its own; only `evidence.read` opens it. SQLite on both
engines, with the settings of keys.db: what is erased leaves the disk.

A deed writes here before its transaction commits. One that is cut off in between leaves a record
that the deed, done again, finds by the same id and writes over; numbers of acts are given here
for that reason, and because a restore of older data must not give one twice.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from appliance.domain.access import NOBODY
from appliance.domain.acts import PATIENCE, ActRecord, ActState, leapt, term
from appliance.errors import Conflict, NotFound, Unavailable
from appliance.storage.evidence_file import EvidenceFile, translated
from appliance.storage.tx import Tx
from appliance.vault.envelope import CellRef

_FIELDS: Final = "id, request, number, state, made_at, keep_until"


_store: EvidenceFile | None = None


def open_file(path: Path) -> None:
    """Open the store, or make it where there is none; called once, at boot.

    Raises:
        Damaged: `evidence_damaged`, `evidence_newer`.
        Unavailable: `evidence_unwritable`.
    """
    global _store  # noqa: PLW0603  one file per process, set at boot
    close_file()
    with translated():
        _store = EvidenceFile(path)


def close_file() -> None:
    """Close it; without one it does nothing."""
    global _store  # noqa: PLW0603  as above
    if _store is not None:
        _store.close()
        _store = None


def _opened() -> EvidenceFile:
    if _store is None:
        raise Unavailable("not_started")
    return _store


def _ref(record: UUID, name: str) -> CellRef:
    return CellRef("evidence", name, record, NOBODY)


def _put(tx: Tx, store: EvidenceFile, record: UUID, parts: Mapping[str, bytes]) -> None:
    for name, body in parts.items():
        sealed = tx.vault.seal_evidence(_ref(record, name), body)
        store.run(
            "INSERT OR REPLACE INTO part (record, name, sealed) VALUES (?, ?, ?)",
            record.bytes,
            name,
            sealed,
        )


async def gather(tx: Tx, record: UUID, request: int, parts: Mapping[str, bytes]) -> None:
    """Keep what is known before there is an act; again, it is written over until then.

    Args:
        tx: of the deed.
        record: id of the request.
        request: its number.
        parts: name → what is sealed under it.

    Raises:
        Unavailable: `evidence_unwritable`.
        Sealed: the vault is locked.
    """
    store = _opened()
    with translated(), store.change():
        store.run(
            "INSERT OR IGNORE INTO record (id, request, state, made_at)"
            " VALUES (?, ?, 'gathered', ?)",
            record.bytes,
            request,
            _ms(tx.now),
        )
        if _get(store, record).state is ActState.GATHERED:
            _put(tx, store, record, parts)


async def number_for(record: UUID) -> int:
    """The number of a record's act: drawn once, never given again.

    Raises:
        NotFound: `evidence_not_found`.
    """
    store = _opened()
    with translated(), store.change():
        known = _get(store, record).number
        if known:
            return known
        number = store.number("last_act") + 1
        store.keep_number("last_act", number)
        store.run("UPDATE record SET number = ? WHERE id = ?", number, record.bytes)
        return number


async def finish(tx: Tx, record: UUID, destroyed_at: datetime, parts: Mapping[str, bytes]) -> None:
    """Put act and extract in the place of what was gathered; its term begins. Once only.

    Raises:
        NotFound: `evidence_not_found`.
    """
    store = _opened()
    with translated(), store.change():
        if _get(store, record).state is not ActState.GATHERED:
            return
        store.run("DELETE FROM part WHERE record = ?", record.bytes)
        _put(tx, store, record, parts)
        store.run(
            "UPDATE record SET state = 'made', made_at = ?, keep_until = ? WHERE id = ?",
            _ms(tx.now),
            _ms(term(destroyed_at)),
            record.bytes,
        )
    with translated():
        store.scrub()


async def close_record(record: UUID) -> bool:
    """Note that nothing holds the person's key any more; whether it was news."""
    with translated():
        changed = _opened().run(
            "UPDATE record SET state = 'closed' WHERE id = ? AND state = 'made'", record.bytes
        )
    return changed > 0


async def erase(record: UUID) -> bool:
    """Erase a record for good: its term is over, or the destruction was called off."""
    store = _opened()
    with translated():
        with store.change():
            gone = store.run("DELETE FROM record WHERE id = ?", record.bytes)
        store.scrub()
    return gone > 0


async def listed(*, gathered: bool = False) -> list[ActRecord]:
    """Records with an act, the newest first; or those still without one."""
    order = "WHERE state = 'gathered' ORDER BY made_at" if gathered else (
        "WHERE state <> 'gathered' ORDER BY number DESC"
    )  # fmt: skip
    with translated():
        rows = _opened().rows(f"SELECT {_FIELDS} FROM record {order}")
    return [_record(row) for row in rows]


async def find(number: int) -> ActRecord:
    """The record of an act.

    Raises:
        NotFound: `evidence_not_found`.
    """
    with translated():
        rows = _opened().rows(f"SELECT {_FIELDS} FROM record WHERE number = ?", number)
    if not rows:
        raise NotFound("evidence_not_found")
    return _record(rows[0])


async def known(record: UUID) -> ActRecord | None:
    """The record of a destruction, if there is one."""
    try:
        with translated():
            return _get(_opened(), record)
    except NotFound:
        return None


async def part(tx: Tx, record: UUID, name: str) -> bytes:
    """Open one part.

    Raises:
        NotFound: `evidence_not_found`.
        Damaged: it was changed.
    """
    with translated():
        rows = _opened().rows(
            "SELECT sealed FROM part WHERE record = ? AND name = ?", record.bytes, name
        )
    if not rows:
        raise NotFound("evidence_not_found")
    return tx.vault.open_evidence(_ref(record, name), rows[0][0])


async def parts_of(record: UUID) -> list[str]:
    """Names of a record's parts, in order."""
    with translated():
        rows = _opened().rows("SELECT name FROM part WHERE record = ? ORDER BY name", record.bytes)
    return [row[0] for row in rows]


async def add_part(tx: Tx, record: UUID, name: str, body: bytes) -> None:
    """Lay one more part to a finished record; it goes when the record goes.

    Raises:
        NotFound: `evidence_not_found`: there is no act yet.
        Conflict: `evidence_part_there`: nothing that proves is written over.
    """
    store = _opened()
    with translated(), store.change():
        if _get(store, record).state is ActState.GATHERED:
            raise NotFound("evidence_not_found")
        if store.rows("SELECT 1 FROM part WHERE record = ? AND name = ?", record.bytes, name):
            raise Conflict("evidence_part_there")
        _put(tx, store, record, {name: body})


async def over(now: datetime) -> Sequence[ActRecord]:
    """Records whose term is over; none for a month after the clock leapt.

    A clock that somebody set forward must not cost an act; see `PATIENCE`.
    """
    store, at = _opened(), _ms(now)
    with translated(), store.change():
        before, waits = store.number("swept_at"), store.number("waits_until")
        if before and leapt(_moment(before), now):
            waits = _ms(now + PATIENCE)
            store.keep_number("waits_until", waits)
        store.keep_number("swept_at", at)
        if at < waits:
            return []
        rows = store.rows(
            f"SELECT {_FIELDS} FROM record WHERE state <> 'gathered' AND keep_until <= ?"
            " ORDER BY number",
            at,
        )
    return [_record(row) for row in rows]


def _get(store: EvidenceFile, record: UUID) -> ActRecord:
    rows = store.rows(f"SELECT {_FIELDS} FROM record WHERE id = ?", record.bytes)
    if not rows:
        raise NotFound("evidence_not_found")
    return _record(rows[0])


def _record(row: tuple[Any, ...]) -> ActRecord:
    key, request, number, state, made, until = row
    return ActRecord(
        UUID(bytes=key),
        request,
        number or 0,
        ActState(state),
        _moment(made),
        None if until is None else _moment(until),
    )


def _moment(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def _ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)
