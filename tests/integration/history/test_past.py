"""A record as of a moment is what it was then."""

from datetime import datetime
from typing import Any, cast

import pytest

from appliance.actions import customers, duplicates, history, orders
from appliance.domain.customers import CustomerChange
from appliance.domain.history import Past
from appliance.domain.orders import DeliveryDraft, LineDraft, OrderChange, OrderSelector
from appliance.domain.personal import Personal
from appliance.errors import NotFound
from tests.house_fixture import SHOP, TestHouse
from tests.integration.clients.people import phone, ref
from tests.integration.duplicates.pairs import anna, double, order_of


def said(past: Past | None) -> dict[str, Any]:
    assert past is not None
    return {
        name: sorted(_plain(one) for one in cast("list[Any]", value))
        if isinstance(value, list)
        else _plain(value)
        for name, value in past.values.items()
    } | {"lines": dict(past.lines)}


def _plain(value: Any) -> Any:
    return cast("Personal[Any]", value).reveal() if isinstance(value, Personal) else value


async def client_at(house: TestHouse, number: int, at: datetime) -> dict[str, Any]:
    return said((await history.client(house.system, number, at)).past)


async def order_at(house: TestHouse, number: int, at: datetime) -> dict[str, Any]:
    return said((await history.order(house.system, number, at)).past)


async def test_a_client_as_of_a_moment_is_what_he_was(house: TestHouse) -> None:
    one = await anna(house)
    moments = [house.clock.now]
    was = [await client_at(house, one.number, house.clock.now)]
    for change in (
        CustomerChange(first_name=Personal("Мария"), add_tags=("розница",), vip=True),
        CustomerChange(address=Personal({"city": "Клин"}), remove_tags=("опт",)),
        CustomerChange(first_name=None, add_contacts=(phone("+7 495 000-00-09"),), vip=False),
    ):
        house.clock.pass_(hours=5)
        await customers.edit(house.system, SHOP, ref(one.number), change)
        moments.append(house.clock.now)
        was.append(await client_at(house, one.number, house.clock.now))
    house.clock.pass_(days=1)
    assert [await client_at(house, one.number, at) for at in moments] == was
    assert was[0]["tags"] == ["опт"] and was[1]["tags"] == ["опт", "розница"]
    past = (await history.client(house.system, one.number, datetime(2020, 1, 1).astimezone())).past
    assert past is not None and not past.exists


async def test_an_order_as_of_a_moment_is_what_it_was(house: TestHouse) -> None:
    one = await anna(house)
    order = await order_of(house, one.number, "1")
    moments = [house.clock.now]
    was = [await order_at(house, order.number, house.clock.now)]
    lamp = LineDraft(offer_external_id="L-1", product_name="Лампа", quantity_milli=5000, price=1)
    for change in (
        OrderChange(lines=(lamp,), contact=Personal({"first_name": "Мария"})),
        OrderChange(
            status=order.next_statuses[0].code,
            delivery=DeliveryDraft(cost=1, address=Personal({"city": "Клин"})),
        ),
    ):
        house.clock.pass_(hours=5)
        await orders.edit(house.system, OrderSelector(id=order.id), change)
        moments.append(house.clock.now)
        was.append(await order_at(house, order.number, house.clock.now))
    house.clock.pass_(days=1)
    assert [await order_at(house, order.number, at) for at in moments] == was
    assert len(was[0]["lines"]) == 3 and len(was[1]["lines"]) == 1


async def test_values_are_opened_by_right(house: TestHouse) -> None:
    one = await anna(house)
    change = CustomerChange(first_name=Personal("Мария"), add_contacts=(phone("+7 495 000-00-09"),))
    await customers.edit(house.system, SHOP, ref(one.number), change)
    page = await history.client(house.actor_for("accountant"), one.number, house.clock.now)
    shown = {line.field: line for line in page.lines}
    assert shown["first_name"].new == Personal("Мария")
    assert shown["phones"].hidden and shown["phones"].new is None
    assert page.past is not None and "phones" not in page.past.values
    with pytest.raises(NotFound):
        await history.client(house.actor_for("seller"), one.number)


async def test_the_history_of_a_merged_client_is_the_survivors(house: TestHouse) -> None:
    one, other = await anna(house), await double(house)
    change = CustomerChange(first_name=Personal("Анюта"))
    await customers.edit(house.system, SHOP, ref(other.number), change)
    await duplicates.merge(house.actor_for("head"), one.number, other.number)
    page = await history.client(house.system, one.number)
    told = [(line.number, line.field, _plain(line.new)) for line in page.lines]
    assert (other.number, "first_name", "Анюта") in told
