"""Runs as people see them on the plugin's screen: one row each, from its first document on."""

from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec

from plugins.exchange_1c import shelves, values
from plugins.exchange_1c.guards import Sample
from plugins.exchange_1c.shelves import File, Part, Shelves

GOING, HELD, FAILED, REJECTED, DONE, UNDONE = (
    "going", "held", "failed", "rejected", "done", "undone",
)  # fmt: skip
TONES = {GOING: "grey", HELD: "warn", FAILED: "bad", REJECTED: "grey", DONE: "ok", UNDONE: "grey"}


class Run(msgspec.Struct, kw_only=True):
    """A row of the screen.

    Attributes:
        state: for the buttons; `says` its sentence; `why` that of a guard, or of a refusal.
        offset: byte at which a file is broken, for that sentence.
    """

    run: int
    account: str = ""
    at: str = ""
    state: str = GOING
    tone: str = "grey"
    says: str = "run_is_going"
    why: str = ""
    files: int = 0
    created: int = 0
    changed: int = 0
    same: int = 0
    waiting: int = 0
    skipped: int = 0
    offset: int = 0


class Shown(msgspec.Struct, kw_only=True):
    """A change that a held run would make, for whoever decides; sums as people read them."""

    run: int
    place: int
    account: str = ""
    name: str = ""
    article: str = ""
    says: str
    was: str = ""
    now: str = ""


class Runs:
    """Keeps the rows of one connection."""

    def __init__(self, store: Shelves, account: str = "") -> None:
        self._store, self._account = store, account

    async def note(self, run: int) -> None:
        """Reckon a run's row anew: a document of it ended, or was decided."""
        files = [one async for one in self._store.every("files", File) if one.run == run]
        parts = [part for file in files async for part in self._store.under("parts", Part, file.id)]
        known = await self._store.one("runs", Run, run)
        if not parts or (known is not None and known.state == UNDONE):
            return
        state = _state({one.state for one in parts})
        row = Run(
            run=run,
            account=self._account,
            at=datetime.now(UTC).isoformat(),
            state=state,
            tone=TONES[state],
            says=f"run_is_{state}",
            files=len(parts),
        )
        for one in parts:
            row.created += one.created
            row.changed += one.changed
            row.same += one.same
            row.waiting += one.waiting
            row.skipped += one.skipped
            if one.state == shelves.HELD:
                row.why = f"guard_{(one.guards.split() or ['preview'])[0]}"
            elif one.state == shelves.FAILED:
                row.why, row.offset = one.code, max(one.offset, 0)
        await self._store.put("runs", [row])

    async def held(self, run: int, samples: Sequence[Sample]) -> None:
        """Examples of what waits, in place of those shown of the run before."""
        rows: list[Shown] = []
        for place, one in enumerate(samples, 1):
            good = values.key(one.id).partition("#")[0]
            known = (await self._store.kept(shelves.GOOD, [good])).get(good)
            record = known.good() if known is not None and known.body else None
            row = Shown(run=run, place=place, account=self._account, says=one.says)
            row.name = (record.name or "")[:200] if record is not None else one.id[:110]
            row.article = (record.article or "")[:100] if record is not None else ""
            if one.says == "sample_price":
                row.was, row.now = _roubles(one.was), _roubles(one.now)
            elif one.says == "sample_stock":
                row.was, row.now = f"{one.was / 1000:g}", f"{one.now / 1000:g}"
            rows.append(row)
        await self._store.put("samples", rows)

    async def settled(self, run: int) -> None:
        """Somebody decided: nothing of it waits any more."""
        found = [one async for one in self._store.under("samples", Shown, run)]
        await self._store.drop("samples", [(run, one.place) for one in found])

    async def undone(self, run: int) -> None:
        """A run was taken back."""
        row = await self._store.one("runs", Run, run) or Run(run=run, account=self._account)
        row.at = datetime.now(UTC).isoformat()
        row.state, row.tone, row.says, row.why = UNDONE, TONES[UNDONE], "run_is_undone", ""
        await self._store.put("runs", [row])


def _roubles(kopecks: int) -> str:
    return f"{kopecks // 100:,}".replace(",", "\u00a0") + f",{kopecks % 100:02d}"


def _state(states: set[str]) -> str:
    if states & {shelves.SEALED, shelves.IMPORTING, shelves.RECEIVING}:
        return GOING
    for part, run in ((shelves.HELD, HELD), (shelves.FAILED, FAILED), (shelves.REJECTED, REJECTED)):
        if part in states:
            return run
    return DONE
