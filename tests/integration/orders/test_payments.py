import pytest

from appliance.actions import orders, payments
from appliance.actions.payments import PaymentSelector
from appliance.domain.orders import OrderSelector, PaymentDraft
from appliance.domain.personal import Personal
from appliance.errors import Denied, Invalid, NotFound
from tests.house_fixture import TestHouse
from tests.integration.orders.drafts import draft

WHICH = OrderSelector(external_id="1044", shop="main")


async def test_an_order_is_paid_by_its_settled_payments_less_refunds(house: TestHouse) -> None:
    key = house.shop_key()
    await orders.place(key, draft(payments=(PaymentDraft(type="cash", external_id="1044-a"),)))
    made = await payments.create(
        key, WHICH, PaymentDraft(type="bank-card", status="paid", amount=100_000)
    )
    assert made.paid_total == 100_000
    whole = await payments.edit(
        key, PaymentSelector(external_id="1044-a"), PaymentDraft(status="paid")
    )
    assert whole.paid_total == 100_000 + 300_050
    back = await payments.create(key, WHICH, PaymentDraft(status="refunded", amount=-50_000))
    assert back.paid_total == 350_050
    assert await house.rows("SELECT paid_total FROM customer") == [(350_050,)]
    gone = await payments.delete(key, PaymentSelector(number=made.number))
    assert gone.paid_total == 250_050
    view = (await orders.find_by(key, [WHICH]))[0]
    assert [one.amount for one in view.payments] == [300_050, -50_000]
    assert view.payments[0].paid_at == house.clock.now


async def test_an_external_id_of_a_payment_is_taken_once_per_shop(house: TestHouse) -> None:
    key = house.shop_key()
    await orders.place(key, draft())
    one = PaymentDraft(external_id="1044-a", comment=Personal("от Анны"))
    await payments.create(key, WHICH, one)
    with pytest.raises(Invalid) as refused:
        await payments.create(key, WHICH, one)
    assert refused.value.fields == {"externalId": "payment_external_id_taken"}


async def test_a_strangers_payment_is_not_found_like_one_that_is_not(house: TestHouse) -> None:
    key = house.shop_key()
    await orders.place(key, draft(manager_number=1))
    made = await payments.create(key, WHICH, PaymentDraft())
    for actor, number in ((house.actor_for("rival"), made.number), (key, 999)):
        with pytest.raises(NotFound) as refused:
            await payments.delete(actor, PaymentSelector(number=number))
        assert refused.value.code == "payment_not_found"


async def test_a_storekeeper_takes_no_money(house: TestHouse) -> None:
    await orders.place(house.shop_key(), draft())
    with pytest.raises(Denied):
        await payments.create(house.actor_for("storekeeper"), WHICH, PaymentDraft())


async def test_payments_show_in_the_feed(house: TestHouse) -> None:
    key = house.shop_key()
    await orders.place(key, draft())
    made = await payments.create(key, WHICH, PaymentDraft(type="cash", amount=100))
    await payments.edit(key, PaymentSelector(number=made.number), PaymentDraft(amount=200))
    page = await orders.history(key, orders.FeedFilter())
    fields = [(entry.field, entry.old, entry.new) for entry in page.entries[1:]]
    assert fields == [
        ("payments", None, {"id": made.number, "type": "cash"}),
        ("payments.amount", 100, 200),
    ]
