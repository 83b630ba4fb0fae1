"""The page of rules, and the button of the queue."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from appliance.actions import references
from appliance.domain.assignment import Spreading
from tests.integration.assignment.test_giving_out import incoming
from tests.web_house import WebHouse, open_web_house


@pytest.fixture
async def door(tmp_path: Path) -> AsyncIterator[WebHouse]:
    """Empty: nobody has ordered anything yet."""
    async with open_web_house(tmp_path) as opened:
        yield opened


@pytest.mark.checklist(105)
async def test_a_rule_is_written_tried_moved_and_forgotten_on_its_page(door: WebHouse) -> None:
    head = await door.browser("head")
    await incoming(door.house, 1)
    wrong = await head.post(
        "/admin/assignment", {"name": "Опт", "least_total": "1,2,3"}, htmx=False
    )
    assert wrong.status_code == 422
    assert 'value="1,2,3"' in wrong.text
    rule = {"name": "Опт", "order_type": "eshop-legal", "people": "2", "way": "random"}
    await head.post("/admin/assignment", rule, htmx=False)
    await head.post("/admin/assignment", {"name": "Все", "people": "1"}, htmx=False)
    page = await head.get("/admin/assignment?try=1")
    assert "Борис Соседов" in page.text
    assert "меньше всего заказов" in page.text
    assert page.text.index(">Опт<") < page.text.index(">Все<")
    await head.post("/admin/assignment/2/up", htmx=False)
    page = await head.get("/admin/assignment?rule=1")
    assert page.text.index(">Все<") < page.text.index(">Опт<")
    assert 'value="Опт"' in page.text
    await head.post("/admin/assignment/1/remove", htmx=False)
    assert ">Опт<" not in (await head.get("/admin/assignment")).text


@pytest.mark.checklist(106)
async def test_one_key_takes_the_next_order_and_opens_it(door: WebHouse) -> None:
    await references.set_assignment(door.house.system, Spreading.QUEUE)
    number = await incoming(door.house, 1)
    seller = await door.browser("seller")
    assert 'aria-keyshortcuts="Shift+Q"' in (await seller.get("/orders")).text
    taken = await seller.post("/orders/take")
    assert taken.headers["hx-redirect"] == f"/orders/{number}"
    card = await seller.get(f"/orders/{number}")
    assert "взял из очереди" in card.text
    assert "hx-redirect" not in (await seller.post("/orders/take")).headers
