"""The letter a checkpoint of the log goes out with, in the language of the box."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from appliance.actions.anchors import Written
from appliance.audit.notes import read_note
from appliance.domain import formats
from appliance.domain.formats import Language
from appliance.web import texts
from appliance.web.shell import N_

SUBJECT: Final = N_("Отпечаток журнала: записи 1–%(size)s")
TEXT: Final = N_(
    "Сохраните это письмо. Внизу — отпечаток журнала коробки: одна строка на все записи с первой "
    "по %(size)s. Если хоть одну из них потом изменят, уберут или вставят новую, отпечаток не "
    "сойдётся, и это увидит любой, у кого есть письмо.\n\n"
    "Делать ничего не нужно. Проверить журнал: администратор выгружает его командой "
    "«korobka audit export», в выгрузке лежат программа проверки и порядок действий. Строки ниже "
    "нужны целиком, без правок."
)


TITLE: Final = N_("Отпечаток журнала")
ROWS: Final = (N_("Записи"), N_("Снят"), N_("Журнал коробки"))
PAPER: Final = N_(
    "Храните лист там, где его не подменят: в сейфе, у бухгалтера. Отсканируйте квадрат телефоном, "
    "сохраните текст в файл и отдайте его программе проверки вместе с выгрузкой журнала (команда "
    "«korobka audit export»). Если хоть одну из этих записей потом изменят или уберут, отпечаток "
    "не сойдётся."
)
PRINTED, STORED = N_("Напечатал"), N_("Принял на хранение")


def page_of(note: str, now: datetime, *, company: str, language: Language) -> Mapping[str, object]:
    """The fields of the page that a checkpoint is printed on.

    Args:
        note: the signed checkpoint.
        now: in the box's own zone.
        company: name of the box.
        language: of the page.
    """
    words = texts.catalogue(language).gettext
    seen = read_note(note)
    values = (f"1–{formats.number(seen.size, language)}", f"{now:%d.%m.%Y %H:%M}", seen.origin)
    rows = [{"name": words(name), "value": value} for name, value in zip(ROWS, values, strict=True)]
    return {
        "doc": {
            "company": company,
            "title": words(TITLE),
            "rows": rows,
            "note": note.split("\n"),
            "text": words(PAPER),
            "printed": words(PRINTED),
            "stored": words(STORED),
        }
    }


def letter_of(note: str, *, language: Language) -> Written:
    """Put a signed checkpoint into a letter; names nobody."""
    size = read_note(note).size
    words = texts.catalogue(language).gettext
    shown = {"size": formats.number(size, language)}
    return Written(size, words(SUBJECT) % shown, f"{words(TEXT) % shown}\n\n{note}")
