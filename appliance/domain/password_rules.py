"""Which passwords are taken: long ones that nobody guesses first. No rules of composition.

NIST SP 800-63B §5.1.1.2 and ASVS 5.0 §6.2: a minimum length, no forced mixture, no forced change,
a check against known passwords. As ours begin at twelve characters, a list of known ones helps
little; what people do is to chain well-known pieces, so the pieces are taken out and the rest
has to be a secret of its own.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from appliance.domain.common_words import COMMON_WORDS, KEYBOARD_ROWS

MIN_LENGTH: Final = 12
MIN_LENGTH_ADMIN: Final = 15
MAX_LENGTH: Final = 256
"""So that hashing cannot be used to keep the box busy."""

_OWN_LETTERS: Final = 6
"""Characters that must be left when well-known pieces are taken out."""
_DISTINCT: Final = 5
_RUN: Final = 4
_COMPANY_WORD: Final = 4
_LEET: Final = str.maketrans("013457@$!", "oieastasi")
_REPEATED: Final = re.compile(r"(.{1,6}?)\1+.{0,2}")


def problem(password: str, *, admin: bool = False, own_words: Iterable[str] = ()) -> str | None:
    """Say what is wrong with a new password, as a code; None when it is fine.

    Args:
        password: as typed.
        admin: the account may manage people, roles, keys or the box: 15 characters then.
        own_words: what outsiders try first: the login, the company's and the box's name.

    Returns:
        `password_short`, `password_short_admin`, `password_long`, `password_company_word`,
        `password_common` or None.
    """
    length = len(password)
    if length < MIN_LENGTH:
        return "password_short"
    if admin and length < MIN_LENGTH_ADMIN:
        return "password_short_admin"
    if length > MAX_LENGTH:
        return "password_long"
    folded = unicodedata.normalize("NFKC", password).casefold()
    if any(len(word) >= _COMPANY_WORD and word in folded for word in _words(own_words)):
        return "password_company_word"
    if _is_common(folded) or _is_common(folded.translate(_LEET)):
        return "password_common"
    return None


def _words(texts: Iterable[str]) -> set[str]:
    return {word for text in texts for word in re.split(r"[\W_]+", text.casefold()) if word}


def _is_common(folded: str) -> bool:
    if len(set(folded)) < _DISTINCT or _REPEATED.fullmatch(folded):
        return True
    rest = _known_pieces().sub("", folded)
    return len(re.sub(r"[\d\W_]+", "", rest)) < _OWN_LETTERS and len(rest) < _OWN_LETTERS * 2


@lru_cache(1)
def _known_pieces() -> re.Pattern[str]:
    """Words, runs of four along a keyboard row or alphabet either way, years and dates."""
    pieces = set(COMMON_WORDS)
    for row in KEYBOARD_ROWS:
        for line in (row, row[::-1]):
            for start in range(len(line)):
                pieces.update(
                    line[start:end] for end in range(start + _RUN, min(len(line), start + 12) + 1)
                )
    words = "|".join(re.escape(word) for word in sorted(pieces, key=len, reverse=True))
    return re.compile(rf"{words}|(?:19|20)\d\d|\d{{2}}[./-]\d{{2}}")
