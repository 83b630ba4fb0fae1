import pytest

from appliance.actions import orders, references
from appliance.domain.assignment import Spreading
from appliance.domain.references import Reference, ReferenceKind, Shop, Status
from appliance.errors import Conflict, Denied, NotFound
from appliance.storage import seed
from tests.house_fixture import TestHouse
from tests.integration.orders.drafts import draft


async def test_a_new_code_is_created_and_orders_may_use_it_at_once(house: TestHouse) -> None:
    head = house.actor_for("head")
    assert await references.edit_status(
        head, Status(code="gift", name="Упаковка", group="assembling")
    )
    placed = await orders.place(house.shop_key(), draft(status="gift"))
    assert placed.created
    entry = Reference(number=0, code="drone", name="Дрон")
    assert await references.edit_entry(head, ReferenceKind.DELIVERY_TYPE, entry)
    assert not await references.edit_entry(head, ReferenceKind.DELIVERY_TYPE, entry)
    listed = await references.list_entries(head, ReferenceKind.DELIVERY_TYPE)
    assert "drone" in {one.code for one in listed}


async def test_statuses_delivery_types_and_payment_types_share_no_code(house: TestHouse) -> None:
    codes = [status.code for status in await references.list_statuses(house.system)]
    for kind in (ReferenceKind.DELIVERY_TYPE, ReferenceKind.PAYMENT_TYPE):
        codes += [one.code for one in await references.list_entries(house.system, kind)]
    assert len(codes) == len(set(codes))
    with pytest.raises(Conflict) as refused:
        await references.edit_entry(
            house.system, ReferenceKind.PAYMENT_TYPE, Reference(number=0, code="new", name="Новый")
        )
    assert refused.value.code == "code_taken"


async def test_a_shop_is_changed_but_not_made_by_a_program(house: TestHouse) -> None:
    key = house.shop_key()
    await references.edit_shop(key, Shop(number=0, code="main", name="Лавка", url="https://a.ru"))
    assert [(one.number, one.name) for one in await references.list_shops(key)] == [(1, "Лавка")]
    for code in ("nope", "other"):
        with pytest.raises(NotFound):
            await references.edit_shop(key, Shop(number=0, code=code, name="Лавка"))


async def test_a_seller_reads_lists_and_does_not_change_them(house: TestHouse) -> None:
    seller = house.actor_for("seller")
    assert await references.list_statuses(seller)
    with pytest.raises(Denied):
        await references.edit_status(seller, Status(code="x", name="X", group="new"))


async def test_every_move_of_the_first_statuses_leads_to_a_status(house: TestHouse) -> None:
    statuses = await references.list_statuses(house.system)
    codes = {status.code for status in statuses}
    assert all(set(status.moves) <= codes - {status.code} for status in statuses)
    assert [status.code for status in statuses if status.is_default] == ["new"]
    assert len(seed.load()["statuses"]) == len(codes)


async def test_unclaimed_orders_go_round_when_the_box_says_so(house: TestHouse) -> None:
    await references.set_assignment(house.system, Spreading.ROUND_ROBIN)
    for at in range(4):
        wanted = draft(str(at), phone=f"+7912000{at:04}", customer=draft().customer.__class__())
        await orders.place(house.shop_key(), wanted)
    rows = await house.rows(
        "SELECT u.number, o.assigned_by FROM orders o JOIN users u ON u.id = o.manager_id "
        "ORDER BY o.number"
    )
    assert rows == [(number, "round_robin") for number in (1, 2, 1, 2)]


async def test_unclaimed_orders_go_to_the_idlest_when_the_box_says_so(house: TestHouse) -> None:
    await orders.place(house.shop_key(), draft("1", manager_number=1))
    await references.set_assignment(house.system, Spreading.LEAST_LOADED)
    wanted = draft("2", customer=draft().customer.__class__())
    placed = await orders.place(house.shop_key(), wanted)
    card = await orders.open_card(house.actor_for("head"), placed.order_id)
    assert (card.manager_number, card.assigned_by) == (2, "least_loaded")
