"""Elements into records: what the reference says about each field."""

from datetime import date, time
from pathlib import Path

import pytest

from plugins.exchange_1c import values
from plugins.exchange_1c.reading import FileReader, entries
from plugins.exchange_1c.records import Document, Good, Offer, Price, PriceType, Property, Unit

SAMPLES = Path(__file__).resolve().parents[2] / "data" / "commerceml"
ROOT = "<КоммерческаяИнформация>{}</КоммерческаяИнформация>"


def only(kind: type, inside: str) -> list:
    return [one for one in entries([ROOT.format(inside).encode()]) if isinstance(one, kind)]


def good(inside: str) -> Good:
    return only(Good, f"<Каталог><Товары><Товар>{inside}</Товар></Товары></Каталог>")[0]


def offer(inside: str) -> Offer:
    section = "ИзмененияПакетаПредложений"
    body = f"<Предложения><Предложение>{inside}</Предложение></Предложения>"
    return only(Offer, f"<{section}>{body}</{section}>")[0]


def of_file(name: str) -> list:
    return list(entries([(SAMPLES / name).read_bytes()]))


def test_a_good_of_ut_11_keeps_everything_it_says() -> None:
    found = [one for one in of_file("carono/import.xml") if isinstance(one, Good)]
    first = found[0]
    assert first.article == "Б-130001"
    assert first.barcode == "2000018987155"
    assert first.unit_code == "715"
    assert dict(first.requisites)["Полное наименование"]
    assert first.properties


def test_the_unit_is_read_in_both_spellings_and_trimmed() -> None:
    old = good('<БазоваяЕдиница Код="796 ">шт</БазоваяЕдиница>')
    new = good("<БазоваяЕдиница>796 </БазоваяЕдиница>")
    assert (old.unit_code, old.unit_name) == ("796", "шт")
    assert (new.unit_code, new.unit_name) == ("796", "")


def test_absent_leaves_alone_and_empty_clears() -> None:
    bare, empty = good("<Ид>T</Ид>"), good("<Ид>T</Ид><Описание/><Картинка/><Артикул/>")
    assert (bare.description, bare.pictures, bare.article) == (None, None, None)
    assert (empty.description, empty.pictures, empty.article) == ("", (), "")


@pytest.mark.parametrize(
    ("xml", "gone"),
    [
        ("<Статус>Удален</Статус>", True),
        ("<ПометкаУдаления>true</ПометкаУдаления>", True),
        ("<Статус>Изменен</Статус>", False),
        ("<ПометкаУдаления>false</ПометкаУдаления>", False),
        ("", False),
    ],
)
def test_only_the_two_trusted_signs_delete(xml: str, gone: bool) -> None:
    assert good(xml).removed is gone


def test_the_status_may_be_an_attribute() -> None:
    found = only(Good, '<Каталог><Товары><Товар Статус="Удален"/></Товары></Каталог>')
    assert found[0].removed is True


def test_unknown_elements_are_kept_aside() -> None:
    found = good("<Комплектующие><Ид>a</Ид><Вес>2</Вес></Комплектующие>")
    assert found.extra == (("Комплектующие", "Ид: a; Вес: 2"),)


def test_a_description_over_a_megabyte_is_cut_and_named() -> None:
    reader = FileReader()
    text = f"<Каталог><Товары><Товар><Ид>T</Ид><Описание>{'я' * 1_000_100}</Описание></Товар>"
    data = ROOT.format(f"{text}</Товары></Каталог>").encode()
    found = [*reader.feed(data), *reader.close()][0]
    assert isinstance(found, Good)
    assert len(found.description or "") == 1_000_000
    assert [one.code for one in reader.notes] == ["text_cut"]


def test_an_offer_says_nothing_about_sections_it_does_not_have() -> None:
    prices, stock = offer("<Цены><Цена/></Цены>"), offer("<Количество>5</Количество>")
    assert (prices.prices, prices.total_milli, prices.stock) == ((), None, None)
    assert (stock.prices, stock.total_milli, stock.stock) == (None, 5000, None)


def test_a_changes_package_names_the_characteristic_apart() -> None:
    assert offer("<Ид>g</Ид><ИдХарактеристики>c</ИдХарактеристики>").id == "g#c"
    nulls = f"<Ид>g</Ид><ИдХарактеристики>{values.NO_CHARACTERISTIC}</ИдХарактеристики>"
    assert offer(nulls).id == "g"


