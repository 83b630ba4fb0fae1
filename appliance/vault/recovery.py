"""The recovery code on paper and what grows from it.

160 random bits as 32 letters of Crockford's base32 and four more as a check, in nine groups of
four. Three secrets grow from it by HKDF under labels of their own: the key of its slot, the
identity backups are encrypted to, and the key the audit chain starts with. None of them tells
anything of the others.
"""

import os
from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from appliance.errors import Invalid
from appliance.vault import bech32

SECRET_BYTES: Final = 20
_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LETTERS: Final = 32
_CHECK_LETTERS: Final = 4
_GROUP: Final = 4
_PRIME: Final = 1_048_573
"""Largest prime below 2^20. One wrong letter changes the number by d x 32^k with 0 < |d| < 32, two
neighbours swapped by d x 31 x 32^k: neither is a multiple of the prime, so both are always seen."""

_READ_AS: Final = str.maketrans(
    # Crockford's rule for what people misread, and the Cyrillic twins of a Russian keyboard.
    "OILАВЕКМНОРСТХУ",
    "011ABEKMH0PCTXY",
    " -\u2010\u2011\u2012\u2013\u2014\u2212\t\r\n\u00a0.",
)


class RecoveryCode:
    """The code itself. It never prints unless asked to by `text`."""

    __slots__ = ("_secret",)

    def __init__(self, secret: bytes) -> None:
        if len(secret) != SECRET_BYTES:
            raise Invalid("recovery_code_length")
        self._secret = secret

    @classmethod
    def new(cls) -> "RecoveryCode":
        """Draws a code."""
        return cls(os.urandom(SECRET_BYTES))

    @classmethod
    def parse(cls, text: str) -> "RecoveryCode":
        """Reads what a person typed: any case, spaces, dashes, O for 0, I and L for 1, Cyrillic.

        Raises:
            Invalid: `recovery_code_length` (params `letters`), `recovery_code_letter` (params
                `position`, from 1), `recovery_code_typo` when the check does not come out.
        """
        letters = spelled(text)
        if len(letters) != _LETTERS + _CHECK_LETTERS:
            raise Invalid("recovery_code_length", letters=len(letters))
        number = 0
        for position, letter in enumerate(letters, start=1):
            value = _ALPHABET.find(letter)
            if value < 0:
                raise Invalid("recovery_code_letter", position=position)
            number = number << 5 | value
        number, check = number >> 20, number & 0xFFFFF
        if number % _PRIME != check:
            raise Invalid("recovery_code_typo")
        return cls(number.to_bytes(SECRET_BYTES, "big"))

    def groups_right(self, text: str) -> list[bool]:
        """Which groups of what is being typed are those of this code.

        Only groups that are typed whole are judged, so the list grows with the typing.

        Args:
            text: as in `parse`, but not whole yet.
        """
        typed, right = spelled(text), self.text.replace("-", "")
        whole = min(len(typed), len(right)) // _GROUP
        parts = [slice(n * _GROUP, (n + 1) * _GROUP) for n in range(whole)]
        return [typed[part] == right[part] for part in parts]

    @property
    def text(self) -> str:
        """The code as it is printed: nine groups of four letters joined by hyphens."""
        number = int.from_bytes(self._secret, "big")
        number = number << 20 | number % _PRIME
        total = _LETTERS + _CHECK_LETTERS
        letters = "".join(_ALPHABET[number >> 5 * (total - 1 - i) & 31] for i in range(total))
        return "-".join(letters[i : i + _GROUP] for i in range(0, total, _GROUP))

    @property
    def secret(self) -> bytes:
        """The 20 random bytes everything is derived from."""
        return self._secret

    def __repr__(self) -> str:
        return "RecoveryCode(…)"


@dataclass(frozen=True, slots=True, repr=False)
class RecoveryIdentity:
    """What the owner's paper is worth without the box.

    Attributes:
        age_identity: `AGE-SECRET-KEY-1…`, opens every backup.
        age_recipient: `age1…`, what backups are encrypted to.
        chain_start_key: 32 bytes the audit chain starts with.
    """

    age_identity: str
    age_recipient: str
    chain_start_key: bytes


def spelled(text: str) -> str:
    """What a person typed, in the one spelling of the code: no case, no dashes, no look-alikes."""
    return text.upper().translate(_READ_AS)


def derive(secret: bytes, label: str, salt: bytes | None = None, length: int = 32) -> bytes:
    """HKDF-SHA256 (RFC 5869) under a label of ours.

    Args:
        secret: something already random; never a passphrase.
        label: what the result is for; one label, one use.
        salt: optional.
        length: bytes wanted.
    """
    info = b"korobka/1/" + label.encode()
    return HKDF(algorithm=hashes.SHA256(), length=length, salt=salt, info=info).derive(secret)


def age_recipient_of(private: bytes) -> str:
    """The `age1…` recipient of a 32-byte X25519 key."""
    public = X25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()
    return bech32.encode("age", public)


def age_identity_of(private: bytes) -> str:
    """The `AGE-SECRET-KEY-1…` identity of a 32-byte X25519 key."""
    return bech32.encode("age-secret-key-", private).upper()


def identity_of(code: RecoveryCode) -> RecoveryIdentity:
    """Derives the backups' identity and the audit chain's start key."""
    private = derive(code.secret, "age-x25519")
    return RecoveryIdentity(
        age_identity=age_identity_of(private),
        age_recipient=age_recipient_of(private),
        chain_start_key=derive(code.secret, "audit-chain-start"),
    )
