"""One physical key, two layouts: N and Т are the same press."""

from textual.binding import Binding

LATIN = "qwertyuiop[]asdfghjkl;'zxcvbnm,."
RUSSIAN = "йцукенгшщзхъфывапролджэячсмитьбю"
TWIN = dict(zip(LATIN, RUSSIAN, strict=True))
_LOOKALIKE = str.maketrans("АВЕКМНОРСТУХIOL", "ABEKMH0PCTYX101")


def key(letter: str, action: str, label: str, *, show: bool = True) -> Binding:
    """Bind a letter in both layouts and both cases; the footer shows the pair."""
    pair = (letter, TWIN[letter])
    keys = ",".join((*pair, *(one.upper() for one in pair)))
    return Binding(keys, action, label, show, "/".join(pair).upper())


def function_key(number: int, action: str, label: str, *twins: str) -> Binding:
    """Bind an F-key with twins for terminals that keep F-keys for themselves."""
    return Binding(
        ",".join((f"f{number}", *twins)), action, label, show=True, key_display=f"F{number}"
    )


def as_latin(typed: str) -> str:
    """Read a printed code typed in either layout: by look first, then by place."""
    text = typed.upper().strip()
    back = {russian.upper(): latin.upper() for latin, russian in TWIN.items()}
    looks = text.translate(_LOOKALIKE)
    return looks if looks.isascii() else "".join(back.get(one, one) for one in text)
