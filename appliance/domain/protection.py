"""Protection level of a personal data system: four answers in, level and clause out.

Source: decree of the Government of Russia 1119 of 1 November 2012, clauses 9-12. Kinds of threats
are those of its clause 6: 1 - undocumented features in system software, 2 - in application
software, 3 - neither. Which kind is real is for the firm's threat model to say, not for a program.
"""

from enum import StrEnum
from typing import Final, NamedTuple

import msgspec

MANY: Final = 100_000
"""People who are not employees; the decree's only threshold."""


class Category(StrEnum):
    """Kind of data, the gravest that is kept."""

    SPECIAL = "special"  # health, religion, politics: law 152-FZ, article 10
    BIOMETRIC = "biometric"  # used to tell who somebody is: article 11
    OTHER = "other"
    PUBLIC = "public"  # from public sources only: article 8


class Protection(msgspec.Struct, frozen=True, kw_only=True):
    """What the firm answered.

    Attributes:
        threats: kind of real threats, 1, 2 or 3.
        staff_only: only the firm's own employees.
        many: more than `MANY` people who are not employees.
        officer: login of who answers for the data; empty: nobody yet.
        notified: whether Roskomnadzor was notified (152-FZ, article 22).
    """

    threats: int = 3
    category: Category = Category.OTHER
    staff_only: bool = False
    many: bool = False
    officer: str = ""
    notified: bool = False


class Level(NamedTuple):
    """Level 1 (gravest) to 4, and the clause and letter of the decree that sets it."""

    level: int
    clause: int
    letter: str


def level_of(answers: Protection) -> Level:
    """The level that the decree sets.

    Raises:
        ValueError: a kind of threats that the decree does not have.
    """
    many = answers.many and not answers.staff_only
    category = answers.category
    if answers.threats == 1:
        return Level(2, 10, "а") if category is Category.PUBLIC else Level(1, 9, "а")
    if answers.threats == 2:
        return _second(category, many=many)
    if answers.threats == 3:
        return _third(category, many=many)
    raise ValueError("the decree knows three kinds of threats")


def _second(category: Category, *, many: bool) -> Level:
    if category is Category.SPECIAL:
        return Level(1, 9, "б") if many else Level(2, 10, "б")
    if category is Category.BIOMETRIC:
        return Level(2, 10, "в")
    if category is Category.PUBLIC:
        return Level(2, 10, "г") if many else Level(3, 11, "а")
    return Level(2, 10, "д") if many else Level(3, 11, "б")


def _third(category: Category, *, many: bool) -> Level:
    if category is Category.SPECIAL:
        return Level(2, 10, "е") if many else Level(3, 11, "в")
    if category is Category.BIOMETRIC:
        return Level(3, 11, "г")
    if category is Category.PUBLIC:
        return Level(4, 12, "а")
    return Level(3, 11, "д") if many else Level(4, 12, "б")
