"""What the box asks its copying process for, and what that answers: JSON, a line each.

The process has no keys but what an order lends it, and gets them over its standard input.
"""

from pathlib import Path
from typing import Any, Literal

import msgspec

from backups.retention import Counts


class MakeOrder(msgspec.Struct, frozen=True, kw_only=True, tag="make"):
    """Make a copy.

    Attributes:
        data: the box's folder.
        stamp: UTC, by which the copy is named.
        recovery, drill: `age1…` recipients; data and keys are encrypted to both.
        public_key: hex; of whoever signs.
        targets, data_targets: folders.
        compact: leave out what was deleted (slower).
    """

    data: Path
    stamp: str
    version: str
    recovery: str
    drill: str
    public_key: str
    targets: tuple[Path, ...]
    data_targets: tuple[Path, ...] = ()
    counts: Counts = Counts()
    compact: bool = False


class DrillOrder(msgspec.Struct, frozen=True, kw_only=True, tag="drill"):
    """Prove a copy.

    Attributes:
        identity: `AGE-SECRET-KEY-1…` of the drill.
        root: hex; opens the copy's key store.
        stamp: which copy; empty: the newest.
    """

    data: Path
    identity: str
    root: str
    targets: tuple[Path, ...]
    stamp: str = ""

    def __repr__(self) -> str:
        return "DrillOrder(•••)"


Order = MakeOrder | DrillOrder


class Line(msgspec.Struct, omit_defaults=True):
    """One line of the process's answer; exactly one of its meanings.

    Attributes:
        step, done, total: where it is; bytes or rows.
        sign: a record to be signed; the answer is the signature in hex, on a line.
        result: the end.
        code, params: the end, refused.
    """

    step: str = ""
    done: int = 0
    total: int = 0
    sign: str = ""
    result: dict[str, Any] | None = None
    code: str = ""
    params: dict[str, str | int] = {}


class Outcome(msgspec.Struct, kw_only=True):
    """How one target fared.

    Attributes:
        state: `done`, else `failed` with a code.
        copied: attachments that were not there before.
        keys: stamp of the oldest set of keys that lies there now; empty: none does; None: the
            target takes no keys.
    """

    path: str
    state: Literal["done", "failed"]
    code: str = ""
    copied: int = 0
    missing: int = 0
    pruned: int = 0
    keys: str | None = None


class Made(msgspec.Struct, kw_only=True):
    """A copy that was made: at least one target took it and gave it back the same.

    Attributes:
        recipients: to whose recovery identities the copies on all targets are encrypted; empty
            where a target could not be asked.
    """

    stamp: str
    size: int
    seconds: float
    audit_size: int
    audit_root: str
    rows: int
    targets: list[Outcome]
    recipients: list[str] = []


class Proven(msgspec.Struct, kw_only=True):
    """What a drill found; nothing was wrong, or it would have been refused.

    Attributes:
        rows: counted in the opened copy, the same as its manifest says.
        cells: sealed values that were opened.
        keys: people whose keys were unwrapped.
        destroyed: people of the ledger, none of whom can be opened.
        events: of the log, verified up to the manifest's root.
        cards: which kinds of card were read from the booted copy.
    """

    stamp: str
    made_at: str
    proven_at: str
    seconds: float
    size: int
    rows: int
    cells: int
    keys: int
    destroyed: int
    events: int
    attachments: int
    cards: tuple[str, ...] = ()
