"""Which goods a typed text means, of folded lines kept as one text."""

from itertools import accumulate
from uuid import UUID

import pytest

from appliance.storage.goods_search import _Kept, _matching

LINES = ("чайник север красный", "север чайник", "чай", "кружка чай с мёдом")
IDS = [UUID(int=at) for at in range(len(LINES))]
KEPT = _Kept(
    (), "\n".join(LINES), list(accumulate((len(one) + 1 for one in LINES), initial=0)), IDS
)


@pytest.mark.parametrize(
    ("words", "limit", "found"),
    [
        (["чай"], 9, [0, 2, 1, 3]),  # those that begin so come first
        (["чай"], 1, [0]),
        (["север", "чайник"], 9, [1, 0]),
        (["мёдом"], 9, [3]),  # the end of the last line
        (["красный север"], 9, []),  # never across a word that is not there
        (["красный\nсевер"], 9, []),
        (["термос"], 9, []),
    ],
)
def test_every_word_is_looked_for_in_each_line(
    words: list[str], limit: int, found: list[int]
) -> None:
    assert [one.int for one in _matching(KEPT, words, limit)] == found


def test_no_goods_are_no_lines() -> None:
    assert _matching(_Kept((), "", [0], []), ["чай"], 9) == []
