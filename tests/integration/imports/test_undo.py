"""An import is taken back whole: who was added goes, who was changed is as before."""

import pytest

from appliance.actions import customers, imports
from appliance.domain.customers import CustomerChange
from appliance.domain.imports import ImportState
from appliance.domain.orders import CustomerRef
from appliance.domain.personal import Personal, reveal_or_none
from appliance.errors import Conflict
from tests.house_fixture import TestHouse
from tests.integration.imports.files import people, view, whole, work

pytestmark = pytest.mark.checklist(176)
CHANGES = [("Фамилия", "Телефон", "Город"), ("Новая", "+7 912 000-00-01", "Тверь")]


async def _undo(house: TestHouse, number: int) -> None:
    await imports.undo(house.actor_for("head"), number)
    await work(house)


async def test_those_an_import_added_are_gone_and_those_it_changed_as_before(
    house: TestHouse,
) -> None:
    first = await whole(house, people(3))
    second = await whole(house, [*CHANGES, ("Совсемнова", "+7 912 000-99-99", "Клин")])
    await _undo(house, second.number)
    done = await view(house, second.number)
    assert done.state is ImportState.UNDONE
    assert (done.tally.taken_back, done.tally.kept) == (2, 0)
    names = [
        reveal_or_none((await customers.get(house.system, "", CustomerRef(number=n))).last_name)
        for n in (1, 2, 3)
    ]
    assert names == ["Придуманов0", "Придуманов1", "Придуманов2"]
    assert await house.rows("SELECT state FROM customer ORDER BY number") == [
        ("live",), ("live",), ("live",), ("destroyed",),
    ]  # fmt: skip
    assert await house.rows("SELECT COUNT(*) FROM contact") == [(6,)]
    await _undo(house, first.number)
    assert await house.rows("SELECT COUNT(*) FROM contact") == [(2,)]  # another deed touched one


async def test_what_was_changed_since_stays(house: TestHouse) -> None:
    await whole(house, people(2))
    second = await whole(house, CHANGES)
    change = CustomerChange(last_name=Personal("Замужняя"))
    await customers.edit(house.system, "", CustomerRef(number=2), change)
    await _undo(house, second.number)
    card = await customers.get(house.system, "", CustomerRef(number=2))
    assert reveal_or_none(card.last_name) == "Замужняя"
    assert reveal_or_none(card.address).city == ""  # type: ignore[union-attr]


async def test_a_client_somebody_worked_with_is_kept(house: TestHouse) -> None:
    first = await whole(house, people(2))
    change = CustomerChange(comment=Personal("перезвонить"))
    await customers.edit(house.system, "", CustomerRef(number=1), change)
    await _undo(house, first.number)
    done = await view(house, first.number)
    assert (done.tally.taken_back, done.tally.kept) == (1, 1)


async def test_a_destroyed_person_does_not_come_back(house: TestHouse) -> None:
    await whole(house, people(2))
    second = await whole(house, CHANGES)
    subject = (await house.rows("SELECT subject_id FROM customer WHERE number = 2"))[0][0]
    house.vault.begin_destroy(subject)  # type: ignore[arg-type]
    house.vault.destroy(subject, "request", house.users["head"])  # type: ignore[arg-type]
    await _undo(house, second.number)
    assert (await view(house, second.number)).tally.kept == 1


async def test_an_old_import_stays(house: TestHouse) -> None:
    first = await whole(house, people(1))
    house.clock.pass_(days=91)
    with pytest.raises(Conflict):
        await imports.undo(house.actor_for("head"), first.number)
