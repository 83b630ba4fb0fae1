"""A colleague's deed is taken back for ninety days, as far as nobody changed it since."""

from uuid import UUID

import pytest

from appliance.actions import customers, deeds, duplicates, mass, orders
from appliance.domain.access import NOBODY, Actor
from appliance.domain.customers import CustomerChange
from appliance.domain.orders import OrderChange, OrderSelector
from appliance.domain.personal import Personal, reveal_or_none
from appliance.domain.undo import Fate
from appliance.errors import Conflict, Denied, Destroyed, NotFound
from tests.house_fixture import SHOP, TestHouse
from tests.integration.clients.people import phone, ref
from tests.integration.duplicates.pairs import anna, card, double, known, order_of, subjects


async def last(house: TestHouse, actor: Actor) -> UUID:
    return (await deeds.mine(actor)).rows[0].id


async def test_an_edit_of_a_client_comes_back_whole(house: TestHouse) -> None:
    head, one = house.actor_for("head"), await anna(house)
    before = known(await card(house, one.number))
    change = CustomerChange(
        first_name=Personal("Мария"),
        vip=True,
        comment=Personal("Строгая"),
        add_tags=("розница",),
        remove_tags=("опт",),
        address=Personal({"city": "Клин"}),
        add_contacts=(phone("+7 495 000-00-09"),),
        manager_number=1,
    )
    await customers.edit(head, SHOP, ref(one.number), change)
    edited = known(await card(house, one.number))
    assert edited != before
    deed = await last(house, head)
    way = await deeds.look(head, deed)
    assert {step.fate for step in way.steps} == {Fate.BACK}
    assert await deeds.take_back(head, deed) == 1
    assert known(await card(house, one.number)) == before
    # Taking back is a deed, too: taken back in turn, it brings the edit again.
    await deeds.take_back(head, await last(house, head))
    assert known(await card(house, one.number)) == edited


async def test_tags_leave_history(house: TestHouse) -> None:
    one = await anna(house)
    change = CustomerChange(add_tags=("розница", "опт"), remove_tags=("нет такой",))
    await customers.edit(house.system, SHOP, ref(one.number), change)
    rows = await house.rows("SELECT new_value FROM change_entry WHERE field = 'tags'")
    assert rows == [('"розница"',)]


async def test_a_field_somebody_else_changed_since_is_a_conflict(house: TestHouse) -> None:
    head, one = house.actor_for("head"), await anna(house)
    first = CustomerChange(first_name=Personal("Мария"), last_name=Personal("Иванова"))
    await customers.edit(head, SHOP, ref(one.number), first)
    deed = await last(house, head)
    other = CustomerChange(first_name=Personal("Марья"))
    await customers.edit(house.shop_key(), SHOP, ref(one.number), other)
    fates = {step.field: step.fate for step in (await deeds.look(head, deed)).steps}
    assert fates == {"first_name": Fate.CONFLICT, "last_name": Fate.BACK}
    await deeds.take_back(head, deed)
    view = await card(house, one.number)
    assert reveal_or_none(view.first_name) == "Марья"
    assert reveal_or_none(view.last_name) == "Сухова"


async def test_nothing_left_to_take_back_is_said_so(house: TestHouse) -> None:
    head, one = house.actor_for("head"), await anna(house)
    await customers.edit(head, SHOP, ref(one.number), CustomerChange(vip=True))
    deed = await last(house, head)
    await customers.edit(house.system, SHOP, ref(one.number), CustomerChange(vip=False))
    with pytest.raises(Conflict, match="nothing_to_undo"):
        await deeds.take_back(head, deed)
    assert (await deeds.mine(head)).rows[0].state == "open"


async def test_an_edit_of_an_order_comes_back(house: TestHouse) -> None:
    head, one = house.actor_for("head"), await anna(house)
    order = await order_of(house, one.number, "1")
    change = OrderChange(
        contact=Personal(
            {"phone": "+7 495 000-00-02", "manager_comment": "Срочно", "discount_reason": "Давний"}
        ),
        discount_amount=10_000,
        manager_number=1,
    )
    await orders.edit(head, OrderSelector(id=order.id), change)
    assert (await orders.open_card(house.system, order.id)).total < order.total
    await deeds.take_back(head, await last(house, head))
    back = await orders.open_card(house.system, order.id)
    assert (back.contact, back.total, back.manager_number) == (
        order.contact, order.total, order.manager_number,
    )  # fmt: skip


