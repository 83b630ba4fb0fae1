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

ENOUGH = 100
"""Expected candidates at which further conditions cost more than opening the records."""

MAX_OWNER_TOKENS = 16
"""Owners that FTS5 is asked about; of more, the array filter throws away too few to matter."""

_NEEDLE_TRIGRAMS = 16
"""Trigrams of one needle that are considered."""

Frequencies = Callable[[Iterable[str]], Mapping[str, int]]
"""How many records hold each trigram; a missing one is new and rare."""

Starts = Callable[[str], Iterable[str]]
"""All trigrams in the index that begin with a space and the given letter."""


class _Condition(NamedTuple):
    """A part of an expression and how many records it is expected to leave."""

    text: str
    expected: int


def expressions(
    query: Query, owners: frozenset[int] | None, frequencies: Frequencies, starts: Starts
) -> Iterator[str]:
    """Yield the FTS5 expressions to run one after another, most welcome finds first.

    Args:
        query: a query with at least one term.
        owners: owners whose clients are wanted; None for all.
        frequencies: looks trigrams up in the index.
        starts: lists word beginnings, for words of one letter.
    """
    readings = [(text,) for text in query.first]
    atoms = {
        needle: _atoms(needle, starts)
        for variant in (*readings, *(v for term in query.terms for v in term))
        for needle in variant
    }
    counts = frequencies(
        t for alternatives in atoms.values() for atom in alternatives for t in atom
    )

    def reading(variant: tuple[str, ...]) -> _Condition:
        found = (_either(atom, counts) for needle in variant for atom in atoms[needle])
        return _rarest(found, " AND ", MAX_TRIGRAMS)

    only = _owner_condition(owners)
    for first in readings:
        yield reading(first).text + only
    terms = (_any([reading(variant) for variant in term]) for term in query.terms)
    yield _rarest(terms, " AND ", len(query.terms)).text + only


def _atoms(needle: str, starts: Starts) -> list[tuple[str, ...]]:
    """Cut a needle into trigrams; a word's first letter stands for all that may follow it."""
    if len(needle) < NEEDLE_LENGTH:
        return [tuple(starts(needle[1:])) or (needle + " ",)]
    cuts = min(len(needle) - NEEDLE_LENGTH + 1, _NEEDLE_TRIGRAMS)
    return [(needle[i : i + NEEDLE_LENGTH],) for i in range(cuts)]


def _either(atom: tuple[str, ...], counts: Mapping[str, int]) -> _Condition:
    text = " OR ".join(f'"{trigram}"' for trigram in atom)
    expected = sum(counts.get(trigram, 0) for trigram in atom)
    return _Condition(f"({text})" if len(atom) > 1 else text, expected)


def _any(conditions: list[_Condition]) -> _Condition:
    text = " OR ".join(f"({condition.text})" for condition in conditions)
    return _Condition(f"({text})", sum(condition.expected for condition in conditions))


def _rarest(conditions: Iterable[_Condition], join: str, most: int) -> _Condition:
    """Join the rarest conditions until few enough records are expected to be left."""
    ordered = sorted(set(conditions), key=lambda condition: condition.expected)
    kept = ordered[:1]
    for condition in ordered[1:most]:
        if kept[0].expected <= ENOUGH:
            break
        kept.append(condition)
    return _Condition(join.join(condition.text for condition in kept), kept[0].expected)


def _owner_condition(owners: frozenset[int] | None) -> str:
    if owners is None or len(owners) > MAX_OWNER_TOKENS:
        return ""
    tokens = " OR ".join(f'"{owner_token(owner)}"' for owner in sorted(owners))
    return f" AND ({tokens})"
