"""What the command line says: Russian is the source, English stands beside it, complete.

The catalogues are `ru.toml` (refusals by code) and `en.toml` (the same, and every other text by
its Russian wording).
"""

import os
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Literal

Language = Literal["ru", "en"]


def language() -> Language:
    """KOROBKA_LANGUAGE decides; not LANG, which says en or C on most Russian servers."""
    return "en" if os.environ.get("KOROBKA_LANGUAGE") == "en" else "ru"


def translate(text: str) -> str:
    """Return a text of the command line in the reader's language."""
    return text if language() == "ru" else catalogue("en")["text"].get(text, text)


def sentence(code: str, params: Mapping[str, str | int]) -> str:
    """Return what is wrong and what to do; an untranslated code gets a general sentence."""
    sentences = catalogue(language())["code"]
    return sentences.get(code, sentences["unknown"]).format_map(_Values(params))


@cache
def catalogue(of: Language) -> dict[str, dict[str, str]]:
    """Read one catalogue: table -> key -> text."""
    path = Path(__file__).with_name(f"{of}.toml")
    return tomllib.loads(path.read_text(encoding="utf-8"))


class _Values(dict[str, str | int]):
    def __missing__(self, key: str) -> str:
        return "—"  # a refusal must not fail over its own sentence
