"""PostgreSQL's errors turned into the house's; see `failures` for why their texts stay here."""

import asyncpg

from appliance.errors import Damaged, HouseError, Invalid, Unavailable
from appliance.storage.engine.failures import RowExists, RowReferenced

# By class and code of SQLSTATE: PostgreSQL manual, appendix A.
_POSTGRES_CODES: dict[str, tuple[type[HouseError], str]] = {
    "22003": (Invalid, "number_range"),
    "23505": (RowExists, "row_exists"),
    "23503": (RowReferenced, "row_referenced"),
    "53100": (Unavailable, "disk_full"),
    "25006": (Unavailable, "read_only_storage"),
    "40001": (Unavailable, "storage_busy"),
    "40P01": (Unavailable, "storage_busy"),
    "55P03": (Unavailable, "storage_busy"),
    "XX001": (Damaged, "storage_damaged"),
    "XX002": (Damaged, "storage_damaged"),
}
_POSTGRES_CLASSES: dict[str, tuple[type[HouseError], str]] = {
    "08": (Unavailable, "storage_lost"),
    "53": (Unavailable, "storage_failed"),
    "57": (Unavailable, "storage_lost"),
    "58": (Unavailable, "storage_failed"),
}
# Syntax errors and unknown names quote our own SQL only.
_QUOTES_NO_VALUES = "42"


def told(failure: BaseException) -> BaseException:
    """Turn an error of PostgreSQL or of its driver into the house's; others come back as is."""
    if isinstance(failure, asyncpg.DataError) and isinstance(failure.__cause__, OverflowError):
        return Invalid("number_range")  # the driver found no room for it; its text quotes it
    if isinstance(failure, asyncpg.PostgresError):
        return _from_server(failure)
    if isinstance(failure, asyncpg.InterfaceError | asyncpg.InternalClientError | ConnectionError):
        return Unavailable("storage_lost", type(failure).__name__)
    return failure


def _from_server(failure: asyncpg.PostgresError) -> BaseException:
    state = _said(failure, "sqlstate")
    named = (_said(failure, f"{what}_name") for what in ("table", "column", "constraint"))
    where = " ".join(name for name in named if name)
    known = _POSTGRES_CODES.get(state) or _POSTGRES_CLASSES.get(state[:2])
    if known is not None:
        return known[0](known[1], f"PostgreSQL {state} {where}")
    text = f" {failure.args[0]}" if state.startswith(_QUOTES_NO_VALUES) and failure.args else ""
    return RuntimeError(f"PostgreSQL {state} {type(failure).__name__} {where}{text}")


def _said(failure: asyncpg.PostgresError, field: str) -> str:
    return str(getattr(failure, field, None) or "")
