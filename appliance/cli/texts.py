"""What the command line says: Russian is the source, `en.toml` has the English of every text.

Sentences of refusals are those of all doors, keyed by code (`appliance.web.texts`).
"""

import os
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from appliance.domain.formats import Language
from appliance.web import texts


def language() -> Language:
    """KOROBKA_LANGUAGE decides; not LANG, which says en or C on most Russian servers."""
    return "en" if os.environ.get("KOROBKA_LANGUAGE") == "en" else "ru"


def translate(text: str) -> str:
    """Return a text of the command line in the reader's language."""
    return text if language() == "ru" else english().get(text, text)


def sentence(code: str, params: Mapping[str, str | int]) -> str:
    """Return what is wrong and what to do about it."""
    found = texts.error(code, language(), params)
    return f"{found.title}. {found.hint}".removesuffix(" ").rstrip(".") + "."


@cache
def english() -> Mapping[str, str]:
    """Read the catalogue."""
    return tomllib.loads(Path(__file__).with_name("en.toml").read_text(encoding="utf-8"))
