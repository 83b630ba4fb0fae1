"""What a supplier asks: on his card, in receipts, and for those who may see costs."""

import pytest

from tests.integration.clients.forms import COMPANY, add, number_of
from tests.web_house import WebHouse

LAMP = "KRB-00003"


@pytest.mark.checklist(45)
async def test_a_supplier_s_card_keeps_his_prices_and_a_receipt_shows_the_least(
    world: WebHouse,
) -> None:
    head = await world.browser("head")
    places: list[str] = []
    for name, price in (("Северная мастерская", "120,50"), ("Южная мастерская", "99")):
        sent = {**COMPANY, "company_name": name, "party": "supplier", "email": "", "inn": ""}
        number = number_of(await head.post("/clients/new", sent))
        places.append(f"/clients/{number}")
        typed = {"code": LAMP, "price": price, "sku": "НП-7"}
        assert (await head.post(f"{places[-1]}/prices", typed)).status_code == 204
    world.house.clock.pass_(minutes=5)
    dearer = {"code": LAMP, "price": "130", "sku": "НП-7"}
    assert (await head.post(f"{places[0]}/prices", dearer)).status_code == 204
    card = (await head.get(places[0])).text.replace("\xa0", " ")
    for text in ("Закупочные цены", "130,00 ₽", "до этого 120,50 ₽", "НП-7", LAMP):
        assert text in card, text
    keeper = await world.browser("storekeeper")
    begun = await keeper.post("/stock/new", {"kind": "receipt", "warehouse": "main"}, htmx=False)
    receipt = await keeper.post(f"{begun.headers['location']}/scan", {"code": LAMP})
    assert "поставщики просят от 99,00 ₽" in receipt.text.replace("\xa0", " ")
    rows = await world.house.rows("SELECT number FROM variant WHERE sku = {}", LAMP)
    assert (await head.post(f"{places[0]}/prices/{rows[0][0]}/drop")).status_code == 204
    assert (await head.post(f"{places[0]}/prices/{rows[0][0]}/drop")).status_code == 404


@pytest.mark.checklist(45)
async def test_a_client_has_no_purchase_prices_and_mistakes_stand_at_their_fields(
    world: WebHouse,
) -> None:
    head = await world.browser("head")
    number = number_of(await add(head))
    assert "Закупочные цены" not in (await head.get(f"/clients/{number}")).text
    refused = await head.post(f"/clients/{number}/prices", {"code": LAMP, "price": "10"})
    assert refused.status_code == 422
    supplier = number_of(await head.post("/clients/new", {**COMPANY, "party": "supplier"}))
    for typed, said in (
        ({"code": "нет такого", "price": "10"}, "Такого штрихкода или артикула нет"),
        ({"code": LAMP, "price": "1,2,3"}, "Сумма не читается"),
        ({"code": LAMP, "price": "-5"}, ""),
    ):
        wrong = await head.post(f"/clients/{supplier}/prices", typed)
        assert wrong.status_code == 422
        assert said in wrong.text
        assert f'value="{typed["price"]}"' in wrong.text
    seller = await world.browser("seller")
    theirs = number_of(await seller.post("/clients/new", {**COMPANY, "party": "supplier"}))
    assert "Закупочные цены" not in (await seller.get(f"/clients/{theirs}")).text
    denied = await seller.post(f"/clients/{theirs}/prices", {"code": LAMP, "price": "10"})
    assert denied.status_code == 403
