"""Three colleagues at their browsers: the assigned manager, another one, the storekeeper."""

import os
import re
from collections.abc import Generator
from contextlib import contextmanager

from playwright.sync_api import (
    Browser,
    Locator,
    Page,
    Response,
    ViewportSize,
    expect,
    sync_playwright,
)

from scripts import _shop
from scripts._shop import BUYERS, Buyer, Miss

CHROMIUM = "/usr/bin/chromium"
SIZE: ViewportSize = {"width": 1366, "height": 768}
NEW_PASSWORD = "Сорок-тихих-окон-у-реки-7"  # noqa: S105 - of invented people


@contextmanager
def chromium() -> Generator[Browser]:
    """The system's browser, headless."""
    with sync_playwright() as play:
        flags = ["--no-sandbox"] if os.geteuid() == 0 else []
        started = play.chromium.launch(executable_path=CHROMIUM, args=flags)
        yield started
        started.close()


class Desk:
    """One colleague at a browser of his own."""

    def __init__(self, browser: Browser, address: str, login: str, password: str) -> None:
        # The box's authority is checked by the shop's client; a browser would need it installed.
        context = browser.new_context(
            base_url=address, ignore_https_errors=True, viewport=SIZE, locale="ru-RU"
        )
        self.page: Page = context.new_page()
        self.outside: list[str] = []
        self.page.on("request", lambda asked: self._note(asked.url, address))
        self._sign_in(login, password)

    def _note(self, url: str, address: str) -> None:
        if not url.startswith((address, "data:", "blob:")):
            self.outside.append(url)

    def _sign_in(self, login: str, password: str) -> None:
        page = self.page
        page.goto("/login")
        page.fill("[name=login]", login)
        page.fill("[name=password]", password)
        page.click("button[type=submit]")
        page.wait_for_url("**/me/password")
        page.fill("[name=current]", password)
        page.fill("[name=fresh]", NEW_PASSWORD)
        page.fill("[name=again]", NEW_PASSWORD)
        page.click("button[type=submit]")
        page.wait_for_url(re.compile(r"/(orders|today|)$"))

    def open_order(self, number: int) -> Page:
        """Go to the list and from there to the order."""
        self.page.goto("/orders")
        self.page.click(f"a[href^='/orders/{number}']")
        self.page.wait_for_url(f"**/orders/{number}*")
        return self.page

    def palette(self, text: str) -> list[str]:
        """Type into the palette; return what is found in the box, commands left out."""
        page = self.page
        page.goto("/orders")
        expect(page.locator("html[data-ready]")).to_have_count(1)
        page.keyboard.press("Control+KeyK")
        with page.expect_response(_is_about) as answered:
            page.locator("#palette input").fill(text)
        answered.value.finished()
        found: Locator = page.locator("#palette [role=option][id^=found-]")
        expect(page.locator(".palette-q")).not_to_have_attribute("aria-busy", "true")
        return found.all_inner_texts()

    def text(self) -> str:
        """All the page shows."""
        return self.page.locator("body").inner_text()


def _is_about(answer: Response) -> bool:
    """An answer to what was typed; an opening palette asks for what was looked at last, too."""
    asked = answer.request.post_data or ""
    return answer.url.endswith("/palette") and not asked.startswith("q=&")


def _is_shown(text: str, buyer: Buyer) -> bool:
    return buyer.phone[1:] in re.sub(r"\D", "", text)


def assigned_manager(desk: Desk, number: int, status: str) -> None:
    """See the order, find its buyer both ways, reveal the phone, move the order."""
    buyer = BUYERS[0]
    desk.page.goto("/orders")
    _shop.expect(buyer.last_name in desk.text(), "the manager's list does not show his order")
    _shop.expect(BUYERS[1].last_name not in desk.text(), "the list shows another's order")
    for query in (buyer.last_name[3:8].lower(), buyer.phone[-4:], buyer.last_name.lower()[:5]):
        found = desk.palette(query)
        _shop.expect(any(buyer.last_name in one for one in found), f"{query!r} finds {found}")
    page = desk.open_order(number)
    _shop.expect(not _is_shown(desk.text(), buyer), "the phone stands there without a reveal")
    page.locator("button[hx-post*='reveal']").first.click()
    expect(page.locator(".contact[data-open]").first).to_be_visible()
    _shop.expect(_is_shown(page.locator(".contact[data-open]").first.inner_text(), buyer),
                 "the revealed phone is another one")  # fmt: skip
    page.locator("[popovertarget=moves]").click()
    page.locator(f"#moves button[hx-vals*='\"{status}\"']").click()
    expect(page.locator("#order-head")).not_to_contain_text("Новый")


def other_manager(desk: Desk, number: int, leader: str) -> None:
    """Find nothing by a fragment; by the full phone only who leads the client, to ask for him."""
    buyer = BUYERS[0]
    for query in (buyer.last_name[3:8].lower(), buyer.phone[-4:], buyer.last_name):
        found = desk.palette(query)
        _shop.expect(not found, f"another manager finds {found} by {query!r}")
    found = desk.palette(buyer.typed_phone)
    told = [one for one in found if one != "Попросить передать"]
    _shop.expect(len(told) == 1 and leader in told[0], f"by the full phone he sees {found}")
    _shop.expect(buyer.last_name not in told[0], "by the full phone he sees the name")
    answer = desk.page.goto(f"/orders/{number}")
    _shop.expect(answer is not None and answer.status == 404, "he opens another's order")


def storekeeper(desk: Desk, number: int) -> None:
    """See the order and what is in it, and no phone."""
    buyer = BUYERS[0]
    desk.open_order(number)
    text = desk.text()
    _shop.expect("Термос" in text, "the storekeeper does not see what is in the order")
    # Four digits may stand in any token of the source; there only what is longer tells something.
    for piece in (buyer.phone[-4:], f"{buyer.phone[-4:-2]}-{buyer.phone[-2:]}"):
        _shop.expect(piece not in text, "the storekeeper reads the end of the phone")
    source = desk.page.content()
    for piece in (buyer.phone[-7:], buyer.typed_phone, buyer.email):
        _shop.expect(piece not in source, "the storekeeper's page holds the phone or the e-mail")
    _shop.expect(desk.page.locator("button[hx-post*='reveal']").count() == 0,
                 "the storekeeper may reveal")  # fmt: skip


def stayed_inside(desks: list[Desk]) -> None:
    """No page asked anything outside the box.

    Raises:
        Miss: one did.
    """
    outside = [url for desk in desks for url in desk.outside]
    if outside:
        raise Miss(f"requests leave the box: {outside[:3]}")
