"""Whether two tables hold the same rows, whatever order two engines give them in.

Each row is written down in one way (MessagePack of its values) and hashed; hashes are added up, so
their order does not matter and a row that is there twice counts twice. It tells what was lost,
doubled or changed on the way; it is no seal: who may write either side can forge both.
"""

from collections.abc import Iterable, Sequence
from hashlib import blake2b
from typing import Any, Final

import msgspec

from appliance.storage.engine.postgres import plain

BYTES: Final = 16
_SUMS: Final = 1 << (8 * BYTES)
_encode = msgspec.msgpack.Encoder().encode


class Digest:
    """Rows of one table, counted and hashed.

    Attributes:
        rows: how many.
    """

    __slots__ = ("_sum", "rows")

    def __init__(self) -> None:
        self.rows = 0
        self._sum = 0

    def take(self, rows: Iterable[Sequence[Any]]) -> None:
        """Add rows, as either engine gives them: ids, aware times, days, truths, bytes, texts."""
        for row in rows:
            # A text is taken as the server keeps it: without NUL.
            body = _encode(tuple(plain(row)))
            self._sum += int.from_bytes(blake2b(body, digest_size=BYTES).digest())
            self.rows += 1
        self._sum %= _SUMS

    def hex(self) -> str:
        """The sum."""
        return f"{self._sum:0{2 * BYTES}x}"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Digest):
            return NotImplemented
        return (self.rows, self._sum) == (other.rows, other._sum)

    __hash__ = None  # pyright: ignore[reportAssignmentType] - it changes with each row
