"""Blind indexes: equal values give equal tokens, and nothing more without the key.

Only for values that are nearly unique (security reference B5). Names are never indexed so.
"""

from enum import StrEnum
from typing import Final

from appliance.vault.digests import keyed
from appliance.vault.keyring import Purpose

TOKEN_BYTES: Final = 16


class BlindField(StrEnum):
    """What may be looked up exactly. Values are normalised by the caller."""

    PHONE = "phone"
    """E.164."""
    PHONE_TAIL = "phone_tail"
    """Last ten digits."""
    EMAIL = "email"
    """NFKC, lower case, IDNA."""
    TAX_ID = "tax_id"
    """Digits."""
    QUERY = "query"
    """A searched term, for the log only: terms are personal data too."""
    DAY = "day"
    """`MM-DD` of a birthday."""
    CUSTOM = "custom"
    """A field that an administrator made: its id and the value."""


PURPOSES: Final = {
    BlindField.PHONE: Purpose.BLIND_PHONE,
    BlindField.PHONE_TAIL: Purpose.BLIND_PHONE_TAIL,
    BlindField.EMAIL: Purpose.BLIND_EMAIL,
    BlindField.TAX_ID: Purpose.BLIND_TAX_ID,
    BlindField.QUERY: Purpose.BLIND_QUERY,
    BlindField.DAY: Purpose.BLIND_TAX_ID,
    BlindField.CUSTOM: Purpose.BLIND_TAX_ID,
}
SPACES: Final = {BlindField.DAY: "day|", BlindField.CUSTOM: "custom|"}
"""Boxes have no key of their own for these: they share the one of tax numbers, whose values are
digits alone, so that with a word before them no token of the one can be a token of the other."""


def token(key: bytes, normalised: str) -> bytes:
    """The token of a value: 16 bytes.

    Args:
        key: the field's own key, 32 bytes.
        normalised: the one spelling of the value.
    """
    return keyed(key, b"v1|" + normalised.encode())[:TOKEN_BYTES]
