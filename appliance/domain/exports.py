"""Taking tables out: what, by whose right, and the journal of it."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

import msgspec

from appliance.domain.personal import Personal

KEPT: Final = timedelta(days=1)
"""How long a file waits for its maker."""
PAGE: Final = 500
"""Rows read at once."""
SHORTEST_REASON: Final = 10
LONGEST_REASON: Final = 500


class ExportKind(StrEnum):
    """What the rows are."""

    CLIENTS = "clients"
    ORDERS = "orders"
    PRODUCTS = "products"
    DEALS = "deals"
    TASKS = "tasks"


class ExportForm(StrEnum):
    """The format of the file."""

    XLSX = "xlsx"
    CSV = "csv"


class ExportState(StrEnum):
    """Where an export stands."""

    WAITING = "waiting"
    READY = "ready"
    TAKEN = "taken"
    FAILED = "failed"
    GONE = "gone"


class Asked(msgspec.Struct, frozen=True):
    """Sealed: why it was asked for; people name people there."""

    reason: str = ""


class ExportView(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the journal.

    Attributes:
        people: how many people's records are in it.
    """

    id: UUID
    number: int
    kind: ExportKind
    form: ExportForm
    state: ExportState
    made_by: int
    made_at: datetime
    done: int
    people: int
    error: str
    reason: Personal[str]


class ExportList(msgspec.Struct, frozen=True, kw_only=True):
    """A page of the journal, the newest first."""

    rows: tuple[ExportView, ...]
    after: int | None


COLUMNS: Final[dict[ExportKind, tuple[str, ...]]] = {
    ExportKind.CLIENTS: (
        "№", "Вид", "Фамилия", "Имя", "Отчество", "Компания", "Телефоны", "Почта", "Город",
        "Адрес", "ИНН", "Метки", "Менеджер", "Заказов", "Сумма заказов, ₽", "Оплачено, ₽", "Создан",
    ),
    ExportKind.ORDERS: (
        "№", "Создан", "Статус", "Фамилия", "Имя", "Телефон", "Почта", "Менеджер", "Товары",
        "Сумма, ₽", "Оплачено, ₽", "Доставка", "Магазин",
    ),
    ExportKind.PRODUCTS: (
        "Название", "Артикул", "Штрихкод", "Группа", "Производитель", "Цена, ₽",
        "Закупочная цена, ₽", "Остаток", "Код",
    ),
    ExportKind.DEALS: (
        "№", "Название", "Сумма", "Воронка", "Стадия", "Клиент", "Ожидаемая дата", "Менеджер",
        "Заказ", "Создана", "Закрыта проигранной",
    ),
    ExportKind.TASKS: (
        "№", "Задача", "Срок", "Исполнитель", "Поставил", "Клиент", "Заказ", "Состояние",
        "Результат", "Создана",
    ),
}  # fmt: skip
"""Headings: the ones an import of ours knows again, so they are not translated."""
