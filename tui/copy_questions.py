"""What the section «Копии» asks: which copy, what it changes, where copies go, how often."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from appliance.domain import formats
from appliance.domain.backups import spans
from tui import words
from tui.box import Answer
from tui.dialogs import Field, Question
from tui.parts import mark, plain
from tui.texts import N_, _, language

FOLDER, DISK, SERVER, DATA_ONLY = "folder", "disk", "server", "data-only"
STORE, STORE_KEYS = "store", "store-keys"
STORES: Final = (STORE, STORE_KEYS)
FLAGS: Final = {
    "every_minutes": "every",
    "hourly": "hourly",
    "nightly": "nightly",
    "weekly": "weekly",
    "guard": "guard",
}
"""Setting → option of `korobka backup schedule`."""


def _size(count: object) -> str:
    return words.spaced(formats.size(int(str(count)), language()))


def choice(copy: Answer, clock: words.Clock) -> str:
    """A copy in a list."""
    where = ", ".join(str(one) for one in copy["places"])
    return f"{clock.short(str(copy['made_at'])):<15}{_size(copy['size']):>9}  {where}"


def foreseen(copy: Answer, since: Answer, clock: words.Clock) -> Question:
    """What a restore would change, and whether it could be done now."""
    moment = clock.moment(str(copy["made_at"]))
    facts = (
        (_("Вернётся"), _("всё, что было %(when)s") % {"when": moment}),
        *_lost_lines(since),
        (_("Не вернутся"), _("люди, чьи данные уничтожены по закону")),
        (_("Нынешнее"), _("не стирается: отложим рядом, можно вернуть")),
        (_("Сотрудники"), _("на минуту потеряют связь и войдут заново")),
    )
    room = {"need": _size(copy["need"]), "free": _size(copy["free"])}
    checks = (
        (
            bool(copy["fits"]),
            _("версия копии подходит: %(version)s") % {"version": copy["version"]},
        ),
        (copy["free"] > copy["need"], _("место: нужно %(need)s, свободно %(free)s") % room),
    )
    lines = [f"[$text-2]{name:<13}[/]{plain(text)}" for name, text in facts]
    lines.append("")
    lines += [f"{mark('ok' if good else 'bad')} {plain(text)}" for good, text in checks]
    if since["people"]:
        said = _("сейчас работают: %(people)s") % since
        lines.append(f"{mark('warn')} {said}")
    able = all(good for good, _text in checks)
    buttons = {"on": _("Дальше")} if able else {}
    return Question(
        _("Вернуть данные: что изменится"),
        "\n".join(lines),
        buttons={**buttons, "no": _("Ничего не менять (Esc)")},
        safe="no",
    )


KINDS: Final = {
    "orders": (N_("заказов"), N_("заказы")),
    "customers": (N_("клиентов"), N_("клиенты")),
    "payments": (N_("оплат"), N_("оплаты")),
    "deals": (N_("сделок"), ""),
    "shipments": (N_("отгрузок"), ""),
    "tasks": (N_("задач"), ""),
}


def _counted(since: Answer) -> str:
    """How many of each kind; empty: nothing was entered."""
    kinds = ((_(many), since.get(kind, 0)) for kind, (many, _all) in KINDS.items())
    return ", ".join(f"{many} {count}" for many, count in kinds if count)


def _lost_lines(since: Answer) -> list[tuple[str, str]]:
    """What would be lost: the counts, then numbers of what people know by number."""
    counted = _counted(since)
    if not counted:
        return [(_("Пропадёт"), _("ничего: после копии ничего не внесено"))]
    lines = [(_("Пропадёт"), counted)]
    numbers: Mapping[str, Sequence[int]] = since.get("numbers") or {}
    for kind, (_many, named) in KINDS.items():
        shown, left = spans(numbers.get(kind, ()))
        if shown:
            is_cut = left or len(numbers[kind]) < since.get(kind, 0)
            lines.append(("", f"{_(named)} № {shown}{', …' if is_cut else ''}"))
    return lines


def sure(copy: Answer, since: Answer, clock: words.Clock) -> Question:
    """The last question: the copy's time has to be typed."""
    made = datetime.fromisoformat(str(copy["made_at"])).astimezone(clock.zone)
    lost, later = _counted(since), _("После этой копии ничего не внесено.")
    if lost:
        later = _("Сделанное позже придётся внести снова: %(lost)s.") % {"lost": lost}
    text = _(
        "Данные станут такими, какими были %(when)s.\n"
        "%(later)s\n"
        "Нынешние данные отложим; до подтверждения их можно вернуть."
    )
    return Question(
        _("Вернуть данные из этой копии?"),
        text % {"when": clock.moment(str(copy["made_at"])), "later": later},
        buttons={"restore": _("Вернуть данные"), "no": _("Не делать (Esc)")},
        safe="no",
        number=f"{made:%H%M}",
        is_danger=True,
    )


