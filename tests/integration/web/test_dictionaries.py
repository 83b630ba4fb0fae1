"""Lists an administrator keeps: a way to pay of his own, rules of statuses, limits of discounts."""

import pytest

from appliance.storage import seed
from appliance.storage.migrations.runner import migrate
from appliance.storage.statements import execute
from tests.integration.web.test_order_form import PERSON, placed, typed
from tests.web_house import WebHouse

PAYMENTS = "/admin/lists/payment-types"
DELIVERIES = "/admin/lists/delivery-types"


@pytest.mark.checklist(123)
async def test_an_administrator_adds_a_way_to_pay_and_an_order_is_paid_by_it(door: WebHouse):
    admin, head = await door.browser("administrator"), await door.browser("head")
    first = await admin.get(PAYMENTS)
    for name in ("Наличные", "Счёт", "Внутренний счёт"):
        assert f">{name}</a>" in first.text
    answer = await admin.post(PAYMENTS, {"code": "", "name": "Рассрочка магазина"}, htmx=False)
    assert answer.headers["location"] == f"{PAYMENTS}?code=rassrochka-magazina"
    form = await head.get("/orders/new")
    assert '<option value="rassrochka-magazina">Рассрочка магазина</option>' in form.text
    number = await placed(head, typed(("", "Зонт", "2", "1000"), **PERSON))
    card = await head.post(
        f"/orders/{number}/pay", {"type": "rassrochka-magazina", "amount": "2000"}
    )
    assert "Рассрочка магазина" in card.text
    assert await door.house.rows(
        "SELECT kind, amount, status FROM payment WHERE kind = 'rassrochka-magazina'"
    ) == [("rassrochka-magazina", 200_000, "paid")]


async def test_an_entry_is_renamed_priced_moved_and_switched_off_and_a_default_is_not(
    door: WebHouse,
):
    head = await door.browser("head")
    changed = {"code": "ems", "name": "Курьер до двери", "cost": "350,50", "off": "1"}
    assert (await head.post(DELIVERIES, changed, htmx=False)).status_code == 303
    page = await head.get(f"{DELIVERIES}?code=ems")
    assert 'value="350,50"' in page.text
    assert "Курьер до двери" not in (await head.get("/orders/new")).text
    codes = "SELECT code FROM reference WHERE kind = 'delivery-types' ORDER BY position, number"
    before = [row[0] for row in await door.house.rows(codes)]
    await head.post(f"{DELIVERIES}/{before[1]}/up", htmx=False)
    after = [row[0] for row in await door.house.rows(codes)]
    assert after == [before[1], before[0], *before[2:]]
    default = (
        await door.house.rows(
            "SELECT code FROM reference WHERE kind = 'payment-types' AND is_default"
        )
    )[0][0]
    refused = await head.post(PAYMENTS, {"code": default, "name": "Касса", "off": "1"}, htmx=False)
    assert refused.status_code == 422
    assert "Запись по умолчанию нельзя выключить" in refused.text
    assert 'value="Касса"' in refused.text


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"name": ""}, "Не указано название"),
        ({"name": "Наличные"}, "Такое название уже есть"),
    ],
)
async def test_a_name_that_does_not_do_is_told_at_the_field(
    door: WebHouse, sent: dict[str, str], said: str
):
    answer = await (await door.browser("head")).post(PAYMENTS, {"code": "", **sent}, htmx=False)
    assert answer.status_code == 422
    assert said in answer.text


async def test_a_seller_keeps_no_lists_and_a_head_sets_no_limits(door: WebHouse):
    seller, head = await door.browser("seller"), await door.browser("head")
    for path in (PAYMENTS, "/admin/status-rules", "/admin/discounts"):
        assert (await seller.get(path)).status_code == 403
    assert (await seller.post(PAYMENTS, {"code": "", "name": "Своё"})).status_code == 403
    assert (await head.get("/admin/discounts")).status_code == 403
    assert (await head.get("/admin/lists/nonsense")).status_code == 404


@pytest.mark.checklist(14)
async def test_a_rule_that_was_changed_moves_a_paid_order_where_it_says(door: WebHouse):
    head = await door.browser("head")
    wrong = await head.post(
        "/admin/status-rules", {"paid": "1", "paid.on": "1", "paid.target": "assembling"},
        htmx=False,
    )  # fmt: skip
    assert wrong.status_code == 422
    assert "Правило ни с чего не начинается" in wrong.text
    await head.post(
        "/admin/status-rules",
        {"paid": "1", "paid.on": "1", "paid.target": "assembling", "paid.source": "new"},
        htmx=False,
    )
    number = await placed(head, typed(("", "Зонт", "2", "1000"), **PERSON))
    await head.post(f"/orders/{number}/pay", {"type": "cash", "amount": "2000"})
    assert await door.house.rows("SELECT status FROM orders") == [("assembling",)]


async def test_a_limit_set_for_a_role_holds_for_its_next_discount(door: WebHouse):
    admin, seller = await door.browser("administrator"), await door.browser("seller")
    page = await admin.get("/admin/discounts")
    assert 'name="most-seller" value="10"' in page.text
    assert "most-courier" not in page.text
    refused = await admin.post(
        "/admin/discounts", {"role": "seller", "most-seller": "150"}, htmx=False
    )
    assert refused.status_code == 422
    await admin.post("/admin/discounts", {"role": "seller", "most-seller": "3"}, htmx=False)
    sent = typed(("", "Зонт", "2", "1000"), discount="5 %", reason="постоянный", **PERSON)
    answer = await seller.post("/orders/new", sent)
    assert answer.status_code == 422
    assert "3 %" in answer.text.replace("\u00a0", " ")


async def test_an_older_box_gets_the_invoice_once_and_keeps_its_own(door: WebHouse):
    async def older() -> None:
        await execute("DELETE FROM reference WHERE code = 'invoice' AND kind = 'payment-types'")
        await execute("DROP TABLE form_draft")
        await execute("DELETE FROM schema_migration WHERE number = 23")

    await door.house.database.alter(older)
    assert [step.name for step in await migrate(door.house.database)] == ["0023_drafts"]
    await door.house.database.alter(seed.add_invoice)
    kept = await door.house.rows(
        "SELECT code FROM reference WHERE kind = 'payment-types' ORDER BY position, number"
    )
    assert [row[0] for row in kept][:2] == ["cash", "invoice"]
    assert await door.house.rows("SELECT 1 FROM form_draft") == []
