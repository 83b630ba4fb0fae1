"""What SQLite says on a failing disk is told as «cannot now», never as a fault of the program."""

import sqlite3

import pytest

from appliance.errors import Unavailable
from appliance.storage.engine.failures import told


@pytest.mark.parametrize(
    "code",
    [
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_READONLY_ROLLBACK,
        sqlite3.SQLITE_IOERR_WRITE,
        sqlite3.SQLITE_ABORT_ROLLBACK,
        sqlite3.SQLITE_PROTOCOL,
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_CANTOPEN,
    ],
)
def test_a_disk_that_fails_is_unavailable_whatever_sqlite_calls_it(code: int) -> None:
    failure = sqlite3.OperationalError("invented")
    failure.sqlite_errorcode = code
    assert isinstance(told(failure), Unavailable)
