"""Continuous protection: the second disk holds every change; nothing harmed is put together."""

import json
import sqlite3
from pathlib import Path

import pytest

from appliance.actions import users
from appliance.boot.house import OpenHouse
from appliance.boot.index import HOUSE_ACTOR
from appliance.domain.personal import Personal
from appliance.domain.users import NewUser
from appliance.errors import HouseError
from appliance.storage.statements import fetch
from backups import chain
from backups.guard import guard
from backups.orders import Guarded, GuardOrder
from backups.restoring import Asked, restore
from tests.integration.backups.scene import Scene, people, quiet


def step(scene: Scene, disk: Path, url: str = "") -> Guarded:
    made = scene.order()
    order = GuardOrder(
        data=made.data,
        stamp=made.stamp,
        version=made.version,
        recovery=made.recovery,
        drill=made.drill,
        public_key=made.public_key,
        guard=str(disk),
        url=url,
    )
    vault = scene.vault()
    try:
        return guard(order, lambda text: vault.sign_document(text.encode()).hex(), quiet)
    finally:
        vault.close()


def restored(scene: Scene, disk: Path, into: Path, moment: str = "") -> None:
    restore(Asked(f"guard{moment}", scene.code, disk, into, None), quiet)


async def hired(house: OpenHouse) -> None:
    await users.create(HOUSE_ACTOR, NewUser(login="late", name=Personal("Лада"), roles=("seller",)))


async def logins(house: OpenHouse) -> set[str]:
    rows = await house.database.read(lambda: fetch("SELECT login FROM users"))
    return {row[0] for row in rows}


def test_a_box_comes_back_as_of_the_last_step_and_only_the_newest_keys_lie_there(
    scene: Scene, tmp_path: Path
) -> None:
    disk = tmp_path / "second"
    disk.mkdir()
    first = step(scene, disk)
    assert (first.step, first.pages > 100) == (0, True)
    assert step(scene, disk).pages == 0, "nothing changed, nothing is taken"
    before = scene.opened(people)
    scene.opened(hired)
    second = step(scene, disk)
    assert (second.step, second.chain) == (2, first.chain)
    assert 0 < second.pages < first.pages / 2
    assert [path.name for path in sorted(disk.glob("guard-*/*/*.keys.age"))] == ["0002.keys.age"]
    restored(scene, disk, tmp_path / "bare")
    assert scene.opened(people, tmp_path / "bare") == before
    assert "late" in scene.opened(logins, tmp_path / "bare")


def test_a_box_comes_back_as_of_an_earlier_moment_with_the_newest_keys_and_log(
    scene: Scene, tmp_path: Path
) -> None:
    disk = tmp_path / "second"
    disk.mkdir()
    with pytest.raises(HouseError, match="backup_none"):
        restored(scene, disk, tmp_path / "bare")
    step(scene, disk)
    before = scene.opened(logins)
    moment = step(scene, disk).stamp
    scene.opened(hired)
    step(scene, disk)
    with pytest.raises(HouseError, match="backup_moment_wrong"):
        restored(scene, disk, tmp_path / "bare", "@yesterday")
    with pytest.raises(HouseError, match="backup_none"):
        restored(scene, disk, tmp_path / "bare", "@20200101T000000Z")
    restored(scene, disk, tmp_path / "bare", f"@{moment[:-3]}59Z")
    assert scene.opened(logins, tmp_path / "bare") == before
    with sqlite3.connect(tmp_path / "bare" / "audit.db") as log:
        found = log.execute("SELECT leaf FROM event").fetchall()
    log.close()
    names = [json.loads(leaf)["action"] for (leaf,) in found]
    assert names[-2:] == ["users.add", "backups.restored"], "the log went back"


@pytest.mark.parametrize("harm", ["flipped", "missing", "swapped"])
def test_a_harmed_step_is_refused_whole(scene: Scene, tmp_path: Path, harm: str) -> None:
    disk = tmp_path / "second"
    disk.mkdir()
    step(scene, disk)
    for _ in range(2):
        scene.opened(people)
        step(scene, disk)
    found = chain.newest(disk)
    assert found is not None
    one, other = (found.path.with_name(f"000{n}.data.age") for n in (0, 1))
    body = bytearray(one.read_bytes())
    if harm == "flipped":
        body[len(body) // 2] ^= 1
        one.write_bytes(body)
    elif harm == "missing":
        other.unlink()
    else:
        one.write_bytes(other.read_bytes())
        other.write_bytes(body)
    with pytest.raises(HouseError) as error:
        restored(scene, disk, tmp_path / "bare")
    assert error.value.code in {"backup_part_differs", "backup_part_missing"}
    assert not (tmp_path / "bare").exists()


def test_a_disk_that_was_pulled_out_is_named_and_another_one_begins_a_chain(
    scene: Scene, tmp_path: Path
) -> None:
    disk, other = tmp_path / "second", tmp_path / "third"
    disk.mkdir()
    chain_begun = step(scene, disk).chain
    disk.rename(tmp_path / "away")
    with pytest.raises(HouseError) as error:
        step(scene, disk)
    assert error.value.code == "backup_target_lost"
    other.mkdir()
    again = step(scene, other)
    assert (again.step, again.chain != chain_begun) == (0, True)
