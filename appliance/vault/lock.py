"""How the vault is made, unlocked, sealed, and which ways in it has."""

import os
import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Self

from appliance.errors import Conflict, HouseError, Sealed
from appliance.vault import retired, slots
from appliance.vault.hardening import harden_process
from appliance.vault.keyring import KEY_BYTES, Keyring
from appliance.vault.keystore import Keystore
from appliance.vault.passwords import PASSWORD_COST
from appliance.vault.recovery import RecoveryCode
from appliance.vault.slots import DEFAULT_COST, ArgonCost, Slot, SlotKind, Slots
from appliance.vault.subjects import DEFAULT_CACHED
from appliance.vault.unlocked import AGE_RECIPIENT, Unlocked


def _now() -> int:
    return time.time_ns() // 1_000_000


class Lock:
    """What opens a vault and what closes it. `Vault` adds what an open one does."""

    def __init__(
        self,
        store: Keystore,
        *,
        argon: ArgonCost = DEFAULT_COST,
        passwords: ArgonCost = PASSWORD_COST,
        clock: Callable[[], int] = _now,
        cached: int = DEFAULT_CACHED,
    ) -> None:
        """Use `create` or `load`, whose arguments these are."""
        self._store = store
        self._slots = Slots(store)
        self._argon = argon
        self._passwords = passwords
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
        passwords: ArgonCost = PASSWORD_COST,
        clock: Callable[[], int] = _now,
        cached: int = DEFAULT_CACHED,
    ) -> tuple[Self, RecoveryCode]:
        """Makes `folder`/keys.db (mode 0600) with all keys of a new box.

        Args:
            folder: an existing folder.
            argon: cost of passphrase slots added later.
            passwords: cost of the passwords people sign in with.
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
                Unlocked(draft, keyring, clock, cached, passwords).found(draft, code)
                slot_key = slots.prepare(SlotKind.RECOVERY, code.secret)
                Slots(draft).add(slot_key, root, clock())
        except BaseException:
            draft.close()
            raise
        vault = cls(draft.publish(), argon=argon, passwords=passwords, clock=clock, cached=cached)
        vault._enter(root)
        return vault, code

    @classmethod
    def load(
        cls,
        folder: Path,
        *,
        argon: ArgonCost = DEFAULT_COST,
        passwords: ArgonCost = PASSWORD_COST,
        clock: Callable[[], int] = _now,
        cached: int = DEFAULT_CACHED,
    ) -> Self:
        """Opens `folder`/keys.db, sealed.

        Arguments as in `create`, errors as in `Keystore.load`.
        """
        return cls(
            Keystore.load(folder), argon=argon, passwords=passwords, clock=clock, cached=cached
        )

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

    def must_open_with_code(self, code: str) -> None:
        """Refuses a code that is not this box's; nothing else happens.

        Raises:
            Invalid, WrongSecret, KeyringDamaged: as `unlock_with_code`.
        """
        self._slots.open(SlotKind.RECOVERY, slots.secret_of_code(code))

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

    def lend_root(self) -> bytes:
        """The root key, for the process that proves a backup; over a pipe, never into a file.

        That process opens the backup's own keys.db with it: the drill then needs neither the
        paper nor a way in that lies on the disk.
        """
        return self._need().keyring.root

    def unlock_with_root(self, root: bytes) -> None:
        """Unlocks with what `lend_root` gave.

        Raises:
            KeyringDamaged: keys.db was changed, or it is wrapped by another root key.
        """
        self._enter(root)

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

    def replace_recovery_code(
        self, fresh: RecoveryCode | None = None, old: str = ""
    ) -> RecoveryCode:
        """Puts a new recovery code in the old one's place; the old one opens the box no more.

        The identity of copies made until now stays sealed under the new one (`vault.retired`).
        The audit chain goes on with a key from the new code: `audit_chain_starts` names the
        epoch, and the log has to note it.

        Args:
            fresh: what was shown and typed back; None draws one.
            old: the old code as typed; empty where the paper is lost: copies from before then
                open by the box's own keys only, not by `age` and a paper.

        Raises:
            Invalid: the old code was mistyped.
            WrongSecret: it is not this box's; nothing was changed.
        """
        opened = self._need()
        if old:
            self._slots.open(SlotKind.RECOVERY, slots.secret_of_code(old))
        before = RecoveryCode.parse(old) if old else None
        code = fresh or RecoveryCode.new()
        slot_key = slots.prepare(SlotKind.RECOVERY, code.secret)
        with self._lock, opened.keyring.change():
            for slot in self._slots.all():
                if slot.kind is SlotKind.RECOVERY:
                    self._slots.drop(slot.id)
            self._slots.add(slot_key, opened.keyring.root, self._clock())
            recipient = (self._store.meta(AGE_RECIPIENT) or b"").decode()
            retired.retire(self._store, before, code, recipient, self._clock())
            opened.take_code(self._store, code)
        self._store.scrub_journal()
        return code

    def retired_identities(self, code: str) -> dict[str, str]:
        """Recipient → age identity of codes that this one replaced; also while sealed.

        Raises:
            Invalid: the code was mistyped.
        """
        return retired.opened(self._store, RecoveryCode.parse(code))

    def retired_recipients(self) -> list[str]:
        """To whom copies were made before the newest recovery code, the oldest first."""
        return [one.recipient for one in retired.listed(self._store)]

    def forget_retired(self, in_use: Collection[str]) -> int:
        """Erases old identities but those to which copies still exist; how many went."""
        opened = self._need()
        if not set(self.retired_recipients()) - set(in_use):
            return 0
        with self._lock, opened.keyring.change():
            gone = retired.forget(self._store, in_use)
        self._store.scrub_journal()
        return gone

    def rotate_root(
        self, code: str, passphrases: Iterable[str] = (), key_files: Iterable[Path] = ()
    ) -> list[int]:
        """Draws a new root key and wraps the keyring under it.

        Only ways in whose secret is given stay: a slot cannot be wrapped anew without it.

        Args:
            code: the recovery code.
            passphrases: those to keep.
            key_files: those to keep.

        Returns:
            numbers of the slots that were dropped.

        Raises:
            Invalid, SlotMissing, WrongSecret: a secret that opens nothing; nothing was changed.
            Conflict: `slot_too_few`: fewer than two ways in would stay.
        """
        opened = self._need()
        shown = [
            self._slots.open(kind, secret)
            for kind, secret in _secrets(code, passphrases, key_files)
        ]
        kept = {way.slot: way for way in shown}
        if len(kept) < slots.MIN_SLOTS:
            raise Conflict("slot_too_few", least=slots.MIN_SLOTS)
        root = os.urandom(KEY_BYTES)
        dropped = [slot.id for slot in self._slots.all() if slot.id not in kept]
        with self._lock, opened.keyring.change():
            opened.keyring.rewrap(root)
            for way in kept.values():
                self._slots.rewrap(way, root)
            for number in dropped:
                self._slots.drop(number)
        self._store.scrub_journal()
        return dropped

    # Inside

    def _need(self) -> Unlocked:
        opened = self._unlocked
        if opened is None:
            raise Sealed
        return opened

    def _unlock(self, kind: SlotKind, secret: bytes) -> None:
        way = self._slots.open(kind, secret)
        self._enter(way.root)
        # A box that can only be read opens too.
        with suppress(HouseError):
            self._slots.touch(way.slot, self._clock())

    def _enter(self, root: bytes) -> None:
        # Not the server alone: the process that proves copies and a rescue hold keys as well.
        harden_process()
        keyring = Keyring(self._store, root, self._clock)
        opened = Unlocked(self._store, keyring, self._clock, self._cached, self._passwords)
        opened.load()
        with self._lock:
            if self._unlocked is None:
                self._unlocked = opened

    def _add_slot(self, kind: SlotKind, secret: bytes) -> int:
        self._need()
        slot_key = slots.prepare(kind, secret, self._argon)
        # The lock: no new root key may come between reading it and writing the slot.
        with self._lock:
            return self._slots.add(slot_key, self._need().keyring.root, self._clock())


def _secrets(
    code: str, passphrases: Iterable[str], key_files: Iterable[Path]
) -> Iterator[tuple[SlotKind, bytes]]:
    yield SlotKind.RECOVERY, slots.secret_of_code(code)
    for passphrase in passphrases:
        yield SlotKind.PASSPHRASE, slots.secret_of_passphrase(passphrase)
    for path in key_files:
        yield SlotKind.KEY_FILE, slots.secret_of_key_file(path)