def go_back() -> Question:
    """Whether to put the old data in again."""
    return Question(
        _("Вернуть прежние данные?"),
        _("Восстановленное из копии отложим в папку рядом, коробка запустится заново."),
        buttons={"back": _("Вернуть прежние"), "no": _("Не делать (Esc)")},
        safe="no",
    )


def kinds() -> Sequence[tuple[str, str]]:
    """Kinds of place."""
    return (
        (FOLDER, _("Папка: другой диск, сетевое хранилище")),
        (DISK, _("USB-диск: узнаём по его номеру, где бы ни подключили")),
        (SERVER, _("Другой сервер по SFTP")),
        (DATA_ONLY, _("Сервер или папка, где ничего нельзя удалить: только данные")),
        (STORE, _("Хранилище S3: только данные")),
        (STORE_KEYS, _("Хранилище S3: данные и ключи, если их там можно удалить")),
    )


def place(kind: str) -> Question:
    """Which place of that kind."""
    hints = {
        FOLDER: "/mnt/nas/korobka",
        DISK: "usb:1A2B-3C4D/korobka",
        SERVER: "sftp://korobka@nas/copies#SHA256:…",
        DATA_ONLY: "sftp://korobka@nas/copies#SHA256:…",
        STORE: "s3://КЛЮЧ@storage.yandexcloud.net/bucket?region=ru-central1",
        STORE_KEYS: "s3://КЛЮЧ@storage.yandexcloud.net/bucket?region=ru-central1",
    }
    texts = {
        FOLDER: _("Папка должна быть: её создаёте вы. Коробка запишет туда пробу."),
        DISK: _("Номера подключённых дисков покажет: korobka backup disks"),
        SERVER: _("Первый раз коробка назовёт ключ сервера: сверьте и добавьте после #."),
        DATA_ONLY: _("Ключи сюда не пишутся: их копии должны забываться."),
        STORE: _("Копии зашифрованы до отправки. Корзину создаёте вы."),
        STORE_KEYS: _("Коробка запишет пробу и проверит, что она удаляется совсем."),
    }
    secret = (Field("secret", _("Секретный ключ"), secret=True),) if kind in STORES else ()
    return Question(
        _("Место для копий"),
        texts[kind],
        fields=(Field("place", _("Место"), hint=hints[kind]), *secret),
        buttons={"add": _("Проверить и добавить"), "no": _("Отмена (Esc)")},
    )


def remove(name: str) -> Question:
    """Whether to bring no more copies there."""
    return Question(
        _("Больше не писать копии сюда?"),
        plain(name) + "\n" + _("То, что там лежит, останется."),
        buttons={"yes": _("Не писать"), "no": _("Отмена (Esc)")},
        safe="no",
    )


def timetable(plan: Answer) -> Question:
    """How often, how many."""
    named = (
        ("every_minutes", _("Как часто, в минутах")),
        ("hourly", _("Хранить частых")),
        ("nightly", _("Хранить ночных")),
        ("weekly", _("Хранить недельных")),
        ("guard", _("Папка на 2-м диске")),
    )
    return Question(
        _("Как часто делать и сколько хранить"),
        _("0 минут — только вручную. В папку на втором диске всё новое идёт каждые 2 минуты."),
        fields=tuple(Field(name, label, str(plan[name])) for name, label in named),
        buttons={"save": _("Записать"), "no": _("Отмена (Esc)")},
    )


def numbers(typed: Mapping[str, str]) -> dict[str, Any] | None:
    """What was typed into the timetable; None: something is no number."""
    found: dict[str, Any] = {}
    for name in FLAGS:
        text = typed.get(name, "").strip()
        if name == "guard":
            found[name] = text
        elif text.isascii() and text.isdigit():
            found[name] = int(text)
        else:
            return None
    return found
