"""The list of clients on both engines: every condition, groups, what the palette has at hand."""

import msgspec
import pytest

from appliance.actions import client_groups, customers, desk, palette
from appliance.domain.client_lists import BARE, NOT_GIVEN, ClientList
from appliance.domain.customers import CustomerChange
from tests.house_fixture import SHOP, TestHouse
from tests.integration.clients.people import added, phone, ref


async def made(house: TestHouse) -> list[int]:
    people = [
        await added(house, contacts=(phone(f"+7 495 000-00-0{n}"),), tags=("опт",) if n else ())
        for n in range(3)
    ]
    numbers = [one.number for one in people]
    change = CustomerChange(vip=True, region="78", manager_number=1)
    await customers.edit(house.system, SHOP, ref(numbers[0]), change)
    return numbers


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        (ClientList(vip=True), [0]),
        (ClientList(tag="опт"), [2, 1]),
        (ClientList(manager=1), [0]),
        (ClientList(manager=0), [2, 1]),
        (ClientList(region="78"), [0]),
        (ClientList(region="77"), [2, 1]),  # told by their phones
        (ClientList(region=NOT_GIVEN), []),
        (ClientList(vip=True, tag="опт"), []),
        (ClientList(custom=(("unknown", "1"),)), []),
        (BARE, [2, 1, 0]),
    ],
)
async def test_each_condition_finds_its_clients(
    house: TestHouse, asked: ClientList, found: list[int]
) -> None:
    numbers = await made(house)
    screen = await desk.clients(house.actor_for("head"), asked=asked)
    assert [one.number for one in screen.rows] == [numbers[at] for at in found]


async def test_groups_count_each_client_once(house: TestHouse) -> None:
    await made(house)
    head = house.actor_for("head")
    by_manager = await client_groups.screen(head, BARE, "manager")
    figures = [(one.figures.key, one.figures.clients, len(one.rows)) for one in by_manager.groups]
    assert figures == [("0", 2, 2), ("1", 1, 1)] and by_manager.whole
    narrow = msgspec.structs.replace(BARE, tag="опт")
    by_region = await client_groups.screen(head, narrow, "region")
    assert [(one.figures.key, one.figures.clients) for one in by_region.groups] == [("77", 2)]


async def test_the_palette_gives_what_was_worked_on_last_to_those_who_still_see_it(
    house: TestHouse,
) -> None:
    numbers = await made(house)
    head = house.actor_for("head")
    for number in numbers[:2]:
        await customers.edit(head, SHOP, ref(number), CustomerChange(bad=True))
    found = await palette.find(head, "")
    assert [one.number for one in found.people] == [numbers[1], numbers[0]]
    assert (await palette.find(house.actor_for("seller"), "")).people == ()
