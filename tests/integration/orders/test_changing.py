import pytest

from appliance.actions import orders
from appliance.domain.access import Actor
from appliance.domain.orders import (
    CustomerRef,
    DeliveryDraft,
    ExternalId,
    LineDraft,
    OrderChange,
    OrderFilter,
    OrderSelector,
    Placed,
)
from appliance.domain.personal import Personal
from appliance.errors import Conflict, Denied, Invalid, NotFound
from tests.house_fixture import TestHouse
from tests.integration.orders.drafts import CORD, LAMP, draft


async def _placed(house: TestHouse, **changes: object) -> Placed:
    return await orders.place(house.shop_key(), draft(**changes))


async def _mine(house: TestHouse) -> tuple[Actor, Placed]:
    placed = await _placed(house, manager_number=1)
    return house.actor_for("seller"), placed


async def test_a_card_shows_the_order_whole(house: TestHouse) -> None:
    seller, placed = await _mine(house)
    card = await orders.open_card(seller, placed.order_id)
    assert card.customer is not None and card.customer.name == Personal("Сухова Анна")
    assert [line.name for line in card.lines] == ["Лампа", "Шнур", "Подарочная упаковка"]
    assert (card.goods_total, card.total) == (270_050, 300_050)
    assert card.delivery.type_name == "Курьер"
    assert card.delivery.address is not None
    assert card.delivery.address.reveal().city == "Тверь"
    assert card.manager_name == "Анна Продавцова"
    assert card.assigned_by == "explicit"
    assert "client-confirmed" in {status.code for status in card.next_statuses}
    assert {entry.field for entry in card.history} == {"status", "manager"}


async def test_a_seller_sees_the_phone_masked_and_a_storekeeper_not_at_all(
    house: TestHouse,
) -> None:
    seller, placed = await _mine(house)
    card = await orders.open_card(seller, placed.order_id)
    assert card.contact is not None
    assert card.contact.reveal().phone == "+7\u00a09••\u00a0•••-••-34"
    assert card.contacts[0].full is None

    card = await orders.open_card(house.actor_for("storekeeper"), placed.order_id)
    assert card.contact is not None
    seen = card.contact.reveal()
    assert (seen.first_name, seen.phone, seen.email) == ("Анна", "", "")
    assert card.delivery.address is None
    assert card.lines[0].purchase_price is None
    assert [contact.shown for contact in card.contacts] == [None, None]


async def test_a_strangers_order_is_not_found_like_one_that_is_not(house: TestHouse) -> None:
    _, placed = await _mine(house)
    rival = house.actor_for("rival")
    absent = placed.order_id.__class__(int=1)
    codes: list[str] = []
    for order_id in (placed.order_id, absent):
        for attempt in (
            orders.open_card(rival, order_id),
            orders.set_status(rival, order_id, "client-confirmed"),
            orders.undo_status(rival, order_id),
            orders.edit(rival, OrderSelector(id=order_id), OrderChange()),
        ):
            with pytest.raises(NotFound) as refused:
                await attempt
            codes.append(refused.value.code)
    assert set(codes) == {"order_not_found"}
    assert await orders.find_by(rival, [OrderSelector(number=placed.number)]) == ()


async def test_a_key_of_another_shop_does_not_see_the_order(house: TestHouse) -> None:
    placed = await _placed(house)
    other = house.shop_key("other")
    selectors = [OrderSelector(number=placed.number), OrderSelector(external_id="1044")]
    assert await orders.find_by(other, selectors) == ()
    assert len(await orders.find_by(house.shop_key(), selectors)) == 1
    assert (await orders.browse(other, OrderFilter())).total_count == 0


async def test_a_status_moves_along_the_matrix_and_a_refusal_names_what_is_allowed(
    house: TestHouse,
) -> None:
    seller, placed = await _mine(house)
    moved = await orders.set_status(seller, placed.order_id, "client-confirmed", 1)
    assert (moved.was, moved.status, moved.version) == ("new", "client-confirmed", 2)
    with pytest.raises(Invalid) as refused:
        await orders.set_status(seller, placed.order_id, "complete")
    assert refused.value.code == "status_move_refused"
    assert "delivering" in str(refused.value.params["allowed"]).split(",")


