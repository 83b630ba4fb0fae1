"""An import is taken back whole: who was added goes, who was changed is as before."""

from uuid import UUID

import pytest

from appliance.actions import customers, imports, orders, tasks
from appliance.domain.customers import CustomerChange
from appliance.domain.imports import ImportKind, ImportState
from appliance.domain.orders import CustomerRef
from appliance.domain.personal import Personal, reveal_or_none
from appliance.domain.tasks import Result
from appliance.errors import Conflict
from tests.house_fixture import TestHouse
from tests.integration.imports.files import ZONE, people, view, whole, work

pytestmark = pytest.mark.checklist(176)
CHANGES = [("Фамилия", "Телефон", "Город"), ("Новая", "+7 912 000-00-01", "Тверь")]


async def _undo(house: TestHouse, number: int) -> None:
    await imports.undo(house.actor_for("head"), number)
    await work(house)


async def test_those_an_import_added_are_gone_and_those_it_changed_as_before(
    house: TestHouse,
) -> None:
    first = await whole(house, people(3))
    second = await whole(house, [*CHANGES, ("Совсемнова", "+7 912 000-99-99", "Клин")])
    await _undo(house, second.number)
    done = await view(house, second.number)
    assert done.state is ImportState.UNDONE
    assert (done.tally.taken_back, done.tally.kept) == (2, 0)
    names = [
        reveal_or_none((await customers.get(house.system, "", CustomerRef(number=n))).last_name)
        for n in (1, 2, 3)
    ]
    assert names == ["Придуманов0", "Придуманов1", "Придуманов2"]
    assert await house.rows("SELECT state FROM customer ORDER BY number") == [
        ("live",), ("live",), ("live",), ("destroyed",),
    ]  # fmt: skip
    assert await house.rows("SELECT COUNT(*) FROM contact") == [(6,)]
    await _undo(house, first.number)
    assert await house.rows("SELECT COUNT(*) FROM contact") == [(2,)]  # another deed touched one


async def test_what_was_changed_since_stays(house: TestHouse) -> None:
    await whole(house, people(2))
    second = await whole(house, CHANGES)
    change = CustomerChange(last_name=Personal("Замужняя"))
    await customers.edit(house.system, "", CustomerRef(number=2), change)
    await _undo(house, second.number)
    card = await customers.get(house.system, "", CustomerRef(number=2))
    assert reveal_or_none(card.last_name) == "Замужняя"
    assert reveal_or_none(card.address).city == ""  # type: ignore[union-attr]


async def test_a_client_somebody_worked_with_is_kept(house: TestHouse) -> None:
    first = await whole(house, people(2))
    change = CustomerChange(comment=Personal("перезвонить"))
    await customers.edit(house.system, "", CustomerRef(number=1), change)
    await _undo(house, first.number)
    done = await view(house, first.number)
    assert (done.tally.taken_back, done.tally.kept) == (1, 1)


async def test_a_destroyed_person_does_not_come_back(house: TestHouse) -> None:
    await whole(house, people(2))
    second = await whole(house, CHANGES)
    subject = (await house.rows("SELECT subject_id FROM customer WHERE number = 2"))[0][0]
    house.vault.begin_destroy(subject)  # type: ignore[arg-type]
    house.vault.destroy(subject, "request", house.users["head"])  # type: ignore[arg-type]
    await _undo(house, second.number)
    assert (await view(house, second.number)).tally.kept == 1


async def test_an_old_import_stays(house: TestHouse) -> None:
    first = await whole(house, people(1))
    house.clock.pass_(days=91)
    with pytest.raises(Conflict):
        await imports.undo(house.actor_for("head"), first.number)


