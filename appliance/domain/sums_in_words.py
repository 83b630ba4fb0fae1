"""Sums of money in Russian words, as documents ask for them."""

from typing import Final

from appliance.domain.formats import plural

_ONES: Final = (
    "", "один", "два", "три", "четыре", "пять", "шесть", "семь", "восемь", "девять", "десять",
    "одиннадцать", "двенадцать", "тринадцать", "четырнадцать", "пятнадцать", "шестнадцать",
    "семнадцать", "восемнадцать", "девятнадцать",
)  # fmt: skip
_FEMALE: Final = ("", "одна", "две")
_TENS: Final = (
    "", "", "двадцать", "тридцать", "сорок", "пятьдесят", "шестьдесят", "семьдесят",
    "восемьдесят", "девяносто",
)  # fmt: skip
_HUNDREDS: Final = (
    "", "сто", "двести", "триста", "четыреста", "пятьсот", "шестьсот", "семьсот", "восемьсот",
    "девятьсот",
)  # fmt: skip
_SCALES: Final = (
    ("тысяча", "тысячи", "тысяч"),
    ("миллион", "миллиона", "миллионов"),
    ("миллиард", "миллиарда", "миллиардов"),
    ("триллион", "триллиона", "триллионов"),
)


def whole(value: int, *, female: bool = False) -> str:
    """A whole number, 0 up to 10¹⁵.

    >>> whole(0), whole(21), whole(2, female=True), whole(2_001_000)
    ('ноль', 'двадцать один', 'две', 'два миллиона одна тысяча')
    """
    if not value:
        return "ноль"
    words: list[str] = []
    for place in range(len(_SCALES), -1, -1):
        part = value // 1000**place % 1000
        if not part:
            continue
        words += _under_thousand(part, female=female if place == 0 else place == 1)
        if place:
            words.append(plural(part, *_SCALES[place - 1]))
    return " ".join(words)


def _under_thousand(value: int, *, female: bool) -> list[str]:
    hundreds, rest = divmod(value, 100)
    tens, ones = (0, rest) if rest < 20 else divmod(rest, 10)
    one = _FEMALE[ones] if female and ones < len(_FEMALE) else _ONES[ones]
    return [word for word in (_HUNDREDS[hundreds], _TENS[tens], one) if word]


def roubles(kopecks: int) -> str:
    """A sum as documents write it; kopecks in digits.

    >>> roubles(459_000)
    'Четыре тысячи пятьсот девяносто рублей 00 копеек'
    >>> roubles(2_101)
    'Двадцать один рубль 01 копейка'
    """
    sum_, rest = divmod(abs(kopecks), 100)
    words = (
        f"{'минус ' if kopecks < 0 else ''}{whole(sum_)} "
        f"{plural(sum_, 'рубль', 'рубля', 'рублей')} "
        f"{rest:02} {plural(rest, 'копейка', 'копейки', 'копеек')}"
    )
    return words[0].upper() + words[1:]
