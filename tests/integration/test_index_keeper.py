"""The search index follows what is committed, survives restarts, and is never less than whole."""

import asyncio
import logging
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from appliance.actions import _gate, customers
from appliance.boot.index import IndexKeeper
from appliance.domain.customers import CustomerChange
from appliance.domain.personal import Personal
from appliance.storage import search_feed
from appliance.storage.statements import execute
from tests.house_fixture import TestHouse
from tests.integration.clients.people import added, ref


@pytest.fixture
async def keeper(house: TestHouse, tmp_path: Path) -> AsyncIterator[IndexKeeper]:
    made = IndexKeeper(_gate.house(), tmp_path / "search.idx")
    house.database.after_commit(made.poke)
    yield made
    made.drop()
    await made.settle()


async def found(house: TestHouse, text: str) -> list[int]:
    return [one.number for one in await customers.search(house.actor_for("head"), text)]


async def restarted(keeper: IndexKeeper, tmp_path: Path) -> IndexKeeper:
    keeper.drop()
    await keeper.settle()
    again = IndexKeeper(_gate.house(), tmp_path / "search.idx")
    await again.open()
    return again


async def feed(house: TestHouse) -> list[Any]:
    return [row[0] for row in await house.rows("SELECT number FROM search_change ORDER BY number")]


async def test_what_was_committed_is_found_and_found_anew_after_an_edit(
    house: TestHouse, keeper: IndexKeeper
) -> None:
    await keeper.open()
    await keeper.settle()
    one = await added(house)
    await asyncio.sleep(0)
    await keeper.settle()
    assert await found(house, "сухова") == [one.number]
    change = CustomerChange(last_name=Personal("Лампина"))
    await customers.edit(house.system, "main", ref(one.number), change)
    await asyncio.sleep(0)
    await keeper.settle()
    assert (await found(house, "сухова"), await found(house, "лампина")) == ([], [one.number])


