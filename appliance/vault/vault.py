"""The one door to keys: what the storage engine, the log, backups and boot may ask for.

Every method may be called from any thread. Everything but `load`, `is_open`, the unlocking
methods, `list_slots`, `age_recipient` and `recovery_identity` raises `Sealed` while the box is
sealed.
"""

import os
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Final, Self
from uuid import UUID

from appliance.errors import Conflict, HouseError, Sealed
from appliance.vault import envelope, slots
from appliance.vault.blind import BlindField
from appliance.vault.destruction import Erasure
from appliance.vault.envelope import CellRef
from appliance.vault.keyring import KEY_BYTES, Keyring, Purpose
from appliance.vault.keystore import Keystore
from appliance.vault.recovery import RecoveryCode, RecoveryIdentity, identity_of
from appliance.vault.ring_seals import blob_ref, secret_ref
from appliance.vault.slots import DEFAULT_COST, ArgonCost, Slot, SlotKind, Slots
from appliance.vault.subjects import CELL_EPOCH, DEFAULT_CACHED
from appliance.vault.unlocked import AGE_RECIPIENT, Unlocked

ORPHAN_AGE: Final = timedelta(hours=24)
MOST_ORPHANS: Final = 1000
"""A crash leaves a handful; more than this is a mistake in who is asked, not a crash."""


def _now() -> int:
    return time.time_ns() // 1_000_000


