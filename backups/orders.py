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
        targets, data_targets: places, as the settings spell them.
        compact: leave out what was deleted (slower).
        url: of the box's PostgreSQL; empty: its database is main.db.
    """

    data: Path
    stamp: str
    version: str
    recovery: str
    drill: str
    public_key: str
    targets: tuple[str, ...]
    data_targets: tuple[str, ...] = ()
    counts: Counts = Counts()
    compact: bool = False
    url: str = ""

    def __repr__(self) -> str:
        return f"MakeOrder({self.stamp})"


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
    targets: tuple[str, ...]
    stamp: str = ""

    def __repr__(self) -> str:
        return "DrillOrder(•••)"


class PrepareOrder(msgspec.Struct, frozen=True, kw_only=True, tag="prepare"):
    """Make a restore ready beside the running box; attributes as `DrillOrder`."""

    data: Path
    identity: str
    root: str
    targets: tuple[str, ...]
    data_targets: tuple[str, ...] = ()
    stamp: str = ""

    def __repr__(self) -> str:
        return "PrepareOrder(•••)"


class PlaceOrder(msgspec.Struct, frozen=True, kw_only=True, tag="place"):
    """Put what was made ready into the place of the stopped box's data."""

    data: Path
    root: str

    def __repr__(self) -> str:
        return "PlaceOrder(•••)"


class GoBackOrder(msgspec.Struct, frozen=True, kw_only=True, tag="go_back"):
    """Put the data of before a restore in again; the box is stopped."""

    data: Path


class ListOrder(msgspec.Struct, frozen=True, kw_only=True, tag="list"):
    """Tell what lies on the places."""

    data: Path
    targets: tuple[str, ...]
    data_targets: tuple[str, ...] = ()


class CheckOrder(msgspec.Struct, frozen=True, kw_only=True, tag="check"):
    """Try a place: whether it is there and takes a file; makes the SSH key where one is needed.

    Attributes:
        target: as the settings would spell it.
        secret: of a key to an object store; kept where it opens it.
    """

    data: Path
    target: str
    takes_keys: bool = True
    secret: str = ""

    def __repr__(self) -> str:
        return f"CheckOrder({self.target})"


class GuardOrder(msgspec.Struct, frozen=True, kw_only=True, tag="guard"):
    """Take what changed since the last step to the second disk; attributes as `MakeOrder`.

    Attributes:
        guard: folder on the second disk.
        url: of the box's PostgreSQL; empty: its database is main.db.
    """

    data: Path
    stamp: str
    version: str
    recovery: str
    drill: str
    public_key: str
    guard: str
    url: str = ""

    def __repr__(self) -> str:
        return f"GuardOrder({self.stamp})"


Order = (
    MakeOrder
    | DrillOrder
    | PrepareOrder
    | PlaceOrder
    | GoBackOrder
    | ListOrder
    | CheckOrder
    | GuardOrder
)


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


class Foreseen(msgspec.Struct, kw_only=True):
    """A copy that lies somewhere, and whether it could be restored now.

    Attributes:
        size, need, free: bytes; `need`: what a restore asks for in the data folder.
        fits: this release is not too old for it.
        keys: one of the places still holds its key set.
    """

    stamp: str
    made_at: str
    size: int
    attachments: int
    version: str
    fits: bool
    need: int
    free: int
    keys: bool = False
    places: list[str] = []


class Listed(msgspec.Struct, kw_only=True):
    """All copies, the newest first; place → code of why it could not be asked."""

    copies: list[Foreseen]
    problems: dict[str, str]


class Checked(msgspec.Struct, kw_only=True):
    """A place that answers.

    Attributes:
        free: bytes, where that can be known.
        ssh_key: the box's public SSH key, for the account's `authorized_keys`.
        disk: another disk than the box's own.
    """

    free: int = 0
    ssh_key: str = ""
    disk: bool = True


class Guarded(msgspec.Struct, kw_only=True):
    """A step of the continuous protection that is on the second disk.

    Attributes:
        step: its number in the chain; 0: everything anew.
        pages: how many were taken.
        size: bytes of its containers.
        copied: attachments that were not there before.
    """

    stamp: str
    chain: str
    step: int
    pages: int
    size: int
    seconds: float
    copied: int = 0


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
