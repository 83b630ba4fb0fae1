"""Cards of orders and clients: what a role may see, and nothing else in the page's source."""

import re
from datetime import timedelta

from appliance.domain import demo
from appliance.storage.statements import execute
from tests.web_house import Browser, WebHouse

EVENT = re.compile(r'data-mark="[^"]+"|[0-9A-F]{4}-[0-9A-F]{4}')
"""What differs between any two pages: when one was read, and the number of its event."""


def _contacts(world: WebHouse) -> list[str]:
    """Phones (as digits in every shown grouping) and mailboxes of everybody invented."""
    people = demo.people(7, 100, world.house.clock())
    found: list[str] = []
    for one in people:
        tail = one.phone[-10:]
        found += [one.phone, tail, f"{tail[3:6]}-{tail[6:8]}-{tail[8:]}"]
        if one.email:
            found.append(one.email)
    return found


async def _order_of(world: WebHouse, name: str) -> int:
    rows = await world.house.rows(
        "SELECT number FROM orders WHERE manager_id = {} ORDER BY number DESC LIMIT 1",
        world.house.users[name],
    )
    return int(str(rows[0][0]))


async def test_no_page_of_a_storekeeper_holds_a_phone_or_mailbox_even_masked(
    world: WebHouse,
) -> None:
    browser = await world.browser("storekeeper")
    number = await _order_of(world, "seller")
    for path in ("/", "/orders", f"/orders/{number}", f"/orders/{number}/peek"):
        page = await browser.get(path)
        assert page.status_code == 200, path
        assert not [one for one in _contacts(world) if one in page.text], path
        assert "•••-••" not in page.text
        assert "/clients/contacts/" not in page.text


async def test_masked_contacts_are_not_in_the_source_of_a_sellers_page(world: WebHouse) -> None:
    browser = await world.browser("seller")
    number = await _order_of(world, "seller")
    card = await browser.get(f"/orders/{number}")
    client = re.search(r'href="(/clients/\d+)"', card.text)
    assert client is not None
    for page in (card, await browser.get(client[1]), await browser.get("/clients")):
        assert "•••-••" in page.text
        assert not [one for one in _contacts(world) if one in page.text]


async def test_a_strangers_order_answers_like_one_that_is_not_there(world: WebHouse) -> None:
    browser = await world.browser("seller")
    theirs = await browser.get(f"/orders/{await _order_of(world, 'rival')}")
    absent = await browser.get("/orders/99999999")
    assert theirs.status_code == absent.status_code == 404
    assert EVENT.sub("", theirs.text) == EVENT.sub("", absent.text)


async def test_a_strangers_client_answers_like_one_that_is_not_there(world: WebHouse) -> None:
    browser = await world.browser("seller")
    rows = await world.house.rows(
        "SELECT number FROM customer WHERE owner_id = {} LIMIT 1", world.house.users["rival"]
    )
    theirs = await browser.get(f"/clients/{rows[0][0]}")
    absent = await browser.get("/clients/99999999")
    assert theirs.status_code == absent.status_code == 404
    assert EVENT.sub("", theirs.text) == EVENT.sub("", absent.text)


async def _reveal_address(browser: Browser, number: int) -> str:
    page = await browser.get(f"/orders/{number}")
    found = re.search(r'hx-post="(/clients/contacts/[^"]+/reveal)"', page.text)
    assert found is not None
    return found[1]


async def _left(browser: Browser, number: int) -> int:
    page = await browser.get(f"/orders/{number}")
    found = re.search(r"осталось (\d+)", page.text)
    assert found is not None
    return int(found[1])


async def test_a_reveal_shows_the_contact_writes_it_down_and_spends_the_budget(
    world: WebHouse,
) -> None:
    browser = await world.browser("seller")
    number = await _order_of(world, "seller")
    before = await _left(browser, number)
    address = await _reveal_address(browser, number)
    shown = await browser.post(address)
    assert shown.status_code == 200
    assert [one for one in _contacts(world) if one in shown.text.replace("\u00a0", " ")]
    log = [str(row[0]) for row in await world.house.rows("SELECT leaf FROM audit_outbox")]
    assert [one for one in log if "customers.reveal" in one and '"done"' in one]
    assert await _left(browser, number) == before - 1

    again = await browser.post(address)
    assert again.status_code == 200
    assert await _left(browser, number) == before - 1  # the same client costs nothing more

    rival = await world.browser("rival")
    assert (await rival.post(address)).status_code == 404
    copied = await browser.post(f"{address}/copied")
    assert copied.status_code == 204


