"""The database engine: bodies, group commit, readers; SQLite by default, PostgreSQL to grow."""

from appliance.storage.engine.database import Database

__all__ = ["Database"]
