"""The settings of one box: `korobka.toml` and the environment, as one frozen struct.

The file lies in the data folder, so that it is saved with the data and found by `--data`.
Environment variables (`ENVIRONMENT`) win over the file; the file wins over the defaults.
Whether the machine can carry these settings is asked by `appliance.config.checks`.
"""

import ipaddress
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import msgspec

from appliance.errors import ConfigError

FILE_NAME = "korobka.toml"
DEFAULT_PORT = 8443

LogLevel = Literal["debug", "info", "warning", "error"]
ServerName = Literal["granian", "uvicorn"]
UnlockMode = Literal["key-file", "passphrase"]
Port = int

# Environment variable → section and key of the file. Values are read as the file would spell them.
ENVIRONMENT: Mapping[str, tuple[str, str]] = {
    "KOROBKA_LISTEN": ("server", "listen"),
    "KOROBKA_PORT": ("server", "port"),
    "KOROBKA_SERVER": ("server", "kind"),
    "KOROBKA_DATABASE_URL": ("database", "url"),
    "KOROBKA_KEY_FILE": ("unlock", "key_file"),
    "KOROBKA_LOG_LEVEL": ("server", "log_level"),
    "KOROBKA_DEVELOPMENT": ("server", "development"),
    "KOROBKA_TIME_ZONE": ("box", "time_zone"),
    "KOROBKA_LANGUAGE": ("box", "language"),
}


