"""How a sealed value looks and what it is bound to.

    byte 0 version | 1 algorithm | 2..5 epoch of the key, big-endian | 6..17 nonce | text | 16 tag
    bound to: "crm/1" LP(table) LP(column) LP(row) LP(subject) LP(version, algorithm, epoch)

`LP` puts the length before the bytes as two bytes, so no two different places have the same
binding. The text is padded to a multiple of 16 bytes: lengths of names tell too much.
Nonces are random; one key stays far below the 2^32 messages at which that would matter.
"""

import os
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from appliance.errors import Invalid
from appliance.vault.errors import CellDamaged

VERSION = 1
AES_256_GCM = 1
HEADER_BYTES = 6
NONCE_BYTES = 12
TAG_BYTES = 16
OVERHEAD = HEADER_BYTES + NONCE_BYTES + TAG_BYTES
"""Bytes an envelope adds to the padded text."""

_BLOCK = 16
_BODY = HEADER_BYTES + NONCE_BYTES
_SHORTEST = OVERHEAD + _BLOCK
_PADDINGS = tuple(b"\x80" + bytes(_BLOCK - 1 - filled) for filled in range(_BLOCK))
_LP_ID = b"\x00\x10"
_LP_HEADER = b"\x00\x06"


class CellRef(NamedTuple):
    """The one place a sealed value may be opened at.

    Attributes:
        table: name of the table, ASCII.
        column: name of the column, ASCII.
        row: primary key of the row; made by us and never used again.
        subject: the person or company whose key seals the value.
    """

    table: str
    column: str
    row: UUID
    subject: UUID


def length_prefixed(part: bytes) -> bytes:
    """Puts the length before the bytes, as two bytes big-endian.

    Raises:
        Invalid: more than 65 535 bytes.
    """
    if len(part) > 0xFFFF:
        raise Invalid("binding_too_long")
    return len(part).to_bytes(2, "big") + part


@lru_cache(maxsize=1024)
def header_of(epoch: int) -> bytes:
    """The first six bytes of an envelope sealed with the key of that epoch."""
    return bytes((VERSION, AES_256_GCM)) + epoch.to_bytes(4, "big")


@lru_cache(maxsize=4096)
def _place(table: str, column: str) -> bytes:
    return (
        b"crm/1"
        + length_prefixed(table.encode())
        + length_prefixed(column.encode())
        # The id of the row follows; ids are always 16 bytes.
        + _LP_ID
    )


def binding(ref: CellRef, header: bytes) -> bytes:
    """The additional data an envelope is authenticated with.

    Args:
        ref: where the value lives.
        header: the six bytes of `header_of`.
    """
    table, column, row, subject = ref
    # `UUID.bytes` is a property that costs more than this line; both are on the hot path.
    return b"".join(
        (
            _place(table, column),
            row.int.to_bytes(16, "big"),
            _LP_ID,
            subject.int.to_bytes(16, "big"),
            _LP_HEADER,
            header,
        )
    )


def pad(plain: bytes) -> bytes:
    """Fills up to a multiple of 16 bytes (ISO/IEC 7816-4: 0x80, then zeros); always adds."""
    return plain + _PADDINGS[len(plain) % _BLOCK]


def unpad(padded: bytes) -> bytes:
    """Takes the filling of `pad` off.

    Raises:
        ValueError: the bytes are not filled like that.
    """
    plain = padded.rstrip(b"\x00")
    if not plain or plain[-1] != 0x80:
        raise ValueError("padding")
    return plain[:-1]


def seal(cipher: AESGCM, epoch: int, ref: CellRef, plain: bytes) -> bytes:
    """Seals a value for its place.

    Args:
        cipher: the key, ready for use.
        epoch: number of the key, stored and authenticated.
        ref: where the value will live.
        plain: any bytes, also none.
    """
    header = header_of(epoch)
    nonce = os.urandom(NONCE_BYTES)
    return header + nonce + cipher.encrypt(nonce, pad(plain), binding(ref, header))


def epoch_of(ref: CellRef, cell: bytes) -> int:
    """Reads which key sealed the value.

    Raises:
        CellDamaged: this is no envelope of a version and algorithm known here.
    """
    if len(cell) < _SHORTEST or cell[0] != VERSION or cell[1] != AES_256_GCM:
        raise CellDamaged(ref.table, ref.column, ref.row)
    return int.from_bytes(cell[2:HEADER_BYTES], "big")


def open_(cipher: AESGCM, epoch: int, ref: CellRef, cell: bytes) -> bytes:
    """Opens a value at its place.

    Args:
        cipher: the key of that epoch.
        epoch: number the envelope has to carry.
        ref: where the value was found.
        cell: what `seal` gave.

    Raises:
        CellDamaged: not this value, not this place, or not this key.
    """
    header = header_of(epoch)
    if cell[:HEADER_BYTES] != header:
        raise CellDamaged(ref.table, ref.column, ref.row)
    try:
        return unpad(cipher.decrypt(cell[HEADER_BYTES:_BODY], cell[_BODY:], binding(ref, header)))
    except (InvalidTag, ValueError):
        # `from None`: a traceback must not carry pieces of the cell.
        raise CellDamaged(ref.table, ref.column, ref.row) from None
