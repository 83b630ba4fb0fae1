"""Goods, stock, orders, deals and tasks come in from tables, too."""

import pytest

from appliance.actions import import_steps, imports
from appliance.domain.fields import FieldType, Option, Owner
from appliance.domain.imports import ImportKind, ImportView
from tests.house_fixture import TestHouse
from tests.integration.fields.made import field, make, values
from tests.integration.imports.files import plan, upload, view, whole, work, workbook

pytestmark = pytest.mark.checklist(102)
GOODS = [
    ("Номенклатура", "Артикул", "Цена, руб.", "Ед. изм.", "Остаток"),
    ("Фильтр придуманный", "F-1", "1 250,50", "шт", "4"),
    ("Колодки придуманные", "K-1", "900", "шт", ""),
    ("Кривые", "X-1", "1,2,3", "шт", ""),
]


async def _goods(house: TestHouse) -> ImportView:
    return await whole(house, GOODS, ImportKind.PRODUCTS)


async def test_products_come_with_prices_and_stock(house: TestHouse) -> None:
    done = await _goods(house)
    assert (done.tally.created, done.tally.wrong) == (2, 1)
    assert [(one.row, one.field, one.code) for one in done.wrong] == [
        (4, "price", "money_unreadable")
    ]
    assert await house.rows("SELECT amount FROM price ORDER BY amount") == [(90_000,), (125_050,)]
    assert await house.rows("SELECT on_hand_milli FROM stock") == [(4_000,)]
    again = await whole(
        house, [("Название", "Артикул", "Цена"), ("Фильтр", "F-1", "1300")], ImportKind.PRODUCTS
    )
    assert again.tally.updated == 1
    told = await house.rows(
        "SELECT field FROM change_entry WHERE entity = 'product' AND kind = 'change' "
        "ORDER BY number"
    )
    assert told == [("name",), ("price.base",)]
    assert await house.rows("SELECT COUNT(*) FROM product") == [(2,)]


async def test_opening_stock_names_known_articles_and_can_be_taken_back(house: TestHouse) -> None:
    await _goods(house)
    code = (await house.rows("SELECT code FROM warehouse ORDER BY number"))[0][0]
    rows = [("Артикул", "Количество"), ("F-1", "10"), ("нет такого", "3"), ("K-1", "-2")]
    done = await whole(house, rows, ImportKind.STOCK, warehouse=str(code))
    assert (done.tally.updated, done.tally.wrong) == (1, 2)
    assert [one.code for one in done.wrong] == ["article_unknown", "value_negative"]
    await imports.undo(house.actor_for("head"), done.number)
    await work(house)
    assert await house.rows("SELECT on_hand_milli FROM stock") == [(4_000,)]


async def test_rows_of_one_order_are_one_order_and_come_once(house: TestHouse) -> None:
    rows = [
        ("Номер заказа", "Дата", "ФИО", "Телефон", "Товар", "Количество", "Цена", "Статус"),
        ("A-1", "05.01.2026", "Сухова Анна", "8 912 000-12-34", "Фильтр", "2", "100", ""),
        ("A-1", "", "", "", "Колодки", "1", "50", ""),
        ("A-2", "06.01.2026", "Сухова Анна", "8 912 000-12-34", "Фильтр", "1", "100", ""),
        ("A-3", "06.01.2026", "Сухова Анна", "8 912 000-12-34", "Фильтр", "1", "1", "взлетел"),
    ]
    done = await whole(house, rows, ImportKind.ORDERS)
    assert (done.tally.created, done.tally.wrong) == (2, 1)
    assert done.wrong[0].code == "status_unknown"
    assert await house.rows("SELECT total, lines_count FROM orders ORDER BY number") == [
        (25_000, 2), (10_000, 1),
    ]  # fmt: skip
    assert await house.rows("SELECT COUNT(*) FROM customer") == [(1,)]
    again = await whole(house, rows[:4], ImportKind.ORDERS)
    assert (again.tally.created, again.tally.skipped) == (0, 2)


