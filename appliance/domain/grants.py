"""How far a permission reaches: rows by scope, personal fields by access."""

from collections.abc import Mapping
from enum import IntEnum
from typing import NamedTuple


class Scope(IntEnum):
    """Which rows; a larger one contains the smaller. Kept by name, never by number."""

    NONE = 0
    OWN = 1
    DEPARTMENT = 2
    BRANCH = 3
    ALL = 4


class Access(IntEnum):
    """How a personal field is shown; masked fields can be revealed one by one, logged."""

    HIDDEN = 0
    MASKED = 1
    VISIBLE = 2


class Grant(NamedTuple):
    """What one role gives for one permission.

    Attributes:
        fields: name of a personal field (`roles.FIELDS`) → access; absent means hidden.
    """

    scope: Scope = Scope.NONE
    fields: Mapping[str, Access] = {}

    def access(self, field: str) -> Access:
        """How the field may be seen under this grant."""
        return self.fields.get(field, Access.HIDDEN)


def join(first: Grant, second: Grant) -> Grant:
    """Two roles of one person: the wider scope, and of each field the wider access."""
    names = {*first.fields, *second.fields}
    return Grant(
        max(first.scope, second.scope),
        {name: max(first.access(name), second.access(name)) for name in names},
    )
