"""Keys: how they are written for people and for assistive programs, and the table of «?»."""

from collections.abc import Callable

from appliance.web.shell import N_

Rows = tuple[tuple[tuple[str, ...], str], ...]

HOTKEYS: tuple[tuple[str, Rows], ...] = (
    (
        N_("Везде"),
        (
            (("Ctrl K",), N_("Найти или выполнить")),
            (("Ctrl ;", "N"), N_("Новый заказ откуда угодно")),
            (("/",), N_("Искать здесь")),
            (("Ctrl Z",), N_("Отменить последнее")),
            (("F1", "?"), N_("Эта справка")),
            (("F8",), N_("К карточке звонка и обратно")),
            (("Esc",), N_("Назад на шаг")),
        ),
    ),
    (
        N_("Переходы"),
        (
            (("G", "T"), N_("Сегодня")),
            (("G", "O"), N_("Заказы")),
            (("G", "C"), N_("Клиенты")),
            (("G", "D"), N_("Сделки")),
            (("G", "Z"), N_("Задачи")),
            (("G", "N"), N_("Уведомления")),
            (("G", "P"), N_("Почта")),
            (("G", "K"), N_("Каталог")),
            (("G", "W"), N_("Отгрузки")),
            (("G", "V"), N_("Доставка")),
            (("G", "M"), N_("Данные")),
            (("G", "S"), N_("Склад")),
            (("G", ","), N_("Настройки")),
            (("G", "U"), N_("Мои действия")),
        ),
    ),
    (
        N_("Списки"),
        (
            (("J", "K"), N_("Следующая и предыдущая строка")),
            (("X",), N_("Выбрать строку")),
            (("Ctrl A",), N_("Выбрать всё на странице")),
            (("Space",), N_("Просмотр сбоку")),
            (("Enter",), N_("Открыть")),
            (("Shift Enter",), N_("Открыть в новой вкладке")),
            (("Shift V",), N_("Все виды списка")),
            (("Shift S",), N_("Сохранить вид")),
        ),
    ),
    (
        N_("Доска"),
        (
            (("←", "→", "↑", "↓"), N_("Выбрать карточку")),
            (("Shift ←", "Shift →"), N_("Перенести на соседний этап")),
            (("M",), N_("Перенести: первая буква этапа")),
            (("V", "T"), N_("Показать таблицей")),
            (("V", "B"), N_("Показать доской")),
        ),
    ),
    (
        N_("Задачи"),
        (
            (("E",), N_("Сделано")),
            (("H",), N_("Отложить")),
            (("T",), N_("Поставить задачу")),
            (("Shift ↑", "Shift ↓"), N_("На 15 минут раньше или позже")),
            (("Shift ←", "Shift →"), N_("На день раньше или позже")),
        ),
    ),
    (
        N_("Карточки и формы"),
        (
            (("[", "]"), N_("Предыдущая и следующая")),
            (("Ctrl Enter",), N_("Главное действие")),
            (("Ctrl S",), N_("Сохранить")),
        ),
    ),
)

_LABELS = {"Control": "Ctrl", "Escape": "Esc", "Space": N_("Пробел")}
_PROGRAMS = {"Ctrl": "Control", "Esc": "Escape"}


def key_label(keys: str, translate: Callable[[str], str] = str) -> str:
    """Write a key for people: `Ctrl+Enter` → «Ctrl Enter»; `translate` for the words among them."""
    return " ".join(translate(_LABELS.get(part, part)) for part in keys.split("+"))


def key_aria(keys: str) -> str:
    """Write a key for `aria-keyshortcuts`: `Ctrl+Enter` → `Control+Enter`."""
    return "+".join(_PROGRAMS.get(part, part) for part in keys.split("+"))