STORES = [
    '<Склад ИдСклада="s" КоличествоНаСкладе="1,5"/>',
    '<Склады ИдСклада="s" КоличествоНаСкладе="1.5"/>',
    '<Склады><Склад ИдСклада="s" КоличествоНаСкладе="1.5"/></Склады>',
    "<Остатки><Остаток><Склад><Ид>s</Ид><Количество>1.5</Количество></Склад></Остаток></Остатки>",
]


@pytest.mark.parametrize("xml", STORES)
def test_stock_by_store_is_read_in_every_spelling(xml: str) -> None:
    assert offer(xml).stock == (("s", 1500),)


def test_stock_of_a_rests_file_without_a_store_is_the_total() -> None:
    found = offer("<Остатки><Остаток><Количество>-2</Количество></Остаток></Остатки>")
    assert (found.total_milli, found.stock) == (-2000, None)


def test_a_price_keeps_its_kind_unit_and_currency() -> None:
    text = (
        "<Цены><Цена><Представление>1 166,50 руб</Представление><ИдТипаЦены>p</ИдТипаЦены>"
        "<ЦенаЗаЕдиницу>1166.505</ЦенаЗаЕдиницу><Валюта>643</Валюта><Единица>шт</Единица></Цена>"
        "</Цены>"
    )
    assert offer(text).prices == (Price(kind="p", amount=116651, currency="RUB", unit="шт"),)


def test_a_price_that_cannot_be_read_is_named_and_left_out() -> None:
    reader = FileReader()
    price = "<Цены><Цена><ЦенаЗаЕдиницу>договорная</ЦенаЗаЕдиницу></Цена></Цены>"
    text = f"<Предложение><Ид>T</Ид>{price}</Предложение>"
    data = ROOT.format(f"<ПакетПредложений>{text}</ПакетПредложений>").encode()
    found = [*reader.feed(data), *reader.close()][0]
    assert isinstance(found, Offer)
    assert found.prices == ()
    assert [(one.code, one.id) for one in reader.notes] == [("price_unreadable", "T")]


def test_the_classifier_of_3_1_gives_price_types_and_units() -> None:
    found = of_file("wagood/import___57c55968-51d1-46f0-b5d7-927f420b8fd4.xml")
    kinds = [one for one in found if isinstance(one, PriceType)]
    assert [(one.name, one.currency, one.taxed) for one in kinds] == [("Розничные", "RUB", True)]
    assert [one.code for one in found if isinstance(one, Unit)] == ["796"]


def test_a_property_keeps_its_dictionary() -> None:
    value = "<Справочник><ИдЗначения>v</ИдЗначения><Значение>Красный</Значение></Справочник>"
    inside = f"<Свойство><Ид>p</Ид><ВариантыЗначений>{value}</ВариантыЗначений></Свойство>"
    text = f"<Классификатор><Свойства>{inside}</Свойства></Классификатор>"
    assert only(Property, text)[0].values == {"v": "Красный"}


def test_an_order_of_a_shop_in_windows_1251_is_read_without_its_buyer() -> None:
    found = next(one for one in of_file("carono/orders.xml") if isinstance(one, Document))
    assert (found.number, found.day, found.at) == ("20", date(2007, 10, 16), time(15, 40, 40))
    assert found.amount == 968342
    assert [one.service for one in found.lines][:1] == [True]
    assert "Петр" not in repr(found)


@pytest.mark.parametrize(
    ("text", "made"),
    [("1 234,50", 123450), ("1\u00a0234.5", 123450), ("-3", -300), ("", None), ("1e5", None)],
)
def test_sums_are_read_as_people_write_them(text: str, made: int | None) -> None:
    assert values.kopecks(text) == made


@pytest.mark.parametrize(
    ("text", "made"), [("0:36:33", time(0, 36, 33)), ("T7:05", time(7, 5)), ("25:00", None)]
)
def test_hours_of_one_digit_are_read(text: str, made: time | None) -> None:
    assert values.clock(text) == made


def test_guids_are_one_in_either_case_and_other_ids_are_not() -> None:
    guid = "910E89E5-205E-4D95-872A-0A0255C42F02"
    assert values.key(f" {guid}#{guid} ") == f"{guid}#{guid}".lower()
    assert values.key("abC") != values.key("ABC")
