"""The verbs that open the house in this process, because no server can be running yet.

The only module of the command line that knows `appliance.boot`.
"""

import getpass
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from appliance.boot import first_start, rescue
from appliance.cli.answers import Common, about
from appliance.cli.texts import translate
from appliance.config import (
    DEFAULT_PORT,
    Box,
    Config,
    Database,
    Server,
    Unlock,
    UnlockMode,
    checks,
)
from appliance.errors import Conflict, HouseError

DEFAULTS = Common()


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class NewBox:
    """Settings of a new box."""

    listen: Annotated[str, about("адрес, на котором отвечать")] = "127.0.0.1"
    port: Annotated[int, about("порт")] = DEFAULT_PORT
    host: Annotated[tuple[str, ...], about("имя, под которым её открывают", negative=())] = ()
    unlock: Annotated[UnlockMode, about("чем открывается при запуске")] = "key-file"
    key_file: Annotated[Path | None, about("ключ вне папки данных")] = None
    database_url: Annotated[str | None, about("PostgreSQL вместо SQLite")] = None


NEW_BOX = NewBox()


def init(
    *,
    box: NewBox = NEW_BOX,
    admin_login: Annotated[str, about("имя первого администратора")] = "admin",
    admin_password_file: Annotated[
        Path | None, about("файл с паролем; «-» — стандартный ввод")
    ] = None,
    passphrase_file: Annotated[
        Path | None,
        about("файл с фразой; «-» — стандартный ввод, строка после пароля"),
    ] = None,
    common: Common = DEFAULTS,
) -> None:
    """Make a new box. Refuses a folder that has one; a try that failed may be repeated."""
    if common.data is None:
        raise HouseError("usage", problem="--data")
    config = _config_of(box, common.data)
    if config.file.exists():
        raise Conflict("box_exists", path=str(config.data))
    os.umask(0o077)
    checks.make_folder(config.data)
    password = first_line(admin_password_file) if admin_password_file else None
    passphrase = None
    if config.unlock.mode == "passphrase":
        passphrase = first_line(passphrase_file) if passphrase_file else _ask_passphrase()
    born = first_start.init(
        config, admin_login=admin_login, admin_password=password, passphrase=passphrase
    )
    common.answer(
        {
            "address": config.address,
            "fingerprint": born.fingerprint,
            "admin_login": admin_login,
            "admin_password": born.admin_password,
            "recovery_code": born.recovery_code,
        }
    )


def migrate(*, common: Common = DEFAULTS) -> None:
    """Bring the data to this release's schema. The box must not run meanwhile."""
    config = common.load()
    os.umask(0o077)
    common.answer({"migrated": rescue.migrate(config)})


def _config_of(box: NewBox, data: Path) -> Config:
    key_file = box.key_file
    if box.unlock == "key-file" and key_file is None:
        raise HouseError("usage", problem="--key-file")
    return Config(
        data=data.absolute(),
        box=Box(hosts=box.host),
        server=Server(listen=box.listen, port=box.port),
        database=Database(url=box.database_url),
        unlock=Unlock(mode=box.unlock, key_file=key_file.absolute() if key_file else None),
    )


def first_line(path: Path) -> str:
    """The first line, or the next one of standard input for `-`."""
    try:
        if str(path) == "-":
            line = sys.stdin.readline()
        else:
            with path.open(encoding="utf-8") as stream:
                line = stream.readline()
    except (OSError, UnicodeDecodeError) as error:
        raise HouseError("file_unreadable", path=str(path)) from error
    line = line.rstrip("\r\n")
    if not line:
        raise HouseError("file_empty", path=str(path))
    return line


def _ask_passphrase() -> str:
    """Ask twice at the terminal; a mistyped passphrase would be a lost box."""
    first = getpass.getpass(translate("Фраза для открытия: "))
    if first != getpass.getpass(translate("Ещё раз: ")):
        raise HouseError("passphrases_differ")
    return first
