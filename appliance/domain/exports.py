"""Taking tables out: what, by whose right, and the journal of it."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

import msgspec

from appliance.domain.client_lists import ClientList
from appliance.domain.deals import DealFilter
from appliance.domain.orders import OrderFilter
from appliance.domain.personal import Personal
from appliance.domain.tasks import TaskFilter

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
    """Sealed: why it was asked for, for people name people there, and of which rows.

    Attributes:
        wanted: JSON of the filter of a list (`FILTERS`); empty: all that may be seen.
    """

    reason: str = ""
    wanted: str = ""


Wanted = OrderFilter | ClientList | DealFilter | TaskFilter
"""The filter of a list that is taken out."""

FILTERS: Final[dict[ExportKind, type[Wanted]]] = {
    ExportKind.CLIENTS: ClientList,
    ExportKind.ORDERS: OrderFilter,
    ExportKind.DEALS: DealFilter,
    ExportKind.TASKS: TaskFilter,
}
"""Kinds whose rows a list chooses, too."""


class ExportView(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the journal.

    Attributes:
        people: how many people's records are in it.
        narrowed: a list's conditions chose the rows.
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
    narrowed: bool = False


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
        "№", "Название", "Клиент", "Воронка", "Стадия", "Сумма, ₽", "Ожидаемая дата",
        "Ответственный", "Причина отказа", "Заказ", "Дата создания",
    ),
    ExportKind.TASKS: (
        "№", "Задача", "Вид", "Состояние", "Срок", "Исполнитель", "Поставил", "Клиент", "Заказ",
        "Заметка", "Итог", "Создана", "Закрыта",
    ),
}  # fmt: skip
"""Headings: the ones an import of ours knows again, so they are not translated."""
