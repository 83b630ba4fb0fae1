import pytest

from appliance import roles
from appliance.actions import customers, feeds, orders
from appliance.domain.customer_feed import CustomerFeedFilter
from appliance.domain.customers import CustomerChange
from appliance.domain.order_feed import FeedEntry, FeedFilter
from appliance.domain.orders import CustomerRef, LineDraft, OrderChange, OrderSelector
from appliance.domain.personal import Personal
from appliance.errors import Denied
from appliance.storage.statements import insert
from appliance.storage.tables import ApiKeyRow
from tests.house_fixture import TestHouse
from tests.integration.orders.drafts import CORD, LAMP, draft

WHICH = OrderSelector(external_id="1044", shop="main")


async def _read(house: TestHouse, name: str = "module", **asked: int) -> list[FeedEntry]:
    page = await orders.history(house.shop_key(name=name), FeedFilter(**asked))
    return list(page.entries)


async def test_the_feed_ascends_and_since_is_exclusive_with_totals_of_what_remains(
    house: TestHouse,
) -> None:
    key = house.shop_key()
    await orders.place(key, draft(manager_number=1))
    await orders.edit(key, WHICH, OrderChange(call=True, shipped=True))
    everything = await _read(house)
    numbers = [entry.number for entry in everything]
    assert numbers == sorted(numbers)
    assert [entry.field for entry in everything] == ["status", "manager", "shipped", "call"]
    rest = await orders.history(key, FeedFilter(since=numbers[1], limit=1))
    assert [entry.number for entry in rest.entries] == [numbers[2]]
    assert rest.total_count == 2
    end = await orders.history(key, FeedFilter(since=numbers[-1]))
    assert (end.entries, end.total_count) == ((), 0)


async def test_a_creation_carries_the_order_as_it_was_created(house: TestHouse) -> None:
    key = house.shop_key()
    await orders.place(key, draft(lines=(LAMP,)))
    change = OrderChange(
        status="clarify", lines=(LineDraft(offer_external_id="L-1", quantity_milli=5000), CORD)
    )
    await orders.edit(key, WHICH, change)
    first, *others = await _read(house)
    assert first.created and first.order is not None
    assert (first.field, first.old, first.new) == ("status", None, {"code": "new"})
    assert [(line.name, line.quantity_milli) for line in first.order.lines] == [("Лампа", 2000)]
    assert first.order.status.code == "new"
    assert first.order.contact is not None
    assert first.order.contact.reveal().phone == "8 (912) 000-12-34"
    assert first.order.delivery.address is not None
    assert first.external_id == "1044"
    assert sorted(entry.field for entry in others) == [
        "order_product",
        "order_product.quantity",
        "order_product.summ",
        "status",
    ]
    assert {entry.status for entry in others} == {"new", "clarify"}


async def test_a_key_knows_its_own_changes_from_anothers(house: TestHouse) -> None:
    await orders.place(house.shop_key(name="first"), draft())
    assert {entry.current_key for entry in await _read(house, "first")} == {True}
    assert {entry.current_key for entry in await _read(house, "second")} == {False}
    placed = await orders.find_by(house.shop_key(), [WHICH])
    await orders.set_status(house.actor_for("head"), placed[0].id, "clarify")
    last = (await _read(house, "second"))[-1]
    assert (last.source, last.user_number, last.current_key) == ("user", 6, None)


async def test_a_key_that_hides_its_own_changes_reads_others_only(house: TestHouse) -> None:
    key = house.shop_key()
    await house.write(
        lambda: insert(
            ApiKeyRow,
            id=key.id,
            number=1,
            name="module",
            key_hash=b"1",
            hide_own=True,
            created_at=house.clock.now,
        )
    )
    placed = await orders.place(key, draft())
    assert await _read(house) == []
    await orders.set_status(house.actor_for("head"), placed.order_id, "clarify")
    assert [entry.source for entry in await _read(house)] == ["user"]


async def test_another_shops_key_reads_nothing_of_it(house: TestHouse) -> None:
    await orders.place(house.shop_key(), draft())
    page = await orders.history(house.shop_key("other"), FeedFilter())
    assert (page.entries, page.total_count) == ((), 0)


async def test_a_mended_external_id_shows_in_older_entries(house: TestHouse) -> None:
    key = house.shop_key()
    placed = await orders.place(key, draft(None))
    assert (await _read(house))[0].external_id is None
    await orders.fix_external_ids(key, {placed.number: "2001"})
    first = (await _read(house))[0]
    assert first.external_id == "2001"
    assert first.order is not None and first.order.external_id == "2001"


async def test_a_personal_change_is_read_by_who_may_and_by_nobody_else(
    house: TestHouse,
) -> None:
    key = house.shop_key()
    placed = await orders.place(key, draft(manager_number=1))
    await orders.edit(key, WHICH, OrderChange(contact=Personal({"phone": "+7 912 555-44-33"})))
    last = (await _read(house))[-1]
    assert (last.field, last.new) == ("phone", Personal("+7 912 555-44-33"))
    for name in ("seller", "storekeeper"):
        card = await orders.open_card(house.actor_for(name), placed.order_id)
        assert card.history[0].field == "phone"
        assert (card.history[0].old, card.history[0].new) == (None, None)


async def test_one_deed_of_several_fields_shares_its_moment(house: TestHouse) -> None:
    key = house.shop_key()
    await orders.place(key, draft())
    house.clock.pass_(minutes=5)
    await orders.edit(key, WHICH, OrderChange(call=True, shipped=True))
    assert len({entry.at for entry in (await _read(house))[1:]}) == 1


async def test_clients_have_a_feed_of_their_own(house: TestHouse) -> None:
    key = house.shop_key()
    await orders.place(key, draft())
    page = await feeds.customers(key, CustomerFeedFilter())
    first = page.entries[0]
    assert (first.created, first.field, first.new, first.current_key) == (True, "id", 1, True)
    assert first.customer is not None and first.customer.contacts[0].full is not None
    change = CustomerChange(first_name=Personal("Инна"))
    await customers.edit(key, "main", CustomerRef(number=1), change)
    rest = await feeds.customers(key, CustomerFeedFilter(since=first.number))
    assert [(one.field, one.old, one.new) for one in rest.entries] == [
        ("first_name", Personal("Анна"), Personal("Инна"))
    ]
    other = await feeds.customers(house.shop_key("other"), CustomerFeedFilter())
    assert (other.entries, other.total_count) == ((), 0)


async def test_a_feed_needs_the_right_to_what_it_tells_of(house: TestHouse) -> None:
    key = house.shop_key()
    only_orders = key._replace(grants=roles.API_SCOPES["order_read"])
    only_clients = key._replace(grants=roles.API_SCOPES["customer_read"])
    assert (await orders.history(only_orders, FeedFilter())).entries == ()
    assert (await feeds.customers(only_clients, CustomerFeedFilter())).entries == ()
    with pytest.raises(Denied):
        await feeds.customers(only_orders, CustomerFeedFilter())
    with pytest.raises(Denied):
        await orders.history(only_clients, FeedFilter())
