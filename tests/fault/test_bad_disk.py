"""A disk that is full or may not be written, mounted as such: nothing acknowledged is lost."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts._mounts import NOT_TRIED
from tests.box import Box, free_port, order, own_mounts

UNFIT = 5
ROOMY = "size=300m"  # a start asks for 200 MB; only what is written takes memory


class Mounts:
    """Mounts over the home of a box, in a namespace of their own."""

    def __init__(self, home: Path, way_in: list[str]) -> None:
        self.home = home
        self.way_in = way_in

    def mount(self, *words: str) -> None:
        subprocess.run([*self.way_in, "mount", *words], check=True, capture_output=True)

    def disk(self, options: str) -> None:
        self.mount("-t", "tmpfs", "-o", options, "korobka", str(self.home))

    def resize(self, options: str) -> None:
        self.mount("-o", f"remount,{options}", str(self.home))


@pytest.fixture
def mounted(tmp_path: Path) -> Iterator[tuple[Box, Mounts]]:
    """A box on a small disk of its own."""
    home = tmp_path / "home"
    home.mkdir()
    with own_mounts() as (way_in, root):
        mounts = Mounts(home, way_in)
        mounts.disk(ROOMY)
        box = Box(home, free_port(), prefix=way_in, seen_at=root / home.relative_to("/"))
        box.log_file = tmp_path / "serve.log"
        assert box.init().exit == 0
        yield box, mounts
        box.stop()


def used_kilobytes(box: Box) -> int:
    done = subprocess.run(
        ["du", "-sk", str(box.seen_at)], check=True, capture_output=True, text=True
    )
    return int(done.stdout.split()[0])


def test_a_full_disk_refuses_new_orders_and_keeps_every_taken_one(
    mounted: tuple[Box, Mounts],
) -> None:
    box, mounts = mounted
    box.serve()
    key = box.api_key()
    path = f"/api/v5/orders/create?apiKey={key}"
    taken: set[str] = set()
    with box.client() as client:
        assert client.post(path, data=order(0)).status_code == 201
        mounts.resize(f"size={used_kilobytes(box) + 500}k")
        refusal = None
        for number in range(1, 2000):
            answer = client.post(path, data=order(number))
            if answer.status_code != 201:
                refusal = answer
                break
            taken.add(f"box-{number}")
        assert refusal is not None
        assert refusal.status_code == 503, refusal.text
        assert refusal.json()["success"] is False
        assert client.get("/health").status_code == 200
        mounts.resize(ROOMY)
        assert client.post(path, data=order(5000)).status_code == 201
    box.stop(9)
    box.serve()
    with box.client() as client:
        for number in taken | {"box-0", "box-5000"}:
            found = client.get(
                f"/api/v5/orders/{number}", params={"apiKey": key, "by": "externalId"}
            )
            assert found.status_code == 200, number
    box.stop()
    assert box.run("audit", "verify", "--deep").exit == 0


def test_a_nearly_full_disk_refuses_the_start_with_figures(mounted: tuple[Box, Mounts]) -> None:
    box, mounts = mounted
    mounts.resize("size=50m")
    for verb in ("serve", "start"):
        refused = box.run(verb)
        assert (refused.exit, refused.code) == (UNFIT, "E012"), verb
    assert [one["code"] for one in box.run("doctor").facts["problems"]] == ["E012"]


def test_a_read_only_folder_refuses_the_start_and_still_lets_itself_be_looked_at(
    mounted: tuple[Box, Mounts],
) -> None:
    box, mounts = mounted
    box.serve()
    box.stop()
    mounts.resize("ro")
    for verb in ("serve", "start", "migrate"):
        refused = box.run(verb)
        assert (refused.exit, refused.code) == (UNFIT, "E005"), verb
    assert [one["code"] for one in box.run("doctor").facts["problems"]] == ["E005"]
    assert box.run("status").facts["running"] is False
    assert box.run("audit", "verify").exit == 0
    mounts.resize("rw")
    box.serve()


def test_no_box_is_made_where_nothing_can_be_written(mounted: tuple[Box, Mounts]) -> None:
    box, mounts = mounted
    mounts.resize("ro")
    for name in ("new", "deep/below"):
        other = Box(box.home / name, free_port(), prefix=box.prefix, seen_at=box.seen_at / name)
        refused = other.init()
        assert (refused.exit, refused.code) == (UNFIT, "E005"), name


def test_a_disk_that_fills_up_while_a_box_is_made_leaves_no_half_of_one(
    mounted: tuple[Box, Mounts],
) -> None:
    box, mounts = mounted
    mounts.resize(f"size={used_kilobytes(box) + 200}k")
    other = Box(box.home / "new", free_port(), prefix=box.prefix, seen_at=box.seen_at / "new")
    refused = other.init()
    assert refused.code in {"disk_full", "keystore_unwritable", "audit_unwritable", "E005"}
    mounts.resize(ROOMY)
    assert other.init().exit == 0


def test_a_folder_that_turns_read_only_under_the_server_refuses_writes_and_loses_nothing() -> None:
    """The kernel turns an ext4 read-only after an error; only root may mount one to try it.

    Under ten clients: every refusal names the disk, the pages stay, a new start is refused with
    E005, and after a remount every acknowledged order is there, log and index whole.
    """
    trial = [sys.executable, "-m", "scripts.fault_box", "--disks", "--only", "read-only folder"]
    alone = ["unshare", "--mount", "--propagation", "private"] if os.geteuid() == 0 else []
    done = subprocess.run(
        [*alone, *trial], capture_output=True, text=True, check=False, timeout=300
    )
    told = done.stdout + done.stderr
    if done.returncode == NOT_TRIED:
        assert "read-only folder: NOT TRIED, ext4 cannot be mounted here" in told
    else:
        assert done.returncode == 0, told
        assert "0 lost; all is well" in told