ORDERS = [
    ("Номер заказа", "ФИО", "Телефон", "Товар", "Артикул", "Количество", "Цена"),
    ("A-1", "Сухова Анна", "8 912 000-12-34", "Фильтр", "F-1", "2", "100"),
    ("A-2", "Сухова Анна", "8 912 000-12-34", "Колодки", "", "1", "50"),
    ("A-3", "Придуманов Пётр", "8 912 000-00-00", "Фильтр", "F-1", "1", "100"),
]
GOODS = [("Название", "Артикул", "Цена", "Остаток"), ("Фильтр", "F-1", "100", "4")]
KEPT_FIGURES = (
    "SELECT number, orders_count, orders_total, owed_total, paid_total, first_order_at, "
    "last_order_at FROM customer WHERE state = 'live' ORDER BY number"
)


async def test_orders_an_import_added_go_with_their_goods_and_figures(house: TestHouse) -> None:
    await whole(house, GOODS, ImportKind.PRODUCTS)
    await whole(house, people(1))
    before = await house.rows(KEPT_FIGURES)
    stock = await house.rows("SELECT on_hand_milli, reserved_milli FROM stock")
    done = await whole(house, ORDERS, ImportKind.ORDERS)
    assert await house.rows("SELECT COUNT(*) FROM orders") == [(3,)]
    assert await house.rows(KEPT_FIGURES) != before
    await _undo(house, done.number)
    left = await view(house, done.number)
    assert (left.tally.taken_back, left.tally.kept) == (3, 0)
    assert await house.rows(KEPT_FIGURES) == before  # she who came with them is gone with them
    assert await house.rows("SELECT on_hand_milli, reserved_milli FROM stock") == stock
    assert await house.rows("SELECT COALESCE(SUM(orders), 0), SUM(total) FROM order_tally") == [
        (0, 0)
    ]
    assert await house.rows("SELECT COUNT(*) FROM orders") == [(0,)]
    assert await house.rows("SELECT COUNT(*) FROM order_line") == [(0,)]
    again = await whole(house, ORDERS, ImportKind.ORDERS)
    assert again.tally.created == 3


async def test_an_order_somebody_worked_with_is_kept_with_its_client(house: TestHouse) -> None:
    done = await whole(house, ORDERS, ImportKind.ORDERS)
    order = (await house.rows("SELECT id FROM orders WHERE external_id = 'file:A-1'"))[0][0]
    await orders.assign(house.actor_for("head"), UUID(str(order)), 2)
    await _undo(house, done.number)
    left = await view(house, done.number)
    assert (left.tally.taken_back, left.tally.kept) == (2, 1)
    assert await house.rows("SELECT external_id FROM orders") == [("file:A-1",)]
    assert await house.rows("SELECT orders_count FROM customer WHERE state = 'live'") == [(1,)]


async def test_deals_and_tasks_an_import_added_go(house: TestHouse) -> None:
    deals = [("Название сделки", "Бюджет", "Контакт", "Рабочий телефон")]
    deals += [(f"Поставка {n}", "5 000", "Сухова Анна", "8 912 000-12-34") for n in (1, 2)]
    first = await whole(house, deals, ImportKind.DEALS)
    to_do = [("Задача", "Исполнитель", "Телефон клиента")]
    to_do += [(f"Позвонить {n}", "Анна Продавцова", "8 912 000-12-34") for n in (1, 2)]
    second = await whole(house, to_do, ImportKind.TASKS)
    seller = house.actor_for("seller")
    open_task = (await house.rows("SELECT number FROM task ORDER BY number"))[0][0]
    await tasks.close(seller, int(str(open_task)), Result(), ZONE)
    await _undo(house, second.number)
    assert (await view(house, second.number)).tally.taken_back == 1
    assert await house.rows("SELECT state FROM task") == [("done",)]
    await _undo(house, first.number)
    assert (await view(house, first.number)).tally.taken_back == 2
    assert await house.rows("SELECT COUNT(*) FROM deal") == [(0,)]
    assert await house.rows("SELECT SUM(deals), SUM(amount), SUM(since_sum) FROM deal_tally") == [
        (0, 0, 0)
    ]
    # The task that was done is her history: the client stays.
    assert await house.rows("SELECT state FROM customer") == [("live",)]
