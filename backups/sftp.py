"""A place behind SSH: an account that takes files. The host is known by its key, or not at all.

On an account that forgets nothing (append-only) files are written under their names at once, as
renaming may be forbidden there; the label, written last, says which of them are whole.
"""

import asyncio
import os
from collections.abc import Coroutine, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, TypeVar

import asyncssh

from appliance.errors import Denied, HouseError, Unavailable
from backups import disk
from backups.places import Far
from backups.records import Part
from backups.stores import ERASED

T = TypeVar("T")
PATIENCE_SECONDS: Final = 30
REGULAR: Final = 1
"""The type of a plain file in the attributes that a server gives (the SFTP drafts' name for it
is SSH_FILEXFER_TYPE_REGULAR)."""

NOT_THERE: Final = (asyncssh.SFTPNoSuchFile, asyncssh.SFTPNoSuchPath)


class _Host(asyncssh.SSHClient):
    """Believes one key."""

    def __init__(self, fingerprint: str) -> None:
        self._expected = fingerprint
        self.seen = ""

    def validate_host_public_key(
        self, host: str, addr: str, port: int, key: asyncssh.SSHKey
    ) -> bool:
        self.seen = key.get_fingerprint("sha256")
        return self.seen == self._expected


class SftpStore:
    """One connection, made when it is first needed."""

    def __init__(self, name: str, far: Far, key: Path, *, forgets: bool) -> None:
        self._name, self._far, self._key, self._forgets = name, far, key, forgets
        self._loop = asyncio.new_event_loop()
        self._connection: asyncssh.SSHClientConnection | None = None
        self._sftp: asyncssh.SFTPClient | None = None

    @property
    def name(self) -> str:
        return self._name

    @property
    def forgets(self) -> bool:
        return self._forgets

    def check(self, mark: str, *, known: bool) -> None:
        async def run(sftp: asyncssh.SFTPClient) -> None:
            if await sftp.isfile(self._at(mark)):
                return
            if known:
                raise Unavailable("backup_target_lost", path=self._name)
            await sftp.makedirs(self._far.folder, exist_ok=True)
            async with sftp.open(self._at(mark), "wb") as file:
                await file.write(b"Korobka keeps copies here. Do not delete this file.\n")

        self._run(run)

    def listing(self, folder: str = "") -> Mapping[str, int]:
        async def run(sftp: asyncssh.SFTPClient) -> dict[str, int]:
            return await self._listed(sftp, folder)

        return self._run(run)

    async def _listed(self, sftp: asyncssh.SFTPClient, folder: str) -> dict[str, int]:
        found: dict[str, int] = {}
        try:
            entries = await sftp.readdir(self._at(folder))
        except NOT_THERE:
            if not folder:
                raise
            return {}
        for one in entries:
            name = str(one.filename)
            path = f"{folder}/{name}" if folder else name
            if one.attrs.type == REGULAR:
                found[path] = one.attrs.size or 0
            elif folder and name not in (".", ".."):
                found |= await self._listed(sftp, path)
        return found

    def read(self, name: str) -> bytes:
        async def run(sftp: asyncssh.SFTPClient) -> bytes:
            async with sftp.open(self._at(name), "rb") as file:
                return await _taken(file, -1)

        return self._run(run)

    def bring(self, name: str, cache: Path) -> Path:
        path = cache / name
        if path.is_file():
            return path
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        aside = path.with_name(f"{path.name}{disk.UNFINISHED}")

        async def run(sftp: asyncssh.SFTPClient) -> None:
            await sftp.get(self._at(name), os.fspath(aside))

        self._run(run)
        aside.rename(path)
        return path

    def write(self, name: str, source: Path | bytes, told: disk.Told) -> None:
        place = self._at(name)
        aside = f"{place}{disk.UNFINISHED}" if self._forgets else place

        async def run(sftp: asyncssh.SFTPClient) -> None:
            if "/" in name:
                await sftp.makedirs(place.rpartition("/")[0], exist_ok=True)
            if isinstance(source, bytes):
                async with sftp.open(aside, "wb") as file:
                    await file.write(source)
            else:
                await sftp.put(
                    os.fspath(source),
                    aside,
                    progress_handler=lambda _from, _to, done, _all: told(done),
                )
            await self._synced(sftp, aside)
            if aside != place:
                await sftp.posix_rename(aside, place)

        self._run(run)

    async def _synced(self, sftp: asyncssh.SFTPClient, place: str) -> None:
        """Have a file on the far disk, where the server knows how (OpenSSH does)."""
        try:
            async with sftp.open(place, "ab") as file:
                await file.fsync()
        except (asyncssh.SFTPOpUnsupported, asyncssh.SFTPPermissionDenied):
            return  # it is read back and compared in any case

    def hashed(self, name: str, told: disk.Told) -> Part:
        async def run(sftp: asyncssh.SFTPClient) -> Part:
            digest, size = sha256(), 0
            async with sftp.open(self._at(name), "rb") as file:
                while chunk := await _taken(file, disk.CHUNK):
                    digest.update(chunk)
                    size += len(chunk)
                    told(size)
            return Part(name, size, digest.hexdigest())

        return self._run(run)

    def remove(self, name: str, *, erase: bool = False) -> None:
        async def run(sftp: asyncssh.SFTPClient) -> None:
            place = self._at(name)
            try:
                if erase:
                    if not place.endswith(ERASED):
                        await sftp.posix_rename(place, f"{place}{ERASED}")
                        place += ERASED
                    size = await sftp.getsize(place) or 0
                    async with sftp.open(place, "r+b") as file:
                        for start in range(0, size, disk.CHUNK):
                            await file.write(bytes(min(disk.CHUNK, size - start)), start)
                await sftp.remove(place)
            except NOT_THERE:
                return

        self._run(run)

    def settle(self) -> None:
        """The protocol has no call for it; what was deleted is looked for by who must know."""

    def close(self) -> None:
        if self._connection is not None:
            self._connection.abort()
            self._loop.run_until_complete(self._connection.wait_closed())
            self._connection = self._sftp = None
        if not self._loop.is_closed():
            self._loop.close()

    def _at(self, name: str) -> str:
        return f"{self._far.folder.rstrip('/')}/{name}".rstrip("/") or "/"

    def _run(self, work: "Any") -> Any:
        async def whole() -> Any:
            return await work(await self._connected())

        return self._loop.run_until_complete(self._said(whole()))

    async def _connected(self) -> asyncssh.SFTPClient:
        if self._sftp is not None:
            return self._sftp
        host = _Host(self._far.fingerprint)
        try:
            self._connection, _ = await asyncssh.create_connection(
                lambda: host,
                self._far.host,
                self._far.port,
                username=self._far.user,
                client_keys=[asyncssh.read_private_key(self._key)],
                known_hosts=asyncssh.import_known_hosts(""),
                config=[],
                agent_path=None,
                login_timeout=PATIENCE_SECONDS,
                connect_timeout=PATIENCE_SECONDS,
                keepalive_interval=PATIENCE_SECONDS,
            )
        except asyncssh.HostKeyNotVerifiable as error:
            code = "backup_host_changed" if self._far.fingerprint else "backup_host_unknown"
            raise Denied(code, path=self._name, fingerprint=host.seen) from error
        self._sftp = await self._connection.start_sftp_client()
        return self._sftp

    async def _said(self, work: Coroutine[Any, Any, T]) -> T:
        """A server's refusal in the house's words."""
        try:
            return await work
        except HouseError:
            raise
        except (asyncssh.PermissionDenied, asyncssh.SFTPPermissionDenied) as error:
            raise Unavailable("backup_target_refused", path=self._name) from error
        except (asyncssh.Error, OSError) as error:
            # Protocol 3 has no code for it; OpenSSH names the errno in its message.
            full = "space" in str(error).lower() or "quota" in str(error).lower()
            code = "backup_target_full" if full else "backup_target_lost"
            raise Unavailable(code, type(error).__name__, path=self._name) from error


async def _taken(file: Any, size: int) -> bytes:
    """A piece of a far file; the library leaves open whether text or bytes come."""
    return bytes(await file.read(size))


def make_key(place: Path) -> str:
    """The public half of the box's own SSH key, made where there is none.

    Returns:
        a line for `authorized_keys`.
    """
    if not place.is_file():
        place.parent.mkdir(mode=0o700, exist_ok=True)
        key = asyncssh.generate_private_key("ssh-ed25519", comment="korobka")
        disk.write(place, key.export_private_key())
    return asyncssh.read_private_key(place).export_public_key().decode().strip()
