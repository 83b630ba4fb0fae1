"""The errors of storage, and SQLite's own turned into the house's.

Their texts and details may quote values (PostgreSQL: "Key (phone)=(…) already exists"), so only
names of tables, columns and constraints and the databases' codes pass on.
"""

import errno
import sqlite3

from appliance.errors import Conflict, Damaged, HouseError, Unavailable


class RowExists(Conflict):
    """A unique index refused the row; leave the body before asking anything else.

    PostgreSQL fails every later statement of the same transaction; a body that expects
    a double says `ON CONFLICT` instead of catching this.
    """

    default_code = "row_exists"


class RowReferenced(Conflict):
    """A foreign key refused the change."""

    default_code = "row_referenced"


_SQLITE_CODES: dict[int, tuple[type[HouseError], str]] = {
    sqlite3.SQLITE_FULL: (Unavailable, "disk_full"),
    sqlite3.SQLITE_READONLY: (Unavailable, "read_only_storage"),
    sqlite3.SQLITE_CANTOPEN: (Unavailable, "storage_failed"),
    sqlite3.SQLITE_IOERR: (Unavailable, "storage_failed"),
    sqlite3.SQLITE_NOMEM: (Unavailable, "storage_failed"),
    # What a transaction that SQLite ended by itself leaves behind, and a log of changes whose
    # shared memory cannot be brought up on a disk that turned read-only.
    sqlite3.SQLITE_ABORT: (Unavailable, "storage_failed"),
    sqlite3.SQLITE_PROTOCOL: (Unavailable, "storage_failed"),
    sqlite3.SQLITE_PERM: (Unavailable, "read_only_storage"),
    sqlite3.SQLITE_BUSY: (Unavailable, "storage_busy"),
    sqlite3.SQLITE_LOCKED: (Unavailable, "storage_busy"),
    sqlite3.SQLITE_CORRUPT: (Damaged, "storage_damaged"),
    sqlite3.SQLITE_NOTADB: (Damaged, "storage_damaged"),
}
_UNIQUE = (sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY)


_ERRNO_CODES = {
    errno.ENOSPC: "disk_full",
    errno.EDQUOT: "disk_full",
    errno.EROFS: "read_only_storage",
    errno.EACCES: "read_only_storage",
}


def storage_failure(failure: OSError) -> Unavailable:
    """Say what the file system refused; its text may hold a path, so only the number passes on."""
    code = _ERRNO_CODES.get(failure.errno or 0, "storage_failed")
    return Unavailable(code, f"errno {failure.errno}")


def told(failure: BaseException) -> BaseException:
    """Turn an error of SQLite into the house's; anything else comes back as it is."""
    if not isinstance(failure, sqlite3.Error):
        return failure
    code = getattr(failure, "sqlite_errorcode", None)
    if not isinstance(code, int):
        return failure
    if code in _UNIQUE:
        return RowExists(message=str(failure))
    if code == sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY:
        return RowReferenced(message=str(failure))
    known = _SQLITE_CODES.get(code & 0xFF)
    return failure if known is None else known[0](known[1], f"SQLite error {code}")
