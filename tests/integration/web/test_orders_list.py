"""The list of orders through the staff door."""

import logging
import re

import pytest

from appliance.storage.statements import any_of, execute
from tests.web_house import WebHouse, links

NUMBERS = r'class="key dim" href="/orders/(\d+)'
NEXT = r'href="([^"]+)" rel="next"'


async def test_the_head_sees_every_order_with_client_sum_and_status(world: WebHouse) -> None:
    page = await (await world.browser("head")).get("/orders")
    assert page.status_code == 200
    assert len(links(page, NUMBERS)) == 50
    assert 'class="st" data-tone=' in page.text
    assert "<b>200</b>" in page.text  # the kept count


@pytest.mark.parametrize(
    "address", ["/orders", "/orders?group=new", "/orders?group=new,approval&manager=1,2"]
)
async def test_pages_by_key_show_every_order_once(world: WebHouse, address: str) -> None:
    browser = await world.browser("head")
    seen: list[str] = []
    following: str = address
    while following:
        page = await browser.get(following)
        seen += links(page, NUMBERS)
        found = links(page, NEXT)
        following = found[0].replace("&amp;", "&") if found else ""
    assert len(seen) == len(set(seen))
    assert seen == sorted(seen, key=int, reverse=True)
    rows = await world.house.rows("SELECT number, status FROM orders")
    if "?" not in address:
        assert len(seen) == len(rows) == 200


async def test_a_seller_sees_his_own_orders_only(world: WebHouse) -> None:
    own = await world.house.rows(
        "SELECT number FROM orders WHERE manager_id = {}", world.house.users["seller"]
    )
    page = await (await world.browser("seller")).get("/orders")
    assert {int(one) for one in links(page, NUMBERS)} <= {row[0] for row in own}
    assert f"<b>{len(own)}</b>" in page.text


async def test_a_text_is_found_by_post_and_stands_in_no_address_and_no_log(
    world: WebHouse, caplog: pytest.LogCaptureFixture
) -> None:
    browser = await world.browser("head")
    with caplog.at_level(logging.DEBUG):
        page = await browser.post("/orders/find", {"q": "Кузнецова сумма>10"})
    assert page.status_code == 200
    assert "Кузнецова" in page.text  # as a chip
    assert not [
        one
        for one in re.findall(r'(?:href|action|hx-post)="([^"]*)"', page.text)
        if "%D0" in one or "Кузн" in one
    ]
    assert "min=11" in page.text
    assert "узнецов" not in caplog.text
    assert not any("location" in name or "hx-push" in name for name in page.headers)


async def test_conditions_alone_lead_to_an_address(world: WebHouse) -> None:
    browser = await world.browser("head")
    page = await browser.post("/orders/find", {"q": "статус:новый", "filter": "pay=unpaid"})
    assert page.headers["hx-redirect"] == "/orders?status=new&pay=unpaid"
    plain = await browser.post("/orders/find", {"q": "статус:новый"}, htmx=False)
    assert (plain.status_code, plain.headers["location"]) == (303, "/orders?status=new")


async def test_a_filter_with_nothing_in_it_offers_the_whole_list(world: WebHouse) -> None:
    page = await (await world.browser("head")).get("/orders?min=99999999")
    assert 'data-kind="filter"' in page.text
    assert "Все заказы" in page.text


async def test_an_empty_box_says_where_orders_come_from(door: WebHouse) -> None:
    page = await (await door.browser("head")).get("/orders")
    assert 'data-kind="first"' in page.text


async def test_markup_in_a_name_of_goods_is_only_text(world: WebHouse) -> None:
    async def spoil() -> None:
        await execute("UPDATE orders SET summary = {} WHERE number > 150", '<b onclick="x">"Лампа"')

    await world.house.write(spoil)
    page = await (await world.browser("head")).get("/orders")
    assert "<b onclick" not in page.text
    assert "&lt;b onclick" in page.text


async def test_chosen_orders_move_together_and_one_press_takes_it_back(world: WebHouse) -> None:
    rows = await world.house.rows("SELECT number FROM orders WHERE status = 'new' LIMIT 3")
    numbers = [str(row[0]) for row in rows]
    done = await world.house.rows("SELECT number FROM orders WHERE status = 'complete' LIMIT 1")
    browser = await world.browser("head")
    form = {"pick": [*numbers, str(done[0][0])], "status": "client-confirmed", "filter": ""}
    answer = await browser.post("/orders/status", form)
    assert answer.status_code == 200
    assert 'id="found"' in answer.text
    undo = re.search(r'"undo": "([^"]+)"', answer.headers["hx-trigger"])
    assert undo is not None
    assert await _statuses(world, numbers) == {"client-confirmed"}

    back = await browser.post(undo[1])
    assert back.headers["hx-refresh"] == "true"
    assert await _statuses(world, numbers) == {"new"}


async def _statuses(world: WebHouse, numbers: list[str]) -> set[object]:
    rows = await world.house.rows(
        "SELECT status FROM orders WHERE number IN {}", any_of([int(one) for one in numbers])
    )
    return {row[0] for row in rows}


async def test_a_colleague_without_the_right_is_refused_and_told_so(world: WebHouse) -> None:
    page = await (await world.browser("administrator")).get("/orders")
    assert page.status_code == 403
    assert 'role="alert"' in page.text


async def test_a_page_in_english_has_english_around_the_records(world: WebHouse) -> None:
    async def speak() -> None:
        await execute("UPDATE users SET language = {} WHERE login = {}", "en", "head")

    await world.house.write(speak)
    page = await (await world.browser("head")).get("/orders")
    assert "<title>Orders" in page.text
    assert "Σ page" in page.text