async def test_a_change_under_ones_hands_is_told_and_nothing_is_overwritten(
    world: WebHouse,
) -> None:
    rows = await world.house.rows("SELECT number, version FROM orders WHERE status = 'new' LIMIT 1")
    number, version = rows[0]
    head, other = await world.browser("head"), await world.browser("operator")
    del other
    first = await head.post(
        f"/orders/{number}/status", {"status": "clarify", "version": str(version)}
    )
    assert first.status_code == 200
    assert "toast" in first.headers["hx-trigger"]
    second = await head.post(
        f"/orders/{number}/status", {"status": "client-confirmed", "version": str(version)}
    )
    assert second.status_code == 409
    assert second.headers["hx-retarget"] == "#dialogs"
    assert 'id="conflict"' in second.text
    now = await world.house.rows("SELECT status FROM orders WHERE number = {}", number)
    assert now == [("clarify",)]


async def test_a_move_that_the_matrix_forbids_is_refused_in_words(world: WebHouse) -> None:
    rows = await world.house.rows("SELECT number FROM orders WHERE status = 'new' LIMIT 1")
    answer = await (await world.browser("head")).post(
        f"/orders/{rows[0][0]}/status", {"status": "complete"}
    )
    assert answer.status_code == 422
    assert 'id="conflict"' in answer.text


async def test_a_head_gives_an_order_to_a_colleague_and_a_seller_may_not(world: WebHouse) -> None:
    number = await _order_of(world, "seller")
    head = await world.browser("head")
    seller = await world.browser("seller")
    assert (await seller.post(f"/orders/{number}/manager", {"manager": "2"})).status_code == 403
    answer = await head.post(f"/orders/{number}/manager", {"manager": "2"})
    assert answer.status_code == 200
    assert (await seller.get(f"/orders/{number}")).status_code == 404


async def test_a_destroyed_client_is_shown_as_destroyed_everywhere(world: WebHouse) -> None:
    await _with_newest_client(world, "state = 'destroyed', person = NULL")
    await _expect_on_pages(world, "Данные уничтожены")


async def test_a_damaged_cell_is_shown_as_damaged_and_breaks_no_page(world: WebHouse) -> None:
    await _with_newest_client(world, "person = {}", b"\x00\x11\x22\x33" * 7)
    await _expect_on_pages(world, "повреждено")


async def _with_newest_client(world: WebHouse, columns: str, *values: object) -> None:
    async def spoil() -> None:
        await execute(
            f"UPDATE customer SET {columns} WHERE id = "  # noqa: S608 - the test's own text
            "(SELECT customer_id FROM orders ORDER BY number DESC LIMIT 1)",
            *values,
        )

    await world.house.write(spoil)


async def _expect_on_pages(world: WebHouse, words: str) -> None:
    browser = await world.browser("head")
    rows = await world.house.rows(
        "SELECT o.number, c.number FROM orders o JOIN customer c ON c.id = o.customer_id "
        "ORDER BY o.number DESC LIMIT 1"
    )
    order, client = rows[0]
    for path in ("/orders", f"/orders/{order}", f"/orders/{order}/peek", f"/clients/{client}"):
        page = await browser.get(path)
        assert page.status_code == 200, path
        assert words in page.text, path


async def test_a_sealed_box_shows_no_page_but_the_way_to_unlock_it(world: WebHouse) -> None:
    browser = await world.browser("head")
    world.house.vault.seal()
    page = await browser.get("/orders")
    assert page.status_code == 503
    assert 'href="/unlock"' in page.text


async def test_the_day_of_a_seller_shows_what_waits_longest_first(world: WebHouse) -> None:
    world.house.clock.pass_(hours=1)
    page = await (await world.browser("seller")).get("/")
    shown = [int(one) for one in re.findall(r'<li data-href="/orders/(\d+)"', page.text)]
    assert shown
    assert "ждёт" in page.text


async def test_the_day_of_an_administrator_shows_the_box_and_no_client(world: WebHouse) -> None:
    page = await (await world.browser("administrator")).get("/")
    assert page.status_code == 200
    assert "Состояние коробки" in page.text
    assert "/orders/" not in page.text


async def test_clients_page_without_doubles_to_the_depth_limit_and_no_further(
    world: WebHouse,
) -> None:
    browser = await world.browser("head")
    first = await browser.get("/clients")
    numbers = re.findall(r'class="key dim" href="/clients/(\d+)"', first.text)
    following = re.search(r'href="([^"]+)" rel="next"', first.text)
    assert following is not None
    second = await browser.get(following[1].replace("&amp;", "&"))
    more = re.findall(r'class="key dim" href="/clients/(\d+)"', second.text)
    assert len({*numbers, *more}) == len(numbers) + len(more) == 100
    assert 'rel="next"' not in second.text
    assert (await browser.get("/clients?after=5&seen=500")).status_code == 422


async def test_an_idle_session_leads_back_to_the_door(world: WebHouse) -> None:
    browser = await world.browser("seller")
    assert (await browser.get("/orders")).status_code == 200
    world.house.clock.now += timedelta(hours=3)
    answer = await browser.get("/orders?status=new")
    assert answer.headers["location"] == "/login?next=/orders"
