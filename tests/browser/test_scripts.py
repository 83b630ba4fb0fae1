"""The keyboard scripts of the interface reference, §5: the keyboard alone, from call to order.

Script 5 stands in test_doubles.py and 7 in test_stream_keys.py.
"""

import re
import time

import pytest
from playwright.async_api import Page, expect

from appliance.actions import calls, customers
from appliance.domain.calls import CallReport
from appliance.domain.customers import ContactKind
from appliance.domain.personal import Personal
from tests.browser.conftest import Served
from tests.house_fixture import PEOPLE


class Presses:
    """Counts what is pressed."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.count = 0

    async def __call__(self, *keys: str) -> None:
        for key in keys:
            self.count += 1
            await self.page.keyboard.press(key)


async def ring(served: Served, number: str, name: str = "seller") -> None:
    """A call at this colleague's desk, through the fake channel."""
    house = served.house.house
    await calls.report(
        house.system,
        CallReport(
            provider_id=f"pbx-{number}",
            user_number=PEOPLE[name][0],
            phone=Personal(number),
            line="Розница",
        ),
    )


async def _bought(served: Served) -> tuple[int, str]:
    """A seller's client who bought something, and his phone."""
    house = served.house.house
    rows = await house.rows(
        "SELECT c.number FROM customer c JOIN orders o ON o.customer_id = c.id "
        "WHERE c.owner_id = {} AND o.manager_id = {} ORDER BY o.number DESC LIMIT 1",
        house.users["seller"],
        house.users["seller"],
    )
    number = int(str(rows[0][0]))
    card = await customers.open_by_number(house.system, number)
    known = next(one for one in card.customer.contacts if one.kind is ContactKind.PHONE)
    assert known.full is not None
    return number, known.full.reveal()


@pytest.mark.checklist(40)
async def test_script_1_a_known_caller_repeats_his_last_order_in_four_presses(
    served: Served,
) -> None:
    number, tail = await _bought(served)
    page = await served.page("seller", "/")
    await ring(served, tail)
    await expect(page.locator("[data-call] .name a")).to_have_attribute(
        "href", f"/clients/{number}"
    )
    press = Presses(page)
    began = time.monotonic()
    await press("F8", "n")
    await page.wait_for_url("**/orders/new/called")
    await page.wait_for_selector("html[data-ready]")
    await press("r")
    await page.wait_for_url("**/orders/new?repeat=**")
    await page.wait_for_selector("html[data-ready]")
    await press("Control+Enter")
    await expect(page).to_have_url(re.compile(r"/orders/\d+$"))
    assert press.count == 4
    assert time.monotonic() - began < 30
    rows = await served.house.house.rows("SELECT result FROM call")
    assert rows == [("order",)]


async def test_script_2_an_unknown_caller_gets_his_order_under_45_seconds(served: Served) -> None:
    page = await served.page("seller", "/clients")
    await page.keyboard.press("f")
    await page.keyboard.type("Кузн")
    await ring(served, "+7 912 000-12-34")
    await page.wait_for_selector("[data-call]")
    await expect(page.locator(".filter input[name=q]")).to_be_focused()  # nobody is disturbed
    began = time.monotonic()
    await page.keyboard.press("F8")
    await expect(page.locator("#call-name")).to_be_focused()
    await page.keyboard.type("Ёлкина Вера")
    await page.keyboard.press("Control+;")
    await page.keyboard.press("n")
    await page.wait_for_url("**/orders/new/called")
    await page.wait_for_selector("html[data-ready]")
    await expect(page.locator("#last_name")).to_have_value("Ёлкина")
    await expect(page.locator("#find")).to_be_focused()
    await page.keyboard.type("чайник")
    await page.locator("#find-list [role=option]").first.wait_for()
    await page.keyboard.press("Enter")
    await page.locator("input[name=quantity]").wait_for()
    await page.keyboard.press("Control+Enter")
    await expect(page).to_have_url(re.compile(r"/orders/\d+$"))
    assert time.monotonic() - began < 45
    rows = await served.house.house.rows("SELECT customer_id, subject_id FROM call")
    assert None not in rows[0]


async def test_script_3_the_new_orders_of_a_page_are_confirmed_together(served: Served) -> None:
    page = await served.page("head", "/")
    await page.keyboard.press("g")
    await page.keyboard.press("o")
    await page.wait_for_url("**/orders")
    await page.wait_for_selector("html[data-ready]")
    await page.keyboard.press("f")
    await page.keyboard.type("новый")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/orders?status=new")
    await page.wait_for_selector("html[data-ready]")
    waiting = await page.locator("tbody [data-href], tbody tr[data-href]").count()
    await page.keyboard.press("Control+a")
    await page.keyboard.press("s")
    await page.locator("#mass-status:popover-open").wait_for()
    await page.evaluate(
        "document.activeElement.dispatchEvent(new KeyboardEvent('keydown', "
        "{key: 'п', code: 'KeyG', bubbles: true, cancelable: true}))"
    )  # Playwright has no Russian board to press
    await page.keyboard.press("Enter")
    await expect(page.locator("[data-toast]")).to_contain_text(f"{waiting} заказ")
    rows = await served.house.house.rows(
        "SELECT COUNT(*) FROM orders WHERE status = 'client-confirmed'"
    )
    assert int(str(rows[0][0])) >= waiting


@pytest.mark.checklist(165)
async def test_script_4_a_client_is_found_by_four_digits_and_his_task_postponed(
    served: Served,
) -> None:
    number, known = await _bought(served)
    page = await served.page("seller", f"/clients/{number}")
    await page.keyboard.press("t")
    await page.locator("dialog[open] input[name=title]").wait_for()
    await page.keyboard.type("Перезвонить")
    await page.keyboard.press("Control+Enter")
    await page.locator("dialog[open]").wait_for(state="detached")
    await page.goto(f"{served.base}/")
    await page.wait_for_selector("html[data-ready]")
    await page.keyboard.press("Control+k")
    await page.keyboard.type(known[-4:])
    await page.locator(f'#palette [role=option][data-href="/clients/{number}"]').wait_for()
    await page.keyboard.press("Enter")
    await page.wait_for_url(f"**/clients/{number}")
    await page.wait_for_selector("html[data-ready]")
    await ring(served, known)  # he is called back: the channel reports the call
    await page.wait_for_selector("[data-call]")
    await page.keyboard.press("g")
    await page.keyboard.press("z")
    await page.wait_for_url("**/tasks")
    await page.wait_for_selector("html[data-ready]")
    await page.keyboard.press("j")
    await page.keyboard.press("h")
    await page.locator("#later[open]").wait_for()
    await page.keyboard.press("3")  # tomorrow at 10:00
    await expect(page.locator("[data-toast]")).to_contain_text("10:00")


@pytest.mark.parametrize(
    ("typed", "answer"), [("=2+3*(4-1)", "11"), ("=1 990,50*2", "3 981"), ("=500*20%", "100")]
)
async def test_the_palette_reckons_a_sum_after_the_equals_sign(
    served: Served, typed: str, answer: str
) -> None:
    page = await served.page("seller", "/orders")
    await page.keyboard.press("Control+k")
    await page.keyboard.type(typed)
    await expect(page.locator("#palette [role=option]")).to_contain_text(f"= {answer}")
