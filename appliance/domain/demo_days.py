"""Invented working days: notes, letters, tasks and projects. The same seed gives the same ones."""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final, NamedTuple

_NOTES = (
    "Просит звонить после шести, днём на работе", "Предпочитает самовывоз, живёт рядом",
    "Спрашивала про скидку на второй набор", "Берёт в подарок, просит упаковать отдельно",
    "Обещал подумать и вернуться через неделю", "Курьеру звонить за час: домофон не работает",
    "Интересуется новинками, просит показать каталог", "Просила прислать счёт на фирму",
    "Прошлый раз привезли не тот цвет, проверить перед отправкой",
)  # fmt: skip
_LETTERS = (
    ("Счёт на оплату", "Здравствуйте! Счёт во вложении. Оплатить можно до пятницы.", "invoice"),
    ("Как идёт ваш заказ", "Здравствуйте! Заказ собран и завтра едет к вам.", "status"),
)
_TASKS = (
    ("call", "Перезвонить и согласовать доставку"), ("call", "Уточнить цвет и комплектацию"),
    ("call", "Узнать, всё ли подошло"), ("task", "Выслать каталог новинок"),
    ("task", "Подобрать замену: этого цвета нет"), ("task", "Подготовить предложение"),
    ("task", "Проверить оплату счёта"), ("task", "Согласовать время самовывоза"),
)  # fmt: skip
_RESULTS = ("Договорились на субботу", "Всё подошло", "Перенесли на следующую неделю")
PROJECTS: Final = (
    (
        "Новогодние наборы",
        ("Утвердить состав наборов", "Заказать коробки и ленты", "Сфотографировать для сайта",
         "Посчитать цену с упаковкой", "Предупредить постоянных клиентов"),
    ),
    (
        "Переезд склада",
        ("Обмерить стеллажи", "Пересчитать остатки перед переездом", "Подписать договор на ворота",
         "Развесить номера ячеек"),
    ),
)  # fmt: skip


class DemoWord(NamedTuple):
    """A note, or a letter where `kind` names its template; `text` and `title` are invented."""

    customer: int
    kind: str
    text: str
    title: str
    state: str
    at: datetime


class DemoTask(NamedTuple):
    """A task about a client.

    Attributes:
        customer: index of the client.
        days, minute: from today, and of the day, where the box stands; minute -1 is all day.
        postponed: how many days it was put off.
        result: what came of it; empty while it is open.
        by_head: the head set it.
    """

    customer: int
    kind: str
    title: str
    days: int
    minute: int
    postponed: int
    result: str
    by_head: bool


def words(seed: int, customers: int, now: datetime) -> Iterator[DemoWord]:
    """Invent a note about every third client, and a letter to every tenth."""
    rng = random.Random(f"words-{seed}")  # noqa: S311 - plausible, not secret
    for customer in range(customers):
        at = now - timedelta(minutes=rng.randrange(30, 60_000))
        if customer % 3 == 1:
            yield DemoWord(customer, "", rng.choice(_NOTES), "", "", at)
        if customer % 10 == 4:
            title, text, kind = rng.choice(_LETTERS)
            state = rng.choices(("sent", "refused"), (9, 1))[0]
            yield DemoWord(customer, kind, text, title, state, at)


def tasks(seed: int, customers: int) -> Iterator[DemoTask]:
    """Invent a task about every fifth client: a third is done, some are late or put off."""
    rng = random.Random(f"tasks-{seed}")  # noqa: S311 - plausible, not secret
    for customer in range(0, customers, 5):
        kind, title = rng.choice(_TASKS)
        is_done = rng.random() < 0.33
        yield DemoTask(
            customer=customer,
            kind=kind,
            title=title,
            days=-rng.randrange(15) if is_done else rng.choices(
                (-2, -1, 0, 1, 2, 3, 5, 9), (3, 6, 26, 22, 14, 12, 10, 7)
            )[0],
            minute=-1 if rng.random() < 0.2 else rng.randrange(9 * 60, 18 * 60, 15),
            postponed=rng.choices((0, 1, 3), (75, 18, 7))[0],
            result=rng.choice(_RESULTS) if is_done else "",
            by_head=rng.random() < 0.2,
        )  # fmt: skip
