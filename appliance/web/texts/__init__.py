"""Message catalogues: Russian is the source, English complete beside it.

The Russian text is the msgid; the Russian catalogue holds only plurals (gettext's msgid has two
forms, Russian three). Sentences of errors are keyed by the error's code in `errors.toml`.
"""

import gettext
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path

from appliance.domain.formats import Language

HERE = Path(__file__).resolve().parent
LANGUAGES: tuple[Language, ...] = ("ru", "en")


@dataclass(frozen=True, slots=True)
class Sentence:
    """What went wrong and what to do about it, in one language; `hint` may be empty."""

    title: str
    hint: str


@cache
def catalogue(language: Language) -> gettext.GNUTranslations:
    """Load the catalogue of a language at its first use.

    The compiled file is taken unless the source beside it is newer (a checkout that was not built).
    """
    source = HERE / language / "LC_MESSAGES" / "messages.po"
    compiled = source.with_suffix(".mo")
    if compiled.exists() and compiled.stat().st_mtime >= source.stat().st_mtime:
        with compiled.open("rb") as stream:
            return gettext.GNUTranslations(stream)
    return gettext.GNUTranslations(BytesIO(compile_catalogue(source)))


def compile_catalogue(source: Path) -> bytes:
    """Turn a .po file into the bytes of a .mo file."""
    from babel.messages.mofile import write_mo  # noqa: PLC0415 (slow import, only without .mo)
    from babel.messages.pofile import read_po  # noqa: PLC0415 (same)

    with source.open("rb") as stream:
        messages = read_po(stream)
    result = BytesIO()
    write_mo(result, messages)
    return result.getvalue()


@cache
def _errors() -> Mapping[str, Mapping[Language, Sentence]]:
    with (HERE / "errors.toml").open("rb") as stream:
        raw: Mapping[str, Mapping[str, str]] = tomllib.load(stream)
    return {
        code: {
            "ru": Sentence(entry["ru"], entry.get("ru_hint", "")),
            "en": Sentence(entry["en"], entry.get("en_hint", "")),
        }
        for code, entry in raw.items()
    }


def error(code: str, language: Language, params: Mapping[str, str | int] | None = None) -> Sentence:
    """Find the sentence of an error code.

    Args:
        code: of a `HouseError`; an unknown one gets the sentence of `failed`.
        language: of the reader.
        params: put into `{name}` places of the sentence; ids, numbers and names of fields.
    """
    known = _errors()
    found = known.get(code, known["failed"])[language]
    filled = _Known(params or {})
    return Sentence(found.title.format_map(filled), found.hint.format_map(filled))


class _Known(dict[str, "str | int"]):
    """Parameters; a missing one is shown as its name, never an exception inside an exception."""

    def __missing__(self, key: str) -> str:
        return key
