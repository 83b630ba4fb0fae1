"""The list of orders, as the doors of the box show it."""

from tests.web_house import WebHouse, links

NUMBERS = r'class="key dim" href="/orders/(\d+)'


async def test_the_head_sees_every_order_with_client_sum_and_status(world: WebHouse) -> None:
    page = await (await world.browser("head")).get("/orders")
    assert page.status_code == 200, page.text
    assert len(links(page, NUMBERS)) == 50
    assert 'class="st" data-tone=' in page.text
