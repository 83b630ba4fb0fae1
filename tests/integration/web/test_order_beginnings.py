"""What a new order starts with: the buyer's standing wishes, his debts, and who he may be."""

import msgspec
import pytest

from appliance.actions import customers, dispatch, orders
from appliance.domain.customers import CustomerChange, CustomerDraft, Wishes
from appliance.domain.grants import Grant, Scope
from appliance.domain.orders import (
    CustomerRef,
    DeliveryDraft,
    LineDraft,
    OrderContact,
    OrderDraft,
    OrderSelector,
    PaymentDraft,
)
from appliance.domain.personal import Personal
from appliance.roles import Permission
from tests.house_fixture import TestHouse
from tests.integration.clients.forms import add, number_of
from tests.integration.clients.people import entries
from tests.integration.web.test_order_form import placed, typed
from tests.web_house import WebHouse

CALL = "позвонить за час"


def bare(number: int, **changes: object) -> OrderDraft:
    values: dict[str, object] = {
        "shop": "main",
        "customer_ref": CustomerRef(number=number),
        "customer": CustomerDraft(shop="main"),
        "contact": Personal(OrderContact()),
        "lines": (LineDraft(product_name="Чайник", quantity_milli=1000, price=100_00),),
    }
    return OrderDraft(**(values | changes))  # type: ignore[arg-type]


async def wishing(door: WebHouse, **wishes: str) -> int:
    """A client who wishes something every time."""
    number = number_of(await add(await door.browser("head")))
    wanted = msgspec.structs.replace(Wishes(note=CALL), **wishes)
    change = CustomerChange(wishes=Personal(wanted))
    await customers.edit(door.house.actor_for("head"), "main", CustomerRef(number=number), change)
    return number


async def ways(house: TestHouse, number: int) -> tuple[object, ...]:
    rows = await house.rows(
        "SELECT o.delivery_type, p.kind FROM orders o LEFT JOIN payment p ON p.order_id = o.id "
        "WHERE o.number = {}",
        number,
    )
    return rows[0]


@pytest.mark.checklist(41)
async def test_an_order_by_a_program_starts_with_what_the_buyer_always_wishes(
    door: WebHouse,
) -> None:
    head = door.house.actor_for("head")
    number = await wishing(door, delivery_type="courier", payment_type="cash")
    silent = await orders.place(head, bare(number))
    assert await ways(door.house, silent.number) == ("courier", "cash")
    said = bare(
        number,
        delivery=DeliveryDraft(type="self-delivery"),
        payments=(PaymentDraft(type="bank-card"),),
    )
    spoken = await orders.place(head, said)
    assert await ways(door.house, spoken.number) == ("self-delivery", "bank-card")
    (view,) = await orders.find_by(head, [OrderSelector(number=spoken.number)])
    assert view.contact is not None
    assert view.contact.reveal().manager_comment == CALL


@pytest.mark.checklist(41)
async def test_an_order_of_the_past_stays_as_it_was(door: WebHouse) -> None:
    number = await wishing(door, delivery_type="courier")
    long_ago = door.house.clock()
    door.house.clock.pass_(days=9)
    kept = await orders.place(door.house.actor_for("head"), bare(number, created_at=long_ago))
    assert (await ways(door.house, kept.number))[0] == ""


@pytest.mark.checklist(41)
async def test_picker_and_courier_read_the_wish_on_an_order_written_by_hand(
    door: WebHouse,
) -> None:
    number = await wishing(door)
    seller = await door.browser("head")
    order = await placed(seller, typed(("", "Стол", "1", "900"), client=str(number)))
    card = await (await door.browser("storekeeper")).get(f"/orders/{order}")
    assert CALL in card.text
    again = await seller.get(f"/orders/new?client={number}")
    assert "Всегда просит" in again.text
    assert CALL in again.text


@pytest.mark.checklist(130)
async def test_a_form_warns_before_an_order_passes_the_limit_and_still_saves_it(
    door: WebHouse,
) -> None:
    head = await door.browser("head")
    number = number_of(await add(head))
    await head.post(f"/clients/{number}/credit", {"limit": "1000", "pay_days": "5"})
    small = typed(("", "Стол", "1", "1000"), client=str(number))
    assert "Долг больше лимита" not in (await head.post("/orders/new/sums", small)).text
    large = typed(("", "Стол", "1", "1200,50"), client=str(number))
    warned = await head.post("/orders/new/sums", large)
    assert "Долг больше лимита на 200,50" in warned.text.replace("\xa0", " ")
    order = await placed(head, large)
    assert "Долг больше лимита" in (await head.get(f"/orders/{order}")).text
    # A buyer out of the seller's reach is reckoned as nobody: his debts are no one's business.
    foreign = await (await door.browser("seller")).post("/orders/new/sums", large)
    assert "лимита" not in foreign.text


@pytest.mark.checklist(82)
async def test_forms_ask_for_likenesses_with_nothing_but_contacts_and_names(
    door: WebHouse,
) -> None:
    head = await door.browser("head")
    fields = 'hx-params="phone,email,inn,last_name,first_name'
    assert fields in (await head.get("/clients/new")).text
    order = await head.post("/orders/new/part", typed(do="person", shown="Лугова"))
    assert fields in order.text


@pytest.mark.checklist(82)
async def test_a_phone_typed_into_a_new_client_s_form_names_who_has_it(door: WebHouse) -> None:
    head = await door.browser("head")
    number = number_of(await add(head))
    sent = {"phone": ["8 912 000-12-34", ""], "email": "", "inn": "", "last_name": ""}
    assert f"/clients/{number}" in (await head.post("/data/duplicates/suggest", sent)).text
    own = await head.post("/data/duplicates/suggest", {**sent, "number": str(number)})
    assert "strip" not in own.text


@pytest.mark.checklist(41)
async def test_who_picks_sees_the_standing_wish_on_the_board_and_a_role_without_notes_does_not(
    door: WebHouse,
) -> None:
    number = await wishing(door)
    await orders.place(door.house.actor_for("head"), bare(number, status="send-to-assembling"))
    keeper = await door.browser("storekeeper")
    assert CALL in (await keeper.get("/ship")).text
    blind = door.house.actor_for("storekeeper")._replace(
        grants={Permission.DISPATCH.value: Grant(Scope.ALL)}
    )
    assert (await dispatch.board(blind, door.house.clock())).wishes == {}


@pytest.mark.checklist(37)
async def test_a_size_written_down_later_is_kept_and_stands_in_the_history(
    door: WebHouse,
) -> None:
    number = await wishing(door)
    wanted = CustomerChange(wishes=Personal(Wishes(note=CALL, sizes="43", brands="Север")))
    await customers.edit(door.house.actor_for("head"), "main", CustomerRef(number=number), wanted)
    browser = await door.browser("head")
    assert "43" in (await browser.get(f"/clients/{number}")).text.split("Пожелания", 1)[1]
    told = await entries(door.house, number)
    assert ("wishes.sizes", None, "43") in told
    assert ("wishes.brands", None, "Север") in told
