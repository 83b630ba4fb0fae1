"""Copies on another machine behind SSH: brought, read back, proven, forgotten; or only taken."""

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncssh
import pytest

from appliance.errors import HouseError
from backups import places
from backups.drill import drill, find
from backups.orders import CheckOrder, DrillOrder
from backups.retention import Counts
from tests.integration.backups.scene import Scene, quiet


class Account(asyncssh.SFTPServer):
    """A folder; an append-only one lets nobody delete, rename or write over."""

    append_only = False
    root = Path()
    room: int | None = None
    on_full: Any = None

    def __init__(self, chan: Any) -> None:
        super().__init__(chan, chroot=str(self.root).encode())

    def _refuse(self) -> None:
        if self.append_only:
            raise asyncssh.SFTPPermissionDenied("append only")

    def write(self, file_obj: Any, offset: int, data: bytes) -> Any:
        if self.room is not None:
            type(self).room = self.room - len(data)
            if self.room < 0:
                self.on_full()
        return super().write(file_obj, offset, data)

    def remove(self, path: bytes) -> Any:
        self._refuse()
        return super().remove(path)

    def rename(self, oldpath: bytes, newpath: bytes) -> Any:
        self._refuse()
        return super().rename(oldpath, newpath)

    def posix_rename(self, oldpath: bytes, newpath: bytes) -> Any:
        self._refuse()
        return super().posix_rename(oldpath, newpath)


class Server:
    """An SSH server of this test, in a thread."""

    def __init__(self, home: Path) -> None:
        self.home = home
        (home / "far").mkdir()
        self.known = home / "authorized"
        stranger = asyncssh.generate_private_key("ssh-ed25519")  # an empty list is refused
        self.known.write_bytes(stranger.export_public_key())
        self.host_key = asyncssh.generate_private_key("ssh-ed25519")
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.port = self._do(self._listen())

    async def _listen(self) -> int:
        class Seen(Account):
            root = self.home / "far"

        self.account = Seen
        connections = self.connections = list[asyncssh.SSHServerConnection]()

        class Watched(asyncssh.SSHServer):
            def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
                connections.append(conn)

        self._acceptor = await asyncssh.listen(
            "127.0.0.1",
            0,
            server_host_keys=[self.host_key],
            authorized_client_keys=str(self.known),
            sftp_factory=Seen,
            server_factory=Watched,
        )
        return self._acceptor.get_port()

    def _do(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(20)

    def let_in(self, line: str) -> None:
        self.known.write_text(line + "\n")
        self._do(self._again())

    async def _again(self) -> None:
        self._acceptor.update(authorized_client_keys=str(self.known))

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._acceptor.close)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def cut(self) -> None:
        """Every connection is gone at once, as when the line or the machine is."""
        for one in self.connections:
            one.abort()

    def address(self, fingerprint: str | None = None) -> str:
        if fingerprint is None:
            fingerprint = self.host_key.get_fingerprint("sha256")
        mark = f"#{fingerprint}" if fingerprint else ""
        return f"sftp://korobka@127.0.0.1:{self.port}/{mark}"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    made = Server(tmp_path)
    yield made
    made.stop()


def tried(scene: Scene, target: str) -> HouseError:
    with pytest.raises(HouseError) as error:
        places.checked(CheckOrder(data=scene.config.data, target=target))
    return error.value


def admitted(scene: Scene, server: Server) -> str:
    """As an administrator does it: compare the server's key, let the box's key in."""
    scene.config.backups.mkdir(exist_ok=True)
    unknown = tried(scene, server.address(""))
    assert unknown.code == "backup_host_unknown"
    assert unknown.params["fingerprint"] == server.host_key.get_fingerprint("sha256")
    refused = tried(scene, server.address())
    assert refused.code == "backup_target_key"
    server.let_in(str(refused.params["key"]))
    return server.address()


def order_of(scene: Scene, target: str) -> DrillOrder:
    vault = scene.vault()
    try:
        identity, root = vault.drill_identity()[0], vault.lend_root().hex()
    finally:
        vault.close()
    return DrillOrder(data=scene.config.data, identity=identity, root=root, targets=(target,))


def test_a_far_place_takes_copies_is_proven_and_forgets_what_it_has_to(
    scene: Scene, server: Server
) -> None:
    target = admitted(scene, server)
    made = scene.make(targets=(target,))
    assert [(one.state, one.code) for one in made.targets] == [("done", "")]
    assert drill(order_of(scene, target), quiet).cells == 200
    for _ in range(3):
        made = scene.make(targets=(target,), counts=Counts(2, 1, 1))
    assert made.targets[0].keys, "it says how old its oldest keys are"
    labels = sorted((server.home / "far").glob("*.label.json"))
    assert len(labels) == 2
    assert not list((server.home / "far").glob("*.part"))
    data = next((server.home / "far").glob("*.data.age"))
    body = bytearray(data.read_bytes())
    body[len(body) // 2] ^= 1
    data.write_bytes(body)
    with places.opened((target,), scene.config.backups) as (found, _):
        copy = find(found, data.name.split(".")[0].rpartition("-")[2])
        with pytest.raises(HouseError) as error:
            copy.must_be(copy.label.files[0])
        assert error.value.code == "backup_part_differs"


def test_a_server_with_another_key_gets_nothing(scene: Scene, server: Server) -> None:
    admitted(scene, server)
    other = asyncssh.generate_private_key("ssh-ed25519").get_fingerprint("sha256")
    assert tried(scene, server.address(other)).code == "backup_host_changed"
    with pytest.raises(HouseError) as error:
        scene.make(targets=(server.address(other),))
    assert error.value.code == "backup_host_changed"


def test_an_append_only_account_gets_data_and_never_keys(scene: Scene, server: Server) -> None:
    target = admitted(scene, server)
    server.account.append_only = True
    for _ in range(2):
        made = scene.make(data_targets=(target,), counts=Counts(1, 1, 1))
        assert [one.state for one in made.targets] == ["done", "done"]
    there = {path.name.split(".", 1)[1] for path in (server.home / "far").glob("korobka-*-*")}
    assert there == {"data.age", "files.txt", "label.json"}
    assert len(list((server.home / "far").glob("*.data.age"))) == 2, "nothing was forgotten"


def full() -> None:
    raise asyncssh.SFTPFailure("No space left on device")


@pytest.mark.parametrize("day", ["full", "gone"])
def test_a_far_place_that_is_full_or_gone_midway_is_named_and_has_no_half_of_a_copy(
    scene: Scene, server: Server, day: str
) -> None:
    target = admitted(scene, server)
    scene.make(targets=(target,))
    server.account.on_full = staticmethod(full if day == "full" else server.cut)
    server.account.room = 40_000
    made = scene.make(targets=(target, str(scene.copies)))
    code = "backup_target_full" if day == "full" else "backup_target_lost"
    assert [(one.state, one.code) for one in made.targets] == [("failed", code), ("done", "")]
    assert len(list((server.home / "far").glob("*.label.json"))) == 1
    server.account.room = None
    assert [one.state for one in scene.make(targets=(target,)).targets] == ["done"]
    assert len(list((server.home / "far").glob("*.label.json"))) == 2
    assert not list((server.home / "far").glob("*.part")), "nothing of the cut-off one is left"
