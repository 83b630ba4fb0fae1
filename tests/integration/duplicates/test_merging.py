"""Two records become one, and two again: nothing is lost either way."""

import pytest

from appliance.actions import customers, duplicates, orders
from appliance.domain.customers import CustomerChange
from appliance.domain.orders import CustomerRef, OrderSelector
from appliance.domain.personal import Personal, reveal_or_none
from appliance.errors import Conflict, Denied, Invalid, NotFound
from tests.house_fixture import SHOP, TestHouse
from tests.integration.clients.people import entries, ref
from tests.integration.duplicates.pairs import (
    anna,
    card,
    double,
    known,
    left_under,
    order_of,
    subjects,
)
from tests.integration.orders.changes import say

pytestmark = pytest.mark.checklist(103)


async def test_a_merge_brings_everything_under_the_survivors_key(house: TestHouse) -> None:
    one, other = await anna(house), await double(house)
    await order_of(house, one.number, "1")
    theirs = await order_of(house, other.number, "2")
    before, there = await card(house, one.number), await card(house, other.number)

    done = await duplicates.merge(house.actor_for("head"), one.number, other.number, ["first_name"])

    assert done.moved["orders"] == 1 and done.moved["contact"] == 1
    became = await card(house, one.number)
    assert reveal_or_none(became.first_name) == "Аня"  # chosen
    assert reveal_or_none(became.last_name) == "Сухова"
    assert reveal_or_none(became.patronymic) == "Петровна"  # only the other had one
    assert reveal_or_none(became.comment) == "Просит звонить после шести"
    assert known(became)["contacts"] == [
        "+7 495 000-00-01", "8 (912) 000-12-34", "anna@example.ru",
    ]  # fmt: skip
    assert became.tags == ("горожанка", "опт") and became.vip
    assert became.orders_count == 2
    assert became.orders_total == before.orders_total + there.orders_total
    assert became.address == before.address and became.requisites == before.requisites

    moved = await orders.open_card(house.system, theirs.id)
    assert moved.customer is not None and moved.customer.number == one.number
    assert moved.contact == theirs.contact and moved.delivery == theirs.delivery
    _, subject = await subjects(house, other.number)
    # What is left under the other's key: doubles, and fields that were not chosen.
    assert await left_under(house, subject) == {"address": 1, "contact": 1, "requisites": 1}
    gone = await card(house, other.number)
    assert gone.state == "merged" and gone.orders_count == 0


async def test_what_was_not_chosen_stands_in_the_history(house: TestHouse) -> None:
    one, other = await anna(house), await double(house)
    await duplicates.merge(house.actor_for("head"), one.number, other.number)
    told = await entries(house, one.number)
    assert ("merged.first_name", "Аня", None) in told
    assert ("patronymic", None, "Петровна") in told
    assert told[-1][0] == "merged"
    assert (await entries(house, other.number))[-1][0] == "combined_to"


async def test_unmerging_restores_both_whole(house: TestHouse) -> None:
    one, other = await anna(house), await double(house)
    await order_of(house, one.number, "1")
    theirs = await order_of(house, other.number, "2")
    was = known(await card(house, one.number)), known(await card(house, other.number))
    head = house.actor_for("head")
    done = await duplicates.merge(
        head, one.number, other.number, ["first_name", "address", "requisites"]
    )
    merged = await card(house, one.number)
    assert reveal_or_none(merged.address).city == "Клин"  # type: ignore[union-attr]

    seen = await duplicates.look_back(head, done.id)
    assert seen.returns["orders"] == 1 and seen.conflicts == () and seen.stays == 0
    assert await duplicates.unmerge(head, done.id) == seen

    assert (known(await card(house, one.number)), known(await card(house, other.number))) == was
    back = await orders.open_card(house.system, theirs.id)
    assert back.customer is not None and back.customer.number == other.number
    assert (back.contact, back.delivery, back.lines) == (
        theirs.contact, theirs.delivery, theirs.lines,
    )  # fmt: skip


