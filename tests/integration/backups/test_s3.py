"""Copies in an object store: brought, proven, forgotten with all versions; or only taken."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from appliance.errors import HouseError
from backups import buckets, places
from backups.drill import drill
from backups.orders import CheckOrder
from backups.restoring import Asked, restore
from backups.retention import Counts
from tests.integration.backups.scene import Scene, quiet
from tests.integration.backups.store import KEY_ID, SECRET, Store
from tests.integration.backups.test_sftp import order_of


@pytest.fixture
def store() -> Iterator[Store]:
    made = Store(versioned=True)
    yield made
    made.stop()


def add(scene: Scene, target: str, *, takes_keys: bool, secret: str = SECRET) -> None:
    scene.config.backups.mkdir(exist_ok=True)
    order = CheckOrder(data=scene.config.data, target=target, takes_keys=takes_keys, secret=secret)
    places.checked(order)


def refused(scene: Scene, target: str, *, takes_keys: bool, secret: str = SECRET) -> str:
    with pytest.raises(HouseError) as error:
        add(scene, target, takes_keys=takes_keys, secret=secret)
    assert SECRET not in str(error.value) and SECRET not in repr(error.value.params)
    return error.value.code


def test_a_bucket_with_versions_takes_copies_is_proven_and_forgets_every_version(
    scene: Scene, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("backups.s3.PART", 5 << 20)
    target = store.address()
    assert refused(scene, target, takes_keys=True, secret="not it") == "backup_target_refused"
    add(scene, target, takes_keys=True)
    kept = buckets.secret_file(scene.config.backups, buckets.bucket_of(target))
    assert kept.stat().st_mode & 0o777 == 0o600
    assert not any("probe" in name and found for name, found in store.objects.items())
    made = scene.make(targets=(target,))
    assert [(one.state, one.code) for one in made.targets] == [("done", "")]
    assert drill(order_of(scene, target), quiet).cells == 200
    for _ in range(3):
        made = scene.make(targets=(target,), counts=Counts(2, 1, 1))
    assert made.targets[0].keys, "it says how old its oldest keys are"
    assert len([name for name in store.names() if name.endswith("label.json")]) == 2
    held = {name for name, versions in store.objects.items() if versions}
    assert held == set(store.names()), "no version of what was forgotten is left"
    into = scene.config.data.parent / "bare"
    asked = Asked("", scene.code, None, into, None, far=target, secret=SECRET)
    assert restore(asked, quiet).facts["stamp"] == made.stamp


def test_a_locked_bucket_gets_data_and_never_keys(scene: Scene) -> None:
    store = Store(locked=True)
    try:
        target = store.address()
        assert refused(scene, target, takes_keys=True) == "backup_target_keeps"
        add(scene, target, takes_keys=False)
        for _ in range(2):
            made = scene.make(data_targets=(target,), counts=Counts(1, 1, 1))
            assert [one.state for one in made.targets] == ["done", "done"]
        ends = {name.split(".", 1)[1] for name in store.names() if "/korobka-" in name}
        assert ends == {"data.age", "files.txt", "label.json", "txt"}
        assert len([name for name in store.names() if name.endswith("data.age")]) == 2
    finally:
        store.stop()


def test_a_key_that_may_not_delete_takes_no_key_sets(scene: Scene, store: Store) -> None:
    store.may_delete = False
    assert refused(scene, store.address(), takes_keys=True) == "backup_target_keeps"
    assert refused(scene, store.address("STRANGER"), takes_keys=False) == "backup_target_refused"
    with pytest.raises(HouseError) as error:
        scene.make(targets=(store.address(),))
    assert error.value.code == "backup_target_secret_none"


def test_a_store_that_is_full_cut_or_of_another_time_is_named_and_has_no_half_of_a_copy(
    scene: Scene, store: Store
) -> None:
    target = store.address()
    store.wrong_clock = timedelta(days=365)
    assert refused(scene, target, takes_keys=True) == "backup_target_clock"
    store.wrong_clock = timedelta(0)
    add(scene, target, takes_keys=True)
    for cut, code in ((False, "backup_target_full"), (True, "backup_target_lost")):
        store.room, store.cut = 40_000, cut
        made = scene.make(targets=(target, str(scene.copies)))
        assert [(one.state, one.code) for one in made.targets] == [("failed", code), ("done", "")]
    assert not [name for name in store.names() if name.endswith("label.json")]
    store.room = None
    assert [one.state for one in scene.make(targets=(target,)).targets] == ["done"]
    stamps = {name.split("-")[-1].split(".")[0] for name in store.names() if "/korobka-" in name}
    assert len(stamps - {"copies"}) == 1, "nothing of the cut-off ones is left"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (f"s3://{KEY_ID}:secret@host/bucket", "backup_target_secret"),
        ("s3://host/bucket", "backup_target_spelling"),
        (f"s3://{KEY_ID}@host/", "backup_target_spelling"),
        (f"s3://{KEY_ID}@host/UPPER", "backup_target_spelling"),
        (f"s3+http://{KEY_ID}@storage.example.ru/bucket", "backup_target_spelling"),
    ],
)
def test_an_address_that_names_no_bucket_or_tells_a_secret_is_refused(text: str, code: str) -> None:
    with pytest.raises(HouseError) as error:
        places.must_be_spelled(text)
    assert error.value.code == code
    assert "secret@" not in repr(error.value.params)
