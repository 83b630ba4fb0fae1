"""Mends one typing error in a query, against the words of names that the index knows.

All words one error away (a letter missing, doubled, wrong, or two swapped) are spelled out, about
500 for a word of seven letters, and those with which some name begins are kept: half a millisecond,
and no index beside the plain list of words.
"""

import json
import sqlite3
from collections.abc import Iterator

from appliance.domain.folding import fold, swap_layout, to_cyrillic

MIN_LENGTH = 4
"""Letters from which a word is mended; shorter ones are one error away from everything."""

_MAX_LENGTH = 24
_CYRILLIC = "абвгдежзийклмнопрстуфхцчшщъыьэюя"
_LATIN = "abcdefghijklmnopqrstuvwxyz"

_KNOWN = """
SELECT value, EXISTS (SELECT 1 FROM word WHERE text = value) AS whole FROM json_each(?)
WHERE EXISTS (SELECT 1 FROM word WHERE text >= value AND text < value || char(1114111))
ORDER BY whole DESC, key
"""


def corrections(query: str, db: sqlite3.Connection, limit: int) -> list[str]:
    """Suggest the query with its first unknown word mended, likeliest first.

    Args:
        query: what was typed.
        db: a database with the table `word` of folded words.
        limit: most suggestions.
    """
    tokens = query.split()
    for place, token in enumerate(tokens):
        readings = [word for word in _readings(token) if MIN_LENGTH <= len(word) <= _MAX_LENGTH]
        if not readings or _known(readings, db):
            continue
        spelled = list(dict.fromkeys(near for word in readings for near in _one_error(word)))
        mended = _known(spelled, db)[:limit]
        return [" ".join([*tokens[:place], word, *tokens[place + 1 :]]) for word in mended]
    return []


def _readings(token: str) -> list[str]:
    """List what was meant: a Russian word, or what a Latin one is in the other spellings."""
    typed, swapped = fold(token), fold(swap_layout(token))
    if not typed.isascii():
        return [typed] if typed.isalpha() else []
    return [word for word in (typed, swapped, *to_cyrillic(typed)) if word.isalpha()]


def _known(words: list[str], db: sqlite3.Connection) -> list[str]:
    return [word for word, _ in db.execute(_KNOWN, (json.dumps(words),))]


def _one_error(word: str) -> Iterator[str]:
    letters = _LATIN if word.isascii() else _CYRILLIC
    splits = [(word[:i], word[i:]) for i in range(len(word) + 1)]
    for head, tail in splits:
        if len(tail) > 1:
            yield head + tail[1] + tail[0] + tail[2:]
    for head, tail in splits:
        if tail:
            yield head + tail[1:]
    for head, tail in splits:
        for letter in letters:
            if tail:
                yield head + letter + tail[1:]
            yield head + letter + tail
