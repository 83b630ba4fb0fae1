"""The move to a PostgreSQL server in the console: what is asked, where it is."""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote, urlsplit, urlunsplit

from tui.dialogs import Field, Question
from tui.pace import left_of
from tui.parts import Page, Row, plain
from tui.texts import N_, _, filled
from updates.move_lines import Progress

SCHEME: Final = "postgresql"
STEPS: Final[Mapping[str, str]] = {
    "stop": N_("Остановка коробки"),
    "settle": N_("Очереди и журнал"),
    "copy": N_("Копия"),
    "tables": N_("Таблицы"),
    "verify": N_("Сверка каждой строки"),
    "boot": N_("Пробный запуск на сервере"),
    "switch": N_("Переключение"),
    "start": N_("Запуск коробки"),
}
ABOUT: Final[Mapping[str, str]] = {
    "stop": N_("С этого места сотрудники ждут."),
    "settle": N_("Всё дописано: в журнале последняя запись."),
    "copy": N_("Обычная копия, на места из раздела «Копии»."),
    "tables": N_("Всё, что есть в базе, едет на сервер в стороне от чужих глаз."),
    "verify": N_("Привезённое читается обратно и сверяется с базой коробки."),
    "boot": N_("Коробка открывается на новых таблицах один раз, пока никого нет."),
    "switch": N_("Адрес сервера вписан в настройки: до этого мига коробка на SQLite."),
    "start": N_("На сервере; если не вышло — на прежнем месте, как была."),
}
_PARTS: Final = frozenset({"snapshot", "data", "keys", "copy"})
"""Steps of making a copy, which is one here."""


def address() -> Question:
    """Where to."""
    text = _(
        "Пустая база на сервере PostgreSQL 13 или новее, только для коробки.\n"
        "Сначала сервер проверят: коробка при этом работает."
    )
    fields = (
        Field("url", _("Адрес"), "", "postgresql://korobka@сервер/korobka"),
        Field("password", _("Пароль"), secret=True),
    )
    buttons = {"look": _("Проверить сервер"), "leave": _("Не переезжать (Esc)")}
    return Question(_("Куда переехать?"), text, fields, buttons)


def sure(url: str, found: Mapping[str, Any]) -> Question:
    """What will be; last word before it begins."""
    lines = [
        _("%(address)s, PostgreSQL %(version)s. Сервер подходит.")
        % {"address": plain(shown(url)), "version": plain(str(found["version"]))}
    ]
    if found.get("free") is None:
        lines.append(_("Места там нужно втрое больше, чем занимает база: отсюда его не видно."))
    lines.append(_("Коробка остановится, сделает копию, переедет и запустится."))
    lines.append(_("100 000 клиентов — около двух минут."))
    lines.append(_("Не выйдет — останется на SQLite, как была."))
    buttons = {"yes": _("Переехать"), "no": _("Не делать (Esc)")}
    return Question(_("Переехать на PostgreSQL?"), "\n".join(lines), (), buttons, "no")


def full(typed: str, password: str) -> str:
    """The address with its password; a scheme that was not typed is added."""
    url = typed.strip() if "://" in typed else f"{SCHEME}://{typed.strip()}"
    parts = urlsplit(url)
    if not password:
        return url
    user, at, host = parts.netloc.rpartition("@")
    name = user.partition(":")[0] or "korobka"
    netloc = f"{name}:{quote(password, safe='')}@{host if at else parts.netloc}"
    return urlunsplit(parts._replace(netloc=netloc))


def shown(url: str) -> str:
    """The address without any password."""
    parts = urlsplit(url)
    user, at, host = parts.netloc.rpartition("@")
    return urlunsplit(parts._replace(netloc=f"{user.partition(':')[0]}{at}{host}", query=""))


def command(url: str, *words: str) -> str:
    """The equal command; a password is asked from nobody's history."""
    return " ".join(("korobka move --to", shown(url), *words))


def page(seen: Progress | None) -> Page:
    """Where it is."""
    now = _row_of(seen.step) if seen else "stop"
    names = list(STEPS)
    at = names.index(now) if now in names else 0
    rows = [_row(name, n - at, seen) for n, name in enumerate(names)]
    said = _("Переезд на PostgreSQL: шаг %(at)s из %(of)s.")
    note = _("Консоль можно закрыть: работа идёт сама.")
    return Page("run", said % {"at": at + 1, "of": len(names)}, rows, note)


def _row_of(step: str) -> str:
    word = step.partition(" ")[0]
    return "copy" if word in _PARTS else word


def _row(name: str, place: int, seen: Progress | None) -> Row:
    state, end = ("ok", "") if place < 0 else ("off", "")
    if place == 0:
        state, end = "run", _("идёт")
        if seen is not None and seen.total > 1:
            rest = left_of(seen.done, seen.total, seen.seconds)
            end = f"{min(100, seen.done * 100 // seen.total)} %{rest}"
    return Row(state, (filled(STEPS[name], {}), end), filled(ABOUT[name], {}), name)
