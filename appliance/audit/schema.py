"""The tables of `audit.db`. STRICT, so that a number never turns into text behind our back."""

SCHEMA_VERSION = 1

SCHEMA = (
    """CREATE TABLE meta (
        key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID""",
    """CREATE TABLE head (
        one INTEGER PRIMARY KEY CHECK (one = 1), epoch INTEGER NOT NULL, size INTEGER NOT NULL,
        mac BLOB NOT NULL, checkpoints BLOB NOT NULL, auth BLOB NOT NULL) STRICT""",
    """CREATE TABLE event (
        seq INTEGER PRIMARY KEY, event_id BLOB NOT NULL UNIQUE, leaf BLOB NOT NULL,
        leaf_hash BLOB NOT NULL, mac BLOB NOT NULL, epoch INTEGER NOT NULL) STRICT""",
    """CREATE TABLE payload (
        seq INTEGER PRIMARY KEY, subject TEXT NOT NULL, sealed BLOB NOT NULL) STRICT""",
    "CREATE INDEX payload_subject ON payload (subject)",
    """CREATE TABLE node (
        level INTEGER NOT NULL, idx INTEGER NOT NULL, hash BLOB NOT NULL,
        PRIMARY KEY (level, idx)) STRICT, WITHOUT ROWID""",
    """CREATE TABLE epoch (
        no INTEGER PRIMARY KEY, sealed_at INTEGER NOT NULL, first_seq INTEGER NOT NULL,
        last_seq INTEGER NOT NULL, seal_mac BLOB NOT NULL) STRICT""",
    """CREATE TABLE checkpoint (
        size INTEGER PRIMARY KEY, root BLOB NOT NULL, note TEXT NOT NULL) STRICT""",
)

PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA secure_delete = ON",
    "PRAGMA trusted_schema = OFF",
    "PRAGMA busy_timeout = 5000",
)
