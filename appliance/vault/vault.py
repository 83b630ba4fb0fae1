"""The one door to keys: what the storage engine, the log, backups and boot may ask for.

Every method may be called from any thread. Everything but `load`, `is_open`, the unlocking
methods, `list_slots`, `age_recipient` and `recovery_identity` raises `Sealed` while the box is
sealed.
"""

from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Final
from uuid import UUID

from appliance.errors import Conflict, Sealed
from appliance.vault import envelope
from appliance.vault.blind import BlindField
from appliance.vault.destruction import Erasure
from appliance.vault.envelope import CellRef
from appliance.vault.errors import CellDamaged
from appliance.vault.key_rows import PersonKey
from appliance.vault.keyring import Purpose
from appliance.vault.lock import Lock
from appliance.vault.passwords import PasswordCheck
from appliance.vault.recovery import (
    RecoveryCode,
    RecoveryIdentity,
    age_identity_of,
    age_recipient_of,
    identity_of,
)
from appliance.vault.renewal import RenewalStep
from appliance.vault.ring_seals import blob_ref, secret_ref
from appliance.vault.rotation import RotationStatus
from appliance.vault.slots import SlotKind, secret_of_code
from appliance.vault.subjects import SubjectKeys
from appliance.vault.unlocked import AGE_RECIPIENT

__all__ = ["BlindField", "CellRef", "PasswordCheck", "Vault"]

ORPHAN_AGE: Final = timedelta(hours=24)
MOST_ORPHANS: Final = 1000
"""A crash leaves a handful; more than this is a mistake in who is asked, not a crash."""