async def test_a_move_from_a_stale_page_is_a_conflict(house: TestHouse) -> None:
    seller, placed = await _mine(house)
    await orders.set_status(seller, placed.order_id, "clarify", 1)
    with pytest.raises(Conflict) as refused:
        await orders.set_status(seller, placed.order_id, "client-confirmed", 1)
    assert refused.value.code == "order_changed"


async def test_my_last_move_can_be_undone_unless_somebody_changed_the_order(
    house: TestHouse,
) -> None:
    seller, placed = await _mine(house)
    await orders.set_status(seller, placed.order_id, "clarify")
    undone = await orders.undo_status(seller, placed.order_id)
    assert (undone.was, undone.status) == ("clarify", "new")

    await orders.set_status(seller, placed.order_id, "clarify")
    with pytest.raises(Conflict) as refused:
        await orders.undo_status(house.actor_for("head"), placed.order_id)
    assert refused.value.code == "nothing_to_undo"
    change = OrderChange(call=True)
    await orders.edit(house.actor_for("head"), OrderSelector(id=placed.order_id), change)
    with pytest.raises(Conflict):
        await orders.undo_status(seller, placed.order_id)


async def test_an_edit_with_lines_is_the_whole_new_composition(house: TestHouse) -> None:
    key = house.shop_key()
    first = LAMP.__class__(
        **{f: getattr(LAMP, f) for f in LAMP.__struct_fields__ if f != "external_ids"},
        external_ids=(ExternalId("shop", "55_12"),),
    )
    placed = await orders.place(key, draft(lines=(first, CORD)))
    before = (await orders.find_by(key, [OrderSelector(number=placed.number)]))[0]
    change = OrderChange(
        lines=(
            LineDraft(external_ids=(ExternalId("shop", "55_12"),), quantity_milli=3000),
            LineDraft(product_name="Розетка", price=5_000),
        )
    )
    after = await orders.edit(key, OrderSelector(external_id="1044", shop="main"), change)
    assert [(line.name, line.quantity_milli, line.price) for line in after.lines] == [
        ("Лампа", 3000, 120_000),
        ("Розетка", 1000, 5_000),
    ]
    assert after.lines[0].id == before.lines[0].id
    assert after.total == 365_000 + 30_000


async def test_the_same_goods_without_ids_update_the_line(house: TestHouse) -> None:
    key = house.shop_key()
    placed = await orders.place(key, draft(lines=(LAMP,)))
    change = OrderChange(lines=(LineDraft(offer_external_id="L-1", quantity_milli=1000),))
    after = await orders.edit(key, OrderSelector(number=placed.number), change)
    assert [(line.quantity_milli, line.price) for line in after.lines] == [(1000, 120_000)]


async def test_an_edit_without_lines_leaves_them_and_an_empty_list_removes_them(
    house: TestHouse,
) -> None:
    key = house.shop_key()
    placed = await orders.place(key, draft())
    which = OrderSelector(number=placed.number)
    kept = await orders.edit(key, which, OrderChange(delivery=DeliveryDraft(cost=0)))
    assert (len(kept.lines), kept.total) == (3, 270_050)
    assert (await orders.edit(key, which, OrderChange(lines=()))).lines == ()


async def test_an_edit_that_changes_nothing_writes_nothing(house: TestHouse) -> None:
    key = house.shop_key()
    placed = await orders.place(key, draft())
    before = await house.rows("SELECT COUNT(*) FROM change_entry")
    same = OrderChange(
        contact=Personal({"first_name": "Анна"}),
        delivery=DeliveryDraft(type="courier", address=Personal({"city": "Тверь"})),
        call=False,
    )
    after = await orders.edit(key, OrderSelector(number=placed.number), same)
    assert after.version == 1
    assert await house.rows("SELECT COUNT(*) FROM change_entry") == before


