"""The language of its filters, as the fake understands it.

>>> chosen({"article": "A", "updated": "2026-03-02 10:00:00"}, "article=A;updated>=2026-03-02")
True
>>> chosen({"article": "B"}, "article=A;article=B"), chosen({"name": "korobka:1"}, "name~=x")
(True, False)
"""

import re
from collections.abc import Mapping
from typing import Any, Final

_CONDITION: Final = re.compile(r"([A-Za-z]+)(>=|<=|~=|=~|=|~)(.*)", re.DOTALL)
_PARTS: Final = re.compile(r"(?<!\\);")


def chosen(record: Mapping[str, Any], text: str) -> bool:
    """Whether a record passes: several conditions on one field by `=` are alternatives."""
    same: dict[str, list[str]] = {}
    for part in _PARTS.split(text) if text else ():
        found = _CONDITION.fullmatch(part)
        if found is None:
            return False
        name, sign, wanted = found.groups()
        value = str(record.get(name) or "")
        wanted = wanted.replace("\\;", ";").replace("\\\\", "\\")
        if sign == "=":
            same.setdefault(name, []).append(wanted)
        elif not _holds(sign, value, wanted):
            return False
    return all(str(record.get(name) or "") in values for name, values in same.items())


def _holds(sign: str, value: str, wanted: str) -> bool:
    return {
        ">=": value >= wanted,
        "<=": value <= wanted,
        "~=": value.startswith(wanted),
        "=~": value.endswith(wanted),
        "~": wanted in value,
    }[sign]
