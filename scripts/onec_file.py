"""Makes CommerceML files as large as real bases make them, for measuring and for tests.

`python -m scripts.onec_file goods 100000 > import0_1.xml`; `offers` and `stock` likewise.
"""

import sys
from collections.abc import Iterator

PROPERTIES = 20
ROOT = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<КоммерческаяИнформация '
    'xmlns="urn:1C.ru:commerceml_2" ВерсияСхемы="2.07" ДатаФормирования="2026-01-15T10:00:00">\n'
)
END = "</КоммерческаяИнформация>\n"
OWNER = (
    "<Владелец><Ид>00000000-0000-4000-8000-00000000f001</Ид><Наименование>ООО Пример</Наименование>"
    "<ОфициальноеНаименование>ООО Пример</ОфициальноеНаименование></Владелец>"
)
CATALOGUE = "10000000-0000-4000-8000-000000000001"
WORDS = "Чай зелёный листовой, собран вручную на склонах, упакован в день сбора. "


def guid(kind: int, number: int) -> str:
    """An id that is the same at every run."""
    return f"{kind:08x}-0000-4000-8000-{number:012x}"


def goods(count: int, *, first: int = 0, shift: int = 0) -> Iterator[str]:
    """A whole `import.xml`: about 4.7 KB a good with its twenty properties."""
    yield ROOT
    yield (
        f"<Классификатор><Ид>{CATALOGUE}</Ид><Наименование>Основной</Наименование>{OWNER}<Группы>"
    )
    for number in range(100):
        yield _named("Группа", guid(2, number), f"Группа {number}")
    yield "</Группы><Свойства>"
    for number in range(PROPERTIES):
        yield (
            f"<Свойство><Ид>{guid(3, number)}</Ид><Наименование>Свойство {number}</Наименование>"
            "<ТипЗначений>Строка</ТипЗначений></Свойство>"
        )
    yield "</Свойства></Классификатор>\n"
    yield (
        f'<Каталог СодержитТолькоИзменения="false"><Ид>{CATALOGUE}</Ид><ИдКлассификатора>'
        f"{CATALOGUE}</ИдКлассификатора><Наименование>Основной каталог</Наименование>{OWNER}"
        "<Товары>\n"
    )
    for number in range(first, first + count):
        yield _good(number, shift)
    yield f"</Товары></Каталог>\n{END}"


def _named(element: str, own: str, name: str) -> str:
    return f"<{element}><Ид>{own}</Ид><Наименование>{name}</Наименование></{element}>"


def _good(number: int, shift: int) -> str:
    values = "".join(
        f"<ЗначенияСвойства>\n<Ид>{guid(3, each)}</Ид>\n<Значение>Значение "
        f"{(number + each) % 97}</Значение>\n</ЗначенияСвойства>\n"
        for each in range(PROPERTIES)
    )
    return (
        f"<Товар><Ид>{guid(1, number)}</Ид><Штрихкод>46{number:011d}</Штрихкод>"
        f"<Артикул>АРТ-{number}</Артикул>"
        f"<Наименование>Чай зелёный сорт {number + shift}</Наименование>"
        '<БазоваяЕдиница Код="796 " НаименованиеПолное="Штука" МеждународноеСокращение="PCE">'
        f"шт</БазоваяЕдиница><Группы><Ид>{guid(2, number % 100)}</Ид></Группы>"
        f"<Описание>{WORDS}</Описание><Изготовитель><Ид>{guid(4, number % 50)}</Ид>"
        f"<Наименование>Завод {number % 50}</Наименование></Изготовитель>\n"
        f"<ЗначенияСвойств>{values}"
        "</ЗначенияСвойств><СтавкиНалогов><СтавкаНалога><Наименование>НДС</Наименование><Ставка>20"
        "</Ставка></СтавкаНалога></СтавкиНалогов><ЗначенияРеквизитов><ЗначениеРеквизита>"
        "<Наименование>ВидНоменклатуры</Наименование><Значение>Товар</Значение></ЗначениеРеквизита>"
        "<ЗначениеРеквизита><Наименование>Полное наименование</Наименование><Значение>Чай зелёный "
        f"сорт {number}</Значение></ЗначениеРеквизита></ЗначенияРеквизитов></Товар>\n"
    )


def offers(count: int, *, first: int = 0, shift: int = 0) -> Iterator[str]:
    """A whole `offers.xml` with two kinds of price and three stores."""
    yield ROOT
    yield (
        f'<ПакетПредложений СодержитТолькоИзменения="false"><Ид>{CATALOGUE}#</Ид><Наименование>'
        f"Пакет</Наименование><ИдКаталога>{CATALOGUE}</ИдКаталога>{OWNER}<ТипыЦен>"
    )
    for number, name in enumerate(("Розничная", "Оптовая")):
        yield (
            f"<ТипЦены><Ид>{guid(5, number)}</Ид><Наименование>{name}</Наименование>"
            "<Валюта>руб</Валюта></ТипЦены>"
        )
    yield "</ТипыЦен><Склады>"
    for number in range(3):
        yield _named("Склад", guid(6, number), f"Склад {number}")
    yield "</Склады><Предложения>\n"
    for number in range(first, first + count):
        prices = "".join(
            f"<Цена><Представление>{100 + number % 900}\u00a0руб. за шт</Представление><ИдТипаЦены>"
            f"{guid(5, kind)}</ИдТипаЦены><ЦенаЗаЕдиницу>{100 + number % 900 - kind * 20 + shift}"
            "</ЦенаЗаЕдиницу><Валюта>руб</Валюта><Единица>шт</Единица><Коэффициент>1</Коэффициент>"
            "</Цена>"
            for kind in range(2)
        )
        yield (
            f"<Предложение><Ид>{guid(1, number)}</Ид><Артикул>АРТ-{number}</Артикул>"
            f"<Наименование>Чай зелёный сорт {number}</Наименование>"
            '<БазоваяЕдиница Код="796 ">шт</БазоваяЕдиница>'
            f"<Цены>{prices}</Цены><Количество>{number % 50}</Количество>{_stores(number)}"
            "</Предложение>\n"
        )
    yield f"</Предложения></ПакетПредложений>\n{END}"


def stock(count: int, *, first: int = 0, shift: int = 0) -> Iterator[str]:
    """An `ИзмененияПакетаПредложений` with stock alone; the shift moves the figures."""
    yield ROOT
    yield (
        f"<ИзмененияПакетаПредложений><Ид>{CATALOGUE}#</Ид><ИдКаталога>{CATALOGUE}</ИдКаталога>"
        "<Предложения>\n"
    )
    for number in range(first, first + count):
        yield (
            f"<Предложение><Ид>{guid(1, number)}</Ид><Количество>{number % 50 + shift}"
            f"</Количество>{_stores(number, shift)}</Предложение>\n"
        )
    yield f"</Предложения></ИзмененияПакетаПредложений>\n{END}"


def _stores(number: int, shift: int = 0) -> str:
    return "".join(
        f'<Склад ИдСклада="{guid(6, each)}" КоличествоНаСкладе="{(number + each) % 40 + shift}"/>'
        for each in range(3)
    )


KINDS = {"goods": goods, "offers": offers, "stock": stock}


def main() -> None:
    """Write a file to the standard output."""
    kind, count = sys.argv[1], int(sys.argv[2])
    for piece in KINDS[kind](count):
        sys.stdout.write(piece)


if __name__ == "__main__":
    main()