class Vault:
    """Keys and cells of one box."""

    def __init__(
        self,
        store: Keystore,
        *,
        argon: ArgonCost = DEFAULT_COST,
        clock: Callable[[], int] = _now,
        cached: int = DEFAULT_CACHED,
    ) -> None:
        """Use `create` or `load`."""
        self._store = store
        self._slots = Slots(store)
        self._argon = argon
        self._clock = clock
        self._cached = cached
        self._lock = threading.RLock()
        self._unlocked: Unlocked | None = None
        self._lost_keys = False

    # Birth, unlocking, sealing

    @classmethod
    def create(
        cls,
        folder: Path,
        *,
        argon: ArgonCost = DEFAULT_COST,
        clock: Callable[[], int] = _now,
        cached: int = DEFAULT_CACHED,
    ) -> tuple[Self, RecoveryCode]:
        """Makes `folder`/keys.db (mode 0600) with all keys of a new box.

        Args:
            folder: an existing folder.
            argon: cost of passphrase slots added later.
            clock: Unix milliseconds.
            cached: how many people's keys to hold in memory.

        Returns:
            the open vault, and the recovery code: the only time anyone sees it.

        Raises:
            Conflict: `vault_exists`.
            Unavailable: `keystore_unwritable`.
        """
        code = RecoveryCode.new()
        root = os.urandom(KEY_BYTES)
        draft = Keystore.create(folder)
        try:
            keyring = Keyring(draft, root, clock)
            with keyring.change():
                Unlocked(draft, keyring, clock, cached).found(draft, code)
                Slots(draft).add(SlotKind.RECOVERY, code.secret, root, clock())
        except BaseException:
            draft.close()
            raise
        vault = cls(draft.publish(), argon=argon, clock=clock, cached=cached)
        vault._enter(root)
        return vault, code

    @classmethod
    def load(
        cls,
        folder: Path,
        *,
        argon: ArgonCost = DEFAULT_COST,
        clock: Callable[[], int] = _now,
        cached: int = DEFAULT_CACHED,
    ) -> Self:
        """Opens `folder`/keys.db, sealed. Arguments as in `create`; errors as in `Keystore.load`."""
        return cls(Keystore.load(folder), argon=argon, clock=clock, cached=cached)

    def close(self) -> None:
        """Seals and closes keys.db; the vault is of no more use."""
        self.seal()
        self._store.close()

    @property
    def is_open(self) -> bool:
        """Whether keys are in memory."""
        return self._unlocked is not None

    def unlock_with_code(self, code: str) -> None:
        """Unlocks with the recovery code as typed.

        Raises:
            Invalid: the code was mistyped (see `RecoveryCode.parse`); nothing was tried.
            WrongSecret: `unlock_recovery_wrong`: a good code, but of another box or replaced.
            KeyringDamaged: keys.db was changed.
        """
        self._unlock(SlotKind.RECOVERY, slots.secret_of_code(code))

    def unlock_with_passphrase(self, passphrase: str) -> None:
        """Unlocks with a passphrase; takes seconds of one core on purpose.

        Raises:
            SlotMissing: no passphrase was ever set.
            WrongSecret: `unlock_passphrase_wrong`.
            KeyringDamaged: keys.db was changed.
        """
        self._unlock(SlotKind.PASSPHRASE, slots.secret_of_passphrase(passphrase))

    def unlock_with_key_file(self, path: Path) -> None:
        """Unlocks with a key file.

        Raises:
            SlotMissing: `key_file_missing`, or there is no slot of that kind.
            Invalid: `key_file_foreign`.
            WrongSecret: `unlock_key_file_wrong`.
            KeyringDamaged: keys.db was changed.
        """
        self._unlock(SlotKind.KEY_FILE, slots.secret_of_key_file(path))

    def seal(self) -> None:
        """Forgets every key at once.

        Keys of people drawn but not written yet are written first, so that a commit under way does
        not lose them; where that fails, the next `flush_subjects` refuses.
        """
        with self._lock:
            opened, self._unlocked = self._unlocked, None
            if opened is None:
                return
            try:
                opened.keys.flush()
            except HouseError:
                self._lost_keys = True

    # Slots

    def list_slots(self) -> list[Slot]:
        """Every way in, oldest first."""
        return self._slots.all()

    def add_passphrase(self, passphrase: str) -> int:
        """Adds a passphrase slot at this vault's Argon2 cost; gives its number.

        Raises:
            Invalid: `passphrase_short`.
        """
        slots.check_passphrase(passphrase)
        secret = slots.secret_of_passphrase(passphrase)
        return self._add_slot(SlotKind.PASSPHRASE, secret)

    def add_key_file(self, path: Path) -> int:
        """Writes a new key file (mode 0600) and adds its slot; gives the slot's number.

        Raises:
            Conflict: `key_file_exists`.
            Unavailable: `key_file_unwritable`.
        """
        self._need()
        secret = slots.write_key_file(path)
        try:
            return self._add_slot(SlotKind.KEY_FILE, secret)
        except BaseException:
            with suppress(OSError):
                path.unlink()
            raise

    def remove_slot(self, number: int) -> None:
        """Takes a way in away.

        Raises:
            SlotMissing: no slot has that number.
            Conflict: `slot_last_recovery`, `slot_too_few`.
        """
        self._need()
        self._slots.remove(number)
        self._store.scrub_journal()

    def replace_recovery_code(self) -> RecoveryCode:
        """Draws a new recovery code; the old one opens the box no more.

        Backups made until now still need the old paper. The audit chain goes on with a key from
        the new code: `audit_chain_starts` names the epoch, and the log has to note it.
        """
        opened = self._need()
        code = RecoveryCode.new()
        with self._lock, opened.keyring.change():
            for slot in self._slots.all():
                if slot.kind is SlotKind.RECOVERY:
                    self._slots.drop(slot.id)
            root = opened.keyring.root
            self._slots.add(SlotKind.RECOVERY, code.secret, root, self._clock())
            opened.take_code(self._store, code)
        self._store.scrub_journal()
        return code

    # People's keys and cells

    def new_subject(self) -> UUID:
        """Draws a key for a new person or company; usable at once.

        It is in memory only until `flush_subjects`.
        """
        return self._need().keys.new()

    def flush_subjects(self) -> None:
        """Writes all keys drawn since the last time, in one commit; without any it does nothing.

        The storage engine calls it right before each commit of its own: a crash in between leaves
        a key without data, never data without a key.

        Raises:
            Sealed: also once, when a key was lost by sealing while keys.db could not be written.
            Unavailable: keys.db cannot be written: the engine must not commit either.
        """
        if self._lost_keys:
            self._lost_keys = False
            raise Sealed
        self._need().keys.flush()

    def preload(self, subjects: Iterable[UUID]) -> None:
        """Brings the keys of many people into the cache by one statement.

        Keys that cannot be used are left out; `open_cell` says why.
        """
        self._need().keys.preload(subjects)

    def seal_cell(self, ref: CellRef, plain: bytes) -> bytes:
        """Seals a record's blob under its person's key.

        Raises:
            SubjectDestroyed, SubjectBlocked, SubjectKeyMissing, KeyRowDamaged: see `open_cell`.
        """
        opened = self._unlocked
        if opened is None:
            raise Sealed
        return envelope.seal(opened.keys.cipher(ref.subject), CELL_EPOCH, ref, plain)

    def open_cell(self, ref: CellRef, cell: bytes) -> bytes:
        """Opens a record's blob.

        Raises:
            CellDamaged: the bytes were changed or moved; names table, column and row only.
            SubjectDestroyed: the key was destroyed on purpose.
            SubjectBlocked: the person waits for destruction.
            SubjectKeyMissing: the key is gone and nothing explains it: an incident.
            KeyRowDamaged: the key's row was changed.
        """
        opened = self._unlocked
        if opened is None:
            raise Sealed
        return envelope.open_(opened.keys.cipher(ref.subject), CELL_EPOCH, ref, cell)

    def sweep_orphans(
        self, known: Callable[[list[UUID]], set[UUID]], older_than: timedelta = ORPHAN_AGE
    ) -> int:
        """Removes keys that no record uses; gives their number.

        Args:
            known: says which of up to 5 000 subjects have a record.
            older_than: younger keys are left alone: their record may be under way.

        Raises:
            Conflict: `too_many_orphans`: more than a crash explains; nothing was removed.
        """
        keys = self._need().keys
        before = self._clock() - int(older_than.total_seconds() * 1000)
        orphans = keys.sweep(known, before)
        if len(orphans) > MOST_ORPHANS:
            raise Conflict("too_many_orphans", found=len(orphans))
        keys.delete(orphans)
        return len(orphans)

    # Blind indexes and secrets of the box

    def blind(self, field: BlindField, normalised: str) -> bytes:
        """The 16-byte token by which an exact value is found."""
        return self._need().blind(field, normalised)

    def seal_secret(self, label: str, row: UUID, plain: bytes) -> bytes:
        """Seals a TOTP seed or a token; `label` says what it is, `row` whose."""
        return self._need().seals.seal(Purpose.APP_SECRET, secret_ref(label, row), plain)

    def open_secret(self, label: str, row: UUID, cell: bytes) -> bytes:
        """Opens what `seal_secret` gave.

        Raises:
            CellDamaged: not this value, label or row.
        """
        return self._need().seals.open(Purpose.APP_SECRET, secret_ref(label, row), cell)

    def seal_evidence(self, ref: CellRef, plain: bytes) -> bytes:
        """Seals what has to outlive a person: log payloads of nobody, acts of destruction."""
        return self._need().seals.seal(Purpose.EVIDENCE, ref, plain)

    def open_evidence(self, ref: CellRef, cell: bytes) -> bytes:
        """Opens what `seal_evidence` gave.

        Raises:
            CellDamaged: not this value or place.
        """
        return self._need().seals.open(Purpose.EVIDENCE, ref, cell)

    # Inside

    def _need(self) -> Unlocked:
        opened = self._unlocked
        if opened is None:
            raise Sealed
        return opened

    def _unlock(self, kind: SlotKind, secret: bytes) -> None:
        number, root = self._slots.open(kind, secret)
        self._enter(root)
        # A box that can only be read opens too.
        with suppress(HouseError):
            self._slots.touch(number, self._clock())

    def _enter(self, root: bytes) -> None:
        keyring = Keyring(self._store, root, self._clock)
        opened = Unlocked(self._store, keyring, self._clock, self._cached)
        opened.load()
        with self._lock:
            if self._unlocked is None:
                self._unlocked = opened

    def _add_slot(self, kind: SlotKind, secret: bytes) -> int:
        root = self._need().keyring.root
        return self._slots.add(kind, secret, root, self._clock(), self._argon)
