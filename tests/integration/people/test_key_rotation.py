"""New keys: people are found and read at every step, and at the end nothing is under the old."""

from typing import Any

import pytest

from appliance.actions import customers, key_rotation
from appliance.domain.key_rotation import Turn
from appliance.errors import Conflict, Denied
from appliance.jobs.key_rotation import Turner
from appliance.storage import files, key_walks
from appliance.storage.key_places import SEALED, TOKENS
from appliance.storage.statements import execute, fetch
from appliance.vault.envelope import CellRef
from tests.house_fixture import TestHouse
from tests.integration.clients.people import added, phone
from tests.integration.duplicates.pairs import anna, card, known, order_of

PHONE = "8 912 000-12-34"
TOKEN_ROWS = {one.table: ", ".join(one.columns) for one in TOKENS}


async def numbers(house: TestHouse) -> set[int]:
    """Numbers of the keys that cells are under."""
    found: set[int] = set()
    for one in SEALED:
        for _, _, subject, *cells in await house.rows(one.select, _first(one.key), 10_000):
            found |= {int.from_bytes(c[2:6], "big") for c in cells if c and subject}  # type: ignore[index]
    return found


def _first(key: str) -> Any:
    return key_walks._key(key, "")  # pyright: ignore[reportPrivateUsage] - the walk's own start


async def tokens(house: TestHouse) -> set[bytes]:
    found: set[bytes] = set()
    for table, columns in TOKEN_ROWS.items():
        rows = await house.rows(f'SELECT {columns} FROM "{table}"')  # noqa: S608 - our own names
        found |= {bytes(one) for row in rows for one in row if one}  # type: ignore[arg-type]
    return found


async def is_found(house: TestHouse) -> bool:
    return bool(await customers.find_owner(house.actor_for("head"), PHONE))


async def test_new_blind_keys_find_everybody_before_within_and_after(
    house: TestHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(key_walks, "ROWS", 1)
    here = await anna(house)
    await added(house, contacts=(phone("+7 495 000-00-01"),))
    before = await tokens(house)
    administrator = house.actor_for("administrator")._replace(step_up=True)
    with pytest.raises(Denied):
        await key_rotation.begin(house.actor_for("administrator"), Turn.INDEX)
    await key_rotation.begin(administrator, Turn.INDEX)
    with pytest.raises(Conflict, match="rotation_running"):
        await key_rotation.begin(administrator, Turn.INDEX)
    late = await added(house, contacts=(phone(PHONE),))
    assert late.number == here.number or await is_found(house)
    steps = 0
    while await key_rotation.retoken(house.system):  # each step is where a crash may come
        steps += 1
        assert await is_found(house)
    assert steps > 3
    assert house.vault.blind_epochs() == (2, 2), "the old keys go with the last step only"
    await Turner(house.system).run()
    assert house.vault.blind_epochs() == (2, 1)
    assert await is_found(house)
    assert not before & await tokens(house)
    assert not await key_rotation.due(house.system)


async def test_new_keys_of_people_carry_every_cell_and_file(
    house: TestHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(key_walks, "ROWS", 2)
    here = await anna(house)
    await order_of(house, here.number, "r-1")
    blocked = await added(house, contacts=(phone("+7 495 000-00-01"),))
    person = (await house.rows("SELECT id, subject_id FROM customer ORDER BY number"))[0]

    async def attach() -> Any:
        tx = _bare(house)
        return await files.keep(tx, person[1], "паспорт.txt", b"scan")  # type: ignore[arg-type]

    kept = await house.write(attach)
    said = known(await card(house, here.number))
    subject = (
        await house.rows("SELECT subject_id FROM customer WHERE number = {}", blocked.number)
    )[0][0]
    house.vault.begin_destroy(subject)  # type: ignore[arg-type]
    await key_rotation.begin(house.actor_for("administrator")._replace(step_up=True), Turn.PEOPLE)
    await key_rotation.renew_people(house.system, b"")
    assert known(await card(house, here.number)) == said, "old cells, new key"
    while await key_rotation.carry(house.system):
        assert known(await card(house, here.number)) == said
    await Turner(house.system).run()
    assert await numbers(house) == {2}, "the blocked one's, too"
    house.vault.cancel_destroy(subject)  # type: ignore[arg-type]
    await customers.open_by_number(house.system, blocked.number)

    async def read() -> Any:
        row = await fetch("SELECT hash FROM file WHERE id = {}", kept)
        sealed = files._sealed(row[0][0])  # pyright: ignore[reportPrivateUsage] - the bytes themselves
        return sealed[2:6], (await files.read(_bare(house), kept))[1]  # type: ignore[arg-type]

    assert await house.write(read) == (b"\0\0\0\2", b"scan")
    turning = {one.turn: one for one in await key_rotation.state(house.system)}
    assert not turning[Turn.PEOPLE].runs
    assert turning[Turn.PEOPLE].unreadable == 0
    assert not turning[Turn.KEK].runs, "the wrapping key is new, too"


async def test_rows_of_an_older_copy_are_brought_over_by_themselves(house: TestHouse) -> None:
    here = await anna(house)
    person = await house.rows("SELECT id, subject_id, person FROM customer")
    contact = await house.rows("SELECT id, value_index, tail_index FROM contact")
    administrator = house.actor_for("administrator")._replace(step_up=True)
    for turn in (Turn.PEOPLE, Turn.INDEX):
        await key_rotation.begin(administrator, turn)
    await Turner(house.system).run()

    async def put_back() -> None:
        await execute("DELETE FROM setting WHERE key IN ('keys.index', 'keys.people')")
        for row_id, _, cell in person:
            await execute("UPDATE customer SET person = {} WHERE id = {}", cell, row_id)
        for row_id, whole, tail in contact:
            await execute(
                "UPDATE contact SET value_index = {}, tail_index = {} WHERE id = {}",
                whole, tail, row_id,
            )  # fmt: skip

    await house.write(put_back)
    assert (await card(house, here.number)).first_name, "the older key still opens it"
    assert await key_rotation.due(house.system) == [Turn.PEOPLE, Turn.INDEX]
    await Turner(house.system).run()
    assert await numbers(house) == {2}
    assert await is_found(house)


def _bare(house: TestHouse) -> Any:
    from appliance.domain.grants import Access, Grant, Scope  # noqa: PLC0415 - for this one
    from appliance.storage.tx import Tx  # noqa: PLC0415

    grant = Grant(Scope.ALL, {"comment": Access.VISIBLE})
    return Tx(house.system, grant, house.vault, house.index, house.clock())


def test_a_cell_of_an_older_key_is_no_other_persons(house: TestHouse) -> None:
    one, other = house.vault.new_subject(), house.vault.new_subject()
    house.vault.flush_subjects()
    ref = CellRef("contact", "value", one, one)
    cell = house.vault.seal_cell(ref, b"invented")
    house.vault.renew_people()
    house.vault.renew_step()
    assert house.vault.open_cell(ref, cell) == b"invented"
    with pytest.raises(Exception, match=r"contact\.value"):
        house.vault.open_cell(ref._replace(subject=other), cell)
