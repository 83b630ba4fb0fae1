"""Attachments on a target: copied once, swept when no copy names them, key sets dropped."""

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from appliance.boot import mounts as disk_mounts
from appliance.errors import HouseError
from backups import disk, places, stores
from backups.records import LABEL_END, Label, signed, written
from backups.retention import Counts
from backups.targets import Folder, stamp_of

BOX = "0123"
NOW = datetime(2026, 3, 11, 12, tzinfo=UTC)


def kept_in(folder: Path, text: str) -> str:
    """A sealed attachment as the box keeps it; its name."""
    body = text.encode()
    name = sha256(body).hexdigest()
    (folder / name[:2]).mkdir(parents=True, exist_ok=True)
    (folder / name[:2] / name).write_bytes(body)
    return name


def copy(target: Folder, made: datetime, names: list[str]) -> None:
    """A copy with keys and these attachments."""
    stem = f"korobka-{BOX}-{stamp_of(made)}"
    for end, body in (("data.age", b"d"), ("keys.age", b"k"), ("files.txt", "\n".join(names))):
        data = body.encode() if isinstance(body, str) else body
        (target.path / f"{stem}.{end}").write_bytes(data)
    label = Label(
        box=BOX,
        stamp=stamp_of(made),
        version="0",
        schema=1,
        recipient="",
        public_key="",
        audit_size=0,
        audit_root="",
        erased=0,
        files=tuple(
            disk.hashed(target.path / f"{stem}.{end}")
            for end in ("data.age", "keys.age", "files.txt")
        ),
    )
    target.must_be_there(known=False)
    target.finish(f"{stem}{LABEL_END}", signed(written(label), ""), label.files)


def test_an_attachment_is_copied_once_and_a_harmed_or_missing_one_is_counted(
    tmp_path: Path,
) -> None:
    files, target = tmp_path / "files", Folder(tmp_path / "usb")
    target.path.mkdir()
    names = [kept_in(files, "scan"), kept_in(files, "film")]
    assert target.put_attachments(BOX, files, names) == (2, 0)
    harmed = kept_in(files, "letter")
    (files / harmed[:2] / harmed).write_bytes(b"other")
    assert target.put_attachments(BOX, files, [*names, harmed, "ab" * 32]) == (0, 2)
    assert target.attachment(BOX, names[0]).read_bytes() == b"scan"


def test_what_no_kept_copy_names_is_swept_and_other_boxes_are_left_alone(tmp_path: Path) -> None:
    files, target = tmp_path / "files", Folder(tmp_path / "usb")
    target.path.mkdir()
    target.must_be_there(known=False)
    old, new = kept_in(files, "old"), kept_in(files, "new")
    target.put_attachments(BOX, files, [old, new])
    copy(target, NOW - timedelta(days=400), [old, new])
    copy(target, NOW, [new])
    foreign = target.path / "korobka-9999-20200101T000000Z.data.age"
    foreign.write_bytes(b"another box")
    target.prune(BOX, Counts(1, 1, 1), NOW)
    assert [one.made_at for one in target.copies()] == [NOW]
    assert not target.attachment(BOX, old).exists()
    assert target.attachment(BOX, new).exists()
    assert foreign.exists()
    target.must_be_there(known=True)


def test_key_sets_older_than_a_destruction_are_deleted_and_data_stay(tmp_path: Path) -> None:
    target = Folder(tmp_path)
    for hours in (30, 2, 0):
        copy(target, NOW - timedelta(hours=hours), [])
    target.drop_keys_before(BOX, NOW - timedelta(hours=1))
    found = target.copies()
    assert [one.part("keys") is not None for one in found] == [True, False, False]
    assert all(one.part("data") is not None for one in found)


def test_a_disk_is_known_by_its_id_wherever_it_is_mounted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mounted = tmp_path / "My Disk"
    (mounted / "korobka").mkdir(parents=True)
    mounts, udev = tmp_path / "mountinfo", tmp_path / "udev"
    point = str(mounted).replace(" ", "\\040")
    mounts.write_text(f"36 35 8:17 / {point} rw,noatime shared:1 - vfat /dev/sdb1 rw\n")
    udev.mkdir()
    (udev / "b8:17").write_text("E:ID_BUS=usb\nE:ID_FS_UUID=1A2B-3C4D\n")
    monkeypatch.setattr(disk_mounts, "MOUNTS", mounts)
    monkeypatch.setattr(disk_mounts, "UDEV", udev)
    assert places.disks() == [("usb:1A2B-3C4D", str(mounted))]
    found = places.target_of("usb:1A2B-3C4D/korobka", tmp_path, tmp_path)
    found.must_be_there(known=False)
    assert (mounted / "korobka" / "korobka-copies.txt").exists()
    for text, code in (
        ("usb:9999-0000/korobka", "backup_target_lost"),
        ("korobka", "backup_target_spelling"),
        ("sftp://nas/copies", "backup_target_spelling"),
        ("sftp://box:secret@nas/copies", "backup_target_spelling"),
    ):
        with pytest.raises(HouseError) as error:
            places.target_of(text, tmp_path, tmp_path)
        assert error.value.code == code


def test_a_copy_is_none_when_its_disk_went_and_left_an_empty_mount_point(tmp_path: Path) -> None:
    target = Folder(tmp_path)
    target.must_be_there(known=False)
    part = tmp_path / f"korobka-{BOX}-20260201T100000Z.data.age"
    part.write_bytes(b"brought")
    brought = (disk.hashed(part),)
    part.unlink()
    with pytest.raises(HouseError) as lost:
        target.finish(f"korobka-{BOX}-20260201T100000Z{LABEL_END}", b"{}", brought)
    assert lost.value.code == "backup_target_lost"
    assert not list(tmp_path.glob("*.json"))


def test_keys_whose_erasing_was_cut_off_pass_for_none_and_go_with_the_next_copy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut_off(_: Path) -> None:
        raise KeyboardInterrupt

    name = "korobka-box-20260201T100000Z.keys.age"
    folder = Folder(tmp_path)
    folder.store.write(name, b"wrapped", disk.nothing_told)
    with monkeypatch.context() as patch:
        patch.setattr(stores, "_overwrite", cut_off)
        with pytest.raises(KeyboardInterrupt):
            folder.store.remove(name, erase=True)
    assert set(folder.store.listing()) == {f"{name}{stores.ERASED}"}
    folder.prune("box", Counts(), datetime.now(UTC))
    assert not folder.store.listing()
