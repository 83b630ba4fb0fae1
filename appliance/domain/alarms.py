"""Which red lines an administrator is told of by letter: once, and again every day they stay."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec

AGAIN: Final = timedelta(days=1)


class Alarms(msgspec.Struct, frozen=True, kw_only=True):
    """What was told: code of a red line → when the last letter said it."""

    told: dict[str, datetime] = {}


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """A letter in words: nothing personal, codes and figures of the box alone."""

    subject: str
    text: str


def is_due(known: Alarms, red: Sequence[str], now: datetime) -> bool:
    """Whether a letter is due: a line is red that was not, or one is red for another day."""
    return any(code not in known.told or now - known.told[code] >= AGAIN for code in red)


def after(known: Alarms, red: Sequence[str], now: datetime, *, told: bool) -> Alarms:
    """What is known then; a line that turned green is forgotten, and told anew if it returns."""
    if told:
        return Alarms(told=dict.fromkeys(red, now))
    return Alarms(told={code: known.told[code] for code in red if code in known.told})
