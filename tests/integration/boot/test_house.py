"""Opening, sealing and closing: a box that cannot be opened is sealed, not down."""

import asyncio

import pytest

from appliance.actions import customers
from appliance.boot import house as boot
from appliance.boot.house import open_house
from appliance.boot.index import HOUSE_ACTOR
from appliance.config import Config
from appliance.errors import ConfigError, Damaged, Sealed, Unavailable
from appliance.storage import roles_store, settings, staff
from tests.integration.clients.people import draft


async def test_a_missing_key_file_leaves_the_box_sealed_and_says_so(
    box: Config, caplog: pytest.LogCaptureFixture
) -> None:
    assert box.unlock.key_file is not None
    box.unlock.key_file.unlink()
    opened = await open_house(box)
    try:
        assert not opened.vault.is_open
        assert opened.log is None
        with pytest.raises(Sealed):
            await customers.create(HOUSE_ACTOR, draft())
    finally:
        await opened.close()
    assert "stays sealed" in caplog.text


async def test_a_key_file_of_another_box_leaves_the_box_sealed(box: Config) -> None:
    assert box.unlock.key_file is not None
    box.unlock.key_file.write_bytes(bytes(len(box.unlock.key_file.read_bytes())))
    opened = await open_house(box)
    assert not opened.vault.is_open
    await opened.close()


async def test_a_folder_without_a_box_is_refused(config: Config) -> None:
    with pytest.raises(ConfigError) as refused:
        await open_house(config)
    assert refused.value.code == "E021"


async def test_two_servers_on_one_folder_are_refused(box: Config) -> None:
    opened = await open_house(box)
    try:
        with pytest.raises(ConfigError) as refused:
            await open_house(box)
        assert refused.value.code == "E018"
    finally:
        await opened.close()
    await (await open_house(box)).close()  # and free again afterwards


async def test_what_was_done_is_in_the_log_after_closing(box: Config) -> None:
    opened = await open_house(box)
    await customers.create(HOUSE_ACTOR, draft())
    await opened.close()
    opened = await open_house(box)
    assert opened.log is not None
    assert opened.log.size == 2  # first start, and the client
    await opened.index.settle()
    assert opened.house.index.stats().entries == 1
    await opened.close()


async def test_sealing_forgets_keys_names_and_the_index(box: Config) -> None:
    opened = await open_house(box)
    try:
        await customers.create(HOUSE_ACTOR, draft())
        await customers.open_by_number(HOUSE_ACTOR, 1)
        await opened.index.rebuild()
        assert opened.house.index.stats().entries == 1
        await opened.seal()
        assert not opened.vault.is_open
        assert opened.house.index.stats().entries == 0
        assert staff._known == []
        assert (opened.log, opened.sealer) == (None, None)
    finally:
        await opened.close()


@pytest.mark.parametrize("error", [Unavailable("disk_full"), OSError(5, "I/O"), RuntimeError()])
async def test_sealing_works_although_the_log_cannot_be_written(
    box: Config, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    opened = await open_house(box)
    try:

        async def broken() -> None:
            raise error

        with monkeypatch.context() as patched:
            patched.setattr(opened, "drain_log", broken)
            await opened.seal()
        assert not opened.vault.is_open
        assert opened.house.index.stats().entries == 0
    finally:
        await opened.close()


async def test_keys_are_gone_within_a_second_although_the_log_is_slow(
    box: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = await open_house(box)
    disk = asyncio.Event()
    try:
        with monkeypatch.context() as patched:
            patched.setattr(boot, "DRAIN_SECONDS", 0.02)
            patched.setattr(opened, "drain_log", disk.wait)
            sealing = asyncio.create_task(opened.seal())
            await asyncio.wait([sealing], timeout=0.3)
            assert not opened.vault.is_open
            assert not sealing.done()  # the log's writer is waited for all the same
            disk.set()
            await sealing
        assert opened.log is None
    finally:
        await opened.close()


async def test_a_log_that_does_not_fit_leaves_the_box_locked(
    box: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert box.unlock.key_file is not None
    opened = await open_house(box, unlock=False)
    try:

        def forked(*_: object) -> None:
            raise Damaged("audit_log_forked")

        monkeypatch.setattr(boot.Sealer, "start", forked)
        opened.vault.unlock_with_key_file(box.unlock.key_file)
        with pytest.raises(Damaged):
            await opened.unlocked()
        assert not opened.vault.is_open
        assert (opened.log, opened.sealer) == (None, None)
    finally:
        await opened.close()


async def test_a_box_may_be_sealed_and_opened_again_and_again(box: Config) -> None:
    assert box.unlock.key_file is not None
    opened = await open_house(box)
    try:
        for number in (1, 2, 3):
            await customers.create(HOUSE_ACTOR, draft(str(number)))
            await opened.seal()
            opened.vault.unlock_with_key_file(box.unlock.key_file)
            await opened.unlocked()
        await opened.index.settle()
        assert opened.house.index.stats().entries == 3
    finally:
        await opened.close()


async def test_orphan_keys_are_swept_and_used_ones_stay(
    box: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = await open_house(box)
    try:
        await customers.create(HOUSE_ACTOR, draft())
        opened.vault.new_subject()
        opened.vault.flush_subjects()
        later = opened.vault._clock() + 2 * 24 * 3600 * 1000
        monkeypatch.setattr(opened.vault, "_clock", lambda: later)
        assert await opened.sweep_orphans() == 1
        card = await customers.open_by_number(HOUSE_ACTOR, 1)
        assert card.customer.name is not None
    finally:
        await opened.close()


async def test_an_upgrade_grants_presets_new_permissions_and_leaves_the_administrators_work(
    box: Config,
) -> None:
    new, taken = "order.create", "order.edit"
    opened = await open_house(box)
    try:
        await opened.database.write(lambda: _as_made_before(new, taken))
    finally:
        await opened.close()
    opened = await open_house(box)
    try:
        seller = await opened.database.read(lambda: roles_store.get("seller"))
    finally:
        await opened.close()
    assert seller.grants[new].scope == "all"
    assert taken not in seller.grants


async def _as_made_before(new: str, taken: str) -> None:
    """Make the box one whose release did not know `new`, and whose sellers may not `taken`."""
    known = await settings.get(roles_store.KNOWN, roles_store.Known)
    older = tuple(one for one in known.permissions if one != new)
    await settings.put(roles_store.KNOWN, roles_store.Known(older))
    seller = await roles_store.get("seller")
    grants = {name: grant for name, grant in seller.grants.items() if name not in (new, taken)}
    await roles_store.put("seller", seller.name, grants, preset=True)
