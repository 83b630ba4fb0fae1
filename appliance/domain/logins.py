"""Sign-in names: one spelling each, so that two people cannot look alike in a list."""

import re
import unicodedata
from typing import Final

from appliance.errors import Invalid

MAX_LOGIN: Final = 64
_ALLOWED: Final = re.compile(r"[a-z0-9][a-z0-9._@+-]{1,63}")

# Cyrillic letters that look like Latin ones; a Russian keyboard gives them by mistake.
_LOOK_ALIKES: Final = str.maketrans("авекмнорстухіјѕ", "abekmhopctyxijs")


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().casefold()


def fold(text: str) -> str:
    """The spelling a login is looked up by; never fails, also for nonsense typed at the door."""
    return _plain(text).translate(_LOOK_ALIKES)[:MAX_LOGIN]


def checked(text: str) -> str:
    """The spelling a new login is stored in.

    Raises:
        Invalid: `login_length` (2 to 64), `login_look_alike` (a Cyrillic letter that would pass
            for a Latin one), `login_letters` (Latin letters, digits and `. _ @ + -` only).
    """
    plain = _plain(text)
    if not 2 <= len(plain) <= MAX_LOGIN:
        raise Invalid(fields={"login": "login_length"})
    if _ALLOWED.fullmatch(plain):
        return plain
    alike = _ALLOWED.fullmatch(plain.translate(_LOOK_ALIKES)) is not None
    raise Invalid(fields={"login": "login_look_alike" if alike else "login_letters"})
