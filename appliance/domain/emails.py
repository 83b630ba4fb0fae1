"""E-mail addresses: one normal form for equality."""

import re
import unicodedata

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
    try:
        ascii_domain = idna.encode(domain, uts46=True).decode("ascii")
    except idna.IDNAError:
        return None
    return f"{local}@{ascii_domain}"
