"""Kept views of lists: one's own, shared ones, the one a list opens with; columns and groups."""

import re

import pytest

from appliance.actions import views
from appliance.domain.formats import money
from appliance.errors import Denied, Invalid, NotFound
from tests.web_house import WebHouse, links

NUMBERS = r'class="key dim" href="/orders/(\d+)'


async def test_a_kept_view_stands_in_the_menu_and_its_address_can_be_sent(world: WebHouse) -> None:
    browser = await world.browser("head")
    kept = await browser.post(
        "/views/orders", {"name": "Ждут денег", "query": "pay=unpaid&by=status&after=12"}
    )
    assert kept.headers["hx-redirect"] == "/orders?pay=unpaid&by=status"
    page = await browser.get("/orders?pay=unpaid&by=status")
    assert re.search(r'aria-current="page">Ждут денег<', page.text)
    other = await (await world.browser("seller")).get("/orders?pay=unpaid&by=status")
    assert other.status_code == 200
    assert "Ждут денег" not in other.text


async def test_a_shared_view_is_offered_to_its_roles_and_changed_by_its_maker_only(
    world: WebHouse,
) -> None:
    head = world.house.actor_for("head")
    view_id = await views.save(head, "orders", "На уточнении", "status=new", ["seller"])
    seller, keeper = world.house.actor_for("seller"), world.house.actor_for("storekeeper")
    assert [one.name for one in (await views.index(seller, "orders")).views] == ["На уточнении"]
    assert (await views.index(keeper, "orders")).views == ()
    for deed in (views.remove(seller, view_id), views.star(keeper, view_id, on=True)):
        with pytest.raises(NotFound):
            await deed
    await views.star(seller, view_id, on=True)
    page = await (await world.browser("seller")).get("/orders")
    assert (page.status_code, page.headers["location"]) == (303, "/orders?status=new")
    whole = await (await world.browser("seller")).get("/orders?all=1")
    assert whole.status_code == 200
    await views.remove(head, view_id)
    assert (await (await world.browser("seller")).get("/orders")).status_code == 200


async def test_sharing_is_a_right(world: WebHouse) -> None:
    seller = world.house.actor_for("seller")
    with pytest.raises(Denied):
        await views.save(seller, "orders", "Всем", "status=new", ["*"])
    page = await (await world.browser("seller")).get("/orders?status=new")
    assert 'id="keep-view"' in page.text
    assert 'name="roles"' not in page.text


async def test_a_view_keeps_codes_and_never_a_text_about_people(world: WebHouse) -> None:
    head = world.house.actor_for("head")
    await views.save(head, "orders", "Мои", "status=new&q=Кузнецова&after=7&x=Анна+Петровна")
    assert [one.query for one in (await views.index(head, "orders")).views] == ["status=new"]
    with pytest.raises(Invalid):
        await views.save(head, "orders", "Пустой", "q=Кузнецова")
    rows = await world.house.rows("SELECT name, query FROM saved_view")
    assert "Мои".encode() not in bytes(rows[0][0])  # type: ignore[arg-type]


async def test_a_view_without_a_name_is_refused_and_the_window_keeps_what_was_chosen(
    world: WebHouse,
) -> None:
    browser = await world.browser("head")
    answer = await browser.post(
        "/views/orders", {"name": " ", "query": "status=new", "roles": ["seller"]}
    )
    assert answer.status_code == 422
    assert "Назовите вид" in answer.text
    assert re.search(r'value="seller" checked', answer.text)


async def test_the_same_filter_kept_again_is_renamed(world: WebHouse) -> None:
    head = world.house.actor_for("head")
    first = await views.save(head, "deals", "Один", "mine=1")
    assert await views.save(head, "deals", "Другой", "mine=1") == first
    assert [one.name for one in (await views.index(head, "deals")).views] == ["Другой"]


