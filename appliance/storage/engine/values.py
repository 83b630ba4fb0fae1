"""How values look inside SQLite: ids as 16 bytes, times as text that sorts, numbers as they are.

sqlite3 keeps one table of adapters and converters per process. Importing Piccolo's SQLite engine
fills it with slower ones (`INTEGER` through `Decimal`, ids as text), so ours are set after it,
when the database starts. PostgreSQL has these types itself.
"""

import sqlite3
from datetime import UTC, date, datetime
from uuid import UUID

# Imported for its effect: it registers Piccolo's adapters now, so that it cannot do so later.
import piccolo.engine.sqlite as _piccolo_sqlite

_new = object.__new__
_set = object.__setattr__
_SAFE = UUID(int=0).is_safe


def id_in(value: UUID) -> bytes:
    """Store an id as its 16 bytes; UUIDv7 in this order sort by time."""
    return value.bytes


def id_out(value: bytes) -> UUID:
    """Read an id; skips `UUID.__init__`, which costs three times as much.

    Raises:
        ValueError: not 16 bytes.
    """
    if len(value) != 16:
        raise ValueError(f"an id of {len(value)} bytes")
    made = _new(UUID)
    _set(made, "int", int.from_bytes(value, "big"))
    _set(made, "is_safe", _SAFE)
    return made


def time_in(value: datetime) -> str:
    """Store a time as ISO 8601 in UTC with microseconds: one width, so text order is time order.

    Raises:
        ValueError: the time has no zone.
    """
    if value.tzinfo is None:
        raise ValueError("a time without a zone")
    return value.astimezone(UTC).isoformat(timespec="microseconds")


def time_out(value: bytes) -> datetime:
    """Read a time, aware and in UTC."""
    return datetime.fromisoformat(value.decode("ascii"))


def day_out(value: bytes) -> date:
    """Read a calendar day."""
    return date.fromisoformat(value.decode("ascii"))


def install() -> None:
    """Put our conversions into sqlite3's table, over Piccolo's; repeating it is harmless."""
    assert _piccolo_sqlite.ADAPTERS  # noqa: S101 - says that the import above is needed
    sqlite3.register_adapter(UUID, id_in)
    sqlite3.register_adapter(datetime, time_in)
    sqlite3.register_adapter(date, date.isoformat)
    sqlite3.register_adapter(bool, int)
    sqlite3.register_converter("UUID", id_out)
    sqlite3.register_converter("TIMESTAMPTZ", time_out)
    sqlite3.register_converter("DATE", day_out)
    sqlite3.register_converter("BOOLEAN", {b"0": False, b"1": True}.__getitem__)
    # Without a converter sqlite3 hands out the int it holds.
    sqlite3.converters.pop("INTEGER", None)