class _Section(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A misspelt setting must not be silently without effect."""


class Box(_Section, frozen=True):
    """Who the box is.

    Attributes:
        name: shown in titles and in the authority's certificate.
        hosts: names under which browsers reach the staff door, first the one to print.
        time_zone: IANA name; times of day on screens and in schedules.
    """

    name: str = "Korobka"
    hosts: tuple[str, ...] = ()
    time_zone: str = "Europe/Moscow"
    language: Literal["ru", "en"] = "ru"


class Server(_Section, frozen=True):
    """The staff door.

    Attributes:
        listen: an IP address of this machine; `0.0.0.0` only if asked for.
        kind: the ASGI server; uvicorn is the fallback and the one of the tests.
        development: opens `/_kit` and detailed errors; never on a box with real data.
    """

    listen: str = "127.0.0.1"
    port: int = DEFAULT_PORT
    kind: ServerName = "granian"
    log_level: LogLevel = "info"
    development: bool = False


class Outer(_Section, frozen=True):
    """The outer door: a second listener for buyers and shops, off until somebody opens it.

    Attributes:
        name: the public host name, in the door's own certificate.
    """

    enabled: bool = False
    listen: str = "0.0.0.0"  # noqa: S104 - the door that is meant to be seen, and it is off
    port: int = 8444
    name: str = ""


class Database(_Section, frozen=True):
    """Where `main` lives.

    Attributes:
        url: `postgresql://…`; None means SQLite in the data folder.
    """

    url: str | None = None

    def __repr__(self) -> str:
        """Say which engine only: the address may hold a password."""
        return f"Database({'postgresql' if self.url else 'sqlite'})"


class Unlock(_Section, frozen=True):
    """How the vault opens at start.

    Attributes:
        mode: `key-file` opens by itself; `passphrase` waits, sealed, for a person.
        key_file: outside the data folder, or a stolen folder would open itself.
    """

    mode: UnlockMode = "key-file"
    key_file: Path | None = None


class Backup(_Section, frozen=True):
    """Where copies go and how many are kept.

    Attributes:
        targets: places that take data and keys (a folder, `usb:ID/folder`, `sftp://…`); none:
            `backups` in the data folder.
        data_targets: places that take data only: append-only ones, which forget nothing.
        every_minutes: how often a copy is made; 0: only by hand.
        hourly, nightly, weekly: how many newest copies, last copies of a day, of a week.
        guard: folder on a second disk for the continuous protection; empty: none.
        guard_seconds: how often it takes what changed.
    """

    targets: tuple[str, ...] = ()
    data_targets: tuple[str, ...] = ()
    every_minutes: int = 60
    hourly: int = 24
    nightly: int = 14
    weekly: int = 5
    guard: str = ""
    guard_seconds: int = 120


SOCKET_NAME = "admin.sock"
SERVICE_RUNTIME = Path("/run/korobka")
"""`RuntimeDirectory` of the unit: its group may go there, and not into the data folder."""


class Config(_Section, frozen=True):
    """All settings of one box. Frozen: a change means a new start.

    Attributes:
        data: the data folder; not in the file, it is where the file was found.
    """

    data: Path
    box: Box = Box()
    server: Server = Server()
    outer: Outer = Outer()
    database: Database = Database()
    unlock: Unlock = Unlock()
    backup: Backup = Backup()

    @property
    def file(self) -> Path:
        return self.data / FILE_NAME

    @property
    def run(self) -> Path:
        """What lives only while the box runs: socket, locks, process ids."""
        return self.data / "run"

    @property
    def admin_socket(self) -> Path:
        """Where the console finds the box; under systemd a link into `SERVICE_RUNTIME`."""
        return self.run / SOCKET_NAME

    @property
    def backups(self) -> Path:
        """Work folder of copies, reports of drills, and copies where no target is set."""
        return self.data / "backups"

    @property
    def tls(self) -> Path:
        """Certificates of the staff door; those of the outer door are in `tls_outer`."""
        return self.data / "tls"

    @property
    def tls_outer(self) -> Path:
        return self.data / "tls-outer"

    @property
    def address(self) -> str:
        """The address to print, under which the certificate is good.

        A full host name first. A bare one is not known to every desk, so the listening address
        goes before it; a box for itself alone has no other address than that.
        """
        listen = ipaddress.ip_address(self.server.listen)
        full = [host for host in self.box.hosts if "." in host and not listen.is_loopback]
        bare = [] if listen.is_unspecified else [self.server.listen]
        host = [*full, *bare, *self.box.hosts, "localhost"][0]
        return f"https://{_bracketed(host)}:{self.server.port}/"

    @property
    def local_address(self) -> str:
        """The address at which the box reaches its own staff door."""
        listen = ipaddress.ip_address(self.server.listen)
        if listen.is_unspecified:
            listen = ipaddress.ip_address("127.0.0.1" if listen.version == 4 else "::1")
        return f"https://{_bracketed(str(listen))}:{self.server.port}/"


def load(path: Path, environment: Mapping[str, str] | None = None) -> Config:
    """Read the settings from a `korobka.toml` or the data folder that holds it.

    Args:
        path: the file or its folder.
        environment: stands in for `os.environ` in tests.

    Raises:
        ConfigError: E001 no file, E002 not TOML, E003 a setting that is unknown or unfit.
    """
    try:
        file = path / FILE_NAME if path.is_dir() else path
    except PermissionError as error:
        raise ConfigError("E004", path=str(path)) from error
    try:
        raw = tomllib.loads(file.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError) as error:
        raise ConfigError("E001", path=str(file)) from error
    except PermissionError as error:
        raise ConfigError("E004", path=str(file)) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError("E002", path=str(file), problem=str(error)) from error
    return _decode(raw, file.parent, os.environ if environment is None else environment)


def save(config: Config) -> None:
    """Write `korobka.toml`, readable by the box alone: the database's address may hold a password.

    Written beside and renamed, so a power cut leaves the old file or the new one.
    """
    sections = ("box", "server", "outer", "database", "unlock", "backup")
    _write(config.file, [line for one in sections for line in _section(config, one)])


def save_backup(config: Config) -> None:
    """Write the section `[backup]` anew; errors as `save_section`."""
    save_section(config, "backup")


def save_section(config: Config, section: str) -> None:
    """Write a section anew; the rest of the file, comments too, stays as it is.

    Raises:
        ConfigError: E004: the file is not the box's to write.
    """
    try:
        old = config.file.read_text(encoding="utf-8").splitlines()
        kept: list[str] = []
        inside = False
        for line in old:
            if line.lstrip().startswith("["):
                inside = line.split("#", 1)[0].strip() == f"[{section}]"
            if not inside:
                kept.append(line)
        while kept and not kept[-1].strip():
            kept.pop()
        _write(config.file, [*kept, "", *_section(config, section)])
    except PermissionError as error:
        raise ConfigError("E004", path=str(config.file)) from error


def _section(config: Config, section: str) -> list[str]:
    values = msgspec.to_builtins(getattr(config, section), enc_hook=str)
    lines = [f"{key} = {_toml(value)}" for key, value in values.items() if value is not None]
    return [f"[{section}]", *lines, ""]


def _write(file: Path, lines: list[str]) -> None:
    beside = file.with_suffix(".new")
    beside.unlink(missing_ok=True)
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as out:
        out.write("\n".join(lines))
        out.flush()
        os.fsync(out.fileno())
    beside.replace(file)
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)  # names of new files are the folder's own content
    finally:
        os.close(folder)


def _decode(raw: dict[str, object], data: Path, environment: Mapping[str, str]) -> Config:
    if "data" in raw:
        raise ConfigError("E003", setting="data", problem="unknown")
    for variable, (section, key) in ENVIRONMENT.items():
        if variable in environment:
            inner = raw.setdefault(section, {})
            if isinstance(inner, dict):
                inner[key] = environment[variable]
    try:
        # Not strict: the environment has only strings, and "8443" is a port there.
        config = msgspec.convert(
            {**raw, "data": str(data.absolute())}, Config, strict=False, dec_hook=_path
        )
    except msgspec.ValidationError as error:
        raise ConfigError("E003", setting="", problem=str(error)) from error
    _refuse_unfit(config)
    return config


def _refuse_unfit(config: Config) -> None:
    """Refuse what the types cannot say. Order: as the settings stand in the file."""
    for setting, text in (
        ("server.listen", config.server.listen),
        ("outer.listen", config.outer.listen),
    ):
        try:
            ipaddress.ip_address(text)
        except ValueError as error:
            raise ConfigError("E003", setting=setting, problem="not an IP address") from error
    for setting, port in (("server.port", config.server.port), ("outer.port", config.outer.port)):
        if not 1 <= port <= 65535:
            raise ConfigError("E003", setting=setting, problem="not a port")
    if config.database.url is not None and not config.database.url.startswith(
        ("postgresql://", "postgres://")
    ):
        raise ConfigError("E016")
    if config.outer.enabled and (not config.outer.name or config.outer.port == config.server.port):
        raise ConfigError("E017")


def _path(kind: type, value: object) -> object:
    if kind is Path and isinstance(value, str):
        return Path(value)
    raise NotImplementedError


def _toml(value: object) -> str:
    """Spell one value; TOML's basic strings escape as JSON's do (TOML 1.0, String)."""
    return msgspec.json.encode(value).decode().replace("\x7f", "\\u007f")


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
