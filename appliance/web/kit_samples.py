"""Invented data for the pages under /_kit: nobody in it exists, no order was ever made."""
# ruff: noqa: E501 (a row of a table stays on its line)

from dataclasses import dataclass
from types import SimpleNamespace

from appliance.domain.personal import Personal
from appliance.web.parts import Column, Event
from appliance.web.shell import Door, Mark, Me, Note, Shell, Strip, navigation

StatusView = tuple[str, str, str]

STATUSES: dict[str, StatusView] = {
    "new": ("Новый", "info", "ring"),
    "check": ("На уточнении", "warn", "half"),
    "confirmed": ("Подтверждён", "accent", "half"),
    "waits": ("Ждёт оплаты", "warn", "ring"),
    "picking": ("Собирается", "accent", "dot"),
    "picked": ("Собран", "info", "half"),
    "road": ("В доставке", "info", "dot"),
    "given": ("Вручён", "ok", "check"),
    "back": ("Возврат", "bad", "cross"),
    "off": ("Отменён", "grey", "cross"),
}


@dataclass(frozen=True, slots=True)
class OrderRow:
    """One row of a list with everything already written out: the template only prints."""

    href: str
    peek: str
    number: str
    kopecks: int
    status: str
    tone: str
    shape: str
    client: Personal[str]
    mark: str
    goods: str
    sum: str
    paid: int
    paid_tone: str
    delivery: str
    manager: str
    manager_initials: str
    manager_tone: int
    created: str
    wait: str
    wait_tone: str


_ROWS = (
    (21, "new", "Петрова Анна", "", "Чайник «Уют» и ещё 2", 583100, 0, "Быстроход, пункт", "Татьяна", "10:42", "12 мин", ""),
    (20, "new", "ООО «Луч»", "building-2", "Кружка «Север», 60 шт.", 8230000, 50, "самовывоз", "Алина", "10:05", "49 мин", "warn"),
    (19, "new", "Громов Пётр", "", "Фильтр сменный, 3 шт.", 93000, 0, "Почта", "Татьяна", "9:51", "1 ч 3 мин", "bad"),
    (18, "new", "Алёхина Дарья", "message-square", "Плед «Полярный»", 319000, 100, "Верста, курьер", "Татьяна", "9:40", "1 ч 14 мин", "bad"),
    (17, "check", "Мельник Софья", "message-square", "Набор «На двоих»", 674000, 0, "Быстроход, пункт", "Алина", "9:32", "35 мин", ""),
    (16, "confirmed", "ИП Ольхин Р. В.", "building-2", "Термос «Тайга» и ещё 1", 4776000, 100, "Верста, до двери", "Алина", "9:12", "40 мин", ""),
    (15, "confirmed", "Зуева Марина", "", "Лампа настольная", 425000, 100, "Верста, курьер", "Татьяна", "8:58", "56 мин", ""),
    (14, "waits", "Карпов Егор", "", "Чайник «Уют» 1,7 л", 199000, 0, "Быстроход, пункт", "Илья", "8:44", "2 ч 10 мин", "warn"),
    (13, "waits", "Ёлкина Вера", "", "Сервиз «Иней», 12 шт.", 1290000, 30, "Верста, курьер", "Татьяна", "8:30", "2 ч 24 мин", "warn"),
    (12, "picking", "Тарасов Глеб", "", "Кофемолка «Зерно»", 287000, 100, "самовывоз", "Илья", "8:21", "18 мин", ""),
    (11, "picking", "ООО «Северная мастерская»", "building-2", "Поднос берёзовый, 24 шт.", 3600000, 100, "Верста, до двери", "Алина", "8:02", "22 мин", ""),
    (10, "picking", "Белова Ирина", "", "Чайник «Уют», фильтр", 230000, 100, "Быстроход, пункт", "Татьяна", "вчера 21:14", "31 мин", ""),
    (9, "picked", "Назарова Ольга", "", "Скатерть льняная", 560000, 100, "Быстроход, пункт", "Олег", "вчера 20:40", "1 ч 5 мин", ""),
    (8, "picked", "Филиппов Артём", "", "Термос «Тайга»", 199000, 100, "Верста, курьер", "Олег", "вчера 19:57", "1 ч 12 мин", ""),
    (7, "road", "Соколова Юлия", "", "Плед «Полярный», 2 шт.", 744000, 100, "Верста, курьер", "Олег", "вчера 18:33", "5 ч", ""),
    (6, "road", "Дьяченко Лев", "", "Набор ножей «Кремень»", 812000, 0, "Почта", "Татьяна", "вчера 17:10", "1 день", ""),
    (5, "road", "Ким Елена", "", "Кружка «Север», 6 шт.", 414000, 100, "Быстроход, пункт", "Илья", "вчера 16:42", "1 день", ""),
    (4, "back", "Рябов Степан", "", "Кофемолка «Зерно»", -287000, 100, "Быстроход, пункт", "Алина", "вчера 15:20", "3 ч", "warn"),
    (3, "given", "Орлова Нина", "", "Лампа настольная", 425000, 100, "самовывоз", "Алина", "вчера 14:02", "", ""),
    (2, "off", "Жуков Семён", "", "Чайник «Уют» 1,7 л", 199000, 0, "Почта", "Илья", "вчера 13:37", "", ""),
)  # fmt: skip
_TEAM = {"Татьяна": ("ТК", 2), "Алина": ("АР", 3), "Илья": ("ИМ", 4), "Олег": ("ОС", 5)}


