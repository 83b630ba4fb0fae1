"""security.md F, row "Tamper": the verifier fails and names the place."""
# ruff: noqa: S608, S311 - statements of our own; damage must repeat by its seed

import hashlib
import random
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from uuid import uuid4

import pytest

from appliance.audit import chain, merkle
from appliance.audit.chain import EpochKey
from appliance.audit.entry import canonical, read_leaf
from appliance.audit.log import AuditLog
from appliance.audit.verify import Report, Trust, epoch_keys, verify
from appliance.errors import Damaged
from tests.fault.audit_house import EVENTS, House, build
from tests.fault.audit_mutations import COLUMNS, mutate_log
from tests.unit.audit.fakes import row


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    return build(tmp_path_factory.mktemp("log"))


@pytest.fixture
def tampered(house: House, tmp_path: Path) -> Callable[..., Report]:
    def tamper(*statements: str, trust: Trust | None = None) -> Report:
        path = tmp_path / f"{uuid4()}.db"
        shutil.copy(house.path, path)
        with closing(sqlite3.connect(path, isolation_level=None)) as db:
            for statement in statements:
                db.execute(statement)
        return verify(path, trust or house.trust)

    return tamper


def test_an_untouched_log_is_whole_and_trusted_up_to_its_newest_anchor(house: House) -> None:
    report = verify(house.path, house.trust)
    assert (report.ok, report.reason) == (True, "")
    assert (report.size, report.epochs, report.trusted) == (EVENTS + 1, 6, 36)
    assert (report.macs, report.signatures) == ("checked", "checked")
    assert report.anchored_at == "2026-03-02 10:01:00 UTC"
    assert report.redacted == 15


def test_without_the_start_key_the_report_says_that_codes_were_not_checked(house: House) -> None:
    report = verify(house.path, Trust(public_key=house.trust.public_key))
    assert report.ok
    assert (report.macs, report.trusted) == ("unchecked", 0)


def test_an_edited_leaf_is_named(tampered: Callable[..., Report]) -> None:
    report = tampered(
        "UPDATE event SET leaf = CAST(replace(CAST(leaf AS TEXT), 'done', 'fine') AS BLOB) "
        "WHERE seq = 17"
    )
    assert (report.place, report.first_bad) == ("event", 17)


def test_an_edited_leaf_with_its_hash_is_named(
    house: House, tampered: Callable[..., Report]
) -> None:
    with sqlite3.connect(house.path) as db:
        leaf = db.execute("SELECT leaf FROM event WHERE seq = 17").fetchone()[0]
    forged = leaf.replace(b"done", b"fine")
    hashed = hashlib.sha256(b"\x00" + forged).hexdigest()
    forge = f"UPDATE event SET leaf = x'{forged.hex()}', leaf_hash = x'{hashed}' WHERE seq = 17"
    assert (tampered(forge).place, tampered(forge).first_bad) == ("event", 17)
    # Without the start key the tree itself shows it.
    blind = tampered(forge, trust=Trust())
    assert (blind.ok, blind.place, blind.first_bad) == (False, "node", 18)


def test_a_deleted_event_is_named(tampered: Callable[..., Report]) -> None:
    report = tampered("DELETE FROM event WHERE seq = 23")
    assert (report.ok, report.first_bad) == (False, 23)


def test_an_inserted_event_is_named(tampered: Callable[..., Report]) -> None:
    report = tampered(
        "UPDATE event SET seq = seq + 1000 WHERE seq >= 30",
        "UPDATE event SET seq = seq - 999 WHERE seq >= 1000",
        "INSERT INTO event SELECT 30, x'00112233445566778899aabbccddeeff', leaf, leaf_hash, mac, "
        "epoch FROM event WHERE seq = 29",
    )
    assert (report.ok, report.first_bad) == (False, 30)


def test_two_swapped_events_are_named(tampered: Callable[..., Report]) -> None:
    report = tampered(
        "UPDATE event SET seq = 9999 WHERE seq = 20",
        "UPDATE event SET seq = 20 WHERE seq = 21",
        "UPDATE event SET seq = 21 WHERE seq = 9999",
    )
    assert (report.place, report.first_bad) == ("event", 20)


def test_a_cut_end_is_named_even_without_a_checkpoint_over_it(
    tampered: Callable[..., Report],
) -> None:
    report = tampered(f"DELETE FROM event WHERE seq = {EVENTS + 1}")
    assert (report.place, report.first_bad) == ("head", EVENTS + 1)


def test_a_log_cut_below_a_checkpoint_is_named(tampered: Callable[..., Report]) -> None:
    report = tampered("DELETE FROM event WHERE seq > 50", "DELETE FROM payload WHERE seq > 50")
    assert (report.ok, report.first_bad) == (False, 51)


def test_a_foreign_event_id_is_named(tampered: Callable[..., Report]) -> None:
    report = tampered("UPDATE event SET event_id = randomblob(16) WHERE seq = 40")
    assert (report.place, report.first_bad) == ("event", 40)


