"""The database engine: bodies, group commit, readers; SQLite by default, PostgreSQL to grow."""