async def test_columns_are_kept_for_the_reader_and_a_view_brings_its_own(world: WebHouse) -> None:
    browser = await world.browser("head")
    answer = await browser.post(
        "/views/orders/columns", {"columns": ["sum", "client", "shop"], "query": ""}
    )
    assert answer.headers["hx-redirect"] == "/orders?all=1"
    heads = r'<th scope="col"[^>]*>([^<]+)</th>'
    page = await browser.get("/orders")
    assert links(page, heads) == ["№", "Статус", "Сумма", "Клиент", "Магазин"]
    sent = await browser.get("/orders?cols=manager,wait")
    assert links(sent, heads) == ["№", "Статус", "Менеджер", "Ждёт"]
    odd = await browser.post(
        "/views/orders/columns", {"usual": "1", "query": "status=new&q=Сухова\r\nx-odd: 1"}
    )
    assert odd.headers["hx-redirect"] == "/orders?status=new"
    await browser.post("/views/orders/columns", {"usual": "1", "query": "status=new"})
    assert "Состав" in (await browser.get("/orders")).text


@pytest.mark.parametrize("by", ["status", "manager", "shop", "delivery", "day"])
async def test_the_heads_of_groups_say_count_and_sum_of_what_is_in_them(
    world: WebHouse, by: str
) -> None:
    page = await (await world.browser("head")).get(f"/orders?by={by}")
    assert page.status_code == 200
    counts = [int(one) for one in links(page, r'<span class="dim">(\d+)</span></button>')]
    rows = await world.house.rows("SELECT COUNT(*), SUM(total) FROM orders")
    assert sum(counts) == rows[0][0]
    assert money(int(str(rows[0][1])), "ru") in page.text


async def test_a_group_goes_on_by_key_until_its_last_order(world: WebHouse) -> None:
    browser = await world.browser("head")
    page = await browser.get("/orders?by=status&status=new")
    seen, following = links(page, NUMBERS), links(page, r'hx-get="(/orders/group[^"]+)"')
    while following:
        part = await browser.get(following[0].replace("&amp;", "&"), hx_request="true")
        seen += links(part, NUMBERS)
        following = links(part, r'hx-get="(/orders/group[^"]+)"')
    rows = await world.house.rows("SELECT number FROM orders WHERE status = 'new'")
    assert sorted(map(int, seen)) == sorted(int(str(row[0])) for row in rows)


async def test_groups_show_a_seller_his_own_orders_only(world: WebHouse) -> None:
    page = await (await world.browser("seller")).get("/orders?by=manager")
    own = await world.house.rows(
        "SELECT number FROM orders WHERE manager_id = {}", world.house.users["seller"]
    )
    counts = [int(one) for one in links(page, r'<span class="dim">(\d+)</span></button>')]
    assert counts == [len(own)]


async def test_a_group_that_cannot_be_is_refused(world: WebHouse) -> None:
    browser = await world.browser("head")
    for address in (
        "/orders/group?by=day&key=вчера",
        "/orders/group?by=manager&key=x",
        "/orders/group",
    ):
        assert (await browser.get(address, hx_request="true")).status_code == 422


@pytest.mark.parametrize(
    "address", ["/deals?mine=1", "/tasks?who=set", "/catalog?low=1", "/orders?status=new"]
)
async def test_every_list_keeps_a_view_and_opens_with_the_starred_one(
    world: WebHouse, address: str
) -> None:
    section, query = address[1:].split("?")
    browser, head = await world.browser("head"), world.house.actor_for("head")
    page = await browser.get(address)
    assert 'id="keep-view"' in page.text
    view_id = await views.save(head, section, "Мой взгляд", query)
    await views.star(head, view_id, on=True)
    opened = await browser.get(f"/{section}")
    assert (opened.status_code, opened.headers["location"]) == (303, address)
    assert "Мой взгляд" in (await browser.get(address)).text
    assert (await browser.get(f"/{section}?all=1")).status_code == 200
