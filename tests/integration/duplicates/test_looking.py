"""Doubles are found by equal contacts, warned of while typing, and never made by a spelling."""

import pytest

from appliance.actions import customers, duplicates, orders
from appliance.domain.duplicates import Reason
from appliance.domain.personal import Personal
from appliance.errors import NotFound
from appliance.jobs.doubles import look_for_doubles
from tests.house_fixture import TestHouse
from tests.integration.clients.people import added, email, phone
from tests.integration.duplicates.pairs import anna, double
from tests.integration.orders.drafts import draft as order_draft


async def reasons(house: TestHouse) -> dict[tuple[int, int], tuple[Reason, ...]]:
    desk = await duplicates.desk(house.actor_for("head"))
    return {(one.first.number, one.second.number): one.reasons for one in desk.pairs}


async def test_the_nightly_look_pairs_by_contacts_and_confirms_by_name(house: TestHouse) -> None:
    one, other = await anna(house), await double(house)
    twin = await anna(house, contacts=(email("ANNA@example.ru"),), requisites=None)
    await added(house, first_name=Personal("Пётр"), contacts=(phone("+7 495 000-00-77"),))
    await look_for_doubles(house.system)
    assert await reasons(house) == {
        (one.number, other.number): (Reason.TAX_ID, Reason.PHONE),
        (one.number, twin.number): (Reason.EMAIL, Reason.NAME),
    }
    await look_for_doubles(house.system)  # again: nothing twice
    assert len(await reasons(house)) == 2


@pytest.mark.checklist(82)
async def test_two_readings_meet_for_a_weaker_reason(house: TestHouse) -> None:
    one = await added(house, contacts=(phone("098 123-45-67"),))
    other = await added(house, first_name=Personal("Аня"), contacts=(phone("380981234567"),))
    await added(house, contacts=(phone("+7 916 223-45-67"),))
    await added(house, first_name=Personal("Джо"), contacts=(phone("+1 916 223-45-67"),))
    await look_for_doubles(house.system)
    assert await reasons(house) == {(one.number, other.number): (Reason.TAIL,)}


async def test_a_pair_that_was_told_apart_does_not_come_back(house: TestHouse) -> None:
    await anna(house)
    await double(house)
    head = house.actor_for("head")
    await look_for_doubles(house.system)
    pair = (await duplicates.desk(head)).pairs[0]
    await duplicates.dismiss(head, pair.id)
    await look_for_doubles(house.system)
    assert await reasons(house) == {}
    with pytest.raises(NotFound):
        await duplicates.dismiss(head, pair.id)
    await duplicates.reopen(head, pair.id)
    assert len(await reasons(house)) == 1


async def test_a_look_cut_short_goes_on_where_it_stopped(house: TestHouse) -> None:
    one, other = await anna(house), await double(house)
    step, after, seen = await duplicates.look_on(house.system)
    await duplicates.look_done(house.system, step, after, seen)
    again, _, _ = await duplicates.look_on(house.system)  # as after a restart
    assert (again.source, again.started_at) == (1, step.started_at)
    await look_for_doubles(house.system)
    assert (one.number, other.number) in await reasons(house)


@pytest.mark.checklist(82)
@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("8 912 000-12-34", "+7 912 000 12 34"),
        ("+8 (912) 000-12-34", "89120001234"),
        ("098 123-45-67", "380981234567"),
        ("8 800 555-35-35", "+7 800 5553535"),
        ("8 (495) 123-45-67 доб. 12", "+7 495 123-45-67, вн. 12"),
    ],
)
async def test_a_spelling_never_makes_a_second_client(
    house: TestHouse, first: str, second: str
) -> None:
    for number, typed in (("1", first), ("2", second)):
        change = {"customer": order_draft(None).customer}
        only = change["customer"].__class__(first_name=Personal("Анна"), contacts=(phone(typed),))
        await orders.place(house.system, order_draft(number, phone=typed, customer=only))
    assert len(await house.rows("SELECT id FROM customer")) == 1


@pytest.mark.checklist(82)
async def test_a_number_without_a_plus_is_of_the_shops_country(house: TestHouse) -> None:
    async def move() -> None:
        from appliance.storage.statements import execute  # noqa: PLC0415

        await execute("UPDATE shop SET country = 'UA' WHERE code = 'main'")

    await house.write(move)
    one = await added(house, contacts=(phone("098 123-45-67"),))
    view = (await customers.open_by_number(house.system, one.number)).customer
    assert view.contacts[0].readable
    assert view.contacts[0].shown == Personal("+380981234567")


@pytest.mark.checklist(51)
async def test_one_buyer_from_three_sources_is_one_card(house: TestHouse) -> None:
    one = await anna(house, manager_number=1)
    for number, typed in enumerate(("89120001234", "+7 912 0001234")):
        await orders.place(house.system, order_draft(str(number), phone=typed))
    view = (await customers.open_by_number(house.system, one.number)).customer
    assert view.orders_count == 2
    seller = await duplicates.suggest(house.actor_for("rival"), [phone("912 000 12 34")])
    assert [(found.client, found.owner_name) for found in seller.found] == [
        (None, "Анна Продавцова")
    ]
