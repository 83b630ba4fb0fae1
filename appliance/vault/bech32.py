"""Bech32 (BIP 173) as age uses it for keys: encoding only, no limit on length."""

from collections.abc import Iterable
from typing import Final

_ALPHABET: Final = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_GENERATOR: Final = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_CHECK_LETTERS: Final = 6


def encode(prefix: str, data: bytes) -> str:
    """Writes bytes as bech32.

    Args:
        prefix: human-readable part in lower case, without the separating `1`.
        data: any bytes.
    """
    groups = _groups_of_five(data)
    expanded = [*(ord(c) >> 5 for c in prefix), 0, *(ord(c) & 31 for c in prefix)]
    check = _polymod([*expanded, *groups, *([0] * _CHECK_LETTERS)]) ^ 1
    tail = [check >> 5 * (_CHECK_LETTERS - 1 - i) & 31 for i in range(_CHECK_LETTERS)]
    return prefix + "1" + "".join(_ALPHABET[value] for value in [*groups, *tail])


def _groups_of_five(data: bytes) -> list[int]:
    """Cuts bytes into five bits each, the last group filled with zero bits."""
    count = -(-len(data) * 8 // 5)
    number = int.from_bytes(data, "big") << (count * 5 - len(data) * 8)
    return [number >> 5 * (count - 1 - i) & 31 for i in range(count)]


def _polymod(values: Iterable[int]) -> int:
    """The checksum's remainder, BIP 173."""
    remainder = 1
    for value in values:
        top = remainder >> 25
        remainder = (remainder & 0x1FFFFFF) << 5 ^ value
        for bit, polynomial in enumerate(_GENERATOR):
            if top >> bit & 1:
                remainder ^= polynomial
    return remainder
