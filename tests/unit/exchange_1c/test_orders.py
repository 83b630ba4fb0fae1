"""Orders to 1C and back: what is offered, when it leaves the queue, what an answer means."""

from datetime import UTC, date, datetime
from typing import Any
from xml.etree import ElementTree

import pytest

from appliance.domain.personal import Personal
from appliance.plugin_api.goods import VatListed
from plugins.exchange_1c.core_box import vat_of
from plugins.exchange_1c.orders_in import StatusRules, heard, rules_from
from plugins.exchange_1c.orders_out import (
    OrderLine,
    OrderOut,
    OrderPayment,
    OrderShipment,
    content_hash,
    document,
    lists,
    trouble,
    weak_lines,
)
from plugins.exchange_1c.queue import BATCH, Queue, Queued
from plugins.exchange_1c.reading import entries
from plugins.exchange_1c.records import Document
from plugins.exchange_1c.shelves import Shelves
from tests.unit.exchange_1c.house import MemoryTables

NOW = datetime(2026, 1, 15, 9, 0, tzinfo=UTC)
TEA = OrderLine(
    id="T1", article="ЧЗ-01", name="Чай", quantity_milli=2000, price=35_000, total=70_000
)


def order(**more: Any) -> OrderOut:
    given: dict[str, Any] = {
        "id": "0193", "number": 1042, "at": datetime(2026, 1, 15, 8, 58, 3, tzinfo=UTC),
        "total": 70_000, "name": Personal("Петров Пётр"), "phone": Personal("+79120000000"),
        "lines": (TEA,),
    }  # fmt: skip
    return OrderOut(**given | more)


def read(*orders: OrderOut, **how: Any) -> ElementTree.Element:
    return ElementTree.fromstring(document(orders, NOW, **how))  # noqa: S314 - our own text


def test_an_order_has_every_field_in_the_order_of_the_schema() -> None:
    root = read(order(comment=Personal("Позвонить <до> обеда")))
    (one,) = root
    assert [child.tag for child in one] == [
        "Ид", "Номер", "Дата", "ХозОперация", "Роль", "Валюта", "Курс", "Сумма", "Контрагенты",
        "Время", "Комментарий", "Товары", "ЗначенияРеквизитов",
    ]  # fmt: skip
    said = {child.tag: child.text for child in one}
    assert (said["Номер"], said["Дата"], said["Время"]) == ("1042", "2026-01-15", "11:58:03")
    assert (said["Сумма"], said["Комментарий"]) == ("700.00", "Позвонить <до> обеда")
    assert one.findtext("Контрагенты/Контрагент/Фамилия") == "Петров"
    assert not [each for each in root.iter() if each.tag == "Значение" and not each.text]


def test_delivery_is_a_line_and_part_of_the_sum() -> None:
    (one,) = read(order(delivery_cost=30_000))
    assert one.findtext("Сумма") == "1000.00"
    assert [line.findtext("Ид") for line in one.iter("Товар")] == ["T1", "ORDER_DELIVERY"]
    assert len(list(read(order(delivery_cost=0)).iter("Товар"))) == 1


def test_an_answer_without_orders_is_a_whole_root() -> None:
    assert document([], NOW).startswith(b"<?xml")
    assert len(read()) == 0


def test_windows_1251_keeps_foreign_letters_as_references() -> None:
    raw = document([order(name=Personal("Ünal Чай"))], NOW, charset="windows-1251")
    assert b"&#220;nal" in raw
    assert "Чай".encode("cp1251") in raw
    assert ElementTree.fromstring(raw).findtext(".//Наименование") == "Ünal Чай"  # noqa: S314


def test_containers_hold_payments_and_shipments_of_their_order() -> None:
    paid = order(payments=(OrderPayment(number=7, amount=70_000, at=NOW),), shipped=True)
    (box,) = read(paid, schema="3.1", containers=True)
    assert [one.findtext("ХозОперация") for one in box] == [
        "Заказ товара",
        "Выплата безналичных денег",
        "Отпуск товара",
    ]
    assert {one.findtext("Основание") for one in box} == {None, "1042"}


def test_unf_gets_payments_and_shipments_inside_their_order() -> None:
    gone = OrderShipment(number=3, at=NOW, lines=((0, 1000),))
    back = OrderPayment(number=8, amount=-5_000, at=NOW)
    paid = OrderPayment(number=7, amount=70_000, at=NOW)
    (one,) = read(order(payments=(paid, back), shipments=(gone,)), subordinate=True)
    inside = list(one.iter("ПодчиненныйДокумент"))
    assert [(each.findtext("ХозОперация"), each.findtext("Сумма")) for each in inside] == [
        ("Выплата безналичных денег", "700.00"),
        ("Возврат безналичных денег", "50.00"),
        ("Отпуск товара", "350.00"),
    ]
    assert not list(read(order(), subordinate=True).iter("ПодчиненныеДокументы"))


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({}, ""),
        ({"number": 10**11}, "order_number_long"),
        ({"name": None, "phone": None}, "order_nobody"),
        ({"name": None}, ""),
        ({"lines": ()}, "order_empty"),
        ({"lines": (OrderLine(name=" ", quantity_milli=1, price=1, total=1),)}, "line_nameless"),
        ({"lines": (OrderLine(name="a", quantity_milli=1, price=1, total=-1),)}, "order_negative"),
        ({"withheld": True}, "order_withheld"),
    ],
)
def test_what_1c_would_refuse_is_not_offered(more: dict[str, Any], code: str) -> None:
    assert trouble(order(**more)) == code


