"""Invented, plausible people, firms, goods and orders: the same seed gives the same world.

Names are combined from common Russian names by chance; phones lie in +7 900 000-00-00 ranges that
the numbering plan leaves to nobody in particular, mailboxes at `.example` (RFC 2606).
"""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

_MALE = (
    "Александр Алексей Андрей Антон Артём Борис Вадим Василий Виктор Виталий Владимир Владислав "
    "Георгий Глеб Григорий Даниил Денис Дмитрий Евгений Егор Иван Игорь Илья Кирилл Константин "
    "Лев Леонид Максим Матвей Михаил Никита Николай Олег Павел Пётр Роман Руслан Семён Сергей "
    "Станислав Степан Тимофей Фёдор Юрий Ярослав"
).split()
_FEMALE = (
    "Алёна Алина Алла Анастасия Ангелина Анна Валентина Валерия Варвара Вера Вероника Виктория "
    "Галина Дарья Диана Евгения Екатерина Елена Елизавета Жанна Зоя Ирина Карина Кира Кристина "
    "Ксения Лариса Лидия Любовь Людмила Маргарита Марина Мария Надежда Наталья Нина Оксана "
    "Ольга Полина Раиса Светлана София Тамара Татьяна Ульяна Юлия Яна"
).split()
_SURNAMES = (
    "Авдеев Агафонов Акимов Аксёнов Алёхин Андреев Анисимов Антипов Архипов Афанасьев Бабушкин "
    "Баженов Баранов Белов Белозёров Белоусов Беляев Бирюков Бобров Богданов Болдырев Борисов "
    "Булатов Быков Вавилов Васильев Вдовин Виноградов Вишняков Власов Волков Воробьёв Воронин "
    "Воронцов Гаврилов Галкин Герасимов Глебов Голубев Горбунов Горшков Грачёв Гришин Громов "
    "Гусев Давыдов Данилов Дементьев Денисов Дорофеев Дроздов Дьячков Евсеев Егоров Елисеев "
    "Ермаков Ершов Ефимов Жаров Жданов Журавлёв Завьялов Зайцев Захаров Зимин Золотарёв Зорин "
    "Зубов Иванов Игнатьев Ильин Исаев Казаков Калинин Капустин Карпов Касаткин Киселёв Климов "
    "Князев Ковалёв Козлов Колесников Комаров Кондратьев Коновалов Копылов Корнилов Королёв "
    "Коротков Котов Краснов Крылов Крюков Кудрявцев Кузнецов Кузьмин Кулагин Курочкин "
    "Лаврентьев Лазарев Лаптев Лебедев Леонтьев Логинов Лукин Лыткин Макаров Максимов Мальцев "
    "Марков Мартынов Матвеев Мельников Меркулов Миронов Михеев Моисеев Морозов Муравьёв Назаров "
    "Наумов Некрасов Нестеров Никитин Носков Овчинников Орехов Осипов Павлов Панкратов Панфилов "
    "Пахомов Петров Пирогов Платонов Поляков Пономарёв Прохоров Родионов Рожков Романов Рябов "
    "Савельев Сазонов Самойлов Сафонов Свиридов Селезнёв Семёнов Серов Сидоров Симонов Скворцов "
    "Смирнов Соболев Соколов Соловьёв Сорокин Степанов Стрелков Субботин Суворов Сухов Тарасов "
    "Терентьев Тимофеев Титов Тихонов Ткачёв Третьяков Трофимов Туманов Уваров Устинов Фадеев "
    "Фёдоров Филатов Фомин Фролов Харитонов Хохлов Цветков Черкасов Чернышёв Чистяков Шаров "
    "Шестаков Шилов Широков Шубин Щербаков Щукин Юдин Яковлев"
).split()
_FATHERS = (
    "Александров Алексеев Андреев Антонов Артёмов Борисов Вадимов Васильев Викторов Витальев "
    "Владимиров Георгиев Глебов Григорьев Данилов Денисов Дмитриев Евгеньев Егоров Иванов "
    "Игорев Кириллов Константинов Леонидов Львов Максимов Матвеев Михайлов Николаев Олегов "
    "Павлов Петров Романов Русланов Семёнов Сергеев Станиславов Степанов Тимофеев Фёдоров Юрьев"
).split()
_CITIES = (
    ("Москва", 99), ("Санкт-Петербург", 190), ("Новосибирск", 630), ("Екатеринбург", 620),
    ("Казань", 420), ("Нижний Новгород", 603), ("Самара", 443), ("Ростов-на-Дону", 344),
    ("Уфа", 450), ("Воронеж", 394), ("Пермь", 614), ("Тверь", 170), ("Тула", 300), ("Калуга", 248),
)  # fmt: skip
_STREETS = (
    "Садовая Лесная Полевая Школьная Молодёжная Центральная Набережная Заречная Солнечная "
    "Зелёная Мира Труда Победы Гагарина Чехова Пушкина Кирова Южная Северная Озёрная Луговая"
).split()
_THINGS = (
    "Чайник Кружка Плед Термос Лампа Сервиз Кофемолка Поднос Скатерть Сковорода Кастрюля Ваза "
    "Подушка Полотенце Фильтр Часы Корзина Табурет Полка Зеркало Набор Графин Миска Доска Нож"
).split()
_GROUPS = {
    "Лампа": "Свет",
    "Плед": "Текстиль",
    "Скатерть": "Текстиль",
    "Подушка": "Текстиль",
    "Полотенце": "Текстиль",
    "Чайник": "Кухня",
    "Кружка": "Кухня",
    "Термос": "Кухня",
    "Кофемолка": "Кухня",
    "Сковорода": "Кухня",
    "Кастрюля": "Кухня",
    "Миска": "Кухня",
    "Доска": "Кухня",
    "Нож": "Кухня",
    "Часы": "Мебель и свет",
    "Табурет": "Мебель и свет",
    "Полка": "Мебель и свет",
    "Зеркало": "Мебель и свет",
}
_NAMES = (
    "Уют Север Тайга Иней Полярный Ива Зерно Кедр Берёзка Волна Заря Очаг Росинка Мастер Радуга "
    "Ладога Байкал Ветерок Домовой Самоцвет Зима Лето Полдень Вечер Озеро"
).split()
_COLOURS = ("белый", "чёрный", "серый", "синий", "зелёный", "красный", "бежевый", "медный")
_FIRMS = (
    "Луч Вектор Северная Звезда Олимп Гранит Меридиан Прогресс Родник Факел Ориентир Квант "
    "Альянс Горизонт Монолит Пласт Спектр Эталон Арсенал Базис Каскад Легенда"
).split()


