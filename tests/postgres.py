"""A PostgreSQL of one's own in a temporary folder, from the system's binaries; also as a program.

`python -m tests.postgres -- command…` runs a command with its address in `KOROBKA_TEST_POSTGRES`.
"""

import asyncio
import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncGenerator, Generator, Sequence
from contextlib import asynccontextmanager, contextmanager
from functools import cache
from pathlib import Path
from threading import Thread
from typing import Any
from uuid import uuid4

ADDRESS_VARIABLE = "KOROBKA_TEST_POSTGRES"
_PLACES = (Path("/usr/lib/postgresql"), Path("/usr/local/lib/postgresql"))
_MEMORY = Path("/dev/shm")  # noqa: S108  no file of ours: where the kernel keeps files in memory
_ROOM = 2 << 30
_SETTINGS = {
    # Nothing of it has to survive the machine; only the fault runs ask for more.
    "fsync": "off",
    "full_page_writes": "off",
    "max_connections": "60",
    "shared_buffers": "64MB",
    # In its own folder: a server stopped at once leaves those of the kernel behind.
    "dynamic_shared_memory_type": "mmap",
    "unix_socket_directories": "''",
    "listen_addresses": "'127.0.0.1'",
}


def fast_folder() -> Path | None:
    """Return where files live in memory, if there are two gigabytes left and programs may run."""
    try:
        room = os.statvfs(_MEMORY)
    except OSError:
        return None
    large = room.f_bavail * room.f_frsize >= _ROOM
    return _MEMORY if large and not room.f_flag & os.ST_NOEXEC else None


def binaries() -> Path:
    """Return the folder of the newest PostgreSQL installed.

    Raises:
        FileNotFoundError: there is none (Debian: package `postgresql`).
    """
    found = [path.parent for place in _PLACES for path in place.glob("*/bin/postgres")]
    if not found and (on_path := shutil.which("postgres")):
        found = [Path(on_path).parent]
    if not found:
        raise FileNotFoundError("PostgreSQL is not installed (Debian: apt install postgresql)")
    return max(found, key=lambda folder: [int(n) for n in folder.parent.name.split(".") if n])


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _owner() -> str | None:
    """Return the account to run it as: the server refuses root."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            pwd.getpwnam(name)
        except KeyError:
            continue
        return name
    raise RuntimeError("PostgreSQL refuses to run as root and there is no other account")


def _run(command: Sequence[str | Path], owner: str | None) -> None:
    done = subprocess.run(
        command, user=owner, cwd="/", stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{command[0]}: {done.stdout.decode(errors='replace')}")


@contextmanager
def temporary_postgres(*, durable: bool = False) -> Generator[str]:
    """Run a server and yield the address of its empty database `korobka`.

    Args:
        durable: keep fsync on, for measuring and for tests that kill.

    Raises:
        FileNotFoundError: PostgreSQL is not installed.
    """
    owner = _owner()
    place = None if durable else fast_folder()
    home = Path(tempfile.mkdtemp(prefix="korobka-postgres-", dir=place))
    if owner:
        shutil.chown(home, owner)
    folder, tools, port = home / "data", binaries(), _free_port()
    settings = {**_SETTINGS, "port": str(port)}
    if durable:
        del settings["fsync"], settings["full_page_writes"]
    try:
        _run(
            [tools / "initdb", "-D", folder, "-U", "korobka", "--auth=trust", "--encoding=UTF8",
             "--locale=C.UTF-8", "--no-sync"],
            owner,
        )  # fmt: skip
        with (folder / "postgresql.conf").open("a", encoding="ascii") as file:
            file.writelines(f"{name} = {value}\n" for name, value in settings.items())
        log = home / "log"
        try:
            _run([tools / "pg_ctl", "-D", folder, "-l", log, "-w", "-t", "60", "start"], owner)
        except RuntimeError as failure:
            raise RuntimeError(log.read_text()) from failure
        try:
            address = f"postgresql://korobka@127.0.0.1:{port}"
            _run([tools / "createdb", "-h", "127.0.0.1", "-p", str(port), "-U", "korobka",
                  "korobka"], owner)  # fmt: skip
            yield f"{address}/korobka"
        finally:
            _run([tools / "pg_ctl", "-D", folder, "-m", "immediate", "-w", "stop"], owner)
    finally:
        shutil.rmtree(home)


def start_again(folder: Path) -> None:
    """Start a server of ours that was killed, with the data in `folder`.

    Raises:
        RuntimeError: it does not come up.
    """
    command = [binaries() / "pg_ctl", "-D", folder, "-l", folder.parent / "log", "-w", "start"]
    for left in range(20, -1, -1):
        try:
            _run(command, _owner())
        except RuntimeError:  # a process of the dead one has not ended yet
            if not left:
                raise
            time.sleep(0.2)
        else:
            return


def new_database(address: str, name: str) -> str:
    """Make an empty database beside the one at `address` and return its address."""
    server, _, _ = address.rpartition("/")
    host, _, port = server.rpartition("@")[2].partition(":")
    _run([binaries() / "createdb", "-h", host, "-p", port, "-U", "korobka", name], None)
    return f"{server}/{name}"


class Clerk:
    """One connection on which databases are made and dropped, in a thread beside the tests' loops.

    Each test has a loop of its own, and a connection cannot go from one to another.
    """

    def __init__(self, server: str) -> None:
        self._server = server
        self._loop = asyncio.new_event_loop()
        Thread(target=self._loop.run_forever, name="postgres-clerk", daemon=True).start()
        self._wire: Any = None

    async def order(self, sql: str) -> None:
        """Run one statement."""
        await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(self._run(sql), self._loop))

    async def _run(self, sql: str) -> None:
        import asyncpg  # noqa: PLC0415  not everybody who starts a server has it

        if self._wire is None:
            self._wire = await asyncpg.connect(self._server)
        if " TEMPLATE " in sql and self._wire.get_server_version() >= (15,):
            # Before 15 the only way; since then one has to ask not to write every page to the log.
            sql += " STRATEGY FILE_COPY"
        await self._wire.execute(sql)


@cache
def clerk(server: str) -> Clerk:
    """The one of this process for a server."""
    return Clerk(server)


@asynccontextmanager
async def own_database(server: str, template: str = "template0") -> AsyncGenerator[str]:
    """Copy a database nobody is connected to, and drop the copy after; yields its address."""
    name = f"t{uuid4().hex}"
    orders = clerk(server)
    await orders.order(f"CREATE DATABASE {name} TEMPLATE {template}")
    try:
        yield f"{server.rpartition('/')[0]}/{name}"
    finally:
        await orders.order(f"DROP DATABASE {name} WITH (FORCE)")


if __name__ == "__main__":
    with temporary_postgres() as dsn:
        sys.exit(
            subprocess.run(
                sys.argv[sys.argv.index("--") + 1 :],
                env={**os.environ, ADDRESS_VARIABLE: dsn},
                check=False,
            ).returncode
        )