async def test_the_order_discount_is_spread_over_the_lines_by_an_edit(house: TestHouse) -> None:
    key = house.shop_key()
    placed = await orders.place(key, draft(lines=(LAMP, CORD)))
    change = OrderChange(discount_amount=27_005)
    after = await orders.edit(key, OrderSelector(number=placed.number), change)
    assert after.total == 270_050 - 27_005 + 30_000
    assert [line.order_discount for line in after.lines] == [12_000, 3_005]


async def test_personal_changes_are_kept_sealed(house: TestHouse) -> None:
    key = house.shop_key()
    placed = await orders.place(key, draft())
    change = OrderChange(contact=Personal({"phone": "+7 912 555-44-33"}))
    await orders.edit(key, OrderSelector(number=placed.number), change)
    rows = await house.rows("SELECT old_value, new_value FROM change_entry WHERE field = 'phone'")
    assert rows == [(None, None)]


async def test_only_who_may_assign_changes_the_manager(house: TestHouse) -> None:
    seller, placed = await _mine(house)
    with pytest.raises(Denied):
        await orders.assign(seller, placed.order_id, 2)
    with pytest.raises(Denied):
        await orders.edit(seller, OrderSelector(id=placed.order_id), OrderChange(manager_number=2))
    await orders.assign(house.actor_for("head"), placed.order_id, 2)
    card = await orders.open_card(house.actor_for("rival"), placed.order_id)
    assert card.manager_number == 2


async def test_ids_can_be_mended_and_unknown_orders_are_passed_over(house: TestHouse) -> None:
    key = house.shop_key()
    one = await orders.place(key, draft("1"))
    await orders.place(key, draft("2"))
    assert await orders.fix_external_ids(key, {one.number: "11", 999: "x"}) == 1
    with pytest.raises(Conflict) as refused:
        await orders.fix_external_ids(key, {one.number: "2"})
    assert refused.value.code == "external_id_taken"


async def test_programs_ask_where_orders_stand(house: TestHouse) -> None:
    key = house.shop_key()
    one = await orders.place(key, draft("1"))
    await orders.place(key, draft("2"))
    standing = await orders.statuses_of(key, [one.number, 77], ["2", "nope"])
    assert [(each.external_id, each.status, each.group) for each in standing] == [
        ("1", "new", "new"),
        ("2", "new", "new"),
    ]


async def test_an_order_given_to_another_client_is_sealed_under_his_key(
    house: TestHouse,
) -> None:
    key = house.shop_key()
    line = LineDraft(product_name="Лампа", price=1_000, comment=Personal("для Марфы"))
    placed = await orders.place(key, draft("1", lines=(line,)))
    other = draft("2").customer.__class__(external_id="77", first_name=Personal("Олег"))
    await orders.place(key, draft("2", customer=other))
    which = OrderSelector(number=placed.number)
    after = await orders.edit(key, which, OrderChange(customer_ref=CustomerRef(external_id="77")))
    assert after.customer_external_id == "77"
    assert after.contact is not None and after.contact.reveal().first_name == "Анна"
    assert after.lines[0].comment == Personal("для Марфы")
    assert after.delivery.address is not None
    assert after.delivery.address.reveal().city == "Тверь"
    rows = await house.rows(
        "SELECT COUNT(DISTINCT o.subject_id) FROM orders o JOIN address a ON a.owner_id = o.id "
        "JOIN customer c ON c.id = o.customer_id "
        "WHERE a.subject_id = o.subject_id AND c.subject_id = o.subject_id"
    )
    assert rows == [(1,)]
    counts = await house.rows("SELECT orders_count FROM customer ORDER BY number")
    assert counts == [(0,), (2,)]
    same = await orders.edit(key, which, OrderChange(customer_ref=CustomerRef(external_id="77")))
    assert same.version == after.version


async def test_a_key_of_another_shop_can_not_send_orders_for_this_one(house: TestHouse) -> None:
    with pytest.raises(Denied) as refused:
        await orders.place(house.shop_key("other"), draft())
    assert refused.value.code == "shop_foreign"
