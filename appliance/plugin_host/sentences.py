"""What a plugin says to people: its codes put into words by `texts/ru.toml` and `en.toml`.

A plugin's texts are read, never run: a place `{name}` takes a number or code of the same name,
and nothing else in a text means anything.
"""

import re
import tomllib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, cast

from appliance.domain.formats import Language

LARGEST: Final = 256 << 10
LONGEST: Final = 400
_PLACE: Final = re.compile(r"\{([a-z][a-z0-9_]{0,40})\}")


def said(folder: Path | None, code: str, data: Mapping[str, int | str], language: Language) -> str:
    """A sentence of a plugin's; its code with what goes with it where there is none.

    Args:
        folder: of the plugin; None where it is gone.
        code: of its catalogue.
        data: numbers and codes for the sentence.
        language: of the reader; Russian stands in for a text that English lacks.
    """
    text = ""
    if folder is not None:
        text = _texts(folder, language).get(code, "") or _texts(folder, "ru").get(code, "")
    return filled(text, code, data)


def filled(text: str, code: str, data: Mapping[str, int | str]) -> str:
    """A text with its places filled; without a text, the code and the data as they are."""
    if not text:
        return " ".join([code, *(f"{name}={value}" for name, value in data.items())])[:LONGEST]
    return _PLACE.sub(lambda place: str(data.get(place[1], place[0])), text)[:LONGEST]


@lru_cache(128)
def _texts(folder: Path, language: Language) -> Mapping[str, str]:
    # The folder of an added plugin is named by its file's hash: another version is another folder.
    path = folder / "texts" / f"{language}.toml"
    try:
        if path.stat().st_size > LARGEST:
            return {}
        return dict(_flat("", tomllib.loads(path.read_text(encoding="utf-8"))))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError):
        return {}


def _flat(before: str, tree: Mapping[str, Any]) -> list[tuple[str, str]]:
    """`a.b = "…"` is a table in a table for TOML."""
    found: list[tuple[str, str]] = []
    for name, value in tree.items():
        if isinstance(value, str):
            found.append((before + name, value))
        elif isinstance(value, dict):
            found += _flat(f"{before}{name}.", cast("dict[str, Any]", value))
    return found