def _rewrite(house: House, path: Path, number: int) -> None:
    """What an intruder with today's key can do: forge an old event, tree, head and last seal."""
    shutil.copy(house.path, path)
    epoch, key = house.vault.audit_epoch_key()
    with sqlite3.connect(path) as db:
        peaks: list[bytes] = []
        mac = db.execute("SELECT mac FROM event WHERE seq = ?", (number - 1,)).fetchone()[0]
        nodes: list[tuple[int, int, bytes]] = []
        for seq, leaf, hashed in db.execute(
            "SELECT seq, leaf, leaf_hash FROM event ORDER BY seq"
        ).fetchall():
            data, digest = leaf, hashed
            if seq == number:
                data = leaf.replace(b"done", b"fine")
                digest = merkle.leaf_hash(data)
            nodes += merkle.push(peaks, seq - 1, digest)
            if seq >= number:
                mac = chain.event_mac(key, mac, digest)
                db.execute(
                    "UPDATE event SET leaf = ?, leaf_hash = ?, mac = ? WHERE seq = ?",
                    (data, digest, mac, seq),
                )
        db.execute("DELETE FROM node")
        db.executemany("INSERT INTO node VALUES (?, ?, ?)", nodes)
        db.execute("DELETE FROM checkpoint")
        head = chain.Head(epoch, EVENTS + 1, mac, chain.NOTHING)
        db.execute("DELETE FROM head")
        db.execute("INSERT INTO head VALUES (1, ?, ?, ?, ?, ?)", (*head, chain.head_mac(key, head)))


def test_an_old_event_sealed_again_with_a_newer_key_is_named(house: House, tmp_path: Path) -> None:
    path = tmp_path / "audit.db"
    _rewrite(house, path, 17)
    report = verify(path, Trust(house.trust.start_keys, house.trust.public_key))
    assert (report.place, report.first_bad) == ("event", 17)
    assert report.reason == "sealed with the key of epoch 6, not its own"


def test_an_anchor_shows_what_the_keys_cannot(house: House, tmp_path: Path) -> None:
    path = tmp_path / "audit.db"
    _rewrite(house, path, 17)
    report = verify(path, Trust(public_key=house.trust.public_key, anchors=house.trust.anchors))
    assert (report.place, report.first_bad) == ("anchor", 24)


def test_a_dropped_empty_epoch_is_named(tampered: Callable[..., Report]) -> None:
    assert (tampered("DELETE FROM epoch WHERE no = 3").place) == "epoch"
    shifted = tampered(
        "DELETE FROM epoch WHERE no = 3",
        "UPDATE epoch SET no = no - 1 WHERE no > 3",
        "UPDATE event SET epoch = epoch - 1 WHERE epoch > 3",
        "UPDATE head SET epoch = epoch - 1",
    )
    assert (shifted.ok, shifted.place) == (False, "event")


def test_a_log_without_its_seals_is_a_failure_and_not_a_skip(
    tampered: Callable[..., Report],
) -> None:
    bare = tampered("DELETE FROM epoch", "UPDATE event SET epoch = 0", "UPDATE head SET epoch = 0")
    assert (bare.ok, bare.place, bare.first_bad) == (False, "event", 1)
    assert not tampered("DELETE FROM epoch", trust=Trust()).ok
    assert not tampered("DELETE FROM head", trust=Trust()).ok


def test_an_old_checkpoint_in_place_of_the_newest_is_named(
    tampered: Callable[..., Report],
) -> None:
    report = tampered(
        "UPDATE checkpoint SET root = (SELECT root FROM checkpoint WHERE size = 24), "
        "note = (SELECT note FROM checkpoint WHERE size = 24) WHERE size = 61"
    )
    assert (report.place, report.first_bad) == ("checkpoint", 61)
    dropped = tampered("DELETE FROM checkpoint WHERE size = 61")
    assert (dropped.ok, dropped.place) == (False, "checkpoint")


def test_a_rolled_back_file_is_named_by_an_anchor_and_not_sealed_over(house: House) -> None:
    alone = verify(house.early_copy, Trust(house.trust.start_keys, house.trust.public_key))
    assert alone.ok
    report = verify(house.early_copy, house.trust)
    assert (report.place, report.first_bad) == ("anchor", 25)
    log = AuditLog(house.early_copy)
    with pytest.raises(Damaged) as refused:
        log.must_contain(house.trust.anchors[1])
    assert refused.value.code == "audit_log_behind"
    log.close()


def test_a_payload_removed_in_silence_is_named(tampered: Callable[..., Report]) -> None:
    report = tampered("DELETE FROM payload WHERE seq = 2")
    assert (report.place, report.first_bad) == ("payload", 2)


def test_a_trigger_in_the_file_is_a_failure(tampered: Callable[..., Report]) -> None:
    report = tampered(
        "CREATE TRIGGER t AFTER INSERT ON event BEGIN DELETE FROM payload; END", trust=Trust()
    )
    assert (report.ok, report.place) == (False, "file")


@pytest.mark.parametrize(
    ("table", "column"), [(table, column) for table in COLUMNS for column in COLUMNS[table]]
)
def test_every_byte_class_of_the_file_is_watched(
    house: House, tmp_path: Path, table: str, column: str
) -> None:
    for seed in range(12):
        path = tmp_path / f"{seed}.db"
        shutil.copy(house.path, path)
        done = mutate_log(path, random.Random(seed), table, column)
        assert not verify(path, house.trust).ok, done


def test_random_damage_is_always_noticed(house: House, tmp_path: Path) -> None:
    for seed in range(300):
        path = tmp_path / "audit.db"
        shutil.copy(house.path, path)
        done = mutate_log(path, random.Random(seed))
        assert not verify(path, house.trust).ok, done


def test_the_keys_of_vault_and_verifier_are_the_same(house: House) -> None:
    epoch, key = house.vault.audit_epoch_key()
    assert list(epoch_keys(house.trust.start_keys, epoch + 1))[epoch] == key
    assert EpochKey(epoch, key) == house.key()


def test_a_leaf_in_the_log_reads_back_canonical(house: House) -> None:
    with sqlite3.connect(house.path) as db:
        leaves = [one[0] for one in db.execute("SELECT leaf FROM event")]
    assert all(canonical(read_leaf(leaf)) == leaf for leaf in leaves)
    assert row(house.vault).leaf not in leaves
