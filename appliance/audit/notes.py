"""Checkpoints as signed notes: C2SP `tlog-checkpoint` and `signed-note`, Ed25519 (type 0x01)."""

import base64
import binascii
import hashlib
from collections.abc import Callable
from typing import NamedTuple

from appliance.errors import Damaged


class Checkpoint(NamedTuple):
    """What a checkpoint says of the log; its signature is not judged here."""

    origin: str
    size: int
    root: bytes


def origin_of(box: str) -> str:
    """The log's name, also the name of its key."""
    return f"korobka/{box}/audit"


def key_id(name: str, public_key: bytes) -> bytes:
    """The four bytes that tell keys apart: SHA-256(name | LF | 0x01 | public key)[:4]."""
    return hashlib.sha256(name.encode() + b"\n\x01" + public_key).digest()[:4]


def write_note(checkpoint: Checkpoint, public_key: bytes, sign: Callable[[bytes], bytes]) -> str:
    """Write and sign a checkpoint; the key's name is the origin."""
    origin, size, root = checkpoint
    text = f"{origin}\n{size}\n{base64.b64encode(root).decode()}\n"
    signature = key_id(origin, public_key) + sign(text.encode())
    return f"{text}\n— {origin} {base64.b64encode(signature).decode()}\n"


def read_note(note: str) -> Checkpoint:
    """Read the text of a checkpoint.

    Raises:
        Damaged: not a checkpoint (`audit_note_damaged`).
    """
    text, _, _ = note.rpartition("\n\n")
    lines = text.split("\n")
    try:
        origin, size, root = lines[0], int(lines[1]), base64.b64decode(lines[2], validate=True)
    except (IndexError, ValueError, binascii.Error) as error:
        raise Damaged("audit_note_damaged", "a checkpoint note cannot be read") from error
    if not origin or len(root) != 32 or str(size) != lines[1] or size < 0:
        raise Damaged("audit_note_damaged", "a checkpoint note cannot be read")
    return Checkpoint(origin, size, root)
