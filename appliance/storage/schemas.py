"""Whole sets of tables on a PostgreSQL server, beside those in use: copied, exchanged, dropped.

A set is a schema of the same database, so the box's account needs no right but to make schemas,
which the owner of a database has. What is seen of a set from outside changes in one transaction:
there is never half of one.
"""

from typing import Final

from appliance.errors import Unavailable
from appliance.storage.engine.connections import current
from appliance.storage.statements import fetch, fetch_value

_KIND: Final = (
    "SELECT relname::text, relkind::text FROM pg_class"
    " WHERE relnamespace = to_regnamespace({}::text)"
)
_ASIDES: Final = (
    "SELECT nspname::text FROM pg_namespace"
    " WHERE nspname ~ '^(after_)?before_restore_[0-9]{8}t[0-9]{6}zx*$'"
)
_MARK: Final = (
    "SELECT obj_description(oid, 'pg_class') FROM pg_class WHERE relname = 'schema_migration'"
    " AND relkind = 'r' AND relnamespace = to_regnamespace({}::text)"
)
_OTHERS: Final = ("v", "m", "f", "p", "S")
_SHAPES: Final = (
    "SELECT t.relname::text, c.contype::text, format('ADD CONSTRAINT %I %s', c.conname,"
    " pg_get_constraintdef(c.oid)) FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid"
    " WHERE t.relnamespace = current_schema()::regnamespace AND c.contype IN ('p', 'u', 'c', 'f')"
    " ORDER BY c.contype = 'f', c.contype = 'u', t.relname, c.conname"
)
# Written "pretty" a definition leaves out schemas that the search path finds by itself.
_INDEXES: Final = (
    "SELECT pg_get_indexdef(i.indexrelid, 0, true) FROM pg_index i JOIN pg_class t ON"
    " t.oid = i.indrelid WHERE t.relnamespace = current_schema()::regnamespace AND NOT EXISTS"
    " (SELECT 1 FROM pg_constraint c WHERE c.conindid = i.indexrelid AND c.contype IN ('p', 'u'))"
    " ORDER BY i.indexrelid"
)


def within(url: str, schema: str) -> str:
    """The address of a set beside the one in use."""
    return f"{url}{'&' if '?' in url else '?'}search_path={schema}"


async def is_there(name: str) -> bool:
    """Whether there is such a set."""
    return bool(await fetch_value("SELECT to_regnamespace({}::text) IS NOT NULL", name))


async def tables(name: str) -> list[str]:
    """Names of its tables, in order."""
    return sorted(str(row[0]) for row in await fetch(_KIND, name) if row[1] == "r")


async def names() -> list[str]:
    """Names of everything that lies where tables in use lie."""
    home = str(await fetch_value("SELECT current_schema()::text"))
    return [str(row[0]) for row in await fetch(_KIND, home) if row[1] in ("r", *_OTHERS)]


async def refuse_others() -> None:
    """Refuse what cannot be copied and put back with the tables: views of somebody's reports.

    Raises:
        Unavailable: `update_engine_view`.
    """
    schema = str(await fetch_value("SELECT current_schema()::text"))
    others = [
        str(row[0]) for row in await fetch(_KIND, schema) if row[1] in ("v", "m", "f", "p", "S")
    ]
    if others:
        raise Unavailable("update_engine_view", name=min(others))


async def copy(name: str, *, lasting: bool) -> dict[str, int]:
    """Copy the tables in use, as of one moment, with everything that belongs to them.

    Run it through `Database.alter`: it is one transaction, other people may write meanwhile.

    Args:
        name: of the new set; one that is there is dropped first.
        lasting: it has to survive a death of the server; otherwise nothing of it goes through the
            server's log.

    Returns:
        rows by table.
    """
    script = current().script
    await script("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
    home = str(await fetch_value("SELECT current_schema()::text"))
    shapes, indexes = await fetch(_SHAPES), await fetch(_INDEXES)
    names = await tables(home)
    await script(f'DROP SCHEMA IF EXISTS "{name}" CASCADE; CREATE SCHEMA "{name}"')
    kind, rows = "" if lasting else "UNLOGGED", dict[str, int]()
    for one in names:
        fresh, old = f'"{name}"."{one}"', f'"{home}"."{one}"'
        await script(
            f"CREATE {kind} TABLE {fresh} (LIKE {old} INCLUDING ALL EXCLUDING INDEXES"
            " EXCLUDING CONSTRAINTS)"
        )
        rows[one] = await current().count(f"INSERT INTO {fresh} SELECT * FROM {old}", ())
    await script(f'SET LOCAL search_path = "{name}"')
    for foreign in (False, True):  # what they refer to has to have its keys by then
        for table, contype, text in shapes:
            if (contype == "f") is foreign:
                await script(f'ALTER TABLE "{table}" {text}')
        for (text,) in () if foreign else indexes:
            await script(str(text))
    return rows


async def exchange(fresh: str, aside: str = "") -> bool:
    """Put a set into the place of the tables in use; one transaction, through `Database.alter`.

    Args:
        fresh: is gone afterwards.
        aside: name for the set of the old tables; empty: they are dropped.

    Returns:
        False where there is no such set: it was done already.
    """
    if not await is_there(fresh):
        return False
    script = current().script
    home = str(await fetch_value("SELECT current_schema()::text"))
    old = await tables(home)
    if aside:
        await script(f'CREATE SCHEMA "{aside}"')
        for one in old:
            await script(f'ALTER TABLE "{home}"."{one}" SET SCHEMA "{aside}"')
    elif old:
        listed = ", ".join(f'"{home}"."{one}"' for one in old)
        await script(f"DROP TABLE {listed} CASCADE")
    for one in await tables(fresh):
        await script(f'ALTER TABLE "{fresh}"."{one}" SET SCHEMA "{home}"')
    await script(f'DROP SCHEMA "{fresh}"')
    await script("ANALYZE")  # the server knows nothing of how large they are
    return True


async def drop(name: str) -> None:
    """Drop a set, if it is there."""
    await current().script(f'DROP SCHEMA IF EXISTS "{name}" CASCADE')


async def mark(text: str) -> None:
    """Write on the tables in use whose they are; it goes with them when they change places."""
    quoted = text.replace("'", "''")
    await current().script(f"COMMENT ON TABLE schema_migration IS '{quoted}'")


async def marked(name: str = "") -> str:
    """What is written on a set; empty: nothing, or there is none. Without a name: of those in use.

    Args:
        name: of a set beside.
    """
    home = name or str(await fetch_value("SELECT current_schema()::text") or "")
    return str(await fetch_value(_MARK, home) or "")


async def set_aside() -> set[str]:
    """Names of the sets that restores have left."""
    return {str(row[0]) for row in await fetch(_ASIDES)}


async def server_bytes() -> int:
    """What the database of the box takes on its server; 0 where it is a file."""
    if current().dialect != "postgres":
        return 0
    return int(await fetch_value("SELECT pg_database_size(current_database())"))
