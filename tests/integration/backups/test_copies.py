"""Copies: proven, restored, refused when anything is wrong; nobody destroyed comes back."""

import io
import re
import shutil
import sqlite3
import tarfile
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import pyrage
import pytest

from appliance.actions import acts, users
from appliance.boot.house import OpenHouse
from appliance.boot.index import HOUSE_ACTOR
from appliance.domain import demo
from appliance.domain.backups import spans
from appliance.domain.personal import Personal
from appliance.domain.users import NewUser
from appliance.errors import HouseError
from appliance.storage import evidence
from appliance.storage.statements import fetch_value
from appliance.storage.tx import Tx
from appliance.vault.recovery import RecoveryCode
from appliance.vault.vault import CellRef, Vault
from backups import since, state
from backups.drill import drill, find
from backups.orders import DrillOrder
from backups.targets import Folder
from tests.integration.backups.scene import Scene, people, quiet

NOW = datetime(2026, 2, 3, 12, tzinfo=UTC)


def order_of(scene: Scene) -> DrillOrder:
    vault = scene.vault()
    try:
        identity, root = vault.drill_identity()[0], vault.lend_root().hex()
    finally:
        vault.close()
    return DrillOrder(
        data=scene.config.data, identity=identity, root=root, targets=(str(scene.copies),)
    )


def stamps(scene: Scene) -> list[str]:
    return [one.label.stamp for one in Folder(scene.copies).copies()]


def refused(scene: Scene, into: Path, code: str = "") -> str:
    """How a restore is refused; it leaves nothing behind."""
    with pytest.raises(HouseError) as error:
        scene.restore(code=code, into=into)
    assert not into.exists()
    assert not list(into.parent.glob("*.restoring"))
    return error.value.code


def test_a_copy_is_proven_and_a_bare_folder_becomes_the_same_box(
    scene: Scene, tmp_path: Path
) -> None:
    before = scene.opened(people)
    proven = drill(order_of(scene), quiet)
    assert (proven.cells, proven.keys, proven.events > 0) == (200, proven.keys, True)
    assert proven.cards == ("client", "order")
    assert state.load(scene.config.backups).proven == proven
    assert not list(scene.config.backups.glob(".work-*"))
    scene.restore(into=tmp_path / "bare")
    assert scene.opened(people, tmp_path / "bare") == before
    mode = {path.stat().st_mode & 0o077 for path in (tmp_path / "bare").glob("*.db")}
    assert mode == {0}


def test_the_printed_identity_opens_a_copy_in_which_no_name_is_readable(scene: Scene) -> None:
    copy = find([scene.copies])
    data = copy.part("data")
    assert data is not None
    identity = pyrage.x25519.Identity.from_str(Vault.recovery_identity(scene.code).age_identity)
    plain = pyrage.decrypt(data.read_bytes(), [identity])
    with tarfile.open(fileobj=io.BytesIO(plain)) as opened:
        opened.extractall(scene.copies / "out")  # noqa: S202 (made by this test)
    with sqlite3.connect(scene.copies / "out" / "main.db") as main:
        assert main.execute("SELECT COUNT(*) FROM customer").fetchone()[0] >= 30
        logins = main.execute("SELECT login FROM users").fetchall()
    main.close()
    assert logins
    whole = (scene.copies / "out" / "main.db").read_bytes()
    assert not [one for one in demo._SURNAMES if one.encode() in whole]
    assert not re.search(rb"\+7\d{10}|[a-z0-9.]+@[a-z]+\.(ru|com|test|example)", whole)


