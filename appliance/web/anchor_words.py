"""The letter a checkpoint of the log goes out with, in the language of the box."""

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


def letter_of(note: str, *, language: Language) -> Written:
    """Put a signed checkpoint into a letter; names nobody."""
    size = read_note(note).size
    words = texts.catalogue(language).gettext
    shown = {"size": formats.number(size, language)}
    return Written(size, words(SUBJECT) % shown, f"{words(TEXT) % shown}\n\n{note}")
