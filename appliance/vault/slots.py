"""Slots: the ways to the root key. Each keeps the root key wrapped under a secret of its own."""

import json
import os
import re
import unicodedata
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final, cast

import msgspec
from argon2.exceptions import HashingError
from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from appliance.errors import Conflict, Invalid, Unavailable
from appliance.vault.digests import equal, keyed
from appliance.vault.envelope import NONCE_BYTES, length_prefixed
from appliance.vault.errors import KeyringDamaged, SlotMissing, WrongSecret
from appliance.vault.keystore import Keystore
from appliance.vault.recovery import RecoveryCode, derive

MIN_SLOTS: Final = 2
"""A box keeps two working ways in, so that losing one loses nothing."""

MIN_PASSPHRASE: Final = 12
"""Letters; ASVS 5 asks 12 of people, and this one can be guessed at without the box."""

_KEY_FILE: Final = re.compile(rb"korobka-key-1 ([0-9a-f]{64})\n?")
_SALT_BYTES: Final = 16
_MOST_MEMORY_KIB: Final = 4 << 20
_MOST_ITERATIONS: Final = 64
_MOST_LANES: Final = 16


class SlotKind(StrEnum):
    """What a slot is opened with."""

    RECOVERY = "recovery"
    PASSPHRASE = "passphrase"  # noqa: S105 - the name of a kind
    KEY_FILE = "key_file"


@dataclass(frozen=True, slots=True)
class ArgonCost:
    """What one guess costs.

    Attributes:
        memory_kib: memory, KiB.
        iterations: passes over it.
        lanes: threads.
    """

    memory_kib: int
    iterations: int
    lanes: int = 1


DEFAULT_COST: Final = ArgonCost(memory_kib=256 * 1024, iterations=3)
"""About 1.5 s of one core; RFC 9106 asks 64 MiB at three passes where memory is short."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A way in, as a list shows it.

    Attributes:
        id: number, never given twice.
        kind: what opens it.
        created: Unix milliseconds.
        last_ok: when it last opened the box, Unix milliseconds; None for never.
    """

    id: int
    kind: SlotKind
    created: int
    last_ok: int | None


@dataclass(frozen=True, slots=True)
class _Row:
    slot: Slot
    params: str
    wrapped: bytes
    kcv: bytes


@dataclass(frozen=True, slots=True, repr=False)
class SlotKey:
    """A secret turned into the key of a slot, which may have taken seconds.

    Attributes:
        kind: what the secret is.
        params: the slot's settings, JSON.
        key: 32 bytes the root key is wrapped under.
    """

    kind: SlotKind
    params: str
    key: bytes


@dataclass(frozen=True, slots=True, repr=False)
class Opened:
    """What a secret opened.

    Attributes:
        slot: number of the slot.
        root: the root key.
        slot_key: what wraps it there.
    """

    slot: int
    root: bytes
    slot_key: SlotKey


def prepare(kind: SlotKind, secret: bytes, cost: ArgonCost = DEFAULT_COST) -> SlotKey:
    """Turns a secret into the key of a new slot. Hold no lock meanwhile.

    Args:
        kind: what the secret is.
        secret: as in `Slots.open`.
        cost: of one guess; for passphrases only.
    """
    settings: dict[str, int | str] = {"salt": os.urandom(_SALT_BYTES).hex()}
    if kind is SlotKind.PASSPHRASE:
        settings |= asdict(cost)
    params = json.dumps(settings, sort_keys=True)
    return SlotKey(kind, params, _slot_key(kind, params, secret))


def key_check_value(root: bytes) -> bytes:
    """A value by which a root key is recognised and from which nothing follows."""
    return keyed(root, b"korobka/1/key-check")