@pytest.mark.parametrize("kind", ["data", "keys", "files", "label"])
@pytest.mark.parametrize("harm", ["flipped", "missing"])
def test_a_harmed_part_is_named_and_nothing_is_restored(
    scene: Scene, tmp_path: Path, kind: str, harm: str
) -> None:
    copy = find([scene.copies])
    path = copy.path if kind == "label" else copy.part(kind)
    assert path is not None
    if harm == "missing":
        path.unlink()
    else:
        body = bytearray(path.read_bytes() or b"\n")
        body[len(body) // 2] ^= 1
        path.write_bytes(body)
    code = refused(scene, tmp_path / "bare")
    expected = {"backup_damaged", "backup_part_differs", "backup_part_missing", "backup_none"}
    assert code in expected
    with pytest.raises(HouseError) as error:
        drill(order_of(scene), quiet)
    assert error.value.code in expected
    assert state.load(scene.config.backups).proven is None


def test_a_good_code_of_another_box_opens_nothing(scene: Scene, tmp_path: Path) -> None:
    code = refused(scene, tmp_path / "bare", RecoveryCode.new().text)
    assert code == "backup_identity_wrong"


def test_a_copy_of_a_newer_release_is_refused_before_it_is_opened(
    scene: Scene, tmp_path: Path
) -> None:
    path = find([scene.copies]).path
    label = path.read_text(encoding="utf-8")
    path.write_text(label.replace('\\"schema\\":', '\\"schema\\":9'), encoding="utf-8")
    assert refused(scene, tmp_path / "bare") == "backup_newer"


def test_whoever_was_destroyed_or_let_go_since_stays_so_and_the_log_goes_on(scene: Scene) -> None:
    """Yesterday's data, today's keys and log: everybody else is there."""

    async def let_go(house: OpenHouse) -> tuple[UUID, int, int]:
        await users.create(
            HOUSE_ACTOR, NewUser(login="pavel", name=Personal("Павел"), roles=("seller",))
        )
        number = await users.number_of(HOUSE_ACTOR, "pavel")
        return UUID(int=0), number, 0

    scene.opened(let_go)
    old = scene.make()
    everybody = scene.opened(people)
    gone = everybody[0][1]

    async def today(house: OpenHouse) -> int:
        await users.disable(HOUSE_ACTOR, await users.number_of(HOUSE_ACTOR, "pavel"))
        house.vault.begin_destroy(gone)
        house.vault.destroy(gone, "request", UUID(int=1), UUID(int=2))
        await house.drain_log()
        return 0 if house.log is None else house.log.size

    size = scene.opened(today)
    done = scene.restore(old.stamp)
    assert done.facts["destroyed"] == 1

    async def after(house: OpenHouse) -> tuple[bool, int]:
        assert house.log is not None
        ref = CellRef("customer", "person", everybody[0][0], gone)
        with pytest.raises(HouseError, match="subject_destroyed"):
            house.vault.open_cell(ref, everybody[0][2])
        active = await house.database.read(
            lambda: fetch_value("SELECT active FROM users WHERE login = 'pavel'")
        )
        return bool(active), house.log.size

    now_there = scene.opened(people)
    assert now_there[1:] == everybody[1:]
    assert now_there[0] == (*everybody[0][:2], None), "of the destroyed nothing is left to open"
    active, now = scene.opened(after)
    assert not active
    assert now > size


def test_a_disk_that_is_pulled_out_or_full_keeps_no_other_from_its_copy(
    scene: Scene, tmp_path: Path
) -> None:
    other = tmp_path / "nas"
    other.mkdir()
    scene.make(targets=(scene.copies, other))
    shutil.rmtree(other)
    other.mkdir()  # its empty mount point
    made = scene.make(targets=(other, scene.copies))
    assert [(one.state, one.code) for one in made.targets] == [
        ("failed", "backup_target_lost"),
        ("done", ""),
    ]
    assert not list(other.iterdir())


def test_an_append_only_place_gets_data_and_never_keys(scene: Scene, tmp_path: Path) -> None:
    place = tmp_path / "worm"
    place.mkdir()
    scene.make(data_targets=(place,))
    names = [path.name for path in place.iterdir()]
    assert any(".data.age" in name for name in names)
    assert not any(".keys." in name for name in names)


async def _act(house: OpenHouse) -> None:
    """Write an act as a destruction does."""
    tx = Tx(HOUSE_ACTOR, HOUSE_ACTOR.grants["evidence.read"], house.vault, house.house.index, NOW)
    record = uuid4()
    await evidence.gather(tx, record, 7, {})
    await evidence.number_for(record)
    await evidence.finish(tx, record, NOW, {"act.json": b"{}"})


async def _acts(house: OpenHouse) -> list[int]:
    return [one.number for one in await acts.list_all(HOUSE_ACTOR)]


def test_acts_go_into_copies_are_proven_and_never_go_back_with_older_data(
    scene: Scene, tmp_path: Path
) -> None:
    scene.opened(_act)
    old = scene.make()
    assert drill(order_of(scene), quiet).cells == 200
    scene.opened(_act)
    scene.make()
    scene.restore(old.stamp)
    assert scene.opened(_acts) == [2, 1]
    scene.restore(old.stamp, into=tmp_path / "bare")
    assert scene.opened(_acts, tmp_path / "bare") == [2, 1]
    with sqlite3.connect(scene.config.data / "evidence.db") as store:
        store.execute("UPDATE part SET sealed = zeroblob(length(sealed))")
    store.close()
    scene.make()
    with pytest.raises(HouseError, match="backup_cell_damaged"):
        drill(order_of(scene), quiet)


def test_what_was_entered_since_the_copy_is_told_by_number_or_by_the_log(scene: Scene) -> None:
    copy = find([scene.copies])
    size = copy.label.audit_size
    before = since.entered(scene.config.data, datetime.now(UTC), size)
    assert before is not None and before.is_nothing, "nothing was entered after now"
    long_ago = datetime(2000, 1, 1, tzinfo=UTC)
    found = since.entered(scene.config.data, long_ago, 0)
    assert found is not None and found.orders == found.payments == 30
    assert spans(found.numbers["orders"]) == ("1–30", 0)
    assert "30 (№ 1–30)" in since.told(found)
    (scene.config.data / "main.db").write_bytes(b"not a database at all")
    by_log = since.entered(scene.config.data, long_ago, 0)
    assert by_log is not None and by_log.by_log
    (scene.config.data / "audit.db").write_bytes(b"not a database at all")
    assert since.entered(scene.config.data, long_ago, 0) is None
    assert spans([9, 7, 5, 3, 1, 12, 13, 14], 3) == ("7, 9, 12–14", 3)