async def test_a_warm_start_loads_the_snapshot_and_replays_what_came_after(
    house: TestHouse, keeper: IndexKeeper, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await added(house)
    await keeper.rebuild()
    keeper.drop()
    await keeper.settle()
    await added(house, last_name=Personal("Лампина"))
    monkeypatch.setattr(search_feed, "page_after", None)  # a full build would trip over it
    again = await restarted(keeper, tmp_path)
    assert not again.building
    assert (await found(house, "сухова"), await found(house, "лампина")) == ([1], [2])


async def test_a_snapshot_that_the_feed_no_longer_continues_is_not_used(
    house: TestHouse, keeper: IndexKeeper, tmp_path: Path
) -> None:
    await added(house)
    await keeper.rebuild()
    keeper.drop()
    await keeper.settle()
    await added(house, last_name=Personal("Лампина"))

    async def prune() -> None:
        await execute(
            "DELETE FROM search_change WHERE number < (SELECT MAX(number) FROM search_change)"
        )

    await house.write(prune)
    again = await restarted(keeper, tmp_path)
    assert again.building
    await again.settle()
    assert (await found(house, "сухова"), await found(house, "лампина")) == ([1], [2])


async def test_a_snapshot_of_an_empty_box_is_not_used_once_changes_were_pruned(
    house: TestHouse, keeper: IndexKeeper, tmp_path: Path
) -> None:
    await keeper.rebuild()
    await added(house)
    again = await restarted(keeper, tmp_path)
    assert again.building
    await again.settle()
    assert await found(house, "сухова") == [1]


async def test_an_index_being_built_is_never_saved_as_a_whole_one(
    house: TestHouse, keeper: IndexKeeper, tmp_path: Path
) -> None:
    await added(house)
    await keeper.open()
    assert keeper.building
    await keeper.save()
    assert not (tmp_path / "search.idx").exists()
    await keeper.settle()
    assert (tmp_path / "search.idx").exists()


async def test_a_build_that_failed_is_not_saved_and_is_made_up_for(
    house: TestHouse,
    keeper: IndexKeeper,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    await added(house)

    async def broken(*_: Any) -> Any:
        raise RuntimeError("Сухова")

    with monkeypatch.context() as patched, caplog.at_level(logging.CRITICAL):
        patched.setattr(search_feed, "entries", broken)
        await keeper.open()
        await keeper.settle()
        await keeper.save()
    assert not keeper.building
    assert not (tmp_path / "search.idx").exists()
    await keeper.keep()
    assert await found(house, "сухова") == [1]
    assert (tmp_path / "search.idx").exists()


async def test_changes_that_come_during_a_build_are_in_it(
    house: TestHouse, keeper: IndexKeeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    await added(house)
    compact, late = type(house.index).compact, asyncio.Event()
    loop = asyncio.get_running_loop()

    def slow(index: Any) -> None:
        change = CustomerChange(last_name=Personal("Лампина"))
        edit = customers.edit(house.system, "main", ref(1), change)
        asyncio.run_coroutine_threadsafe(_whole(edit), loop).result(10)
        late.set()
        compact(index)

    monkeypatch.setattr(type(house.index), "compact", slow)
    await keeper.open()
    await keeper.settle()
    assert late.is_set()
    assert (await found(house, "сухова"), await found(house, "лампина")) == ([], [1])


async def _whole(awaitable: Any) -> Any:
    return await awaitable


async def test_saving_prunes_the_feed_up_to_what_is_saved(
    house: TestHouse, keeper: IndexKeeper, tmp_path: Path
) -> None:
    await keeper.open()
    await keeper.settle()
    for _ in range(3):
        await added(house)
    await asyncio.sleep(0)
    await keeper.settle()
    before = await feed(house)
    await keeper.save()
    assert await feed(house) == before[-1:]
    again = await restarted(keeper, tmp_path)
    assert not again.building
    assert sorted(await found(house, "сухова")) == [1, 2, 3]


async def test_a_disk_that_refuses_the_snapshot_keeps_the_feed(
    house: TestHouse, keeper: IndexKeeper, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    await keeper.open()
    await keeper.settle()
    await added(house)
    await added(house)
    await asyncio.sleep(0)
    await keeper.settle()
    before = await feed(house)
    keeper._snapshot = tmp_path / "absent" / "search.idx"
    await keeper.save()
    assert await feed(house) == before
    assert "search snapshot not written" in caplog.text


async def test_a_client_who_left_is_not_found_and_his_letters_go_with_the_next_chore(
    house: TestHouse, keeper: IndexKeeper
) -> None:
    one = await added(house)
    await keeper.open()
    await keeper.settle()

    async def leave() -> None:
        from appliance.storage import feed as changes  # noqa: PLC0415  past the gate, here alone

        await execute("UPDATE customer SET state = 'destroyed' WHERE id = {}", one.id)
        await changes.reindex([one.id])

    await house.write(leave)
    await asyncio.sleep(0)
    await keeper.settle()
    here = _gate.house()
    assert here.index.stats().removed == 1
    await keeper.keep()
    assert (here.index.stats().removed, here.index.stats().entries) == (0, 0)
    assert await found(house, "сухова") == []


async def test_sealing_drops_the_index_at_once_also_in_the_middle_of_a_build(
    house: TestHouse, keeper: IndexKeeper
) -> None:
    await added(house)
    await keeper.open()
    assert keeper.building
    house.vault.seal()
    keeper.drop()
    await keeper.settle()
    assert not keeper.building
    assert _gate.house().index.stats().entries == 0


async def test_an_index_opened_again_is_not_filled_by_the_builder_before_it(
    house: TestHouse, keeper: IndexKeeper
) -> None:
    for _ in range(3):
        await added(house)
    await keeper.open()
    first = keeper._task
    keeper.drop()
    await keeper.open()
    assert first is not None and first.done()
    await keeper.settle()
    assert sorted(await found(house, "сухова")) == [1, 2, 3]
