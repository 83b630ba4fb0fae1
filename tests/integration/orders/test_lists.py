from collections.abc import Sequence

from appliance.actions import orders
from appliance.domain.orders import LineDraft, OrderFilter, OrderRow, Placed
from tests.house_fixture import TestHouse
from tests.integration.orders.drafts import draft


async def _many(house: TestHouse, count: int) -> list[Placed]:
    return [
        await orders.place(
            house.shop_key(),
            draft(
                str(at),
                manager_number=1 + at % 2,
                phone=f"+7912000{at:04}",
                lines=(LineDraft(product_name="Лампа", price=100 * (at + 1)),),
                delivery=None,
            ),
        )
        for at in range(count)
    ]


def _numbers(rows: Sequence[OrderRow]) -> list[int]:
    return [row.number for row in rows]


async def test_pages_by_key_meet_without_gap_or_double_in_both_directions(
    house: TestHouse,
) -> None:
    await _many(house, 7)
    head = house.actor_for("head")
    first = await orders.list_page(head, OrderFilter(), limit=3)
    second = await orders.list_page(head, OrderFilter(), after=first.after, limit=3)
    last = await orders.list_page(head, OrderFilter(), after=second.after, limit=3)
    assert _numbers(first.rows) + _numbers(second.rows) + _numbers(last.rows) == list(
        range(7, 0, -1)
    )
    assert (first.before, last.after) == (None, None)
    back = await orders.list_page(head, OrderFilter(), before=last.before, limit=3)
    assert _numbers(back.rows) == _numbers(second.rows)
    start = await orders.list_page(head, OrderFilter(), before=back.before, limit=3)
    assert (_numbers(start.rows), start.before) == ([7, 6, 5], None)
    assert first.kept_count == 7
    assert first.kept_total == sum(100 * at for at in range(1, 8))
    assert first.page_total == 100 * (7 + 6 + 5)


async def test_the_list_shows_buyers_and_only_what_the_grant_reaches(house: TestHouse) -> None:
    await _many(house, 4)
    mine = await orders.list_page(house.actor_for("seller"), OrderFilter())
    # The first order made the client, and a client's orders stay with who leads him.
    assert {row.manager_number for row in mine.rows} == {1}
    assert mine.kept_count == len(mine.rows)
    name = mine.rows[0].customer
    assert name is not None and name.name is not None and name.name.reveal() == "Сухова Анна"
    page = await orders.list_page(house.actor_for("rival"), OrderFilter())
    assert page.rows == ()


async def test_filters_by_status_group_manager_and_payment_narrow_the_list(
    house: TestHouse,
) -> None:
    placed = await _many(house, 4)
    head = house.actor_for("head")
    await orders.set_status(head, placed[0].order_id, "clarify")
    await orders.set_status(head, placed[1].order_id, "cancel-other")

    async def numbers(**asked: object) -> list[int]:
        page = await orders.list_page(head, OrderFilter(**asked))
        assert page.kept_count in (None, len(page.rows))
        return _numbers(page.rows)

    assert await numbers(statuses=("clarify", "cancel-other")) == [2, 1]
    assert await numbers(groups=("approval",)) == [1]
    assert await numbers(groups=("nope",)) == []
    assert await numbers(managers=(1,), statuses=("new",)) == [4, 3]
    assert await numbers(managers=(0,)) == []
    assert await numbers(managers=(99,)) == []
    assert await numbers(payment="unpaid", numbers=(1, 3)) == [3, 1]
    assert await numbers(payment="paid") == []
    assert await numbers(text="№ 3") == [3]
    assert await numbers(shops=("main",), min_total=300) == [4, 3]


async def test_programs_page_by_number_and_a_page_past_the_end_is_empty(
    house: TestHouse,
) -> None:
    await _many(house, 5)
    key = house.shop_key()
    book = await orders.browse(key, OrderFilter(), page=2, limit=2)
    assert [view.number for view in book.orders] == [3, 2]
    assert book.total_count == 5
    past = await orders.browse(key, OrderFilter(), page=9, limit=2)
    assert (past.orders, past.total_count) == ((), 5)
    whole = await orders.browse(key, OrderFilter(numbers=(1, 2, 3, 4)), limit=2)
    assert len(whole.orders) == 4


async def test_counts_come_from_the_tally_and_leave_no_trace_in_the_log(
    house: TestHouse,
) -> None:
    await _many(house, 3)
    before = await house.rows("SELECT COUNT(*) FROM audit_outbox")
    counts = await orders.counts(house.actor_for("seller"))
    assert counts.statuses["new"].orders == 3
    assert (counts.mine, counts.nobody) == (3, 0)
    assert await house.rows("SELECT COUNT(*) FROM audit_outbox") == before


MOVES = ("new", "clarify", "client-confirmed", "delivering", "complete", "cancel-other")


async def test_the_tally_equals_a_count_after_random_deeds(house: TestHouse) -> None:
    head, key = house.actor_for("head"), house.shop_key()
    placed: list[Placed] = []
    # One example of each seed: a house is too dear for hundreds.
    steps = [(("place", "move", "assign", "edit")[at * 7 % 4], at * 5 % 6) for at in range(60)]
    for at, (deed, pick) in enumerate(steps):
        if deed == "place" or not placed:
            wanted = draft(str(at), manager_number=pick % 3 or None, phone=f"+7912555{at:04}")
            placed.append(await orders.place(key, wanted))
            continue
        order = placed[pick % len(placed)]
        if deed == "move":
            change = orders.OrderChange(status=MOVES[pick])
            await orders.edit(key, orders.OrderSelector(id=order.order_id), change)
        elif deed == "assign":
            await orders.assign(head, order.order_id, pick % 3)
        else:
            change = orders.OrderChange(lines=(LineDraft(product_name="А", price=pick * 100),))
            await orders.edit(key, orders.OrderSelector(id=order.order_id), change)
    kept = await house.rows(
        "SELECT status, manager_id, shop, orders, total FROM order_tally "
        "WHERE orders <> 0 OR total <> 0 ORDER BY status, manager_id"
    )
    counted = await house.rows(
        "SELECT status, COALESCE(manager_id, {}), shop, COUNT(*), SUM(total) FROM orders "
        "GROUP BY 1, 2, 3 ORDER BY 1, 2",
        head.id.__class__(int=0),
    )
    assert [row[3:] for row in kept] == [(row[3], int(str(row[4]))) for row in counted]
    assert [row[0] for row in kept] == [row[0] for row in counted]
    figures = await house.rows("SELECT SUM(orders_count), SUM(orders_total) FROM customer")
    sums = await house.rows("SELECT COUNT(*), SUM(total) FROM orders")
    assert [int(str(one)) for one in figures[0]] == [int(str(one)) for one in sums[0]]
