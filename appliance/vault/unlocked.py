"""All that exists only while the box is unlocked; sealing lets go of it as a whole."""

from collections.abc import Callable

from appliance.vault import blind
from appliance.vault.blind import BlindField
from appliance.vault.chain import AuditKeys
from appliance.vault.destruction import Destruction, Ledger
from appliance.vault.kept import KeptSets
from appliance.vault.keyring import Keyring, Purpose
from appliance.vault.keystore import Keystore
from appliance.vault.passwords import Passwords
from appliance.vault.recovery import RecoveryCode, identity_of
from appliance.vault.renewal import Renewal
from appliance.vault.ring_seals import RingSeals
from appliance.vault.rotation import Rotation
from appliance.vault.slots import ArgonCost
from appliance.vault.subjects import SubjectKeys

AGE_RECIPIENT = "age_recipient"

_DRAWN = tuple(purpose for purpose in Purpose if purpose is not Purpose.AUDIT_MAC)
_BLIND = tuple(dict.fromkeys(blind.PURPOSES.values()))


class Unlocked:
    """The open keyring and everything that works with it."""

    def __init__(
        self,
        store: Keystore,
        keyring: Keyring,
        clock: Callable[[], int],
        cached: int,
        passwords: ArgonCost,
    ) -> None:
        self.store = store
        self.keyring = keyring
        self.ledger = Ledger(store)
        self.keys = SubjectKeys(store, keyring, clock, self.ledger.is_destroyed, cached)
        self.kept = KeptSets(store, keyring, self.keys, clock)
        self.destruction = Destruction(store, keyring, self.keys, self.ledger, clock)
        self.audit = AuditKeys(store, keyring)
        self.rotation = Rotation(store, keyring)
        self.renewal = Renewal(store, keyring, self.keys, self.rotation)
        self.passwords = Passwords(keyring, passwords)
        self.seals = RingSeals(store, keyring)
        self._blind_keys: dict[BlindField, tuple[bytes, ...]] = {}

    def load(self) -> None:
        """Reads and checks keyring and ledger.

        Raises:
            KeyringDamaged: one of them is not as it was written.
        """
        self.keyring.load()
        self.ledger.load()
        self.renewal.load()
        self._ready()

    def found(self, store: Keystore, code: RecoveryCode) -> None:
        """Draws every key of a new box; call inside `Keyring.change`."""
        for purpose in _DRAWN:
            self.keyring.add(purpose)
        self.take_code(store, code)

    def take_code(self, store: Keystore, code: RecoveryCode) -> None:
        """Makes backups and chain follow from a recovery code; call inside `Keyring.change`."""
        identity = identity_of(code)
        store.set_meta(AGE_RECIPIENT, identity.age_recipient.encode())
        self.audit.start(identity.chain_start_key)

    def blind(self, field: BlindField, normalised: str) -> bytes:
        """The token of a value under the field's key."""
        return blind.token(self._blind_keys[field][0], blind.SPACES.get(field, "") + normalised)

    def blinds(self, field: BlindField, normalised: str) -> tuple[bytes, ...]:
        """The tokens of a value under every key of the field, the newest first."""
        spelt = blind.SPACES.get(field, "") + normalised
        return tuple(blind.token(key, spelt) for key in self._blind_keys[field])

    def rotate_blind(self) -> None:
        """Makes the next epoch of every blind index; tokens of the one before are still found."""
        with self.keyring.change():
            for purpose in _BLIND:
                self.keyring.add(purpose)
        self._ready()

    def retire_blind(self) -> None:
        """Erases the blind keys that are not the active ones."""
        old = [held for one in _BLIND for held in self.keyring.epochs(one)[:-1]]
        if not old:
            return
        with self.keyring.change():
            for held in old:
                self.keyring.destroy(held.purpose, held.epoch)
        self._ready()
        self.store.scrub_journal()

    def blind_epochs(self) -> tuple[int, int]:
        """Number of the blind keys that are used, and how many epochs are kept."""
        return (
            self.keyring.active(Purpose.BLIND_PHONE).epoch,
            len(self.keyring.epochs(Purpose.BLIND_PHONE)),
        )

    def forget_old_snapshots(self) -> None:
        """Erases the snapshot keys that are not the active one."""
        old = self.keyring.epochs(Purpose.SNAPSHOT)[:-1]
        if not old:
            return
        with self.keyring.change():
            for held in old:
                self.keyring.drop(Purpose.SNAPSHOT, held.epoch)
        self.store.scrub_journal()

    def _ready(self) -> None:
        self._blind_keys = {
            field: tuple(held.key for held in reversed(self.keyring.epochs(purpose)))
            for field, purpose in blind.PURPOSES.items()
        }
