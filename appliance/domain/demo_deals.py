"""Invented deals: the same seed gives the same ones. See `demo`."""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from appliance.domain.demo import DemoLine

_TITLES = (
    "Посуда для зала", "Наборы к празднику", "Подарки сотрудникам", "Термосы с гравировкой",
    "Лампы для класса", "Полотенца, 200 шт.", "Скатерти, 30 шт.", "Кухня для столовой",
    "Ежегодная закупка", "Подносы, вторая партия", "Кружки с логотипом", "Сервизы, 6 шт.",
    "Пледы и подушки", "Корзины под заказ", "Чайные пары", "Постельное бельё", "Часы в номера",
    "Зеркала для фойе", "Кофемолки, 12 шт.", "Текстиль, пледы", "Доски и ножи", "Вазы на витрину",
)  # fmt: skip
_SOURCES = ("сайт", "выставка", "по рекомендации", "звонок", "почта", "")


class DemoDeal(NamedTuple):
    """One invented deal.

    Attributes:
        line: 0 for the first pipeline, 1 for the second.
        reach: how many stages it has come past, counted among the open ones.
        end: "", "won" or "lost" with the number of a reason in `reason`.
        stayed: seconds at each stage passed; the last one is where it stands.
        due: days from now, or None.
    """

    customer: int
    title: str
    line: int
    reach: int
    end: str
    reason: int
    lines: tuple[DemoLine, ...]
    stayed: tuple[int, ...]
    due: int | None
    source: str
    created_at: datetime


def deals(
    seed: int, count: int, *, customers: int, articles: int, now: datetime
) -> Iterator[DemoDeal]:
    """Invent deals: most are open and stand at an early stage, some are won, some lost."""
    rng = random.Random(f"deals-{seed}")  # noqa: S311 - plausible, not secret
    for _ in range(count):
        end = rng.choices(("", "won", "lost"), (58, 24, 18))[0]
        reach = 4 if end == "won" else rng.choices((0, 1, 2, 3), (34, 30, 20, 16))[0]
        stayed = tuple(rng.randrange(1_800, 900_000) for _ in range(reach + 1))
        wanted = rng.choices((1, 2, 3), (50, 30, 20))[0]
        yield DemoDeal(
            customer=rng.randrange(customers),
            title=rng.choice(_TITLES),
            line=rng.choices((0, 1), (80, 20))[0],
            reach=reach,
            end=end,
            reason=rng.randrange(6),
            lines=tuple(
                DemoLine(rng.randrange(articles), rng.choice((2, 4, 6, 12, 20, 30)))
                for _ in range(wanted)
            ),
            stayed=stayed,
            due=None if rng.random() < 0.25 else rng.randrange(-3, 21),
            source=rng.choice(_SOURCES),
            created_at=now - timedelta(seconds=sum(stayed) + rng.randrange(600)),
        )
