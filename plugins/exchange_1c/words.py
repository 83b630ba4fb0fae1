"""Sentences for people in 1C and for the journal, by code."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from plugins.exchange_1c.refusals import Refused
from plugins.exchange_1c.shelves import Part

HERE = Path(__file__).resolve().parent


@cache
def table(language: str) -> dict[str, str]:
    """Sentences by code."""
    return tomllib.loads((HERE / "texts" / f"{language}.toml").read_text(encoding="utf-8"))


def of(code: str, language: str = "ru", **numbers: Any) -> str:
    """A sentence with its numbers; thousands apart."""
    known = table(language)
    shown = {name: f"{value:,}".replace(",", "\u00a0") for name, value in numbers.items()}
    return (known.get(code) or known["unexpected"]).format_map(_Blank(shown))


class _Blank(dict[str, str]):
    """A place nobody has a number for stays a question mark."""

    def __missing__(self, key: str) -> str:
        return "?"


def sentence(error: Refused, language: str = "ru") -> str:
    """Why something was refused."""
    numbers = dict(error.numbers)
    if error.offset >= 0:
        numbers["offset"] = error.offset
    return of(error.code, language, **numbers)


def progress(read: int, total: int) -> str:
    """How far a file is; before its first walk is over nobody knows of how many."""
    return of("progress", read=read, total=total) if total else of("progress_first", read=read)


def done(part: Part) -> str:
    """What a file did."""
    return of(
        "done",
        created=part.created,
        changed=part.changed,
        same=part.same,
        waiting=part.waiting,
        skipped=part.skipped,
    )
