"""Stock and prices out: what WB took, what it only said it took, and how fast."""

import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from appliance.plugin_api.core import PAUSED
from appliance.plugin_api.fakes import FakeReply, FakeRequest, said
from appliance.plugin_api.outcomes import Pause, Permanent
from appliance.storage.statements import execute
from plugins.marketplace_wildberries import catalogue, orders, prices, stock
from tests.house_fixture import open_test_house
from tests.integration.markets.market import goods, stock_of
from tests.plugins.marketplace_wildberries.shop import Wildberries


@pytest.fixture
async def wb(tmp_path: Path) -> AsyncIterator[Wildberries]:
    async with open_test_house(tmp_path) as house:
        yield Wildberries(house)


async def offered(wb: Wildberries, **pieces: int) -> None:
    """Goods of the box that WB knows by the same articles."""
    await goods(**pieces)
    for article in pieces:
        wb.fake.card(article)
    await catalogue.read(wb.core())


async def told(wb: Wildberries) -> list[tuple[str, str, int | None]]:
    """(article, code of the refusal, figure that holds) of every offer."""
    rows = await wb.house.rows(
        "SELECT article, stock_error, stock FROM market_offer ORDER BY article"
    )
    return [(str(a), str(b), c) for a, b, c in rows]  # type: ignore[misc]


@pytest.mark.checklist(50)
async def test_waiting_orders_come_in_once_within_wbs_limits(wb: Wildberries) -> None:
    waiting = 500
    """A tenth of what the issue names; every order of theirs is one piece."""
    await goods(**{"A-1": 3000})
    for _ in range(waiting):
        wb.fake.place("A-1", price=1000)
    began = time.perf_counter()
    await wb.poll()
    took = time.perf_counter() - began
    await wb.poll()
    assert await wb.house.rows("SELECT COUNT(*) FROM orders") == [(waiting,)]
    assert took + wb.waited < 180 * waiting / 5000


@pytest.mark.checklist(10)
async def test_figures_go_once_as_they_are_and_the_first_of_each_size_is_read_back(
    wb: Wildberries,
) -> None:
    articles = [f"A-{n}" for n in range(300)]
    await offered(wb, **dict.fromkeys(articles, 7))
    await stock.send(wb.core())
    assert len(wb.fake.told) == 300 and set(wb.fake.stock.values()) == {7}
    for amount in (6, 5, 4):
        await goods(**{"A-1": amount})
    wb.fake.requests.clear()
    await stock.send(wb.core())
    assert [one[1] for one in wb.fake.told[300:]] == [4]
    assert [one.method for one in wb.fake.requests] == ["PUT"]
    await stock.send(wb.core())
    assert len(wb.fake.told) == 301


async def test_a_figure_that_wb_answers_204_to_and_does_not_take_is_found_out(
    wb: Wildberries,
) -> None:
    await offered(wb, **{"A-1": 7})
    wb.fake.old_names = True  # as after one of WB's changes of names
    await stock.send(wb.core())
    assert await told(wb) == [("A-1", "stock_not_taken", None)]
    assert "stock_refused" in await wb.journal()
    wb.fake.old_names = False
    wb.house.clock.pass_(minutes=3)
    await stock.send(wb.core())
    assert await told(wb) == [("A-1", "", 7)]


async def test_sizes_refused_by_name_hold_up_no_others_and_a_busy_warehouse_waits(
    wb: Wildberries,
) -> None:
    await offered(wb, **{"A-1": 7, "B-2": 7})
    nm = wb.fake.card("B-2")
    gone = wb.fake.cards.pop(nm)
    await stock.send(wb.core())
    assert await told(wb) == [("A-1", "", 7), ("B-2", "sku_stock_not_found", None)]
    assert wb.fake.stock == {wb.fake.size("A-1"): 7}
    wb.fake.cards[nm] = gone
    wb.house.clock.pass_(hours=2)
    wb.fake.busy = True
    before = len(await wb.journal())
    await stock.send(wb.core())
    assert (await told(wb))[1][1] == "store_processing"
    assert len(await wb.journal()) == before  # it mends itself
    wb.fake.busy, wb.fake.blocked = False, True
    wb.house.clock.pass_(minutes=3)
    await stock.send(wb.core())
    assert (await told(wb))[1][1] == "stock_blocked"
    wb.fake.blocked = False
    wb.house.clock.pass_(hours=2)
    await goods(**{"B-2": -3})
    await stock.send(wb.core())
    assert (await told(wb))[1] == ("B-2", "", 0)


