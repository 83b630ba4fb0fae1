"""SQL texts with `{}` placeholders, turned into each database's own and kept.

The text stays constant from call to call, so the statement caches of sqlite3 and asyncpg hit.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import islice
from typing import Any, TypeVar

V = TypeVar("V")

# PostgreSQL's protocol counts arguments in 16 bits and SQLite is compiled with 32766.
MOST_ARGUMENTS = 32_766
_KEPT_TEXTS = 4096


@lru_cache(_KEPT_TEXTS)
def question_marks(sql: str) -> str:
    """Write `sql` for SQLite: `{}` becomes `?`."""
    return sql.replace("{}", "?")


@lru_cache(_KEPT_TEXTS)
def numbered(sql: str) -> str:
    """Write `sql` for PostgreSQL: `{}` becomes `$1`, `$2` and so on."""
    parts = sql.split("{}")
    return "".join(f"{part}${n}" for n, part in enumerate(parts[:-1], 1)) + parts[-1]


class AnyOf:
    """The right side of `IN {}`: see `any_of`."""

    __slots__ = ("values",)

    def __init__(self, values: Sequence[Any]) -> None:
        self.values = values


def any_of(values: Iterable[Any]) -> AnyOf:
    """Make the argument for `… IN {}`; no values match nothing.

    The list is filled up to a power of two by repeating its last value, so that a few texts
    serve every length. Longer lists go through `chunked`.

    Raises:
        ValueError: more values than one statement carries.
    """
    listed = list(values)
    if len(listed) > MOST_ARGUMENTS // 2:
        raise ValueError(f"{len(listed)} values for one IN; use chunked()")
    return AnyOf(listed)


def chunked(values: Iterable[V], size: int = 1000) -> Iterator[list[V]]:
    """Cut `values` into lists of at most `size`, for `any_of`."""
    iterator = iter(values)
    while chunk := list(islice(iterator, size)):
        yield chunk


def spread(sql: str, args: Sequence[Any]) -> tuple[str, Sequence[Any]]:
    """Write out every `AnyOf` among `args` as a list of placeholders.

    Raises:
        ValueError: `NOT IN` of an empty list, which SQL answers with no rows instead of all.
    """
    for arg in args:
        if type(arg) is AnyOf:
            break
    else:
        return sql, args
    parts = sql.split("{}")
    text = [parts[0]]
    flat: list[Any] = []
    for arg, part in zip(args, parts[1:], strict=True):
        if type(arg) is AnyOf:
            if not arg.values and text[-1].rstrip().upper().endswith("NOT IN"):
                raise ValueError("NOT IN with no values")
            text.append(_list_of(arg.values, flat))
        else:
            text.append("{}")
            flat.append(arg)
        text.append(part)
    return "".join(text), flat


def _list_of(values: Sequence[Any], flat: list[Any]) -> str:
    if not values:
        return "(NULL)"
    width = 1 << (len(values) - 1).bit_length()
    flat.extend(values)
    flat.extend([values[-1]] * (width - len(values)))
    return "(" + ",".join(["{}"] * width) + ")"
