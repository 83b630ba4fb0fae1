"""Turns a query into FTS5 expressions that suggest too much, never too little, and cheaply.

Each trigram of an AND costs a walk along its list of records, each needless candidate costs an
opened cell. So of every reading only its rarest trigrams are asked for, and of several typed words
only the rarest ones; the rest is left to the check of the opened record.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

from appliance.domain.folding import NEEDLE_LENGTH, Query
from appliance.vault.search_text import owner_token

MAX_TRIGRAMS = 5
"""Trigrams asked for per reading (`security.md` B6); more only walk longer."""

WALKED_PER_OPENING = 8000
"""Entries of a trigram's list that are walked in the time of opening one record (0.15 ms)."""

MAX_OWNER_TOKENS = 16
"""Owners that FTS5 is asked about; of more, the array filter throws away too few to matter."""

_NEEDLE_TRIGRAMS = 16
"""Trigrams of one needle that are considered."""


class Lookup(NamedTuple):
    """What the plan asks the index.

    Attributes:
        frequencies: how many rows hold each trigram; a missing one is new and rare.
        starts: all trigrams that begin with a space and the given letter.
        rows: how many rows there are.
    """

    frequencies: Callable[[Iterable[str]], Mapping[str, int]]
    starts: Callable[[str], Iterable[str]]
    rows: int


class _Condition(NamedTuple):
    """A part of an expression and how many rows it is expected to leave."""

    text: str
    expected: float


def expressions(query: Query, owners: frozenset[int] | None, index: Lookup) -> Iterator[str]:
    """Yield the FTS5 expressions to run one after another, most welcome finds first.

    Args:
        query: a query with at least one term.
        owners: owners whose clients are wanted; None for all.
        index: what is known of the index.
    """
    variants = [(first,) for first in query.first] + [v for term in query.terms for v in term]
    atoms = {needle: _atoms(needle, index) for variant in variants for needle in variant}
    counts = index.frequencies(t for cut in atoms.values() for atom in cut for t in atom)

    def reading(variant: tuple[str, ...], *, full: bool = False) -> _Condition:
        parts = [_spread([_either(atom, counts) for atom in atoms[needle]]) for needle in variant]
        ordered = sorted((part[0] for part in parts), key=_expected)
        ordered += sorted((c for part in parts for c in part[1:]), key=_expected)
        # Digits of one phone follow each other more often than chance would have it.
        digits = all(needle.isdigit() for needle in variant)
        return _both(ordered[:MAX_TRIGRAMS], index.rows, full=full or digits)

    only = _owner_condition(owners)
    for first in query.first:
        # Asked for in full: a false candidate here would stand before true ones.
        yield reading((first,), full=True).text + only
    terms = (_any([reading(variant) for variant in term]) for term in query.terms)
    yield _both(sorted(terms, key=_expected), index.rows).text + only


def _atoms(needle: str, index: Lookup) -> list[tuple[str, ...]]:
    """Cut a needle into trigrams; a word's first letter stands for all that may follow it."""
    if len(needle) < NEEDLE_LENGTH:
        return [tuple(index.starts(needle[1:])) or (needle + " ",)]
    cuts = min(len(needle) - NEEDLE_LENGTH + 1, _NEEDLE_TRIGRAMS)
    return [(needle[i : i + NEEDLE_LENGTH],) for i in range(cuts)]


def _spread(cuts: list[_Condition]) -> list[_Condition]:
    """Order a needle's trigrams: rare ones that share no letters first, they say most."""
    apart: list[int] = []
    ordered = sorted(range(len(cuts)), key=lambda place: cuts[place].expected)
    for place in ordered:
        if all(abs(place - other) >= NEEDLE_LENGTH for other in apart):
            apart.append(place)
    return [cuts[place] for place in (*apart, *(p for p in ordered if p not in apart))]


def _expected(condition: _Condition) -> float:
    return condition.expected


def _either(atom: tuple[str, ...], counts: Mapping[str, int]) -> _Condition:
    text = " OR ".join(f'"{trigram}"' for trigram in atom)
    expected = sum(counts.get(trigram, 0) for trigram in atom)
    return _Condition(f"({text})" if len(atom) > 1 else text, expected)


def _any(conditions: list[_Condition]) -> _Condition:
    """Join the readings of a term; one of them is enough."""
    text = " OR ".join(f"({condition.text})" for condition in conditions)
    return _Condition(f"({text})", sum(condition.expected for condition in conditions))


def _both(ordered: list[_Condition], rows: int, *, full: bool = False) -> _Condition:
    """Join conditions as long as the next costs less than opening what it would throw out.

    They are taken as independent. Where they are not, as in «иванов», what they let through
    together is mostly what was meant.
    """
    kept, expected = ordered[:1], ordered[0].expected
    for condition in ordered[1:]:
        if not full and expected * WALKED_PER_OPENING <= condition.expected:
            break
        kept.append(condition)
        expected *= condition.expected / max(rows, 1)
    return _Condition(" AND ".join(condition.text for condition in kept), expected)


def _owner_condition(owners: frozenset[int] | None) -> str:
    if owners is None or len(owners) > MAX_OWNER_TOKENS:
        return ""
    tokens = " OR ".join(f'"{owner_token(owner)}"' for owner in sorted(owners))
    return f" AND ({tokens})"
