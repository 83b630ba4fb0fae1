"""`korobka move`: from SQLite to a PostgreSQL server, by one command.

With `--restart` the box is stopped for it and started again, whatever came of it; the move itself
is then done by a process of the box's own account.
"""

import getpass
import os
import pwd
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any, Final, NamedTuple, Protocol

import msgspec

from appliance.boot import moved
from appliance.cli import state, supervisor
from appliance.cli.answers import Common, about
from appliance.cli.house import first_line
from appliance.cli.texts import translate
from appliance.config import Config, checks
from appliance.errors import ConfigError, HouseError
from appliance.vault.vault import Vault
from backups import move, move_target
from backups.make import Tell
from backups.restoring import named
from backups.staging import Unlock
from updates import place
from updates.machine import RealMachine
from updates.move_lines import Progress, answer_of, progress_of

DEFAULTS = Common()
START_SECONDS: Final = 60.0
SELDOM: Final = 2.0
"""Seconds between two lines of one step."""

SOON: Final = 5.0
"""Nobody is told of less: it would be over before it is read."""

SURE: Final = 3
"""Percent of a step from which the rest can be guessed."""


class _Way(NamedTuple):
    """How the box is opened where it has no key file."""

    secret_file: Path | None
    is_code: bool


def run(
    *,
    to: Annotated[str, about("адрес пустой базы: postgresql://имя:пароль@узел/база")] = "",
    to_file: Annotated[Path | None, about("файл с этим адресом; «-» — стандартный ввод")] = None,
    check: Annotated[bool, about("только проверить сервер", negative=())] = False,
    restart: Annotated[
        bool, about("остановить коробку на время переезда и запустить снова", negative=())
    ] = False,
    secret_file: Annotated[
        Path | None, about("файл с фразой или кодом, если файла-ключа нет")
    ] = None,
    recovery_code: Annotated[bool, about("открыть кодом восстановления", negative=())] = False,
    forget: Annotated[
        bool, about("удалить прежнюю базу SQLite, отложенную при переезде", negative=())
    ] = False,
    common: Common = DEFAULTS,
) -> None:
    """Bring all tables of a box to a server; or only look, or drop what was left."""
    config = common.load()
    url = "" if forget else _address(to, to_file)
    if restart and not (check or forget):
        facts = _restarted(config, url, _Way(secret_file, recovery_code), teller(common))
        common.answer(facts, _told(facts, started=True))
        return
    become_owner(config.data)
    os.umask(0o077)
    if forget:
        _forget(config, common)
    elif check:
        _say_fits(move.check(config, url), common)
    else:
        way = _way_in(config, secret_file, is_code=recovery_code)
        done = move.move(move.Asked(config, url, way), teller(common))
        facts = done._asdict()
        common.answer(facts, _told(facts, started=False))


def _address(to: str, to_file: Path | None) -> str:
    url = first_line(to_file) if to_file else to
    if not url:
        raise HouseError("usage", problem="--to")
    if not url.startswith(("postgresql://", "postgres://")):
        raise ConfigError("E016")
    return url


def _told(facts: Mapping[str, Any], *, started: bool) -> str:
    lines = [
        f"{translate('Коробка переехала на PostgreSQL')}: {translate('таблиц')} {facts['tables']},"
        f" {translate('строк')} {facts['rows']}, {_lasting(facts['seconds'])}.",
        f"{translate('Сверено всё, строка за строкой. Копия до переезда')}: {facts['copy']}.",
        f"{translate('Прежняя база лежит 30 дней в')} {facts['aside']}.",
    ]
    if not started:
        lines.append(translate("Запустите коробку: korobka start или systemctl start korobka"))
    return "\n".join(lines)


class Machine(Protocol):
    """How the box is stopped and started."""

    def stop(self) -> None: ...

    def start(self, release: str) -> None: ...


class _Background:
    """A box that no installation looks after."""

    def __init__(self, config: Config) -> None:
        self._config = config

    def stop(self) -> None:
        supervisor.stop(self._config)

    def start(self, release: str) -> None:
        keeper = supervisor.start(self._config)
        seen = state.wait(
            self._config, START_SECONDS, is_hopeless=lambda: keeper.poll() is not None
        )
        if not seen.is_running:
            raise HouseError("did_not_start", path=str(supervisor.log_file(self._config)))


def _machine(config: Config) -> tuple[Machine, str]:
    """Who stops and starts it, and the release in use."""
    try:
        here = place.here()
    except HouseError:
        return _Background(config), ""
    if here.data.resolve() != config.data.resolve():
        return _Background(config), ""
    return RealMachine(here), here.in_use


def _restarted(config: Config, url: str, way: _Way, tell: Tell) -> Mapping[str, Any]:
    """Look, stop the box, move, start it: on the server, or as it was."""
    if not checks.is_held(config.data):
        return _as_owner(config, url, _words(way), tell)
    _as_owner(config, url, ["--check"], tell)  # nothing is stopped for what cannot be
    machine, release = _machine(config)
    tell("stop", 0, 1)
    machine.stop()
    try:
        return _as_owner(config, url, _words(way), tell)
    finally:
        tell("start", 0, 1)
        machine.start(release)


def _words(way: _Way) -> list[str]:
    words = ["--secret-file", str(way.secret_file)] if way.secret_file else []
    return [*words, "--recovery-code"] if way.is_code else words


def _as_owner(config: Config, url: str, words: list[str], tell: Tell) -> Mapping[str, Any]:
    """This command once more, as the account that owns the box."""
    command = [sys.executable, "-P", "-m", "appliance.cli", "move", "--json", "--to-file", "-"]
    child = subprocess.Popen(  # noqa: S603 - our own interpreter and module
        [*command, "--config", str(config.file), *words],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    if child.stdin is None or child.stdout is None or child.stderr is None:
        raise RuntimeError("a child without pipes")
    with child:
        child.stdin.write(f"{url}\n")
        child.stdin.close()
        for line in child.stderr:
            if (seen := progress_of(line)) is not None:
                tell(seen.step, seen.done, seen.total)
        return answer_of(child.stdout.read())


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


def teller(common: Common, *, clock: Callable[[], float] = time.monotonic) -> Tell:
    """Says steps on standard error, and how long a step will still take; no line too often."""
    step, began, said = "", 0.0, 0.0

    def tell(now: str, done: int, total: int) -> None:
        nonlocal step, began, said
        moment = clock()
        if now == step and moment - said < SELDOM:
            return
        if now != step:
            step, began = now, moment
        said = moment
        lasted = moment - began
        if common.json:
            line = msgspec.json.encode(Progress(now, done, total, round(lasted))).decode()
        else:
            line = f"{named(now)}: {said_of(done, total, lasted)}"
        sys.stderr.write(f"{line}\n")
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