class Slots:
    """The table of slots."""

    def __init__(self, store: Keystore) -> None:
        self._store = store

    def all(self) -> list[Slot]:
        """Every slot, oldest first."""
        return [row.slot for row in self._rows(None)]

    def open(self, kind: SlotKind, secret: bytes) -> Opened:
        """Finds the slot the secret opens. Holds no lock while it computes.

        Args:
            kind: which slots to try.
            secret: from `secret_of_code`, `secret_of_passphrase` or `secret_of_key_file`.

        Raises:
            SlotMissing: there is no slot of that kind.
            WrongSecret: the secret opens none of them.
            KeyringDamaged: a slot's settings cannot be read.
        """
        rows = self._rows(kind)
        if not rows:
            raise SlotMissing(kind=kind.value)
        for row in rows:
            slot_key = SlotKey(kind, row.params, _slot_key(kind, row.params, secret))
            root = _unwrap(row, slot_key)
            if root is not None:
                return Opened(row.slot.id, root, slot_key)
        raise WrongSecret(f"unlock_{kind.value}_wrong")

    def add(self, slot_key: SlotKey, root: bytes, now: int) -> int:
        """Writes a slot for the root key; gives its number.

        Args:
            slot_key: from `prepare`.
            root: the root key, 32 bytes.
            now: Unix milliseconds.
        """
        with self._store.transaction():
            self._store.run(
                "INSERT INTO key_slot (kind, params, wrapped_rk, kcv, created)"
                " VALUES (?, ?, ?, ?, ?)",
                (slot_key.kind.value, slot_key.params, b"", b"", now),
            )
            number = self._store.number("SELECT last_insert_rowid()")
            self._write(Slot(number, slot_key.kind, now, None), slot_key, root)
        return number

    def rewrap(self, opened: Opened, root: bytes) -> None:
        """Writes a new root key into a slot whose secret was shown."""
        slot = next(slot for slot in self.all() if slot.id == opened.slot)
        self._write(slot, opened.slot_key, root)

    def remove(self, number: int) -> None:
        """Takes a way in away.

        Raises:
            SlotMissing: no slot has that number.
            Conflict: `slot_last_recovery`: the paper would be worth nothing; `slot_too_few`:
                fewer than two ways in would stay.
        """
        with self._store.transaction():
            slots = self.all()
            leaving = next((slot for slot in slots if slot.id == number), None)
            if leaving is None:
                raise SlotMissing(slot=number)
            if leaving.kind is SlotKind.RECOVERY and not any(
                slot.kind is SlotKind.RECOVERY and slot.id != number for slot in slots
            ):
                raise Conflict("slot_last_recovery")
            if len(slots) <= MIN_SLOTS:
                raise Conflict("slot_too_few", least=MIN_SLOTS)
            self.drop(number)

    def drop(self, number: int) -> None:
        """Takes a slot away without asking; for a replacement inside one transaction."""
        self._store.run("DELETE FROM key_slot WHERE id = ?", (number,))

    def touch(self, number: int, now: int) -> None:
        """Notes that the slot opened the box."""
        self._store.run("UPDATE key_slot SET last_ok = ? WHERE id = ?", (now, number))

    def _write(self, slot: Slot, slot_key: SlotKey, root: bytes) -> None:
        nonce = os.urandom(NONCE_BYTES)
        bound = _bound_to(slot, slot_key.params)
        wrapped = nonce + AESGCM(slot_key.key).encrypt(nonce, root, bound)
        self._store.run(
            "UPDATE key_slot SET wrapped_rk = ?, kcv = ? WHERE id = ?",
            (wrapped, key_check_value(root), slot.id),
        )

    def _rows(self, kind: SlotKind | None) -> list[_Row]:
        found = self._store.rows(
            "SELECT id, kind, params, wrapped_rk, kcv, created, last_ok FROM key_slot ORDER BY id"
        )
        try:
            rows = [
                _Row(
                    slot=Slot(
                        cast("int", number),
                        SlotKind(cast("str", kind_text)),
                        cast("int", created),
                        cast("int | None", last_ok),
                    ),
                    params=cast("str", params),
                    wrapped=cast("bytes", wrapped),
                    kcv=cast("bytes", kcv),
                )
                for number, kind_text, params, wrapped, kcv, created, last_ok in found
            ]
        except ValueError:
            raise KeyringDamaged("key_slot_damaged") from None
        return [row for row in rows if kind is None or row.slot.kind is kind]


def secret_of_code(text: str) -> bytes:
    """Reads a typed recovery code.

    Raises:
        Invalid: see `RecoveryCode.parse`.
    """
    return RecoveryCode.parse(text).secret


def secret_of_passphrase(passphrase: str) -> bytes:
    """Makes one spelling of a passphrase: NFC, nothing cut off."""
    return unicodedata.normalize("NFC", passphrase).encode()


