"""«?» opens the reader's own book at the place of the screen he is on."""

import pytest

from appliance.errors import NotFound
from appliance.web import admin, books
from appliance.web.shell import SECTIONS
from tests.house_fixture import PEOPLE
from tests.web_house import WebHouse


@pytest.mark.parametrize(
    ("who", "book"),
    [
        ("seller", "seller"),
        ("operator", "seller"),
        ("storekeeper", "storekeeper"),
        ("courier", "courier"),
        ("head", "head"),
        ("administrator", "administrator"),
    ],
)
async def test_everybody_is_led_to_his_own_book(door: WebHouse, who: str, book: str) -> None:
    reader = await door.browser(who)
    answer = await reader.get("/help?at=today")
    assert answer.headers["location"] == f"/help/{book}#today"
    page = await reader.get(f"/help/{book}")
    assert 'id="today"' in page.text
    assert "{#" not in page.text


PAGES = (
    ("seller", "/orders/12", "order"), ("seller", "/orders/new", "new-order"),
    ("seller", "/clients/7/edit", "client"), ("storekeeper", "/orders/12", "orders"),
    ("head", "/mail/buyers", "links"), ("head", "/mail/templates", "letters"),
    ("head", "/admin/assignment", "assignment"), ("head", "/admin/print", "papers"),
)  # fmt: skip


async def test_help_opens_at_a_place_of_every_section_that_a_colleague_sees(
    door: WebHouse,
) -> None:
    lost: list[tuple[str, str]] = []
    for who in PEOPLE:
        reader = await door.browser(who)
        around = (await reader.get("/notices")).text.partition("<main")[0]
        seen = [one for group in SECTIONS for one in group if f'href="{one.href}"' in around]
        assert len(seen) > 2, who
        for item in seen:
            answer = await reader.get(f"/help?at={item.section}")
            if not answer.headers["location"].endswith(f"#{item.section}"):
                lost.append((who, item.section))
    assert lost == []
    for who, page, place in PAGES:
        answer = await (await door.browser(who)).get(f"/help?at=orders&on={page}")
        assert answer.headers["location"] == f"/help/{who}#{place}"


async def test_an_unknown_place_opens_the_book_at_its_beginning(door: WebHouse) -> None:
    answer = await (await door.browser("seller")).get("/help?at=//elsewhere")
    assert answer.headers["location"] == "/help/seller"


async def test_every_section_has_its_page_in_the_heads_book() -> None:
    known = {anchor for anchor, _ in books.read("head").places}
    assert {item.section for group in SECTIONS for item in group} <= known


async def test_no_file_but_a_book_is_opened(door: WebHouse) -> None:
    with pytest.raises(NotFound):
        books.read("../operations")
    assert (await (await door.browser("seller")).get("/help/..%2Foperations")).status_code == 404


async def test_every_link_of_the_settings_leads_to_a_page(door: WebHouse) -> None:
    admins = await door.browser("administrator")
    places = {link.href for _, links in admin.GROUPS for link in links}
    answers = {place: (await admins.get(place)).status_code for place in places}
    # Some settings are not the administrator's to see; their pages are there all the same.
    assert {place: code for place, code in answers.items() if code not in {200, 403}} == {}
