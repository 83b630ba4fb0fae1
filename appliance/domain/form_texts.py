"""Inputs of several values as one text, which may be about a person: opened here, wrapped again."""

from collections.abc import Mapping, Sequence

from appliance.domain.personal import Personal

Text = Personal[str] | str


def joined(held: Personal[tuple[str, ...]]) -> Personal[str]:
    """Values as one text, with commas between: codes have none.

    >>> joined(Personal(("a", "b"))).reveal()
    'a,b'
    """
    return Personal(",".join(held.reveal()))


def lines(many: Sequence[Personal[str]]) -> Personal[str]:
    """Texts as one, each in a line of its own."""
    return Personal("\n".join(one.reveal() for one in many))


def pieces(text: Text, *, several: bool) -> Personal[tuple[str, ...]]:
    """A text as values again: parts of it where the input has several, else itself.

    >>> pieces("a,b", several=True).reveal()
    ('a', 'b')
    """
    plain = _plain(text)
    parts: Sequence[str] = plain.split(",") if several else (plain,)
    return Personal(tuple(one for one in parts if one))


def worded(text: Text, words: Mapping[str, str], *, several: bool) -> Text:
    """Codes in words; a wrapped text stays wrapped.

    >>> worded("a,b", {"a": "чай"}, several=True)
    'чай, b'
    """
    plain = _plain(text)
    parts = plain.split(",") if several else [plain]
    said = ", ".join(words.get(one, one) for one in parts)
    return Personal(said) if isinstance(text, Personal) else said


def _plain(text: Text) -> str:
    return text.reveal() if isinstance(text, Personal) else text