async def test_a_field_that_somebody_changed_since_is_left_alone(house: TestHouse) -> None:
    one, other = await anna(house), await double(house)
    head = house.actor_for("head")
    done = await duplicates.merge(head, one.number, other.number, ["first_name"])
    change = CustomerChange(first_name=Personal("Анна-Мария"))
    await customers.edit(head, SHOP, ref(one.number), change)
    assert (await duplicates.look_back(head, done.id)).conflicts == ("first_name",)
    await duplicates.unmerge(head, done.id)
    assert reveal_or_none((await card(house, one.number)).first_name) == "Анна-Мария"
    assert reveal_or_none((await card(house, other.number)).first_name) == "Аня"


async def test_what_was_added_since_to_a_moved_order_goes_back_with_it(house: TestHouse) -> None:
    one, other = await anna(house), await double(house)
    theirs = await order_of(house, other.number, "2")
    head = house.actor_for("head")
    done = await duplicates.merge(head, one.number, other.number)
    await say(house, theirs.id, "Домофон не работает")
    await duplicates.unmerge(head, done.id)
    view = await orders.open_card(house.system, theirs.id)
    assert view.contact is not None
    assert view.contact.reveal().manager_comment == "Домофон не работает"


async def test_pressing_twice_merges_once(house: TestHouse) -> None:
    one, other = await anna(house), await double(house)
    head = house.actor_for("head")
    first = await duplicates.merge(head, one.number, other.number)
    again = await duplicates.merge(head, one.number, other.number)
    assert again.id == first.id and again.moved == {}
    await duplicates.unmerge(head, first.id)
    with pytest.raises(Conflict) as refused:
        await duplicates.unmerge(head, first.id)
    assert refused.value.code == "merge_undone"


@pytest.mark.parametrize("role", ["seller", "operator", "accountant", "administrator"])
async def test_only_who_may_merge_merges(house: TestHouse, role: str) -> None:
    one, other = await anna(house), await double(house)
    with pytest.raises(Denied):
        await duplicates.merge(house.actor_for(role), one.number, other.number)
    assert (await card(house, other.number)).state == "live"


async def test_what_cannot_become_one_is_refused(house: TestHouse) -> None:
    one, other = await anna(house), await double(house)
    head = house.actor_for("head")
    with pytest.raises(Invalid, match="merge_with_itself"):
        await duplicates.merge(head, one.number, one.number)
    with pytest.raises(NotFound):
        await duplicates.merge(head, one.number, 999)
    with pytest.raises(Invalid, match="field_unknown"):
        await duplicates.merge(head, one.number, other.number, ["password"])
    with pytest.raises(Conflict, match="version_conflict"):
        await duplicates.merge(head, one.number, other.number, [], (7, 7))


async def test_a_shop_that_names_the_merged_client_reaches_the_survivor(house: TestHouse) -> None:
    one, other = await anna(house), await double(house, external_id="site-7")
    await duplicates.merge(house.actor_for("head"), one.number, other.number)
    view = await order_of(house, other.number, "9")
    assert view.customer is not None and view.customer.number == one.number
    found = await customers.get(house.system, SHOP, CustomerRef(external_id="site-7"))
    assert found.number == one.number


async def test_a_merge_is_taken_back_for_ninety_days_only(house: TestHouse) -> None:
    one, other = await anna(house), await double(house)
    head = house.actor_for("head")
    done = await duplicates.merge(head, one.number, other.number)
    house.clock.pass_(days=90)
    with pytest.raises(Conflict, match="merge_too_old"):
        await duplicates.unmerge(head, done.id)


async def test_a_chain_is_taken_back_from_its_end(house: TestHouse) -> None:
    one, other, third = await anna(house), await double(house), await double(house)
    order = await order_of(house, third.number, "3")
    head = house.actor_for("head")
    first = await duplicates.merge(head, other.number, third.number)
    second = await duplicates.merge(head, one.number, other.number)
    with pytest.raises(Conflict, match="merged_further"):
        await duplicates.unmerge(head, first.id)
    await duplicates.unmerge(head, second.id)
    await duplicates.unmerge(head, first.id)
    view = await orders.open_card(house.system, order.id)
    assert view.customer is not None and view.customer.number == third.number
    assert view.contact == order.contact
    found = await orders.find_by(house.system, [OrderSelector(id=order.id)])
    assert found[0].number == order.number
