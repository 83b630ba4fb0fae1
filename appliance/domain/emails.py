"""E-mail addresses: one normal form for equality."""

import re
import unicodedata
from functools import lru_cache

import idna

_SHAPE = re.compile(r"[^@\s<>\"(),:;\\\[\]]{1,64}@[^@\s]{1,253}")


def normalise(typed: str) -> str | None:
    """NFKC, lower case, domain in A-labels; None if it is no address.

    The whole address is lowered: letters of one mailbox differ in case only on paper. It is not
    case-folded: that would make another mailbox of one with an «ß».

    >>> normalise(" Anna@Example.RU ")
    'anna@example.ru'
    >>> normalise("мария@пример.рф")
    'мария@xn--e1afmkfd.xn--p1ai'
    >>> normalise("no address") is None
    True
    """
    text = unicodedata.normalize("NFKC", typed).strip().lower()
    if not _SHAPE.fullmatch(text):
        return None
    local, _, domain = text.rpartition("@")
    if "." not in domain:
        return None
    ascii_domain = _a_labels(domain)
    return f"{local}@{ascii_domain}" if ascii_domain else None


@lru_cache(maxsize=1024)
def _a_labels(domain: str) -> str:
    """A domain as it goes over the wire, empty if it is none; a few domains hold most boxes."""
    try:
        return idna.encode(domain, uts46=True).decode("ascii")
    except idna.IDNAError:
        return ""
