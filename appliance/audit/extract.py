"""Single entries of the log with proofs that they are in it, for papers that leave the box."""

import contextlib
import sqlite3
from pathlib import Path
from typing import NamedTuple

from appliance.audit import merkle
from appliance.audit.entry import Leaf, read_leaf
from appliance.audit.notes import read_note
from appliance.errors import Damaged, NotFound


class Proven(NamedTuple):
    """An entry of the log.

    Attributes:
        seq: from 1.
        data: the very bytes of the leaf; `leaf` is what they say.
        proof: from the leaf's sibling up to the root.
    """

    seq: int
    data: bytes
    leaf: Leaf
    proof: tuple[bytes, ...]

    @property
    def leaf_hash(self) -> bytes:
        """Where the proof begins."""
        return merkle.leaf_hash(self.data)


class Extract(NamedTuple):
    """Entries, and the signed checkpoint that their proofs lead to."""

    entries: tuple[Proven, ...]
    size: int
    root: bytes
    note: str


def extract(path: Path, object_id: str, *, most: int = 1000) -> Extract:
    """Everything that was done to an object, up to the newest checkpoint.

    Reads every leaf: about a second for a million. To be called outside of transactions, after
    the log was brought up to date and a checkpoint written.

    Args:
        path: audit.db; may be in use.
        object_id: as the leaves name it.
        most: entries; later ones are left out.

    Raises:
        NotFound: `audit_checkpoint_missing`: there is no checkpoint yet.
        Damaged: `audit_log_damaged`, `audit_note_damaged`, `audit_log_forked`.
    """
    source = f"{path.resolve().as_uri()}?mode=ro"
    try:
        with contextlib.closing(sqlite3.connect(source, uri=True, isolation_level=None)) as db:
            db.execute("BEGIN")
            return _extract(db, object_id, most)
    except sqlite3.Error as error:
        raise Damaged("audit_log_damaged", type(error).__name__) from None


def _extract(db: sqlite3.Connection, object_id: str, most: int) -> Extract:
    found = db.execute("SELECT size, note FROM checkpoint ORDER BY size DESC LIMIT 1").fetchone()
    if found is None:
        raise NotFound("audit_checkpoint_missing", size=0)
    size, note = found

    def node(level: int, index: int) -> bytes:
        one = (
            db.execute("SELECT hash FROM node WHERE level = ? AND idx = ?", (level, index))
            if level
            else db.execute("SELECT leaf_hash FROM event WHERE seq = ?", (index + 1,))
        ).fetchone()
        if one is None:
            raise Damaged("audit_log_damaged", f"node {level}/{index} is missing")
        return one[0]

    checkpoint = read_note(note)
    root = merkle.root_of(size, node)
    if (checkpoint.size, checkpoint.root) != (size, root):
        raise Damaged("audit_log_forked", f"log differs from checkpoint {size}")
    entries: list[Proven] = []
    rows = db.execute(
        "SELECT seq, leaf FROM event WHERE seq <= ? AND instr(leaf, ?) > 0 ORDER BY seq LIMIT ?",
        (size, object_id.encode(), most),
    )
    for seq, data in rows.fetchall():
        leaf = read_leaf(data)
        if leaf.object_id == object_id:
            proof = merkle.inclusion_proof(seq - 1, size, node)
            entries.append(Proven(seq, data, leaf, tuple(proof)))
    return Extract(tuple(entries), size, root, note)
