"""INN: ten digits of a company, twelve of a person, with check digits (order MMV-7-6/435@)."""

from appliance.domain.phones import digits_of

_WEIGHTS_10 = (2, 4, 10, 3, 5, 9, 4, 6, 8)
_WEIGHTS_11 = (7, 2, 4, 10, 3, 5, 9, 4, 6, 8)
_WEIGHTS_12 = (3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8)


def _check(digits: str, weights: tuple[int, ...]) -> int:
    return sum(int(d) * w for d, w in zip(digits, weights, strict=False)) % 11 % 10


def normalise_inn(typed: str) -> str | None:
    """Digits of a correct INN, or None.

    >>> normalise_inn("7707083893")
    '7707083893'
    >>> normalise_inn("7707083894") is None
    True
    """
    digits = digits_of(typed)
    if len(digits) != len(typed.strip()) or digits.startswith("00"):
        return None  # no region has the code 00; zeros would pass every check
    if len(digits) == 10:
        right = int(digits[9]) == _check(digits, _WEIGHTS_10)
    elif len(digits) == 12:
        right = int(digits[10]) == _check(digits, _WEIGHTS_11) and int(digits[11]) == _check(
            digits, _WEIGHTS_12
        )
    else:
        right = False
    return digits if right else None
