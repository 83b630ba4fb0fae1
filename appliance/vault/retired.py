"""Identities of replaced recovery codes, sealed under the newest one.

A copy made before the code was replaced is encrypted to the old identity. It stays sealed under
the new code until no copy to it is left, so that one paper opens every copy. Whoever lost the old
paper still has the drill's identity in the keyring, to which every copy is encrypted, too; only
the plain `age` tool then opens nothing old.
"""

import os
from collections.abc import Collection, Mapping
from typing import Final

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from appliance.vault.envelope import NONCE_BYTES
from appliance.vault.errors import KeyringDamaged
from appliance.vault.keystore import Keystore
from appliance.vault.recovery import RecoveryCode, derive, identity_of

_META: Final = "retired_identities"
_BOUND: Final = b"korobka/1/retired/"


class Retired(msgspec.Struct, frozen=True):
    """An old identity.

    Attributes:
        recipient: `age1…`; what copies of that time name.
        since: when its code was replaced, Unix milliseconds.
        sealed: nonce, identity and tag; empty where the old code was lost.
    """

    recipient: str
    since: int
    sealed: bytes = b""


def listed(store: Keystore) -> list[Retired]:
    """Every old identity, the oldest first; readable while sealed.

    Raises:
        KeyringDamaged: what is there cannot be read.
    """
    raw = store.meta(_META)
    if raw is None:
        return []
    try:
        return msgspec.msgpack.decode(raw, type=list[Retired])
    except msgspec.MsgspecError:
        raise KeyringDamaged from None


def opened(store: Keystore, code: RecoveryCode) -> dict[str, str]:
    """Recipient → `AGE-SECRET-KEY-1…` of every old identity that this code opens."""
    cipher = _cipher(code)
    found: dict[str, str] = {}
    for one in listed(store):
        if not one.sealed:
            continue
        nonce, text = one.sealed[:NONCE_BYTES], one.sealed[NONCE_BYTES:]
        try:
            found[one.recipient] = cipher.decrypt(nonce, text, _bound(one.recipient)).decode()
        except (InvalidTag, ValueError):
            continue  # of a code before that one, which was lost
    return found


def retire(
    store: Keystore, old: RecoveryCode | None, fresh: RecoveryCode, recipient: str, now: int
) -> None:
    """Seals what the old code opens, and its own identity, under the new one.

    Call inside `Keyring.change`.

    Args:
        store: keys.db.
        old: as typed; None where it was lost.
        fresh: the new one.
        recipient: of the old one: what copies were made to until now.
        now: Unix milliseconds.
    """
    known = opened(store, old) if old is not None else {}
    if old is not None:
        known[recipient] = identity_of(old).age_identity
    rows = [*listed(store), Retired(recipient, now)]
    _write(store, [_resealed(one, known, fresh) for one in rows])


def forget(store: Keystore, in_use: Collection[str]) -> int:
    """Erases old identities to which no copy is left; how many. Inside `Keyring.change`."""
    rows = listed(store)
    stay = [one for one in rows if one.recipient in in_use]
    if len(stay) != len(rows):
        _write(store, stay)
    return len(rows) - len(stay)


def _resealed(one: Retired, known: Mapping[str, str], code: RecoveryCode) -> Retired:
    identity = known.get(one.recipient)
    if identity is None:
        return Retired(one.recipient, one.since)
    nonce = os.urandom(NONCE_BYTES)
    sealed = nonce + _cipher(code).encrypt(nonce, identity.encode(), _bound(one.recipient))
    return Retired(one.recipient, one.since, sealed)


def _write(store: Keystore, rows: list[Retired]) -> None:
    store.set_meta(_META, msgspec.msgpack.encode(rows))


def _cipher(code: RecoveryCode) -> AESGCM:
    return AESGCM(derive(code.secret, "retired-identities"))


def _bound(recipient: str) -> bytes:
    return _BOUND + recipient.encode()
