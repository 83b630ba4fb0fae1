"""A law that keeps a part: all else goes at once, the part waits under its own key and goes too."""

import asyncio
import json
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import pytest

from appliance.actions import acts, customers, subjects, trimming, upkeep
from appliance.domain.customers import CustomerChange
from appliance.domain.health import Deciding, Queue, State, judge
from appliance.domain.holds import KeptFor, KeptSet
from appliance.domain.orders import CustomerRef
from appliance.domain.personal import Personal
from appliance.domain.privacy import PurposeCode
from appliance.domain.subjects import Found, RequestState, RequestView
from appliance.errors import Conflict, Damaged, Denied
from appliance.jobs.acts import write_acts
from appliance.storage import subject_finds
from appliance.storage.statements import execute
from tests.house_fixture import SHOP, TestHouse
from tests.integration.subjects.scene import (
    NAME,
    PHONE,
    Machine,
    agreed,
    asked,
    busy,
    destroyer,
    officer,
    somebody,
)
from tests.integration.subjects.test_acts import ZONE, log_of
from tests.tui.test_health import MACHINE

pytestmark = pytest.mark.parametrize("house", ["sqlite"], indirect=True)
LAW = "402-ФЗ, ст. 29"


async def test_what_a_hold_does_not_need_goes_at_once_and_the_rest_on_its_day(
    house: TestHouse, tmp_path: Path
) -> None:
    person = await somebody(house)
    await customers.edit(
        house.actor_for("head"), SHOP, CustomerRef(number=person.number),
        CustomerChange(requisites=Personal({"inn": "500100732259"})),
    )  # fmt: skip
    await busy(house, person)
    until = house.clock.now.date() + timedelta(days=400)
    hold = await subjects.hold(officer(house), person.number, PurposeCode.ACCOUNTING, LAW, until)
    view = await asked(house, person)
    await agreed(house, view.number)
    sums = await house.rows("SELECT number, total FROM orders ORDER BY number")
    machine = Machine()
    assert await machine.run(house, 73) == [view.number]  # a hold does not hold up the rest
    worker = destroyer(house, machine)
    assert await worker.tick() == 1

    # All of him is gone from the tables, as without a hold.
    found = await house.database.read(lambda: _found(person.id))
    assert (found.cells, found.indexes, found.files) == ({}, 0, 0)
    assert await customers.search(house.actor_for("head"), NAME) == []
    assert await house.rows("SELECT number, total FROM orders ORDER BY number") == sums
    done = await subjects.show(officer(house), view.number)
    assert done.state is RequestState.WAITING
    assert done.found.kept == {"name": 1, "tax_id": 1}
    [entry] = house.vault.ledger()
    assert (entry.subject, entry.reason) == (done.subject_id, "demand_trimmed")

    # What stays is under a key of its own, blocked, and a request of its own ends it.
    rest = await subjects.show(officer(house), done.found.kept_in)
    assert (rest.state, rest.found.kept_of) == (RequestState.HELD, view.number)
    assert rest.subject_id in house.vault.pending_destroy()
    with pytest.raises(Denied):
        await trimming.kept(house.actor_for("seller"), rest.number)
    kept = (await trimming.kept(officer(house), view.number)).reveal()
    assert kept.lines == {"name": (f"{NAME} Евлампия",), "tax_id": ("ИНН 500100732259",)}
    assert PHONE not in repr(kept.lines)
    with pytest.raises(Conflict, match="destroy_begun"):
        await subjects.refuse(officer(house), rest.number, Personal("передумали"))

    # The act of the first says what stays, why and until when.
    act = await _written(house, tmp_path / "1", 1)
    assert {"name", "tax_id"} & {one["code"] for one in act["categories"]} == set()
    assert "contacts" in {one["code"] for one in act["categories"]}
    assert len(act["kept"]) == 1
    assert all(part in act["kept"][0] for part in (LAW, f"{until:%d.%m.%Y}", "НК РФ, ст. 169"))

    await _its_day_comes(house, machine, hold, rest)
    act = await _written(house, tmp_path / "2", 2)  # one for each part
    assert {one["code"] for one in act["categories"]} == {"name", "tax_id"}
    assert (act["kept"], act["subject_id"]) == ([], str(rest.subject_id))
    assert any(one["part"].startswith("утвердил") for one in act["persons"])
    await worker.tick()
    assert (await _state(house, rest.number)) is RequestState.CLOSED