async def test_a_limit_on_stock_stops_no_orders_and_hours_without_wb_send_only_the_last(
    wb: Wildberries,
) -> None:
    await offered(wb, **{"A-1": 7})
    wb.fake.pause = 600
    wb.fake.trouble = "too_many"
    for amount in (6, 5, 4):
        await goods(**{"A-1": amount})
        with pytest.raises(Pause):
            await stock.send(wb.core())
        wb.house.clock.pass_(hours=2)
    wb.fake.trouble = ""
    assert "main:stock" in PAUSED and "main" not in PAUSED
    wb.fake.place("A-1")
    await wb.poll()
    assert len(await wb.words()) == 1
    PAUSED.clear()
    await stock.send(wb.core())
    ((_, amount, at),) = wb.fake.told
    assert amount == 3 and (wb.house.clock.now - at).total_seconds() < 60


async def test_two_accounts_of_one_seller_share_his_limits_and_a_refusal_counts_as_ten(
    wb: Wildberries,
) -> None:
    two = Wildberries(wb.house, ("main", "second"))
    for _ in range(12):
        await orders.poll(two.core())
    assert all(one.method for one in two.fake.requests) and two.waited > 0
    core = two.core()
    one = stock.WAYS.of(core)[0].wb
    refused, problem = list[int](), two.fake.problem

    def spied(request: FakeRequest, status: int, title: str, **headers: str) -> FakeReply:
        refused.append(status)
        return problem(request, status, title, **headers)

    two.fake.problem = spied  # type: ignore[method-assign]
    from plugins.marketplace_wildberries.answers import Refusal  # noqa: PLC0415

    began = two.waited
    for _ in range(6):
        with pytest.raises(Refusal):
            await one.put_stock(core, "1", {1: 1})
    # Sixty units in a bucket of eighteen: the fake, which charges the same, never said 429.
    assert two.waited - began > 6
    assert refused == []


async def test_what_wb_wants_to_be_paid_for_is_said_in_words(wb: Wildberries) -> None:
    if wb.checked is not None:
        wb.checked.trouble = True
    wb.fake.take = lambda _: said({"code": "PaymentRequired"}, 402)  # type: ignore[method-assign]
    with pytest.raises(Permanent, match="payment_required"):
        await orders.poll(wb.core())


# --- prices ---


async def wanted(wb: Wildberries, **kopecks: int) -> None:
    async def body() -> None:
        await execute("UPDATE market_account SET sends_price = {}", True)
        for article, amount in kopecks.items():
            await execute(
                "UPDATE price SET amount = {} "
                "WHERE variant_id = (SELECT id FROM variant WHERE sku = {})",
                amount,
                article,
            )

    await wb.house.write(body)


async def round_of_prices(wb: Wildberries, seconds: float = 100) -> None:
    await prices.send(wb.core())
    wb.house.clock.pass_(seconds=seconds)
    await prices.send(wb.core())


async def priced(wb: Wildberries) -> list[tuple[str, int | None, str]]:
    rows = await wb.house.rows(
        "SELECT article, price, price_error FROM market_offer ORDER BY article"
    )
    return [(str(a), b, str(c)) for a, b, c in rows]  # type: ignore[misc]


