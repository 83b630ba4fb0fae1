"""From the password to a page, and the ways that do not lead there."""

from tests.integration.people.conftest import PASSWORDS, Crew
from tests.integration.people.doors import Browser, staff_app


async def test_a_password_leads_to_a_session_and_a_page(crew: Crew) -> None:
    browser = Browser(staff_app(crew.vault))
    refused = await browser.get("/", headers={"accept": "text/html"})
    assert (refused.status_code, refused.headers["location"]) == (303, "/login")

    entered = await browser.sign_in("anna", PASSWORDS["anna"])
    assert (entered.status_code, entered.headers["location"]) == (303, "/")
    cookie = next(c for c in entered.headers.get_list("set-cookie") if c.startswith("__Host-sid="))
    assert {"Secure", "HttpOnly", "SameSite=strict", "Path=/"} <= set(cookie.split("; "))

    first = await browser.get("/")
    assert first.json() == {"user": crew.numbers["anna"], "name": "anna"}