class Vault(Lock):
    """Keys and cells of one box."""

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
        key = opened.keys.key(ref.subject)
        return envelope.seal(key.cipher, key.number, ref, plain)

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
        key = opened.keys.key(ref.subject)
        if cell[2:6] != key.mark:
            key = _older(opened.keys, ref, cell)
        return envelope.open_(key.cipher, key.number, ref, cell)

    def open_held(self, ref: CellRef, cell: bytes) -> bytes:
        """As `open_cell`, also of a blocked person: to keep indexes true, never to show it."""
        keys = self._need().keys
        key = keys.held(ref.subject)
        if cell[2:6] != key.mark:
            key = _older(keys, ref, cell)
        return envelope.open_(key.cipher, key.number, ref, cell)

    def carry_cell(self, ref: CellRef, cell: bytes) -> bytes | None:
        """Seals a cell anew under its person's newest key; None where it is under that already.

        Raises:
            CellDamaged, SubjectDestroyed, SubjectKeyMissing, KeyRowDamaged: as `open_cell`.
        """
        keys = self._need().keys
        key = keys.held(ref.subject)
        if cell[2:6] == key.mark:
            return None
        old = _older(keys, ref, cell)
        return envelope.seal(
            key.cipher, key.number, ref, envelope.open_(old.cipher, old.number, ref, cell)
        )

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

    def blinds(self, field: BlindField, normalised: str) -> tuple[bytes, ...]:
        """Every token the value may be kept under, the newest first: ask for all of them.

        More than one only while the indexes are computed anew after `rotate_blind`.
        """
        return self._need().blinds(field, normalised)

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

    def seal_snapshot(self, plain: bytes) -> bytes:
        """Seals the search snapshot under a key of its own.

        The key of the snapshot before stays until `forget_old_snapshots`, so that a crash before
        the new file is in place costs nothing.
        """
        opened = self._need()
        with opened.keyring.change():
            opened.keyring.add(Purpose.SNAPSHOT)
        return opened.seals.seal(Purpose.SNAPSHOT, blob_ref(Purpose.SNAPSHOT), plain)

    def open_snapshot(self, blob: bytes) -> bytes:
        """Opens what `seal_snapshot` gave.

        Raises:
            CellDamaged: it was changed, or its key is destroyed.
        """
        return self._need().seals.open(Purpose.SNAPSHOT, blob_ref(Purpose.SNAPSHOT), blob)

    def forget_old_snapshots(self) -> None:
        """Destroys the keys of all snapshots but the newest; call when its file is in place.

        After a destruction the caller writes a new snapshot at once and then calls this.
        """
        self._need().forget_old_snapshots()

    # Passwords of those who sign in

    def hash_password(self, password: str) -> str:
        """The text to store for a password; takes 100-250 ms of one core on purpose."""
        return self._need().passwords.hash(password)

    def verify_password(self, stored: str | None, password: str) -> PasswordCheck:
        """Checks a password; None for a user who does not exist takes as long as a wrong one."""
        return self._need().passwords.verify(stored, password)

    # Keys of the audit log

    def sign_checkpoint(self, message: bytes) -> bytes:
        """Signs a checkpoint of the log: Ed25519, 64 bytes."""
        return self._need().audit.sign(message)

    def sign_document(self, message: bytes) -> bytes:
        """Signs a record in JSON: Ed25519, 64 bytes, by the key of the checkpoints.

        A checkpoint never begins with a brace, so that neither can be taken for the other.

        Raises:
            ValueError: it does not begin like a record.
        """
        if not message.startswith(b"{"):
            raise ValueError("a signed document begins with a brace")
        return self._need().audit.sign(message)

    def checkpoint_public_key(self) -> bytes:
        """The 32 bytes that check `sign_checkpoint`."""
        return self._need().audit.public_key()

    def audit_epoch_key(self) -> tuple[int, bytes]:
        """Number and key of the log's running epoch; the first is 0."""
        return self._need().audit.current()

    def advance_audit_epoch(self) -> None:
        """Moves the log to its next epoch; the key of this one is erased for good."""
        self._need().audit.advance()

    def audit_chain_starts(self) -> list[int]:
        """The epochs whose key comes from a recovery code: 0, and one per replaced code."""
        return self._need().audit.starts()

    # Backups

    def age_recipient(self) -> str:
        """What every backup is encrypted to; also while sealed, then not authenticated."""
        return (self._store.meta(AGE_RECIPIENT) or b"").decode()

    @staticmethod
    def recovery_identity(code: str) -> RecoveryIdentity:
        """What the paper is worth without the box.

        Raises:
            Invalid: the code was mistyped (see `RecoveryCode.parse`).
        """
        return identity_of(RecoveryCode.parse(code))

    def drill_identity(self) -> tuple[str, str]:
        """Identity and recipient that the nightly restore drill opens backups with."""
        private = self._need().keyring.active(Purpose.DRILL).key
        return age_identity_of(private), age_recipient_of(private)

    def probe_keys(self, told: Callable[[int, int], None]) -> int:
        """Unwraps the key of every person who is not destroyed; gives their number.

        Args:
            told: how many are done, of how many.

        Raises:
            KeyRowDamaged: one does not unwrap.
        """
        return self._need().keys.probe(told)

    # Rotation and destruction

    def rotate_subject_kek(self) -> None:
        """Makes a new key to wrap people's keys with; `rewrap_subjects` brings them over."""
        self._need().rotation.begin()

    def rewrap_subjects(self, limit: int = 5_000) -> int:
        """Brings up to so many keys over, in one commit; gives how many are left to look at.

        May be interrupted anywhere and called again. At 0 the older wrapping keys are erased,
        unless `rotation_status` counts rows that do not authenticate.
        """
        return self._need().rotation.step(limit)

    def rotation_status(self) -> RotationStatus:
        """How far the rotation is."""
        return self._need().rotation.status()

    def renew_people(self) -> int:
        """Has every person get a new key of the next number, which it gives; see `renew_step`."""
        return self._need().renewal.begin()

    def renew_step(self, after: bytes = b"", limit: int = 1_000) -> RenewalStep:
        """Gives up to so many people new keys, in one commit; may be interrupted anywhere.

        Call it where nothing is sealed at the same time. Older keys go on opening what is under
        them; `carry_cell` brings a cell over.
        """
        return self._need().renewal.step(after, limit)

    def people_generation(self) -> tuple[int, int]:
        """Number of the keys that are drawn now, and how many people's keys are of an older one."""
        renewal = self._need().renewal
        return renewal.generation, renewal.remaining()

    def rotate_blind(self) -> None:
        """Makes new keys for all blind indexes: `blind` uses them, `blinds` knows the old, too."""
        self._need().rotate_blind()

    def retire_blind(self) -> None:
        """Erases the older keys of blind indexes: when no row has a token of theirs."""
        self._need().retire_blind()

    def blind_epochs(self) -> tuple[int, int]:
        """Number of the blind keys in use, and of how many epochs there are keys."""
        return self._need().blind_epochs()

    def begin_destroy(self, subject: UUID) -> None:
        """Blocks a person at once: nothing of theirs is opened or written any more.

        Raises:
            SubjectDestroyed, SubjectKeyMissing, KeyRowDamaged: as `open_cell`.
        """
        self._need().destruction.begin(subject)

    def mark_merged(self, subject: UUID, survivor: UUID) -> None:
        """Marks a person's key as `merged`: it opens what it sealed, and goes with the survivor's.

        Call when the merge is committed; doing it again changes nothing.
        """
        self._need().destruction.mark_merged(subject, survivor)

    def unmark_merged(self, subject: UUID) -> None:
        """Takes that mark off: the two are two people again."""
        self._need().destruction.unmark_merged(subject)

    def merged_into(self, subject: UUID) -> UUID | None:
        """Into whom a person was merged; None for nobody."""
        return self._need().destruction.merged_into(subject)

    def cancel_destroy(self, subject: UUID) -> None:
        """Takes the block back within the cooling period."""
        self._need().destruction.cancel(subject)

    def is_lost(self, subject: UUID) -> bool:
        """Whether a blocked person's key is gone and no act of destruction explains it.

        Ask for blocked people only: the key of somebody new may not be on disk yet.
        """
        need = self._need()
        return need.ledger.entry(subject) is None and need.keys.row(subject) is None

    def destroy(
        self,
        subject: UUID,
        reason: str,
        requested_by: UUID,
        approved_by: UUID | None = None,
        *,
        is_lost: bool = False,
    ) -> Erasure:
        """Erases a blocked person's key for good and gives the ledger's entry of it.

        Who may ask and approve, and the cooling period, are the caller's matter. Doing it again
        gives the same entry. With `is_lost` a key that is not here is written down as destroyed,
        so that no copy brings it back.

        Raises:
            Invalid: `erasure_reason`: not a word of lower-case letters, digits and `_`.
            Conflict: `destroy_not_begun`.
            SubjectKeyMissing: there is no key to destroy.
        """
        return self._need().destruction.finish(
            subject,
            reason=reason,
            requested_by=requested_by,
            approved_by=approved_by,
            is_lost=is_lost,
        )

    def keep(self, replaced: UUID, plain: bytes) -> UUID:
        """Keeps what a law keeps of a blocked person; the id of the set's own key, blocked as well.

        Doing it again gives the first one's: `destroy` the person after it, the set on its day.
        """
        return self._need().kept.put(replaced, plain)

    def kept(self, subject: UUID) -> bytes:
        """Opens such a set; errors as `open_cell`."""
        return self._need().kept.open(subject)

    def kept_sets(self) -> dict[UUID, UUID]:
        """Id of each set's key → the person it is of."""
        return self._need().kept.listed()

    def erasure(self, subject: UUID) -> Erasure | None:
        """The ledger's entry of a person; None while the key is not destroyed."""
        return self._need().ledger.entry(subject)

    def pending_destroy(self) -> list[UUID]:
        """Everybody whose key is blocked and not destroyed."""
        return self._need().keys.pending()

    def must_be_code(self, code: str) -> None:
        """Refuses a code that is not this box's recovery code; changes nothing.

        Raises:
            Invalid: it was mistyped (see `RecoveryCode.parse`).
            WrongSecret: `unlock_recovery_wrong`.
        """
        self._need()
        self._slots.open(SlotKind.RECOVERY, secret_of_code(code))

    def ledger(self) -> list[Erasure]:
        """The erasure ledger, checked.

        Raises:
            KeyringDamaged: `ledger_damaged`.
        """
        return self._need().ledger.read()


def _older(keys: SubjectKeys, ref: CellRef, cell: bytes) -> PersonKey:
    """The replaced key that a cell's head names.

    Raises:
        CellDamaged: the person never had it.
    """
    key = keys.older(ref.subject, envelope.epoch_of(ref, cell))
    if key is None:
        raise CellDamaged(ref.table, ref.column, ref.row)
    return key
