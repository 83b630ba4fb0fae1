"""Rotation of keys: what is turned, how far it is."""

from datetime import datetime
from enum import StrEnum
from typing import Final

import msgspec


class Turn(StrEnum):
    """What is turned: the wrapping key, the keys of blind indexes, every person's own key."""

    KEK = "kek"
    INDEX = "index"
    PEOPLE = "people"


class Walk(msgspec.Struct, frozen=True, kw_only=True):
    """How far the rows are: kept with them, so that a copy brings back its own.

    Attributes:
        done: number of the keys under which every row is known to be.
        towards: number of the keys the walk brings rows to; 0: none goes on.
        place: which table, by its place in the list.
        after: key of the last row looked at; empty: none yet.
        seen, changed, unreadable: rows so far.
        total: rows there were when it began, for the share.
    """

    done: int = 1
    towards: int = 0
    place: int = 0
    after: str = ""
    seen: int = 0
    changed: int = 0
    unreadable: int = 0
    total: int = 0
    began_at: datetime | None = None
    ended_at: datetime | None = None


class Turning(msgspec.Struct, frozen=True, kw_only=True):
    """One rotation as it stands.

    Attributes:
        number: of the keys in use.
        runs: rows or people are still to be brought over.
        done, total: how far; equal when it does not run.
        unreadable: rows whose cells do not open: they stay as they are.
        ended_at: when the last one came to its end.
    """

    turn: Turn
    number: int
    runs: bool
    done: int = 0
    total: int = 0
    unreadable: int = 0
    ended_at: datetime | None = None


SETTINGS: Final = {Turn.INDEX: "keys.index", Turn.PEOPLE: "keys.people"}
"""Where a walk is kept."""


def begun(walk: Walk, number: int, total: int, now: datetime) -> Walk:
    """A walk at its start; `done` stays until the end."""
    return Walk(done=walk.done, towards=number, total=total, began_at=now)


def ended(walk: Walk, now: datetime) -> Walk:
    """A walk at its end."""
    return msgspec.structs.replace(
        walk, done=walk.towards, towards=0, place=0, after="", ended_at=now
    )
