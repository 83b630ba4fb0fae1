"""The sealed file that carries the index over a restart."""

import os
from pathlib import Path
from uuid import UUID

import pytest
from cryptography.exceptions import InvalidTag

from appliance.errors import Damaged
from appliance.vault import search, search_snapshot
from appliance.vault.search import SearchEntry, SearchIndex, SnapshotUnusable


def seal(data: bytes) -> bytes:
    """Stand in for the vault: unreadable, and it notices nothing."""
    return bytes(b ^ 0x5A for b in data)


@pytest.fixture
def index() -> SearchIndex:
    made = SearchIndex()
    made.put_many(
        SearchEntry(UUID(int=n), n, n % 3, f"Иванов Иван {n}", (f"7916{n:07}",))
        for n in range(1, 301)
    )
    made.remove([UUID(int=5)])
    made.revision = 42
    return made


def test_a_read_snapshot_answers_like_the_index_that_was_written(
    tmp_path: Path, index: SearchIndex
) -> None:
    search_snapshot.write(tmp_path / "index", seal, index)
    again = search_snapshot.read(tmp_path / "index", seal)
    assert again is not None
    assert again.stats() == index.stats()
    for query in ("иван", "0000123", "ива 7", "5"):
        for owners in (None, frozenset({1})):
            assert list(again.candidates(query, owners=owners, limit=999)) == list(
                index.candidates(query, owners=owners, limit=999)
            )


def test_a_read_snapshot_can_be_changed_further(tmp_path: Path, index: SearchIndex) -> None:
    search_snapshot.write(tmp_path / "index", seal, index)
    again = search_snapshot.read(tmp_path / "index", seal)
    assert again is not None
    again.put_many(SearchEntry(UUID(int=n), n, 1, f"Петров Пётр {n}") for n in range(200, 900))
    assert again.stats().entries == 898
    assert sum(len(b) for b in again.candidates("петров", owners=None, limit=999)) == 700


def test_the_file_is_its_owners_only_and_holds_no_plaintext(
    tmp_path: Path, index: SearchIndex
) -> None:
    path = tmp_path / "index"
    search_snapshot.write(path, seal, index)
    search_snapshot.write(path, seal, index)
    assert path.stat().st_mode & 0o777 == 0o600
    assert [entry.name for entry in tmp_path.iterdir()] == ["index"]
    assert "иванов".encode() not in path.read_bytes()


def test_a_missing_snapshot_means_a_rebuild(tmp_path: Path) -> None:
    assert search_snapshot.read(tmp_path / "index", seal) is None


@pytest.mark.parametrize("at", [0, 1, 3, 12, 500, 5000, 20_000, -4000, -1])
def test_a_cut_snapshot_is_refused_even_if_its_seal_opens(
    tmp_path: Path, index: SearchIndex, at: int
) -> None:
    (tmp_path / "index").write_bytes(seal(index.serialize()[:at]))
    assert search_snapshot.read(tmp_path / "index", seal) is None


@pytest.mark.parametrize("error", [Damaged(), InvalidTag(), ValueError("short")])
def test_a_seal_that_does_not_open_means_a_rebuild(
    tmp_path: Path, index: SearchIndex, error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(_: bytes) -> bytes:
        raise error

    search_snapshot.write(tmp_path / "index", seal, index)
    assert search_snapshot.read(tmp_path / "index", refuse) is None
    assert type(error).__name__ in caplog.text


def test_a_snapshot_of_another_version_is_refused(
    index: SearchIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = index.serialize()
    monkeypatch.setattr(search, "FORMAT", "other")
    with pytest.raises(SnapshotUnusable):
        SearchIndex.load(data)


def test_a_full_disk_leaves_the_former_snapshot(
    tmp_path: Path, index: SearchIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "index"
    search_snapshot.write(path, seal, index)
    former = path.read_bytes()

    def full(_: int) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="space"):
        search_snapshot.write(path, lambda _: b"new", index)
    assert path.read_bytes() == former
    assert [entry.name for entry in tmp_path.iterdir()] == ["index"]


def test_changes_replayed_on_a_snapshot_twice_change_nothing_more(
    index: SearchIndex,
) -> None:
    change = [
        SearchEntry(UUID(int=7), 7, 1, "Сидоров"),
        SearchEntry(UUID(int=900), 900, 2, "Новый"),
    ]
    again = SearchIndex.load(index.serialize())
    for _ in range(2):
        again.put_many(change)
        again.remove([UUID(int=9)])
    assert again.stats().entries == 299
    assert list(again.candidates("сидоров", owners=None, limit=9)) == [[UUID(int=7)]]
    assert not [r for b in again.candidates("9", owners=None, limit=9) for r in b if r.int == 9]
