"""What the kit's macros print, ready written: columns, events of a line, found records.

The texts are in the reader's language already; templates translate only their own words.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from markupsafe import Markup

from appliance.domain.personal import Personal

Tone = Literal["", "grey", "ok", "warn", "bad", "info", "accent", "mark"]
Text = str | Markup


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a list.

    Attributes:
        cls: `num` for numbers, `fix fix-2` and so on for frozen ones.
        sort: state for `aria-sort`; empty where the column cannot sort.
        href: where a press on the head leads.
        hint: title of the head.
    """

    label: str
    cls: str = ""
    sort: Literal["", "none", "ascending", "descending"] = ""
    href: str = ""
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """An event of the line on a card; `full` is the whole moment for the tooltip."""

    icon: str
    text: Text
    who: str
    time: str
    tone: Tone = ""
    full: str = ""
    more: Text | Personal[str] = ""
    quote: Text | Personal[str] = ""


@dataclass(frozen=True, slots=True)
class Found:
    """A record in the palette.

    Attributes:
        title: with the found letters marked (`rendering.mark_found`).
        note: grey words after it.
        end: markup at the right (status, sum).
        off: why it cannot be opened; then there is no `href`.
    """

    icon: str
    title: Text
    href: str = ""
    note: str = ""
    end: Text = ""
    off: str = ""


def column_rows(
    cols: Sequence[str], heads: Mapping[str, Column], others: Iterable[str]
) -> tuple[tuple[object, ...], Callable[[], dict[str, Any]]]:
    """Key and context of orders/column_rows.html: columns to choose from, shown ones first."""
    named = tuple((code, heads[code].label) for code in (*cols, *others))
    return (tuple(cols), named), lambda: {"cols": cols, "all_columns": named}
