"""Where releases stand beside each other, which one is in use, and who may change that."""

import fcntl
import os
import shutil
import sys
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from appliance.errors import Conflict, HouseError

CONF = "install.conf"
NOTE, PAST = "update.json", "updates.json"


@dataclass(frozen=True)
class Place:
    """An installation: what install.sh made and wrote into `etc/install.conf`.

    Attributes:
        prefix: holds `releases`, `current`, `bin` and `etc`.
        data: the box's data folder.
        is_service: it runs under systemd with an account of its own.
    """

    prefix: Path
    data: Path
    is_service: bool

    @property
    def releases(self) -> Path:
        return self.prefix / "releases"

    @property
    def etc(self) -> Path:
        return self.prefix / "etc"

    @property
    def command(self) -> Path:
        """What people call `korobka`: always the release in use."""
        return self.prefix / "bin" / "korobka"

    @property
    def note(self) -> Path:
        """There while an update is under way."""
        return self.etc / NOTE

    @property
    def past(self) -> Path:
        """How earlier updates ended."""
        return self.etc / PAST

    @property
    def in_use(self) -> str:
        """Name of the release that `current` points to."""
        return (self.prefix / "current").readlink().name

    def own_name(self) -> str:
        """The release that this interpreter is of; empty: of none here."""
        home = Path(sys.prefix).parent
        return home.name if home.parent == self.releases else ""

    def python(self, release: str) -> Path:
        """The interpreter of a release."""
        return self.releases / release / "venv" / "bin" / "python"

    def free_name(self, version: str) -> str:
        """A name for one more release of this version."""
        number = 1
        while (self.releases / f"{version}-{number}").exists():
            number += 1
        return f"{version}-{number}"

    def switch_to(self, release: str) -> None:
        """Have `current` name another release: one rename, so it always names a whole one."""
        aside = self.prefix / ".current.new"
        aside.unlink(missing_ok=True)
        aside.symlink_to(Path("releases") / release)
        aside.rename(self.prefix / "current")
        settle(self.prefix)

    def remove(self, release: str) -> None:
        """Delete a release that is not in use."""
        if release and release != self.in_use:
            shutil.rmtree(self.releases / release, ignore_errors=True)

    def keep_only(self, *names: str) -> None:
        """Delete all releases but these and the one in use."""
        for path in self.releases.iterdir():
            if path.name not in names:
                self.remove(path.name)

    @contextmanager
    def alone(self) -> Generator[None]:
        """Hold the installation for one update; the lock goes with the process, however it ends.

        Raises:
            Conflict: `update_running`.
            HouseError: `no_access`: somebody else's installation.
        """
        try:
            handle = os.open(self.etc / "update.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except PermissionError as error:
            raise HouseError("no_access") from error
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Conflict("update_running") from error
        else:
            yield
        finally:
            os.close(handle)

    def is_held(self) -> bool:
        """Whether an update is alive; asked without writing."""
        try:
            handle = os.open(self.etc / "update.lock", os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            return False
        try:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(handle)
        return False


def here() -> Place:
    """The installation that this interpreter belongs to.

    Raises:
        HouseError: `update_not_installed`: it runs from a checkout.
    """
    parents = Path(sys.prefix).parents
    return of(parents[2]) if len(parents) > 2 else of(Path("/nowhere"))


def of(prefix: Path) -> Place:
    """The installation in a folder.

    Raises:
        HouseError: `update_not_installed`.
    """
    try:
        lines = (prefix / "etc" / CONF).read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise HouseError("update_not_installed") from error
    found = dict(line.split("=", 1) for line in lines if "=" in line)
    if "data" not in found or not (prefix / "current").is_symlink():
        raise HouseError("update_not_installed")
    return Place(prefix, Path(found["data"]), found.get("service") == "true")


def settle(folder: Path) -> None:
    """Have the names in a folder on the disk."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