def test_a_buyer_without_a_name_is_named_by_the_phone() -> None:
    (one,) = read(order(name=None))
    assert one.findtext("Контрагенты/Контрагент/Наименование") == "Покупатель +79120000000"


def test_lines_that_1c_can_only_guess_are_counted() -> None:
    bare = OrderLine(name="Чай", quantity_milli=1000, price=1, total=1)
    assert weak_lines(order(lines=(TEA, bare))) == 1


def test_a_person_never_shows_in_what_is_printed() -> None:
    assert "Петров" not in repr(order())


def test_info_begins_with_a_latin_letter() -> None:
    raw = lists([("C" + "татусы", [("new", "Новый")])], "windows-1251")
    root = ElementTree.fromstring(raw)  # noqa: S314
    assert ord(root[0].tag[0]) == ord("C")
    assert root.findtext(".//Название") == "Новый"


async def queued(count: int) -> Queue:
    queue = Queue(Shelves(MemoryTables()))
    for number in range(count):
        await queue.add(f"{number:04d}", 0)
    return queue


async def deliver(queue: Queue, session: str) -> list[str]:
    found = await queue.next(session)
    await queue.given(found, session)
    return [one.order_id for one in found]


async def test_an_order_stays_until_its_own_session_acknowledges_it() -> None:
    queue = await queued(3)
    assert await deliver(queue, "a") == ["0000", "0001", "0002"]
    assert await deliver(queue, "a") == []
    assert await deliver(queue, "b") == ["0000", "0001", "0002"]
    assert await queue.acknowledged("a") == 0
    assert await queue.acknowledged("b") == 3
    assert await deliver(queue, "c") == []


async def test_an_order_changed_after_it_was_given_stays() -> None:
    queue = await queued(2)
    await deliver(queue, "a")
    await queue.add("0001", 0)
    assert await queue.acknowledged("a") == 2
    assert await deliver(queue, "b") == ["0001"]


async def test_a_poisoned_order_is_found_by_halving_and_put_aside() -> None:
    queue = await queued(9)
    poisoned, taken, session = "0004", set[str](), 0
    for session in range(200):
        found = await deliver(queue, str(session))
        if not found:
            break
        if poisoned not in found:
            await queue.acknowledged(str(session))
            taken |= set(found)
    assert taken == {f"{number:04d}" for number in range(9)} - {poisoned}
    store = queue._store  # pyright: ignore[reportPrivateUsage]
    left = await store.one("queue", Queued, poisoned)
    assert left is not None and left.reason == "refused_by_1c"
    assert session < 25


async def test_batches_grow_again_after_success() -> None:
    queue = await queued(1)
    store = queue._store  # pyright: ignore[reportPrivateUsage]
    await store.set_state(batch=50)
    await deliver(queue, "a")
    await queue.acknowledged("a")
    assert await queue.limit() == min(100, BATCH)


def told(*requisites: tuple[str, str], number: str = "1042") -> Any:
    found = "".join(
        f"<ЗначениеРеквизита><Наименование>{name}</Наименование><Значение>{value}</Значение>"
        "</ЗначениеРеквизита>"
        for name, value in requisites
    )
    text = (
        f"<КоммерческаяИнформация><Документ><Номер>{number}</Номер><ХозОперация>Заказ товара"
        f"</ХозОперация><ЗначенияРеквизитов>{found}</ЗначенияРеквизитов></Документ>"
        "</КоммерческаяИнформация>"
    )
    (one,) = entries([text.encode()])
    assert isinstance(one, Document)
    return heard(one)


def test_absence_is_not_no() -> None:
    silent = told(("Проведен", "true"))
    assert (silent.paid, silent.shipped, silent.cancelled) == (False, False, False)
    rules = StatusRules(paid="paid", shipped="sent", done="done", cancelled="cancel")
    assert rules.target(silent) == ""
    assert rules.target(told(("Номер оплаты по 1С", "17"))) == "paid"
    assert rules.target(told(("Номер оплаты по 1С", "1"), ("Номер отгрузки по 1С", "2"))) == "done"
    assert rules.target(told(("ПометкаУдаления", "true"))) == "cancel"
    assert told(("a", "b"), number="0000-000017") is None


def test_a_status_of_1c_is_mapped_by_its_name() -> None:
    rules = StatusRules(named=rules_from("К отгрузке = assembling\n# пусто\nЗакрыт=done"))
    assert rules.target(told(("Статус заказа", "к отгрузке"))) == "assembling"


def test_equal_orders_have_one_hash() -> None:
    assert content_hash(order()) == content_hash(order())
    assert content_hash(order()) != content_hash(order(status_name="Новый"))


def test_vat_is_what_its_code_meant_on_the_day_of_the_order() -> None:
    rates = [
        VatListed(code="general", since=date(2019, 1, 1), percent=2000),
        VatListed(code="general", since=date(2026, 1, 1), percent=2200),
        VatListed(code="none", since=date(2019, 1, 1)),
    ]
    assert vat_of("general", date(2025, 12, 31), rates) == "20"
    assert vat_of("general", date(2026, 1, 1), rates) == "22"
    assert (vat_of("none", date(2026, 1, 1), rates), vat_of("x", date(2026, 1, 1), rates)) == (
        "Без НДС",
        "",
    )
