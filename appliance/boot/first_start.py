"""The first start of a new box: keys, log, schema, lists, roles, the first administrator."""

import asyncio
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from appliance.actions import _gate, setup
from appliance.actions._hashing import new_one_time_password
from appliance.audit.append import append
from appliance.boot import moved_clock, tls
from appliance.boot.house import (
    AUDIT_FILE,
    EVIDENCE_FILE,
    MAIN_FILE,
    PUBLIC_KEY_FILE,
    create_log,
    make_database,
)
from appliance.boot.index import HOUSE_ACTOR
from appliance.config import FILE_NAME, Config, save
from appliance.domain import logins, password_rules
from appliance.domain.grants import Grant, Scope
from appliance.domain.ids import uuid7
from appliance.domain.users import Profile
from appliance.errors import Conflict, Invalid, Unavailable
from appliance.roles import NAMES, PRESETS
from appliance.storage import roles_store, seed, users
from appliance.storage.engine.database import Database
from appliance.storage.engine.failures import storage_failure
from appliance.storage.migrations.runner import migrate
from appliance.storage.statements import fetch, fetch_value
from appliance.storage.tx import House, Tx
from appliance.vault.search import SearchIndex
from appliance.vault.vault import Vault


@dataclass(frozen=True)
class Born:
    """What is shown once and never again.

    Attributes:
        admin_password: None when it was given, else the one-time one.
        fingerprint: SHA-256 of the authority's certificate.
    """

    recovery_code: str
    admin_password: str | None
    fingerprint: str


def init(
    config: Config, *, admin_login: str, admin_password: str | None, passphrase: str | None
) -> Born:
    """Make a new box in `config.data`, which holds nothing but its own settings yet.

    A try that failed leaves nothing behind that it made and may be repeated.

    Raises:
        Conflict: `box_exists`, `key_file_exists`.
        Invalid: what is wrong with the login or the password.
        Unavailable: what the database refuses with; `database_not_empty`.
    """
    # A log or a database whose keys are elsewhere may still be wanted: nothing is made over them.
    if any((config.data / name).exists() for name in _BOX):
        raise Conflict("box_exists", path=str(config.data))
    key_file = config.unlock.key_file
    if key_file is not None and key_file.exists():
        raise Conflict("key_file_exists")
    login = logins.checked(admin_login)
    if admin_password is not None:
        problem = password_rules.problem(admin_password, admin=True, own_words=(login, "korobka"))
        if problem is not None:
            raise Invalid(problem)
    made = [path for path in _traces(config) if not path.exists()]
    try:
        return asyncio.run(_make(config, login, admin_password, passphrase))
    except OSError as error:
        _undo(made)
        raise storage_failure(error) from error
    except BaseException:
        _undo(made)
        raise


_BOX = (FILE_NAME, "keys.db", MAIN_FILE, AUDIT_FILE, EVIDENCE_FILE)
"""Any of these means that there is a box, or what is left of one: not for a new box to touch."""


def _traces(config: Config) -> Iterator[Path]:
    """Everything a first start makes."""
    for name in ("keys.db", MAIN_FILE, AUDIT_FILE, EVIDENCE_FILE):
        yield from (config.data / f"{name}{end}" for end in ("", "-journal", "-wal", "-shm"))
    yield config.data / PUBLIC_KEY_FILE
    yield config.data / moved_clock.MARK
    yield config.file
    yield config.file.with_suffix(".new")
    yield config.tls
    if config.unlock.key_file is not None:
        yield config.unlock.key_file


def _undo(made: list[Path]) -> None:
    for path in made:
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


async def _make(
    config: Config, login: str, admin_password: str | None, passphrase: str | None
) -> Born:
    vault, code = Vault.create(config.data)
    try:
        if config.unlock.mode == "key-file" and config.unlock.key_file is not None:
            vault.add_key_file(config.unlock.key_file)
        if passphrase is not None:
            vault.add_passphrase(passphrase)
        create_log(config.data, vault, uuid7().hex)
        if moved_clock.is_wanted(config):
            moved_clock.mark(config, vault)
        certificate = tls.create(config, vault, datetime.now(UTC))
        database = make_database(config)
        database.before_commit(vault.flush_subjects)
        await database.start()
        try:
            # Last: what a server of its own has committed, no failure here could take back.
            password = await _fill(config, vault, database, login, admin_password)
        finally:
            await database.stop()
    finally:
        vault.close()
    return Born(code.text, password, certificate.fingerprint)


async def _fill(
    config: Config, vault: Vault, database: Database, login: str, admin_password: str | None
) -> str | None:
    """Schema, lists, roles, the first user and the settings; return his one-time password."""
    if database.dialect == "postgres":
        await database.read(_refuse_foreign)
    await migrate(database)
    one_time = None if admin_password is not None else new_one_time_password()
    hashed = vault.hash_password(admin_password or one_time or "")
    house = House(database, vault, SearchIndex())
    _gate.install(house)

    async def body() -> None:
        tx = Tx(HOUSE_ACTOR, Grant(Scope.ALL), vault, house.index, house.clock())
        await seed.fill()
        for role, grants in PRESETS.items():
            await roles_store.put(role, NAMES[role], roles_store.written(grants), preset=True)
        await roles_store.note_known()
        user_id = await users.add(
            tx,
            login=login,
            profile=Profile(name=login),
            password_hash=hashed,
            roles=("administrator",),
            department_id=None,
            language="ru",
            must_change=one_time is not None,
        )
        await setup.begin()
        tx.about("user", user_id)
        await append(tx, "boot.first_start", "done")
        save(config)  # inside, so that there is neither a user without settings nor the reverse

    try:
        await database.write(body)
    finally:
        _gate.install(None)
    return one_time


async def _refuse_foreign() -> None:
    """Leave alone a database that another box filled, or that is not a box's at all.

    Cells of another box could never be opened, and its schema may be of an older release: this
    is asked before anything is migrated. The schema alone is what a failed try of ours leaves.
    """
    rows = await fetch("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")
    tables = {row[0] for row in rows}
    if not tables:
        return
    ours = {"schema_migration", "users"} <= tables
    if not ours or await fetch_value("SELECT 1 FROM users LIMIT 1") is not None:
        raise Unavailable("database_not_empty")
