"""Bars of Code 128 (ISO/IEC 15417), for labels."""

from typing import Final

_PATTERNS: Final = (
    "212222 222122 222221 121223 121322 131222 122213 122312 132212 221213 221312 231212 112232 "
    "122132 122231 113222 123122 123221 223211 221132 221231 213212 223112 312131 311222 321122 "
    "321221 312212 322112 322211 212123 212321 232121 111323 131123 131321 112313 132113 132311 "
    "211313 231113 231311 112133 112331 132131 113123 113321 133121 313121 211331 231131 213113 "
    "213311 213131 311123 311321 331121 312113 312311 332111 314111 221411 431111 111224 111422 "
    "121124 121421 141122 141221 112214 112412 122114 122411 142112 142211 241211 221114 413111 "
    "241112 134111 111242 121142 121241 114212 124112 124211 411212 421112 421211 212141 214121 "
    "412121 111143 111341 131141 114113 114311 411113 411311 113141 114131 311141 411131 211412 "
    "211214 211232 2331112"
).split()
"""Widths of bars and gaps in modules, by value; 103…105 begin, 106 ends (table 1)."""
_START_B: Final = 104
_START_C: Final = 105
_STOP: Final = 106
QUIET: Final = 10
"""Modules of white at either side (4.3.4)."""


def widths(text: str) -> list[int]:
    """Bars and gaps in turn, the first one a bar, in modules, without the quiet zones.

    Args:
        text: printable ASCII; an even count of digits takes half the room (set C).

    Raises:
        ValueError: nothing to write, or a character outside ASCII 32…126.
    """
    if not text or any(not 32 <= ord(one) <= 126 for one in text):
        raise ValueError("Code 128 B takes printable ASCII")
    if text.isdigit() and len(text) % 2 == 0:
        start = _START_C
        values = [int(text[at : at + 2]) for at in range(0, len(text), 2)]
    else:
        start, values = _START_B, [ord(one) - 32 for one in text]
    check = (start + sum(place * value for place, value in enumerate(values, 1))) % 103
    drawn = "".join(_PATTERNS[value] for value in (start, *values, check, _STOP))
    return [int(one) for one in drawn]


def drawing(text: str, height: int = 40) -> bytes:
    """The bars as SVG, quiet zones included; one module is one unit wide.

    Raises:
        ValueError: see `widths`.
    """
    at, bars = QUIET, list[str]()
    for place, width in enumerate(widths(text)):
        if place % 2 == 0:
            bars.append(f"M{at} 0h{width}v{height}h-{width}z")
        at += width
    size = f'width="{at + QUIET}" height="{height}" viewBox="0 0 {at + QUIET} {height}"'
    body = f'<path d="{"".join(bars)}"/>'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{body}</svg>'.encode()