async def _its_day_comes(house: TestHouse, machine: Machine, hold: UUID, rest: RequestView) -> None:
    """The day comes; the pause by the clock nobody can set; then key and set go."""
    worker = destroyer(house, machine)
    assert await worker.tick() == 0
    house.clock.pass_(days=401)
    assert await worker.tick() == 0
    assert (await _state(house, rest.number)) is RequestState.COOLING
    house.clock.pass_(days=-300)  # the clock was wrong: the law holds again
    assert await worker.tick() == 0
    assert (await _state(house, rest.number)) is RequestState.HELD
    await subjects.release(officer(house), hold)
    assert await worker.tick() == 0
    machine.ms += 80 * 3_600_000
    await worker.tick()
    machine.ms += 80 * 3_600_000
    await worker.tick()
    assert (await _state(house, rest.number)) is RequestState.WAITING
    assert house.vault.kept_sets() == {}
    assert len(house.vault.ledger()) == 2
    with pytest.raises(Conflict, match="subject_destroyed"):
        await trimming.kept(officer(house), rest.number)


async def test_a_key_that_is_lost_is_told_of_and_ends_as_destroyed(
    house: TestHouse, tmp_path: Path
) -> None:
    person = await somebody(house)
    until = house.clock.now.date() + timedelta(days=30)
    hold = await subjects.hold(officer(house), person.number, PurposeCode.ORDER, LAW, until)
    view = await asked(house, person)
    await agreed(house, view.number)
    machine = Machine()
    await machine.run(house, 73)
    worker = destroyer(house, machine)
    await worker.tick()
    done = await subjects.show(officer(house), view.number)
    rest = await subjects.show(officer(house), done.found.kept_in)
    await _written(house, tmp_path / "1", 1)
    assert not done.is_lost and not rest.is_lost
    assert (await upkeep.look(house.system)).deciding.lost == 0
    _lose(house, rest.subject_id)
    rest = await subjects.show(officer(house), rest.number)
    assert rest.is_lost and rest.state is RequestState.HELD
    assert (await upkeep.look(house.system)).deciding.lost == 1
    red = judge(MACHINE, Queue(), (), house.clock.now, deciding=Deciding(lost=1))
    assert "keys.lost" in {line.code for line in red if line.state is State.BAD}
    with pytest.raises(Damaged):
        await trimming.kept(officer(house), view.number)
    # Its day comes: nobody can open it, and no copy that has the key may bring it back.
    await subjects.release(officer(house), hold)
    await worker.tick()
    for _ in range(2):
        machine.ms += 80 * 3_600_000
        await worker.tick()
    assert (await _state(house, rest.number)) is RequestState.WAITING
    assert [one.reason for one in house.vault.ledger()] == ["demand_trimmed", "purpose_end_lost"]
    assert (await upkeep.look(house.system)).deciding.lost == 0
    act = await _written(house, tmp_path / "2", 2)
    assert "утрачен" in act["methods"][0]


def _lose(house: TestHouse, subject: UUID) -> None:
    """As if keys.db had been put back by hand from before it was drawn."""
    opened = house.vault._need()
    opened.keys._store.run("DELETE FROM subject_key WHERE subject = ?", (subject.bytes,))
    opened.keys._store.run("DELETE FROM kept_set WHERE subject = ?", (subject.bytes,))
    opened.keys.forget(subject)


async def test_a_hold_that_finds_nothing_to_keep_leaves_nothing(house: TestHouse) -> None:
    person = await somebody(house)
    until = house.clock.now.date() + timedelta(days=9)
    await subjects.hold(officer(house), person.number, PurposeCode.CALLBACK, "152-ФЗ", until)
    view = await asked(house, person)
    await agreed(house, view.number)
    machine = Machine()
    await machine.run(house, 73)
    await destroyer(house, machine).tick()
    done = await subjects.show(officer(house), view.number)
    assert (done.state, done.found.kept_in) == (RequestState.WAITING, 0)
    assert [one.reason for one in house.vault.ledger()] == ["demand"]


async def test_a_trim_cut_off_before_its_commit_keeps_one_set_and_ends(house: TestHouse) -> None:
    """Killed between keys.db and main.db: done again it finds the set, and draws no second one."""
    person = await somebody(house)
    until = house.clock.now.date() + timedelta(days=400)
    await subjects.hold(officer(house), person.number, PurposeCode.ORDER, "ГК РФ", until)
    view = await asked(house, person)
    await agreed(house, view.number)
    machine = Machine()
    await machine.run(house, 73)
    first = house.vault.keep(view.subject_id, msgspec.msgpack.encode(_set(view)))
    assert await trimming.unregistered(house.system) == []  # the person is not destroyed yet
    await destroyer(house, machine).tick()
    done = await subjects.show(officer(house), view.number)
    rest = await subjects.show(officer(house), done.found.kept_in)
    assert rest.subject_id == first
    assert [*house.vault.kept_sets()] == [first]


