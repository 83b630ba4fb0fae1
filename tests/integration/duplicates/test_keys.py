"""The key of a person who was merged: kept to go back by, and never longer."""

from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from appliance.actions import duplicates, orders
from appliance.domain.access import NOBODY
from appliance.domain.orders import OrderFilter
from appliance.errors import Destroyed
from appliance.jobs.doubles import keep_merged_keys
from appliance.vault.keystore import SCHEMA_VERSION, Keystore
from tests.house_fixture import TestHouse
from tests.integration.duplicates.pairs import anna, card, double, known, order_of, subjects


async def merged(house: TestHouse) -> tuple[int, int, UUID, UUID, UUID]:
    """Numbers of the two, their subjects, the merge."""
    one, other = await anna(house), await double(house)
    await order_of(house, other.number, "2")
    (_, mine), (_, theirs) = await subjects(house, one.number), await subjects(house, other.number)
    done = await duplicates.merge(house.actor_for("head"), one.number, other.number)
    return one.number, other.number, mine, theirs, done.id


async def test_the_key_is_marked_and_goes_after_ninety_days(house: TestHouse) -> None:
    one, other, mine, theirs, _ = await merged(house)
    before = known(await card(house, one))
    assert house.vault.merged_into(theirs) is None  # a crash here: the next run marks it
    assert await keep_merged_keys(house.system, house.vault) == 1
    assert house.vault.merged_into(theirs) == mine
    assert await keep_merged_keys(house.system, house.vault) == 0

    house.clock.pass_(days=90)
    await keep_merged_keys(house.system, house.vault)  # undo data first
    rows = await house.rows("SELECT state, before FROM client_merge")
    assert rows == [("closing", None)]
    assert house.vault.ledger() == []  # and a crash here leaves a key without data, no more
    assert await keep_merged_keys(house.system, house.vault) == 1
    assert [(entry.subject, entry.reason) for entry in house.vault.ledger()] == [(theirs, "merge")]
    assert await house.rows("SELECT state FROM client_merge") == [("closed",)]
    assert await keep_merged_keys(house.system, house.vault) == 0

    assert known(await card(house, one)) == before
    gone = await card(house, other)
    assert gone.state == "merged" and gone.contacts == ()  # not «destroyed»: he lives on


async def test_a_destruction_cut_short_is_finished_by_the_next_run(house: TestHouse) -> None:
    _, _, _, theirs, _ = await merged(house)
    house.clock.pass_(days=91)
    await keep_merged_keys(house.system, house.vault)
    house.vault.begin_destroy(theirs)
    house.vault.destroy(theirs, "merge", NOBODY)  # the note in main.db was lost
    assert await keep_merged_keys(house.system, house.vault) == 1
    assert len(house.vault.ledger()) == 1
    assert await house.rows("SELECT key_state FROM client_merge") == [("destroyed",)]


async def test_parting_takes_the_mark_off(house: TestHouse) -> None:
    _, other, _, theirs, merge_id = await merged(house)
    await keep_merged_keys(house.system, house.vault)
    await duplicates.unmerge(house.actor_for("head"), merge_id)
    await keep_merged_keys(house.system, house.vault)
    assert house.vault.merged_into(theirs) is None
    assert (await card(house, other)).state == "live"


async def test_destroying_the_survivor_destroys_both_keys_and_the_way_back(
    house: TestHouse,
) -> None:
    _, _, mine, theirs, merge_id = await merged(house)
    await keep_merged_keys(house.system, house.vault)
    house.vault.begin_destroy(mine)
    house.vault.destroy(mine, "request", NOBODY, NOBODY)
    destroyed = {entry.subject: entry.reason for entry in house.vault.ledger()}
    assert destroyed == {mine: "request", theirs: "request"}
    with pytest.raises(Destroyed):
        await duplicates.unmerge(house.actor_for("head"), merge_id)
    view = (await orders.browse(house.system, OrderFilter())).orders[0]
    assert view.contact is None or not view.contact.reveal().phone


async def test_taking_a_block_back_frees_both(house: TestHouse) -> None:
    one, other, mine, _, merge_id = await merged(house)
    await keep_merged_keys(house.system, house.vault)
    house.vault.begin_destroy(mine)
    house.vault.cancel_destroy(mine)
    await duplicates.unmerge(house.actor_for("head"), merge_id)
    assert (await card(house, other)).state == (await card(house, one)).state == "live"


async def test_a_key_without_its_row_is_swept(house: TestHouse) -> None:
    """A crash between keys.db and main.db: the key is committed first, and is nobody's."""
    one = await anna(house)
    _, mine = await subjects(house, one.number)
    orphan = house.vault.new_subject()
    house.vault.flush_subjects()

    def keep(asked: list[UUID]) -> set[UUID]:
        return {mine} & set(asked)

    assert house.vault.sweep_orphans(keep, timedelta(seconds=-5)) == 1
    assert orphan != mine


def test_an_older_key_file_gets_the_new_table(tmp_path: Path) -> None:
    store = Keystore.create(tmp_path).publish()
    store.run("DROP TABLE merged_key")
    for newer in ("older_key", "kept_set"):
        store.run(f"DROP TABLE {newer}")
    store.run("ALTER TABLE subject_key DROP COLUMN number")
    store.run("PRAGMA user_version = 1")
    store.close()
    again = Keystore.load(tmp_path)
    assert again.number("SELECT COUNT(*) FROM merged_key") == 0
    assert again.number("SELECT COUNT(number) FROM subject_key") == 0
    assert again.number("PRAGMA user_version") == SCHEMA_VERSION
    again.close()