class DemoPerson(NamedTuple):
    """One invented client; company is empty for a person."""

    last_name: str
    first_name: str
    patronymic: str
    sex: str
    company: str
    inn: str
    phone: str
    email: str
    city: str
    postcode: str
    street: str
    house: str
    flat: str
    created_at: datetime


class DemoProduct(NamedTuple):
    """One invented article; price and cost in kopecks."""

    name: str
    sku: str
    external_id: str
    barcode: str
    price: int
    purchase_price: int
    weight_grams: int
    stock: int
    group: str = ""


class DemoLine(NamedTuple):
    """One position: index of the article and how many pieces."""

    product: int
    quantity: int


class DemoOrder(NamedTuple):
    """One invented order: index of the client, positions, where it stands."""

    customer: int
    lines: tuple[DemoLine, ...]
    status: str
    delivery: str
    delivery_cost: int
    payment: str
    paid: bool
    created_at: datetime
    comment: str
    source: str


_DELIVERIES = (
    ("courier", 30000),
    ("pickup-point", 25000),
    ("self-delivery", 0),
    ("russian-post", 34600),
)
_PAYMENTS = ("cash", "bank-card", "bank-transfer")
_COMMENTS = (
    "", "", "", "", "Позвонить за час", "Это подарок, без чека в коробке", "Нужно к субботе",
    "Домофон не работает", "Оставить у консьержа",
)  # fmt: skip
_SOURCES = ("", "", "yandex", "google", "vk", "email")
_STATUS_WEIGHTS = (
    ("new", 14), ("client-confirmed", 10), ("wait-payment", 8), ("assembling", 8),
    ("assembling-complete", 5), ("delivering", 10), ("complete", 38), ("cancel-other", 7),
)  # fmt: skip


