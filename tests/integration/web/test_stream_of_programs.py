"""What programs write into a client's stream is drawn in words."""

import re
from datetime import timedelta
from pathlib import Path

from appliance.actions import shop_calls, shop_carts
from appliance.domain.calls import CallLog
from appliance.domain.carts import CartDraft, CartItem
from appliance.domain.orders import CustomerRef
from appliance.domain.personal import Personal
from tests.integration.clients.people import added, phone
from tests.web_house import open_web_house

PHONE = "+7 912 000-12-34"


async def test_a_basket_and_calls_stand_in_the_stream_in_words(tmp_path: Path) -> None:
    async with open_web_house(tmp_path, clients=2, orders=5) as door:
        house = door.house
        client = await added(house, contacts=(phone(PHONE),))
        key = house.shop_key()
        rows = await house.rows("SELECT number FROM variant ORDER BY number LIMIT 1")
        item = CartItem(offer_id=int(str(rows[0][0])), quantity_milli=2000, price=125_000)
        cart = CartDraft(
            shop="main",
            customer=CustomerRef(number=client.number),
            items=(item,),
            dropped_at=house.clock(),
        )
        await shop_carts.put(key, cart)
        talk = CallLog(
            provider_id="1", phone=Personal(PHONE), at=house.clock(), seconds=125, user_number=1
        )
        lost = CallLog(
            provider_id="2",
            phone=Personal(PHONE),
            at=house.clock() + timedelta(minutes=1),
            answered=False,
        )
        await shop_calls.upload(key, [talk, lost])
        answer = await (await door.browser("head")).get(f"/clients/{client.number}")
        assert answer.status_code == 200
        text = re.sub(r"\s", " ", answer.text)
        for words in ("Корзина на", "брошена", "Звонок клиента", "без ответа", "2 мин"):
            assert words in text, words