def check_passphrase(passphrase: str) -> None:
    """Refuses a passphrase that would be guessed.

    Raises:
        Invalid: `passphrase_short` (params `least`).
    """
    if len(passphrase) < MIN_PASSPHRASE:
        raise Invalid("passphrase_short", least=MIN_PASSPHRASE)


def secret_of_key_file(path: Path) -> bytes:
    """Reads a key file.

    Raises:
        SlotMissing: `key_file_missing`.
        Invalid: `key_file_foreign`: it is not one of ours, or was cut.
        Unavailable: `key_file_unreadable`.
    """
    try:
        with path.open("rb") as file:
            text = file.read(1024)
    except FileNotFoundError:
        raise SlotMissing("key_file_missing") from None
    except OSError as error:
        raise Unavailable("key_file_unreadable", f"errno {error.errno}") from None
    found = _KEY_FILE.fullmatch(text)
    if found is None:
        raise Invalid("key_file_foreign")
    return bytes.fromhex(found[1].decode())


def write_key_file(path: Path) -> bytes:
    """Draws a key and writes it where nothing is yet, readable by its owner only.

    Raises:
        Conflict: `key_file_exists`: a file is never overwritten.
        Unavailable: `key_file_unwritable`.
    """
    key = os.urandom(32)
    try:
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        raise Conflict("key_file_exists") from None
    except OSError as error:
        raise Unavailable("key_file_unwritable", f"errno {error.errno}") from None
    with open(handle, "w", encoding="ascii") as file:  # noqa: PTH123 - a handle, not a path
        file.write(f"korobka-key-1 {key.hex()}\n")
        file.flush()
        os.fsync(file.fileno())
    return key


def _settings(params: str) -> dict[str, str | int]:
    try:
        return msgspec.json.decode(params, type=dict[str, str | int])
    except msgspec.MsgspecError:
        raise KeyringDamaged("key_slot_damaged") from None


def _cost(settings: dict[str, str | int]) -> ArgonCost:
    cost = ArgonCost(
        int(settings["memory_kib"]), int(settings["iterations"]), int(settings["lanes"])
    )
    if (
        cost.memory_kib > _MOST_MEMORY_KIB
        or cost.iterations > _MOST_ITERATIONS
        or cost.lanes > _MOST_LANES
    ):
        raise KeyringDamaged("key_slot_damaged")
    return cost


def _slot_key(kind: SlotKind, params: str, secret: bytes) -> bytes:
    """The key a slot's wrapping is under.

    Raises:
        KeyringDamaged: the slot's settings make no sense; Argon2 is not started on them.
    """
    settings = _settings(params)
    try:
        salt = bytes.fromhex(str(settings["salt"]))
        if kind is SlotKind.PASSPHRASE:
            return stretch(secret, salt, _cost(settings))
    except (KeyError, ValueError, OverflowError, HashingError):
        raise KeyringDamaged("key_slot_damaged") from None
    return derive(secret, f"slot-{kind.value}", salt)


def stretch(secret: bytes, salt: bytes, cost: ArgonCost) -> bytes:
    """Argon2id (RFC 9106): 32 bytes out of a passphrase."""
    return hash_secret_raw(
        secret=secret,
        salt=salt,
        time_cost=cost.iterations,
        memory_cost=cost.memory_kib,
        parallelism=cost.lanes,
        hash_len=32,
        type=Type.ID,
    )


def _bound_to(slot: Slot, params: str) -> bytes:
    return b"korobka/1/slot" + b"".join(
        length_prefixed(part)
        for part in (
            slot.id.to_bytes(8, "big"),
            slot.kind.value.encode(),
            params.encode(),
            slot.created.to_bytes(8, "big"),
        )
    )


def _unwrap(row: _Row, slot_key: SlotKey) -> bytes | None:
    """The root key, or None where the secret is not this slot's."""
    nonce, text = row.wrapped[:NONCE_BYTES], row.wrapped[NONCE_BYTES:]
    try:
        root = AESGCM(slot_key.key).decrypt(nonce, text, _bound_to(row.slot, row.params))
    except (InvalidTag, ValueError, OverflowError):
        return None
    return root if equal(key_check_value(root), row.kcv) else None
