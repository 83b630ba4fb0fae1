"""`korobka move`: from SQLite to a PostgreSQL server, by one command."""

import getpass
import os
import pwd
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Final

from appliance.boot import moved
from appliance.cli.answers import Common, about
from appliance.cli.house import first_line
from appliance.cli.texts import translate
from appliance.config import Config
from appliance.errors import ConfigError, HouseError
from appliance.vault.vault import Vault
from backups import move, move_target
from backups.make import Tell
from backups.restoring import named
from backups.staging import Unlock

DEFAULTS = Common()
SELDOM: Final = 3.0
"""Seconds between two lines of one step."""

SOON: Final = 5.0
"""Nobody is told of less: it would be over before it is read."""

SURE: Final = 3
"""Percent of a step from which the rest can be guessed."""


def run(
    *,
    to: Annotated[str, about("адрес пустой базы: postgresql://имя:пароль@узел/база")] = "",
    to_file: Annotated[Path | None, about("файл с этим адресом; «-» — стандартный ввод")] = None,
    check: Annotated[bool, about("только проверить сервер", negative=())] = False,
    secret_file: Annotated[
        Path | None, about("файл с фразой или кодом, если файла-ключа нет")
    ] = None,
    recovery_code: Annotated[bool, about("открыть кодом восстановления", negative=())] = False,
    forget: Annotated[
        bool, about("удалить прежнюю базу SQLite, отложенную при переезде", negative=())
    ] = False,
    common: Common = DEFAULTS,
) -> None:
    """Bring all tables of a stopped box to a server; or only look, or drop what was left."""
    config = common.load()
    become_owner(config.data)
    os.umask(0o077)
    if forget:
        _forget(config, common)
        return
    url = first_line(to_file) if to_file else to
    if not url:
        raise HouseError("usage", problem="--to")
    if not url.startswith(("postgresql://", "postgres://")):
        raise ConfigError("E016")
    if check:
        _say_fits(move.check(config, url), common)
        return
    way = _way_in(config, secret_file, is_code=recovery_code)
    done = move.move(move.Asked(config, url, way), teller(quiet=common.json))
    facts = {name: getattr(done, name) for name in done._fields}
    lines = [
        f"{translate('Коробка переехала на PostgreSQL')}: {translate('таблиц')} {done.tables},"
        f" {translate('строк')} {done.rows}, {_lasting(done.seconds)}.",
        f"{translate('Сверено всё, строка за строкой. Копия до переезда')}: {done.copy}.",
        f"{translate('Прежняя база лежит 30 дней в')} {done.aside}.",
        translate("Запустите коробку: korobka start или systemctl start korobka"),
    ]
    common.answer(facts, "\n".join(lines))


def become_owner(data: Path) -> None:
    """Go on as the account that owns the box: what root writes there it could not read."""
    if os.geteuid() != 0 or not data.is_dir():
        return
    owner = data.stat()
    if owner.st_uid == 0:
        return
    try:
        os.initgroups(pwd.getpwuid(owner.st_uid).pw_name, owner.st_gid)
    except KeyError:  # an account that only a number is known of
        os.setgroups([])
    os.setgid(owner.st_gid)
    os.setuid(owner.st_uid)


def _way_in(config: Config, secret_file: Path | None, *, is_code: bool) -> Unlock:
    """What opens the box: its key file, or what is typed."""
    key = config.unlock.key_file
    if config.unlock.mode == "key-file" and key is not None and not (secret_file or is_code):
        return lambda vault: _by_file(vault, key)
    label = translate("Код восстановления") if is_code else translate("Фраза для открытия")
    secret = first_line(secret_file) if secret_file else getpass.getpass(f"{label}: ")
    if is_code:
        return lambda vault: vault.unlock_with_code(secret)
    return lambda vault: vault.unlock_with_passphrase(secret)


def _by_file(vault: Vault, path: Path) -> None:
    try:
        vault.unlock_with_key_file(path)
    except OSError as error:
        raise ConfigError("E008", path=str(path)) from error


def _say_fits(found: move_target.Probe, common: Common) -> None:
    free = move_target.free_of(found)
    facts: dict[str, object] = {
        "version": move_target.version_of(found.version),
        "encoding": found.encoding,
        "collation": found.collation,
        "schema": found.schema,
        "free": free,
    }
    lines = [f"{translate('Сервер подходит')}: PostgreSQL {facts['version']}."]
    if free is None:
        lines.append(translate("Сколько на нём места, отсюда не видно: посмотрите сами."))
    common.answer(facts, "\n".join(lines))


def _forget(config: Config, common: Common) -> None:
    """Delete main.db of before the move; its cells are sealed, its keys were never there."""
    if config.database.url is None:
        raise HouseError("move_not_yet")
    gone = moved.folders(config.data)
    size = sum(one.stat().st_size for folder in gone for one in folder.iterdir())
    for folder in gone:
        shutil.rmtree(folder)
    text = translate("Удалено") if gone else translate("Отложенной базы нет")
    common.answer(
        {"removed": [one.name for one in gone], "size": size},
        f"{text}: {', '.join(one.name for one in gone)}" if gone else f"{text}.",
    )


def teller(*, quiet: bool, clock: Callable[[], float] = time.monotonic) -> Tell:
    """Says steps on standard error, and how long a step will still take; no line too often."""
    step, began, said = "", 0.0, 0.0

    def tell(now: str, done: int, total: int) -> None:
        nonlocal step, began, said
        moment = clock()
        if quiet or (now == step and moment - said < SELDOM):
            return
        if now != step:
            step, began = now, moment
        said = moment
        sys.stderr.write(f"{named(now)}: {said_of(done, total, moment - began)}\n")
        sys.stderr.flush()

    return tell


def said_of(done: int, total: int, seconds: float) -> str:
    """How far a step is, and how long it goes on at the pace so far."""
    share = min(100, done * 100 // max(total, 1))
    left = seconds * (total - done) / done if done else 0.0
    if left < SOON or share < SURE:
        return f"{share} %"
    return f"{share} %, {translate('осталось около')} {_lasting(left)}"


def _lasting(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    parts = [f"{minutes} {translate('мин')}"] if minutes else []
    if rest or not minutes:
        parts.append(f"{rest} {translate('с')}")
    return " ".join(parts)
