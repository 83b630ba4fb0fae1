"""Kept views of lists: a filter as an address writes it, under a name, for one or for many."""

import re
from typing import Final
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

import msgspec

from appliance.domain.fields import HISTORY

SECTIONS: Final = ("orders", "clients", "deals", "tasks", "catalog")
LONGEST_NAME: Final = 60
LONGEST_QUERY: Final = 1000
EVERYBODY: Final = "*"
_TRANSIENT: Final = frozenset({"after", "before", "seen", "all", "csrf"})
_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,47}")
_VALUE: Final = re.compile(r"[\w.,@:+ -]{1,300}", re.ASCII)


_WORDS: Final = {"catalog": frozenset({"q"}), "clients": frozenset({"tag", "bought"})}
"""Parameters of a list's address that are texts, and no person's."""


class SavedView(msgspec.Struct, frozen=True, kw_only=True):
    """A kept view.

    Attributes:
        mine: the reader made it: he may change and remove it.
        roles: codes of the roles it is shared with; empty for a private one.
        starred: the reader's list opens with it.
    """

    id: UUID
    name: str
    query: str
    mine: bool
    roles: tuple[str, ...] = ()
    starred: bool = False


class ListViews(msgspec.Struct, frozen=True, kw_only=True):
    """What a list knows of its reader.

    Attributes:
        views: his own first, then those shared with his roles.
        columns: codes of the columns he chose, in their order; empty: as delivered.
        roles: (code, name) of the roles a view can be shared with; empty where he may not share.
    """

    views: tuple[SavedView, ...] = ()
    columns: tuple[str, ...] = ()
    roles: tuple[tuple[str, str], ...] = ()

    @property
    def first(self) -> SavedView | None:
        """The view this list opens with."""
        return next((one for one in self.views if one.starred), None)


def kept_query(query: str, section: str) -> str:
    """What of an address is kept: codes, dates and sums; never a page, never a text about people.

    Goods are no personal data, so the catalogue keeps its text, too; marks and plain fields of an
    administrator's making are words of the house.
    """
    words = _WORDS.get(section, frozenset())
    found = [
        (name, value)
        for name, value in parse_qsl(query[: LONGEST_QUERY * 3], max_num_fields=40)
        if _NAME.fullmatch(name)
        and name not in _TRANSIENT
        and (name in words or name.startswith(HISTORY) or (name != "q" and _VALUE.fullmatch(value)))
    ]
    return urlencode(found, safe=",")[:LONGEST_QUERY]
