"""The list of clients: conditions in the address, kept views, groups, sums, the house's fields."""

import re
from pathlib import Path

import pytest

from appliance.actions import customers, fields
from appliance.domain.customers import CustomerChange
from appliance.domain.fields import CustomField, FieldType, Form, Given, Option, Owner
from appliance.domain.ids import uuid7
from appliance.domain.personal import Personal
from tests.house_fixture import SHOP
from tests.integration.clients.people import ref
from tests.web_house import Browser, WebHouse, open_web_house

NUMBER = re.compile(r'data-href="/clients/(\d+)"')


async def numbers(browser: Browser, path: str) -> list[int]:
    page = await browser.get(path)
    assert page.status_code == 200, page.text[:400]
    return [int(one) for one in NUMBER.findall(page.text)]


async def give(house: WebHouse, number: int, **values: object) -> None:
    change = CustomerChange(custom=Personal(Given(values=values, form=Form.TYPED)))
    await customers.edit(house.house.system, SHOP, ref(number), change)


@pytest.mark.checklist(176)
async def test_a_field_of_the_house_is_a_column_a_condition_and_found_by_its_whole_value(
    tmp_path: Path,
) -> None:
    async with open_web_house(tmp_path, clients=12, orders=12) as house:
        for field in (
            CustomField(
                id=uuid7(), owner=Owner.CUSTOMER, code="razmer", name="Размер",
                type=FieldType.CHOICE, in_list=True, in_filter=True,
                options=(Option(code="s", name="Малый"), Option(code="l", name="Большой")),
            ),
            CustomField(
                id=uuid7(), owner=Owner.CUSTOMER, code="karta", name="Карта",
                type=FieldType.LINE, personal=True, exact=True, basis="contract",
            ),
        ):  # fmt: skip
            await fields.put(house.house.system, field)
        people = await house.house.rows(
            "SELECT number FROM customer WHERE kind = 'person' ORDER BY number LIMIT 2"
        )
        first, second = (int(str(row[0])) for row in people)
        await give(house, first, razmer="l", karta="А-77-15")
        await give(house, second, razmer="s")
        browser = await house.browser("head")
        page = await browser.get("/clients?all=1")
        assert "Размер" in page.text and "Большой" in page.text
        assert await numbers(browser, "/clients?custom_razmer=l") == [first]
        found = await browser.post("/clients/find", {"q": "а-77-15"})
        assert [int(one) for one in NUMBER.findall(found.text)] == [first]
        said = str(found.headers).lower()
        assert "а-77-15" not in said and "%90-77-15" not in said
        only = await numbers(browser, "/clients?cols=custom_razmer&custom_razmer=s")
        assert only == [second]


async def test_a_view_of_clients_is_kept_and_opens_the_list(tmp_path: Path) -> None:
    async with open_web_house(tmp_path, clients=12, orders=12) as house:
        browser = await house.browser("head")
        await customers.edit(
            house.house.system, SHOP, ref(3), CustomerChange(add_tags=("выставка",), vip=True)
        )
        saved = await browser.post(
            "/views/clients", {"query": "tag=выставка&vip=1&after=5", "name": "С выставки"}
        )
        assert saved.headers["hx-redirect"].startswith("/clients?")
        assert await numbers(browser, saved.headers["hx-redirect"]) == [3]
        page = await browser.get("/clients?all=1")
        assert "С выставки" in page.text
        rows = await house.house.rows("SELECT query FROM saved_view")
        assert "after" not in str(rows[0][0])


async def test_groups_add_up_to_the_list_and_lead_to_it(tmp_path: Path) -> None:
    async with open_web_house(tmp_path, clients=40, orders=40) as house:
        browser = await house.browser("head")
        page = await browser.get("/clients?by=manager")
        heads = re.findall(r'<tr class="group">.*?href="([^"]+)".*?class="dim">(\d+)<', page.text)
        assert sum(int(count) for _, count in heads) == 40
        for address, count in heads:
            path = address.replace("&amp;", "&")
            assert len(await numbers(browser, path)) == min(int(count), 50)
        assert len(NUMBER.findall(page.text)) <= 50


async def test_a_colleague_sees_groups_of_his_own_clients_alone(tmp_path: Path) -> None:
    async with open_web_house(tmp_path, clients=40, orders=40) as house:
        browser = await house.browser("seller")
        page = await browser.get("/clients?by=manager")
        heads = re.findall(r'<tr class="group">.*?class="dim">(\d+)<', page.text)
        rows = await house.house.rows(
            "SELECT COUNT(*) FROM customer WHERE owner_id = {}", house.house.users["seller"]
        )
        assert [int(one) for one in heads] == [int(str(rows[0][0]))]