async def test_an_older_copy_of_the_tables_shows_the_trimmed_person_trimmed(
    house: TestHouse,
) -> None:
    """keys.db is never set back: the request of the kept set and its hold are written anew."""
    person = await somebody(house)
    until = house.clock.now.date() + timedelta(days=400)
    await subjects.hold(officer(house), person.number, PurposeCode.ORDER, "ГК РФ", until)
    view = await asked(house, person)
    await agreed(house, view.number)
    cell = await house.rows("SELECT person, subject_id FROM customer WHERE id = {}", person.id)
    machine = Machine()
    await machine.run(house, 73)
    worker = destroyer(house, machine)
    await worker.tick()
    before = await subjects.show(officer(house), view.number)
    await house.write(lambda: _set_back(person.id, view.number, cell[0][0]))
    assert await worker.reconcile() == 2
    await worker.tick()
    found = await house.database.read(lambda: _found(person.id))
    assert found.cells == {}
    again = await subjects.show(officer(house), view.number)
    assert again.found.kept == before.found.kept != {}
    rest = await subjects.show(officer(house), again.found.kept_in)
    assert (rest.state, [one.law for one in rest.holds]) == (RequestState.HELD, ["ГК РФ"])
    kept = (await trimming.kept(officer(house), rest.number)).reveal()
    assert kept.lines["contacts"] == ("+79120007701", "evlampia@example.ru")
    assert await worker.reconcile() == 0


async def test_a_hold_after_the_end_makes_the_time_longer_and_brings_nothing_back(
    house: TestHouse,
) -> None:
    person = await somebody(house)
    day = house.clock.now.date()
    await subjects.hold(
        officer(house), person.number, PurposeCode.ACCOUNTING, LAW, day + timedelta(days=5)
    )
    view = await asked(house, person)
    await agreed(house, view.number)
    machine = Machine()
    await machine.run(house, 73)
    worker = destroyer(house, machine)
    await worker.tick()
    await subjects.hold(
        officer(house), person.number, PurposeCode.ORDER, "суд", day + timedelta(days=90)
    )
    house.clock.pass_(days=30)
    await worker.tick()
    done = await subjects.show(officer(house), view.number)
    assert (await _state(house, done.found.kept_in)) is RequestState.HELD
    kept = (await trimming.kept(officer(house), view.number)).reveal()
    assert set(kept.lines) == {"name"}


async def test_a_renewal_of_peoples_keys_carries_what_is_kept(house: TestHouse) -> None:
    subject = house.vault.keep(house.vault.new_subject(), b"what stays")
    house.vault.renew_people()
    while (step := house.vault.renew_step()).after is not None:
        assert step.renewed
    assert house.vault.kept(subject) == b"what stays"
    assert subject in house.vault.pending_destroy()


async def _found(customer_id: UUID) -> Found:
    return await subject_finds.found_of(await subject_finds.cards(customer_id))


async def _state(house: TestHouse, number: int) -> RequestState:
    return (await subjects.show(officer(house), number)).state


async def _written(house: TestHouse, folder: Path, number: int) -> Any:
    """The next act, as it is kept."""
    await asyncio.to_thread(folder.mkdir)
    async with log_of(house, folder) as sealer:

        async def settle() -> None:
            await sealer.run()
            await sealer.checkpoint()

        assert await write_acts(house.system, folder / "audit.db", settle, "Башмачок", ZONE) == 1
    assert (await acts.part(officer(house), number, "act.pdf")).reveal().startswith(b"%PDF")
    return json.loads((await acts.part(officer(house), number, "act.json")).reveal())


def _set(view: RequestView) -> KeptSet:
    return KeptSet(
        customer_id=view.customer_id,
        customer_number=view.customer_number,
        subject_id=view.subject_id,
        request=view.number,
        fors=(KeptFor(purpose=PurposeCode.ORDER, law="ГК РФ", until=view.due_on),),
        lines={"name": (NAME,)},
    )


async def _set_back(client: UUID, number: int, cell: object) -> None:
    """The tables as yesterday's copy has them: the person there, no word of what is kept."""
    await execute("UPDATE customer SET state = 'blocked', person = {} WHERE id = {}", cell, client)
    await execute("DELETE FROM subject_request WHERE number > {}", number)
    await execute("DELETE FROM legal_hold")
    await execute(
        "UPDATE subject_request SET state = 'cooling', found = {} WHERE number = {}",
        "{}",
        number,
    )