async def test_a_bulk_move_comes_back_in_one_press(house: TestHouse) -> None:
    head, one = house.actor_for("head"), await anna(house)
    made = [await order_of(house, one.number, str(n)) for n in range(3)]
    target = made[0].next_statuses[0].code
    await mass.move(head, [order.number for order in made], target)
    deed = (await deeds.mine(head)).rows[0]
    assert deed.kind == "mass.move" and deed.records == 3
    assert await deeds.take_back(head, deed.id) == 3
    for order in made:
        assert (await orders.open_card(house.system, order.id)).status == order.status


async def test_a_second_press_takes_nothing_back(house: TestHouse) -> None:
    head, one = house.actor_for("head"), await anna(house)
    await customers.edit(head, SHOP, ref(one.number), CustomerChange(vip=True))
    deed = await last(house, head)
    await deeds.take_back(head, deed)
    with pytest.raises(Conflict, match="deed_undone"):
        await deeds.take_back(head, deed)


async def test_only_ones_own_deed_and_only_with_the_right(house: TestHouse) -> None:
    seller, one = house.actor_for("seller"), None
    one = await anna(house, manager_number=1)
    await customers.edit(seller, SHOP, ref(one.number), CustomerChange(vip=True))
    deed = await last(house, seller)
    with pytest.raises(NotFound):
        await deeds.take_back(house.actor_for("head"), deed)
    without = house.actor_for("storekeeper")
    demoted = Actor(seller.kind, seller.id, without.grants, number=seller.number)
    with pytest.raises(Denied):
        await deeds.take_back(demoted, deed)
    assert (await card(house, one.number)).vip
    house.clock.pass_(days=90)
    with pytest.raises(NotFound):
        await deeds.take_back(seller, deed)
    assert await deeds.sweep(house.system) == 1


async def test_a_destroyed_person_never_comes_back(house: TestHouse) -> None:
    head, one = house.actor_for("head"), await anna(house)
    change = CustomerChange(first_name=Personal("Мария"))
    await customers.edit(head, SHOP, ref(one.number), change)
    deed = await last(house, head)
    _, subject = await subjects(house, one.number)
    house.vault.begin_destroy(subject)
    house.vault.destroy(subject, "request", NOBODY)
    with pytest.raises(Destroyed):
        await deeds.take_back(head, deed)
    way = await deeds.look(head, deed)
    assert all(step.was is None and step.now is None for step in way.steps)
    assert (await deeds.mine(head)).rows[0].state == "open"


async def test_a_merge_is_a_deed_of_mine(house: TestHouse) -> None:
    head = house.actor_for("head")
    one, other = await anna(house), await double(house)
    done = await duplicates.merge(head, one.number, other.number)
    deed = (await deeds.mine(head)).rows[0]
    assert (deed.id, deed.kind) == (done.id, "duplicates.merge")


async def test_a_deed_of_many_transactions_is_one_set(house: TestHouse) -> None:
    from appliance.storage import customer_edits, undo  # noqa: PLC0415
    from appliance.storage import customers as stored  # noqa: PLC0415
    from appliance.storage.tx import Tx  # noqa: PLC0415

    head = house.actor_for("head")
    made = [await anna(house), await double(house)]

    def tx() -> Tx:
        return Tx(head, head.grants["customer.edit"], house.vault, house.index, house.clock())

    async def start() -> UUID:
        return await undo.begin(tx(), "import")

    set_id = await house.database.write(start)
    for one in made:

        async def step(number: int = one.number) -> None:
            here = tx()
            undo.join(here, set_id)
            found = await stored.find_by_number(number)
            assert found is not None
            await customer_edits.apply(here, found, CustomerChange(bad=True))
            await undo.settle(here)

        await house.database.write(step)
    deed = (await deeds.mine(head)).rows[0]
    assert (deed.id, deed.kind, deed.records) == (set_id, "import", 2)
    assert await deeds.take_back(head, set_id) == 2
    assert not (await card(house, made[0].number)).bad
