"""What a PostgreSQL server says of itself before anything is put there: one connection, one row."""

from datetime import datetime

import asyncpg
import msgspec

from appliance.errors import ConfigError, Unavailable
from appliance.storage.engine.postgres_failures import told
from appliance.storage.engine.wire import FAILURES, connect


class Probe(msgspec.Struct, frozen=True, kw_only=True):
    """A database on a server.

    Attributes:
        version: as PostgreSQL counts, 150004 is 15.4.
        schema: where tables of this account go; empty: nowhere.
        other: name of something that lies there already; empty: nothing does.
        connections: how many the server, this account and this database allow at the most.
        folder: of the server's data, where the account may know it; empty: it may not.
        is_here: the server is on this machine.
        size: bytes that the database takes now.
    """

    version: int
    encoding: str
    collation: str
    now: datetime
    is_standby: bool
    is_read_only: bool
    may_make_schemas: bool
    may_make_tables: bool
    schema: str
    other: str
    connections: int
    folder: str
    is_here: bool
    size: int


_ASKED = """
SELECT current_setting('server_version_num')::int AS version,
  getdatabaseencoding()::text AS encoding,
  (SELECT datcollate FROM pg_database WHERE datname = current_database())::text AS collation,
  clock_timestamp() AS now,
  pg_is_in_recovery() AS is_standby,
  current_setting('default_transaction_read_only')::bool AS is_read_only,
  has_database_privilege(current_database(), 'CREATE') AS may_make_schemas,
  COALESCE(has_schema_privilege(current_schema(), 'CREATE'), false) AS may_make_tables,
  COALESCE(current_schema()::text, '') AS schema,
  COALESCE((SELECT min(relname::text) FROM pg_class WHERE relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
    AND relnamespace = current_schema()::regnamespace), '') AS other,
  LEAST(current_setting('max_connections')::int,
    (SELECT NULLIF(rolconnlimit, -1) FROM pg_roles WHERE rolname = current_user),
    (SELECT NULLIF(datconnlimit, -1) FROM pg_database WHERE datname = current_database())
    ) AS connections,
  COALESCE((SELECT setting FROM pg_settings WHERE name = 'data_directory'), '') AS folder,
  (inet_server_addr() IS NULL OR inet_server_addr() = inet_client_addr()) AS is_here,
  pg_database_size(current_database()) AS size
"""


async def probe(dsn: str) -> Probe:
    """Ask a server what it is.

    Raises:
        ConfigError: `E016`: the address cannot be read.
        Unavailable: `move_no_answer`, `move_not_let_in`, `move_no_database`, or what the server
            fails with.
    """
    try:
        raw = await connect(dsn)
    except (asyncpg.InvalidAuthorizationSpecificationError, asyncpg.InvalidPasswordError):
        raise Unavailable("move_not_let_in") from None
    except asyncpg.InvalidCatalogNameError:
        raise Unavailable("move_no_database") from None
    except (OSError, TimeoutError) as failure:
        raise Unavailable("move_no_answer", problem=type(failure).__name__) from None
    except ValueError:  # the driver quotes the address, which may hold a password
        raise ConfigError("E016") from None
    except FAILURES as failure:
        raise told(failure) from None
    try:
        return msgspec.convert(dict((await raw.fetch(_ASKED))[0]), Probe)
    except FAILURES as failure:
        raise told(failure) from None
    finally:
        await raw.close()