def _inn(rng: random.Random) -> str:
    digits = [rng.randint(1, 9)] + [rng.randint(0, 9) for _ in range(8)]
    weights = (2, 4, 10, 3, 5, 9, 4, 6, 8)
    check = sum(d * w for d, w in zip(digits, weights, strict=True)) % 11 % 10
    return "".join(map(str, [*digits, check]))


def last_seven(number: int) -> str:
    """The end of a client's phone: all different up to ten million, and scattered as real ones."""
    return f"{(number * 7_654_321 + 1_234_567) % 10_000_000:07d}"


def people(seed: int, count: int, now: datetime) -> Iterator[DemoPerson]:
    """Invent clients, the oldest first; every twelfth is a firm with its person."""
    rng = random.Random(f"people-{seed}")  # noqa: S311 - plausible, not secret
    for number in range(count):
        female = rng.random() < 0.56
        city, code = rng.choice(_CITIES)
        firm = rng.choice(_FIRMS) if number % 12 == 11 else ""
        form = rng.choice(("ООО", "АО", "ООО ТД"))
        yield DemoPerson(
            last_name=rng.choice(_SURNAMES) + ("а" if female else ""),
            first_name=rng.choice(_FEMALE if female else _MALE),
            patronymic=rng.choice(_FATHERS) + ("на" if female else "ич"),
            sex="female" if female else "male",
            company=f"{form} «{firm}-{number % 997}»" if firm else "",
            inn=_inn(rng) if firm else "",
            phone=f"+79{rng.randint(0, 99):02d}{last_seven(number)}",
            email=f"client{number}@mail{number % 7}.example" if rng.random() < 0.7 else "",
            city=city,
            postcode=f"{code}{rng.randint(0, 999):03d}"[:6].ljust(6, "0"),
            street=rng.choice(_STREETS),
            house=str(rng.randint(1, 120)),
            flat=str(rng.randint(1, 240)),
            created_at=now - timedelta(minutes=(count - number) * 7 % 2_000_000),
        )


def products(seed: int, count: int) -> list[DemoProduct]:
    """Invent articles."""
    rng = random.Random(f"products-{seed}")  # noqa: S311 - plausible, not secret
    found: list[DemoProduct] = []
    for number in range(count):
        price = rng.randrange(29_000, 1_290_000, 1_000)
        thing = rng.choice(_THINGS)
        name = f"{thing} «{rng.choice(_NAMES)}», {rng.choice(_COLOURS)}"
        found.append(
            DemoProduct(
                name=name,
                sku=f"KRB-{number:05d}",
                external_id=f"demo-{number}",
                barcode=f"46{number:011d}",
                price=price,
                purchase_price=price * 6 // 10,
                weight_grams=rng.randrange(100, 6_000, 50),
                stock=rng.randrange(0, 400),
                group=_GROUPS.get(thing, "Для дома"),
            )
        )
    return found


def orders(
    seed: int, count: int, *, customers: int, articles: int, now: datetime
) -> Iterator[DemoOrder]:
    """Invent orders, the oldest first, of 1 to 5 positions."""
    rng = random.Random(f"orders-{seed}")  # noqa: S311 - plausible, not secret
    codes = [code for code, _ in _STATUS_WEIGHTS]
    weights = [weight for _, weight in _STATUS_WEIGHTS]
    for number in range(count):
        delivery, cost = rng.choice(_DELIVERIES)
        status = rng.choices(codes, weights)[0]
        lines = tuple(
            DemoLine(rng.randrange(articles), rng.choices((1, 2, 3, 6), (70, 18, 8, 4))[0])
            for _ in range(rng.choices((1, 2, 3, 4, 5), (38, 26, 20, 10, 6))[0])
        )
        yield DemoOrder(
            customer=rng.randrange(customers),
            lines=lines,
            status=status,
            delivery=delivery,
            delivery_cost=cost,
            payment=rng.choice(_PAYMENTS),
            paid=status in {"complete", "delivering", "assembling-complete"} or rng.random() < 0.25,
            created_at=now - timedelta(seconds=(count - number) * 311 % 40_000_000),
            comment=rng.choice(_COMMENTS),
            source=rng.choice(_SOURCES),
        )
