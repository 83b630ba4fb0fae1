"""The first start of a new box: keys, log, schema, lists, roles, the first administrator."""

import asyncio
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime

from appliance.actions import _gate
from appliance.actions._hashing import new_one_time_password
from appliance.audit.append import append
from appliance.boot import tls
from appliance.boot.house import (
    AUDIT_FILE,
    MAIN_FILE,
    PUBLIC_KEY_FILE,
    create_log,
    make_database,
)
from appliance.boot.index import HOUSE_ACTOR
from appliance.config import Config, save
from appliance.domain import logins, password_rules
from appliance.domain.grants import Grant, Scope
from appliance.domain.ids import uuid7
from appliance.domain.users import Profile
from appliance.errors import Conflict, Invalid, Unavailable
from appliance.roles import PRESETS
from appliance.storage import roles_store, seed, users
from appliance.storage.engine.database import Database
from appliance.storage.engine.failures import storage_failure
from appliance.storage.migrations.runner import migrate
from appliance.storage.statements import fetch_value
from appliance.storage.tx import House, Tx
from appliance.vault.search import SearchIndex
from appliance.vault.vault import Vault

_FILES = ("keys.db", MAIN_FILE, AUDIT_FILE)

ROLE_NAMES = {
    "seller": "Продавец",
    "operator": "Оператор",
    "storekeeper": "Кладовщик",
    "courier": "Курьер",
    "accountant": "Бухгалтер",
    "head": "Руководитель",
    "administrator": "Администратор",
    "data_officer": "Ответственный за данные",
}


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

    A try that failed leaves no keys behind and may be repeated.

    Raises:
        Conflict: `box_exists`, `key_file_exists`.
        Invalid: what is wrong with the login or the password.
        Unavailable: what the database refuses with; `database_not_empty`.
    """
    # A log or a database whose keys are elsewhere may still be wanted: nothing is made over them.
    if any((config.data / name).exists() for name in ("korobka.toml", *_FILES)):
        raise Conflict("box_exists", path=str(config.data))
    key_file = config.unlock.key_file
    if key_file is not None and key_file.exists():
        raise Conflict("key_file_exists")
    login = logins.checked(admin_login)
    if admin_password is not None:
        problem = password_rules.problem(admin_password, admin=True, own_words=(login, "korobka"))
        if problem is not None:
            raise Invalid(problem)
    try:
        born = asyncio.run(_make(config, login, admin_password, passphrase))
        save(config)
    except OSError as error:
        _undo(config)
        raise storage_failure(error) from error
    except BaseException:
        _undo(config)
        raise
    return born


def _undo(config: Config) -> None:
    for name in (*_FILES, PUBLIC_KEY_FILE):
        for path in config.data.glob(f"{name}*"):
            path.unlink(missing_ok=True)
    shutil.rmtree(config.tls, ignore_errors=True)
    if config.unlock.key_file is not None:
        config.unlock.key_file.unlink(missing_ok=True)


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
        database = make_database(config)
        database.before_commit(vault.flush_subjects)
        await database.start()
        try:
            password = await _fill(vault, database, login, admin_password)
        finally:
            await database.stop()
        certificate = tls.create(config, vault, datetime.now(UTC))
    finally:
        vault.close()
    return Born(code.text, password, certificate.fingerprint)


async def _fill(
    vault: Vault, database: Database, login: str, admin_password: str | None
) -> str | None:
    """Schema, lists, roles and the first user; return his one-time password if it was made."""
    await migrate(database)
    await database.read(_refuse_foreign)
    one_time = None if admin_password is not None else new_one_time_password()
    hashed = vault.hash_password(admin_password or one_time or "")
    house = House(database, vault, SearchIndex())
    _gate.install(house)

    async def body() -> None:
        tx = Tx(HOUSE_ACTOR, Grant(Scope.ALL), vault, house.index, house.clock())
        await seed.fill()
        for role, grants in PRESETS.items():
            await roles_store.put(role, ROLE_NAMES[role], roles_store.written(grants), preset=True)
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
        tx.about("user", user_id)
        await append(tx, "boot.first_start", "done")

    try:
        await database.write(body)
    finally:
        _gate.install(None)
    return one_time


async def _refuse_foreign() -> None:
    """A PostgreSQL database that another box filled holds cells we have no keys for."""
    if await fetch_value("SELECT 1 FROM users LIMIT 1") is not None:
        raise Unavailable("database_not_empty")