async def test_one_refused_row_does_not_stop_the_others(
    house: TestHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    from appliance.actions import _bringing_deeds  # noqa: PLC0415 - what the test breaks
    from appliance.errors import Conflict  # noqa: PLC0415 - as above

    usual = _bringing_deeds._placing.place

    async def place(tx, draft, lists, **more):  # type: ignore[no-untyped-def]
        placed = await usual(tx, draft, lists, **more)
        if draft.external_id == "file:B-2":
            raise Conflict("order_exists", number=1)
        return placed

    monkeypatch.setattr(_bringing_deeds._placing, "place", place)
    rows = [
        ("Номер заказа", "Телефон", "Товар", "Цена"),
        *((f"B-{n}", f"8 912 000-00-0{n}", "Фильтр", "100") for n in range(4)),
    ]
    done = await whole(house, rows, ImportKind.ORDERS)
    assert (done.tally.created, done.tally.wrong) == (3, 1)
    assert await house.rows("SELECT COUNT(*) FROM orders") == [(3,)]
    assert await import_steps.work(house.system) == []


async def test_deals_bring_their_clients(house: TestHouse) -> None:
    rows = [
        ("Название сделки", "Бюджет", "Контакт", "Рабочий телефон", "Ответственный"),
        ("Поставка фильтров", "120 000", "Сухова Анна", "8 912 000-12-34", "Анна Продавцова"),
        ("Ещё поставка", "5 000", "Сухова Анна", "8 912 000-12-34", ""),
        ("", "5", "Безымянная", "8 912 000-12-35", ""),
    ]
    done = await whole(house, rows, ImportKind.DEALS)
    assert (done.tally.created, done.tally.wrong) == (2, 1)
    assert await house.rows("SELECT amount FROM deal ORDER BY number") == [
        (12_000_000,),
        (500_000,),
    ]
    assert await house.rows("SELECT COUNT(*) FROM customer") == [(1,)]


async def test_tasks_go_to_their_performers(house: TestHouse) -> None:
    rows = [
        ("Задача", "Срок", "Исполнитель"),
        ("Перезвонить", "05.02.2026", "Анна Продавцова"),
        ("Отправить счёт", "05.02.2026 14:00", "Никто Такой"),
    ]
    done = await whole(house, rows, ImportKind.TASKS)
    assert (done.tally.created, done.tally.wrong) == (1, 1)
    assert done.wrong[0].code == "user_unknown"
    performer = (await house.rows("SELECT performer_id FROM task"))[0][0]
    assert performer == house.users["seller"]
    assert (await view(house, done.number)).error == ""


async def test_a_price_list_of_1c_comes_in_with_its_title_and_headings_of_groups(
    house: TestHouse,
) -> None:
    rows = [
        ("", "Прайс-лист", "", "", ""),
        ("", "ООО «Выдуманная база»", "", "на 21.11.2026", ""),
        ("", "Номенклатура, Характеристика", "Артикул", "Ед. изм.", "Цена, руб."),
        ("", "Чайники", "", "", ""),
        ("", "Чайник придуманный", "T-1", "шт", "1 990,00"),
        ("", "Фильтры", "", "", ""),
        ("", "Фильтр придуманный", "F-1", "шт", "310"),
    ]
    head = house.actor_for("head")
    number = await upload(head, workbook(rows), ImportKind.PRODUCTS, "прайс.xlsx")
    guessed = (await view(house, number)).plan.columns
    assert guessed == ("", "name", "sku", "unit", "price")
    await imports.pair(head, number, plan(rows[2], ImportKind.PRODUCTS, columns=guessed))
    await work(house)
    await imports.start(head, number)
    await work(house)
    done = await view(house, number)
    assert (done.tally.created, done.tally.skipped, done.tally.wrong) == (2, 2, 0)
    told = await house.rows("SELECT name FROM product ORDER BY name")
    assert told == [("Фильтр придуманный",), ("Чайник придуманный",)]
    assert await house.rows("SELECT amount FROM price ORDER BY amount") == [(31_000,), (199_000,)]


@pytest.mark.checklist(129)
async def test_columns_fill_the_fields_that_an_administrator_made(house: TestHouse) -> None:
    colors = (Option(code="b", name="Синий"),)
    await make(
        house,
        field("color", FieldType.CHOICE, name="Любимый цвет", options=colors),
        field("shoe", FieldType.NUMBER, name="Размер обуви"),
        field("card", personal=True, exact=True, name="Номер карты"),
        field("lift", FieldType.FLAG, Owner.DEAL, name="Нужен лифт"),
        field("made_in", FieldType.LINE, Owner.PRODUCT, name="Страна"),
    )
    head = ("Фамилия", "Телефон", "Любимый цвет", "Размер обуви", "Номер карты")
    rows = [
        head,
        ("Цветкова", "+79120000001", "синий", "37,5", "К-1"),
        ("Синицын", "+79120000002", "серый", "", ""),
        ("Обувной", "+79120000003", "", "сорок", ""),
    ]
    columns = ("last_name", "phone", "custom_color", "custom_shoe", "custom_card")
    number = await upload(house.actor_for("head"), workbook(rows))
    assert (await view(house, number)).plan.columns == columns
    done = await whole(house, rows, columns=columns)
    assert (done.tally.created, done.tally.wrong) == (1, 2)
    assert [(one.field, one.code) for one in done.wrong] == [
        ("custom_color", "choice_unknown"), ("custom_shoe", "field_number"),
    ]  # fmt: skip
    assert await values(house, 1) == {"color": "b", "shoe": 37_500, "card": "К-1"}
    again = [head, ("Цветкова", "+79120000001", "", "38", "К-2")]
    await whole(house, again, columns=columns)
    assert await values(house, 1) == {"color": "b", "shoe": 38_000, "card": "К-2"}
    assert len(await house.rows("SELECT 1 FROM custom_token")) == 1

    await imports.undo(house.actor_for("head"), done.number)
    await work(house)
    kept = "SELECT (SELECT COUNT(*) FROM custom_value), (SELECT COUNT(*) FROM custom_cell)"
    assert await house.rows(kept) == [(2, 1)]  # changed since: he stays

    deals = [
        ("Название", "Контакт", "Телефон", "Нужен лифт"),
        ("Шкаф", "Цветкова", "+79120000001", "да"),
    ]
    columns = ("name", "full_name", "phone", "custom_lift")
    assert (await whole(house, deals, ImportKind.DEALS, columns=columns)).tally.created == 1
    goods = [("Название", "Артикул", "Страна"), ("Чайник", "T-1", "Россия")]
    columns = ("name", "sku", "custom_made_in")
    assert (await whole(house, goods, ImportKind.PRODUCTS, columns=columns)).tally.created == 1
    told = await house.rows("SELECT owner, text_value, number_value FROM custom_value")
    assert ("deal", None, 1) in told and ("product", "Россия", None) in told
