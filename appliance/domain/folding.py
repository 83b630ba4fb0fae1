"""How text is folded for search, and whether a record answers to a query.

The index and the check of its finds use the same folded text (:func:`haystack`), so the index can
only ever suggest too much, never too little. A haystack is a list of *pieces* joined by line feeds:

* `` иванов``: a word of a name, after a space;
* `` 4821$``: a client's number, after a space, closed by ``$``;
* ``79161234567$``: the digits of a phone or tax number, closed by ``$``;
* ``i.ivanov@romashka.ru``: an e-mail address, its host left out when half the country shares it.

A query becomes :class:`Query`: every *term* must be met, by any of its *variants* (as typed, typed
in the other keyboard layout, transliterated), and a variant by all of its *needles*. A needle is
found when it is a part of the haystack: a plain needle anywhere, one that begins with a space only
at the beginning of a word. Words shorter than three letters become needles of the second kind.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import NamedTuple

FOLDING_VERSION = 1
"""Raised with every change of the rules here: an index folded by other rules is rebuilt."""

NEEDLE_LENGTH = 3
"""Letters from which a fragment is looked for inside words (a trigram's length)."""

MAX_QUERY_LENGTH = 100
"""Characters of a query that are looked at; nobody types more into a search line."""

MAX_TERMS = 6
"""Words of a query that are looked at; a surname, name, patronymic and phone are four."""

MAX_ENDING = 5
"""Digits up to which whole numbers and closing digits are asked for first; more are rare enough."""

WHOLE_ENDINGS = (4, 7, 10)
"""Closing digits that find a masked phone: as people say them, and never one digit more."""

PUBLIC_HOSTS = frozenset(
    {
        "bk.ru",
        "gmail.com",
        "hotmail.com",
        "icloud.com",
        "inbox.ru",
        "internet.ru",
        "list.ru",
        "live.com",
        "mail.com",
        "mail.ru",
        "me.com",
        "outlook.com",
        "rambler.ru",
        "ya.ru",
        "yahoo.com",
        "yandex.com",
        "yandex.ru",
    }
)
"""Mail hosts shared by strangers: as a fragment they would find everybody."""

_LATIN_KEYS = "`qwertyuiop[]asdfghjkl;'zxcvbnm,."
_CYRILLIC_KEYS = "ёйцукенгшщзхъфывапролджэячсмитьбю"
_SHIFTED = {"~": "ё", "{": "х", "}": "ъ", ":": "ж", '"': "э", "<": "б", ">": "ю"}
_OTHER_LAYOUT = str.maketrans(
    dict(zip(_LATIN_KEYS + _CYRILLIC_KEYS, _CYRILLIC_KEYS + _LATIN_KEYS, strict=True)) | _SHIFTED
)

_PHONE_LIKE = re.compile(r"[0-9\s()+\-.–—/]+")
_WORD = re.compile(r"[^\W_]+")
_NOT_DIGIT = re.compile(r"[^0-9]")
_NOT_MAIL = re.compile(r"[^\w.+@-]")
_ASCII_LETTER = re.compile(r"[a-z]")
_CYRILLIC_LETTER = re.compile(r"[а-я]")

# Russian to Latin as in passports (ICAO Doc 9303, part 3, table of Cyrillic) and as people spell
# their mailboxes. Only the letters that differ between the two are named twice.
_COMMON = dict(zip("абвгдезийклмнопрстуфхцыэ", "abvgdeziyklmnoprstufhcye", strict=True)) | {
    "ж": "zh",
    "ч": "ch",
    "ш": "sh",
    "щ": "sch",
    "ъ": "",
    "ь": "",
    "ю": "yu",
    "я": "ya",
}
_PASSPORT = _COMMON | {
    "й": "i",
    "х": "kh",
    "ц": "ts",
    "щ": "shch",
    "ъ": "ie",
    "ю": "iu",
    "я": "ia",
}
_TO_LATIN = (str.maketrans(_COMMON), str.maketrans(_PASSPORT))

_TO_CYRILLIC = (
    {"shch": "щ", "sch": "щ", "iya": "ия", "iia": "ия"}
    | {"zh": "ж", "kh": "х", "ts": "ц", "ch": "ч", "sh": "ш", "iy": "ий", "ey": "ей", "ay": "ай"}
    | {"oy": "ой", "yu": "ю", "ya": "я", "ye": "е", "yo": "е", "iu": "ю", "ia": "я", "ju": "ю"}
    | {"ja": "я", "ph": "ф", "ck": "к"}
    | dict(zip("abcdefghijklmnopqrstuvwxyz", "абкдефгхийклмнопкрстуввхыз", strict=True))
)
_SYLLABLE = re.compile("|".join(sorted(_TO_CYRILLIC, key=len, reverse=True)))


class Query(NamedTuple):
    """A query taken apart; see the module's text for the meaning of the levels."""

    terms: tuple[tuple[tuple[str, ...], ...], ...]
    """terms → variants → needles; no terms: the query finds nothing."""
    first: tuple[str, ...] = ()
    """Needles whose finds come before all others: an exact number, the last digits of a phone."""

    def matches(self, text: str, whole: frozenset[str] = frozenset()) -> bool:
        """Tell whether a record answers to this query.

        Args:
            text: the haystack of what the asker may see in full.
            whole: of what he sees masked (:func:`whole_pieces`): only equal needles are met.
        """
        return bool(self.terms) and all(
            any(all(needle in text or needle in whole for needle in variant) for variant in term)
            for term in self.terms
        )


def fold(text: str) -> str:
    """Fold a name: letters and digits in small, ё as е, everything else one space.

    Returns:
        Words between single spaces, without spaces at the ends. Folding twice changes nothing.
    """
    return " ".join(_WORD.findall(_small(text)))


def fold_mail(text: str) -> str:
    """Fold an e-mail address or a part of one; a shared host, even half typed, is left out."""
    local, at, host = _NOT_MAIL.sub("", _small(text)).rpartition("@")
    if at and any(shared.startswith(host) for shared in PUBLIC_HOSTS):
        host = ""
    return local + at + host


def phone_digits(text: str) -> str:
    """Reduce a Russian or foreign phone number to digits with the country's code.

    Returns:
        ``79161234567`` for ``8 (916) 123-45-67`` and for ``916 123-45-67``; other lengths as
        they are (the front door's normaliser knows better, this serves what it could not read).
    """
    digits = _NOT_DIGIT.sub("", unicodedata.normalize("NFKC", text))
    if len(digits) == 11 and digits.startswith("8"):
        return "7" + digits[1:]
    if len(digits) == 10 and not text.lstrip().startswith("+"):
        return "7" + digits
    return digits


def swap_layout(text: str) -> str:
    """Type the same keys in the other layout: ``ghbdtn`` ↔ ``привет``; other signs stay."""
    return text.lower().translate(_OTHER_LAYOUT)


def to_latin(text: str) -> tuple[str, ...]:
    """Spell folded Russian in Latin letters: as mailboxes are named, and as in passports."""
    return tuple(dict.fromkeys(text.translate(table) for table in _TO_LATIN))


def to_cyrillic(text: str) -> tuple[str, ...]:
    """Guess the Russian spelling of a folded Latin word; a closing ``y`` has three readings."""
    if text.endswith("y") and len(text) > 1 and text[-2] not in "aeioy":
        stem = _spell(text[:-1])
        return (stem + "ий", stem + "ы", stem + "й")
    return (_spell(text),)


def pieces(
    names: str, number: int | None, digits: Iterable[str], mails: Iterable[str]
) -> Iterator[str]:
    """Cut a record's searchable fields into pieces (the module's text lists their forms).

    Args:
        names: all names of a person or company, in any order, as written.
        number: the client's number; None or 0 for a record without.
        digits: phones (as :func:`phone_digits`) and tax numbers.
        mails: e-mail addresses as written.
    """
    for word in fold(names).split():
        yield " " + word
    if number:
        yield f" {number}$"
    for run in digits:
        yield _NOT_DIGIT.sub("", run) + "$"
    for mail in mails:
        yield fold_mail(mail)


def haystack(
    names: str,
    number: int | None = None,
    digits: Iterable[str] = (),
    mails: Iterable[str] = (),
) -> str:
    """Join the pieces of a record, for :meth:`Query.matches`.

    Give only the fields that the asker may see in full: what is left out cannot be found, so a
    hidden phone cannot be guessed digit by digit through the search line. For masked ones see
    :func:`whole_pieces`.
    """
    return "\n".join(pieces(names, number, digits, mails))


def whole_pieces(digits: Iterable[str], mails: Iterable[str]) -> frozenset[str]:
    """List what finds a record by contacts that the asker sees masked.

    A phone answers to its last 4, 7 and 10 digits and to all of them, a mailbox to the whole
    address and to whole words before the @. Answers to any part would tell a masked phone digit by
    digit, in some thirty queries and past the budget of reveals; like this it takes two thousand,
    each of them in the log.
    """
    found: set[str] = set()
    for run in digits:
        found.update(run[-length:] for length in WHOLE_ENDINGS if len(run) >= length)
        found.add(run)
    for mail in mails:
        folded = fold_mail(mail)
        local = folded.partition("@")[0]
        found.update((folded, local), (needle(word) for word in fold(local).split()))
    return frozenset(found)


def parse(query: str) -> Query:
    """Take a query apart. A query without letters or digits finds nothing."""
    text = unicodedata.normalize("NFKC", query[:MAX_QUERY_LENGTH]).strip()
    if _PHONE_LIKE.fullmatch(text):
        return _digit_query(_NOT_DIGIT.sub("", text))
    terms = (_variants(token) for token in text.split())
    return Query(tuple(term for term in terms if term)[:MAX_TERMS])


def matches(query: Query | str, text: str) -> bool:
    """Tell whether a record with the haystack ``text`` answers to ``query``."""
    return (parse(query) if isinstance(query, str) else query).matches(text)


def needle(word: str) -> str:
    """Make a needle of a folded word: short words only begin words."""
    return word if len(word) >= NEEDLE_LENGTH else " " + word


def _digit_query(digits: str) -> Query:
    if not digits:
        return Query(())
    ends: tuple[str, ...] = ()
    if len(digits) <= MAX_ENDING:
        ends = (f" {digits}$", f"{digits}$")[: 1 if len(digits) < NEEDLE_LENGTH else 2]
    return Query((_digit_variants(digits),), ends)


def _digit_variants(digits: str) -> tuple[tuple[str, ...], ...]:
    """A phone typed with 8 is stored with 7, however much of it has been typed."""
    if len(digits) >= NEEDLE_LENGTH and digits.startswith("8"):
        return ((digits,), ("7" + digits[1:],))
    return ((needle(digits),),)


def _variants(token: str) -> tuple[tuple[str, ...], ...]:
    """List the readings of one typed word, without doubles."""
    if digits := _PHONE_LIKE.fullmatch(token) and _NOT_DIGIT.sub("", token):
        return _digit_variants(digits)
    typed, swapped = fold(token), fold(swap_layout(token))
    readings = [typed, swapped]
    if len(typed) >= NEEDLE_LENGTH and " " not in typed:
        if _ASCII_LETTER.search(typed):
            readings.extend(to_cyrillic(typed))
        if _CYRILLIC_LETTER.search(typed):
            readings.extend(to_latin(typed))
    found = [tuple(needle(word) for word in reading.split()) for reading in readings]
    mail = fold_mail(token)
    if len(mail) >= NEEDLE_LENGTH and not mail.isalnum():
        found.append((mail,))
    return tuple(dict.fromkeys(variant for variant in found if variant))


def _small(text: str) -> str:
    """One form of each letter: compatibility forms resolved, small, ё as е."""
    small = unicodedata.normalize("NFKC", text).casefold()
    return unicodedata.normalize("NFKC", small).replace("ё", "е")


def _spell(text: str) -> str:
    return _SYLLABLE.sub(lambda m: _TO_CYRILLIC[m[0]], text)