async def test_prices_are_told_by_card_and_hold_when_wb_says_so(wb: Wildberries) -> None:
    await offered(wb, **{"A-1": 1, "B-2": 1})
    await prices.send(wb.core())
    assert wb.fake.uploads == {}
    await wanted(wb, **{"A-1": 50_001, "B-2": 0})
    await prices.send(wb.core())
    await prices.send(wb.core())
    assert await priced(wb) == [("A-1", None, "price_waits"), ("B-2", None, "price_zero")]
    assert len(wb.fake.uploads) == 1
    # WB takes its time: what waits there is not told again.
    take, wb.fake.take = wb.fake.take, lambda request: (  # type: ignore[method-assign]
        said({"data": None, "error": False, "errorText": ""})
        if request.path == "/api/v2/history/tasks" else take(request)
    )  # fmt: skip
    wb.house.clock.pass_(seconds=100)
    await prices.send(wb.core())
    assert sum(one.path == "/api/v2/upload/task" for one in wb.fake.requests) == 1
    wb.fake.take = take  # type: ignore[method-assign]
    wb.house.clock.pass_(seconds=100)
    await prices.send(wb.core())
    assert (await priced(wb))[0] == ("A-1", 50_001, "")
    assert wb.fake.prices == {wb.fake.card("A-1"): 501}
    assert (await wb.journal()).count("price_zero") == 1
    # Less than a third of what it was: WB keeps the old one until somebody looks.
    await wanted(wb, **{"A-1": 10_000})
    await round_of_prices(wb)
    assert (await priced(wb))[0] == ("A-1", 50_001, "price_quarantine")
    assert wb.fake.prices == {wb.fake.card("A-1"): 501}


async def test_an_upload_whose_answer_was_lost_is_known_by_wb_when_it_is_told_again(
    wb: Wildberries,
) -> None:
    await offered(wb, **{"A-1": 1})
    await wanted(wb, **{"A-1": 50_000})
    wb.fake.fail("lost")
    with pytest.raises(Pause):
        await prices.send(wb.core())
    PAUSED.clear()
    await round_of_prices(wb)
    assert len(wb.fake.uploads) == 1
    assert await priced(wb) == [("A-1", 50_000, "")]


async def test_a_long_catalogue_is_read_on_and_what_it_has_new_is_found(wb: Wildberries) -> None:
    for n in range(250):
        wb.fake.card(f"A-{n}")
    first = wb.fake.cards[wb.fake.card("A-7")]
    wb.fake.place("A-7")
    await wb.poll()  # one card is asked for, not all of them
    asked = [one for one in wb.fake.requests if one.path.endswith("cards/list")]
    assert len(asked) == 1 and first[0] == "A-7"
    wb.fake.fail("down")
    with pytest.raises(Pause):
        await catalogue.read(wb.core())
    PAUSED.clear()
    for expected in (250, 250):
        await catalogue.read(wb.core())
        rows = await wb.house.rows("SELECT COUNT(*) FROM market_offer")
        assert rows == [(expected,)]
    wb.fake.requests.clear()
    wb.fake.card("NEW-1")
    await catalogue.read(wb.core())
    assert len(wb.fake.requests) == 1
    assert await wb.house.rows("SELECT COUNT(*) FROM market_offer") == [(251,)]
    wb.house.clock.pass_(hours=7)
    await catalogue.read(wb.core())
    assert len(wb.fake.requests) == 1 + 3  # everything again


async def test_sizes_of_one_card_are_found_by_barcode_and_never_cost_each_others_price(
    wb: Wildberries,
) -> None:
    await goods(**{"OUR-S": 3, "OUR-M": 4})
    nm = wb.fake.card("TS-1", "S", "M")
    small, medium = wb.fake.cards[nm][2]

    async def body() -> None:
        for article, chrt in (("OUR-S", small), ("OUR-M", medium)):
            code = wb.fake.cards[nm][2][chrt][1]
            await execute("UPDATE variant SET barcode = {} WHERE sku = {}", code, article)

    await wb.house.write(body)
    wb.fake.place("TS-1", size="M")
    await wb.poll()
    assert await stock_of(wb.house, "OUR-M") == (4000, 1000)
    await catalogue.read(wb.core())
    await stock.send(wb.core())
    assert wb.fake.stock == {small: 3, medium: 3}
    await wanted(wb, **{"OUR-S": 40_000, "OUR-M": 60_000})
    await round_of_prices(wb)
    assert wb.fake.uploads == {}
    assert {one[2] for one in await priced(wb)} == {"price_differs"}
    await wanted(wb, **{"OUR-S": 60_000})
    wb.house.clock.pass_(hours=2)
    await round_of_prices(wb)
    assert wb.fake.prices == {nm: 600}
    assert {one[1:] for one in await priced(wb)} == {(60_000, "")}
