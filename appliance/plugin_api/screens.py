"""Screens of a plugin: rows of its own table that the box draws, and deeds on them.

The plugin draws nothing: its manifest says which table is shown and which buttons a row has; what
a button does is asked of it as the question `screen.deed`.
"""

import msgspec


class DeedAsked(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A person pressed a button of a row.

    Attributes:
        screen, deed: names of the manifest.
        key: of the row, in the order of its table's key.
        account: of the other side, where the row's table has a column of that name.
    """

    screen: str
    deed: str
    key: tuple[str | int, ...]
    account: str = ""


class DeedDone(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What came of it: a code of the plugin's texts, and numbers for its places."""

    code: str
    numbers: dict[str, int] = {}