def _sum(kopecks: int) -> str:
    sign = "−" if kopecks < 0 else ""
    return f"{sign}{abs(kopecks) // 100:,} ₽".replace(",", "\u00a0").replace(" ", "\u00a0")


def order_rows() -> list[OrderRow]:
    """Give twenty invented orders."""
    return [
        OrderRow(
            href=f"/_kit/card?{n}", peek=f"/_kit/peek?{n}", number=f"10-48{n:02d}", kopecks=kopecks,
            status=STATUSES[status][0], tone=STATUSES[status][1], shape=STATUSES[status][2],
            client=Personal(client), mark=mark, goods=goods, sum=_sum(kopecks), paid=paid,
            paid_tone="warn" if 0 < paid < 100 else "", delivery=delivery, manager=manager,
            manager_initials=_TEAM[manager][0], manager_tone=_TEAM[manager][1],
            created=created, wait=wait.replace(" ", "\u00a0"), wait_tone=tone,
        )
        for n, status, client, mark, goods, kopecks, paid, delivery, manager, created, wait, tone in _ROWS
    ]  # fmt: skip


def sheet() -> SimpleNamespace:
    """Give what the sheet /_kit prints."""

    def state(
        number: str, status: str, note: str, amount: str, paid: int, **flags: object
    ) -> dict[str, object]:
        return {"number": number, "status": STATUSES[status], "note": note, "sum": amount, "paid": paid,
                "state": "", "cursor": False, "chosen": False, "tone": "", "off": False, **flags}  # fmt: skip

    return SimpleNamespace(
        statuses=list(STATUSES.values()),
        phone=Personal("+7\u00a0912\u00a0000-12-34"),
        manager="Татьяна",
        densities=[("tight", "плотно, 28"), ("normal", "обычно, 34"), ("loose", "свободно, 42"), ("touch", "касание, 48")],
        columns=[Column("Номер", sort="descending", href="#"), Column("Статус"), Column("Клиент"),
                 Column("Сумма", "num"), Column("Оплата")],
        states=[
            state("10-4821", "new", "Обычная строка", "5 831 ₽", 0),
            state("10-4820", "confirmed", "Под указателем", "82 300 ₽", 50, state="hover"),
            state("10-4819", "new", "Курсор клавиатуры", "930 ₽", 0, cursor=True),
            state("10-4818", "picking", "Выбрана", "3 190 ₽", 100, chosen=True),
            state("10-4817", "picking", "Выбрана и под курсором", "6 740 ₽", 100, chosen=True, cursor=True),
            state("10-4816", "back", "Требует внимания", "−2 870 ₽", 100, tone="bad"),
            state("10-4802", "off", "Отменён", "1 990 ₽", 0, off=True),
        ],
        events=[
            ("Сегодня", [
                Event("circle-dot", "Подтверждён", "Алина", "10:44", "accent"),
                Event("banknote", "Оплата 5 831 ₽", "банк, счёт № 312", "10:43", "ok"),
                Event("workflow", "СМС со ссылкой на оплату", "правило «Новый с сайта»", "10:43", "mark"),
            ]),
            ("12 ноября", [
                Event("pencil", "Заметка", "Алина", "18:20", "warn", quote="Просит звонить после 18."),
                Event("shopping-bag", "Заказ с сайта", "", "9:12", more="Комментарий: нужно к субботе"),
            ]),
        ],
    )  # fmt: skip


def order_columns() -> list[Column]:
    """Give the columns of the order list."""
    return [
        Column("№", "fix fix-2", "descending", "#"), Column("Статус", "fix fix-3", "none", "#"),
        Column("Клиент", "", "none", "#"), Column("Состав"), Column("Сумма", "num", "none", "#"),
        Column("Оплата", "", "none", "#"), Column("Доставка", "", "none", "#"), Column("Менеджер", "", "none", "#"),
        Column("Создан", "num", "none", "#"), Column("Ждёт", "num", "none", "#"),
    ]  # fmt: skip


def shell(state: str = "") -> Shell:
    """Give an invented frame; `state` is `sealed`, `toast` or empty."""
    return Shell(
        company="Тёплый дом",
        section="orders",
        me=Me("Татьяна К.", "ТК", 2, "продавец"),
        navigation=navigation(("today", "orders", "clients"), {"orders": 12, "today": 3}),
        strips=(Strip("Личные данные закрыты. Откроет: Смирнова О.", "warn", icon="lock"),) if state == "sealed" else (),
        marks=(Mark("Магазин: обмен в\u00a010:42", icon="refresh-cw"), Mark("Копия проверена вчера", icon="shield-check")),
        toasts=(Note("Статус изменён у\u00a014\u00a0заказов", "/_kit/undo"),) if state == "toast" else (),
    )  # fmt: skip


def door() -> Door:
    """Give an invented door."""
    return Door("Тёплый дом", "korobka.local", "0.1.0", own_certificate=True)
