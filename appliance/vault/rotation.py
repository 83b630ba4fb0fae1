"""A new key to wrap people's keys with. Their data stay as they are."""

from dataclasses import dataclass
from typing import Final, cast
from uuid import UUID

from appliance.vault.errors import KeyRowDamaged
from appliance.vault.key_rows import row_of, unwrap, unwrap_older, wrap, wrap_older
from appliance.vault.keyring import Keyring, KeyState, Purpose, RingKey
from appliance.vault.keystore import Keystore, Value

_CURSOR: Final = "rewrap_cursor"
_OLDER_CURSOR: Final = "rewrap_older_cursor"
_OLD: Final = "subject > ? AND epoch <> ? AND state <> 'destroyed'"
_REPLACED: Final = "(subject, number) > (?, ?) AND epoch <> ?"


@dataclass(frozen=True, slots=True)
class RotationStatus:
    """How far a rotation of the people's wrapping key is.

    Attributes:
        epoch: of the key that wraps now.
        remaining: people's keys still under an older one.
        unfinished: older keys that are kept because of them.
    """

    epoch: int
    remaining: int
    unfinished: int


class Rotation:
    """Rotation of `kek.subject`, in steps that may be interrupted anywhere."""

    def __init__(self, store: Keystore, keyring: Keyring) -> None:
        self._store = store
        self._keyring = keyring

    def begin(self) -> None:
        """Makes a new wrapping key; new people get it at once, the others by `step`."""
        with self._keyring.change():
            self.add()

    def add(self) -> None:
        """As `begin`, inside a change of the ring."""
        self._keyring.add(Purpose.SUBJECT)
        self._store.set_meta(_CURSOR, b"")
        self._store.set_meta(_OLDER_CURSOR, b"")

    def step(self, limit: int) -> int:
        """Wraps up to so many people's keys anew, in one commit, from where the last step ended.

        A row that does not authenticate is passed over; while there is one, the key it was wrapped
        under stays. When nothing is left, older wrapping keys are erased.

        Args:
            limit: rows in this step.

        Returns:
            rows the steps to come have to look at; 0 when the rotation is done.
        """
        with self._keyring.change():
            active = self._keyring.active(Purpose.SUBJECT)
            remaining = self._people(active, limit) + self._replaced(active, limit)
            if not remaining:
                self._store.set_meta(_CURSOR, b"")
                self._store.set_meta(_OLDER_CURSOR, b"")
                self._retire(active.epoch)
        if not remaining:
            self._store.scrub_journal()
        return remaining

    def status(self) -> RotationStatus:
        """How far it is, counted anew."""
        active = self._keyring.active(Purpose.SUBJECT).epoch
        older = [
            held for held in self._keyring.epochs(Purpose.SUBJECT) if held.state is KeyState.DECRYPT
        ]
        return RotationStatus(active, self._left(active), len(older))

    def _people(self, active: RingKey, limit: int) -> int:
        """The keys that are in use; how many are left behind the cursor."""
        cursor = self._store.meta(_CURSOR) or b""
        found = self._store.rows(
            "SELECT subject, epoch, wrapped, state, changed, number FROM subject_key"  # noqa: S608 - constant
            f" WHERE {_OLD} ORDER BY subject LIMIT ?",
            (cursor, active.epoch, limit),
        )
        self._store.run_many(
            "UPDATE subject_key SET epoch = ?, wrapped = ? WHERE subject = ?",
            [values for row in found if (values := self._rewrapped(row, active))],
        )
        last = found[-1][0] if found else cursor
        cursor = last if isinstance(last, bytes) else cursor
        self._store.set_meta(_CURSOR, cursor)
        return self._count(cursor, active.epoch)

    def _replaced(self, active: RingKey, limit: int) -> int:
        """The keys that were replaced; how many are left behind their cursor."""
        cursor = self._store.meta(_OLDER_CURSOR) or bytes(20)
        place = (cursor[:16], int.from_bytes(cursor[16:], "big"))
        found = self._store.rows(
            "SELECT subject, number, epoch, wrapped FROM older_key"  # noqa: S608 - constant
            f" WHERE {_REPLACED} ORDER BY subject, number LIMIT ?",
            (*place, active.epoch, limit),
        )
        self._store.run_many(
            "UPDATE older_key SET epoch = ?, wrapped = ? WHERE subject = ? AND number = ?",
            [values for row in found if (values := self._rewrapped_older(row, active))],
        )
        if found:
            place = cast("tuple[bytes, int]", found[-1][:2])
            self._store.set_meta(_OLDER_CURSOR, place[0] + place[1].to_bytes(4, "big"))
        return self._count_replaced(place, active.epoch)

    def _count(self, cursor: bytes, active: int) -> int:
        return self._store.number(
            f"SELECT count(*) FROM subject_key WHERE {_OLD}",  # noqa: S608 - constant
            (cursor, active),
        )

    def _count_replaced(self, place: tuple[bytes, int], active: int) -> int:
        return self._store.number(
            f"SELECT count(*) FROM older_key WHERE {_REPLACED}",  # noqa: S608 - constant
            (*place, active),
        )

    def _left(self, active: int) -> int:
        return self._count(b"", active) + self._count_replaced((b"", 0), active)

    def _rewrapped(self, found: tuple[Value, ...], active: RingKey) -> tuple[Value, ...] | None:
        try:
            row = row_of(found)
            key = unwrap(self._keyring, row)
        except KeyRowDamaged:
            return None
        # The state and its time stay: they say something about the person, not about this key.
        wrapped = wrap(active, row.subject, row.state, row.changed, key, row.number)
        return active.epoch, wrapped, row.subject.bytes

    def _rewrapped_older(
        self, found: tuple[Value, ...], active: RingKey
    ) -> tuple[Value, ...] | None:
        subject, number, epoch, wrapped = cast("tuple[bytes, int, int, bytes]", found)
        person = UUID(bytes=subject)
        try:
            key = unwrap_older(self._keyring, person, number, epoch, wrapped)
        except KeyRowDamaged:
            return None
        return active.epoch, wrap_older(active, person, number, key), subject, number

    def _retire(self, active: int) -> None:
        if self._left(active):
            return
        for held in self._keyring.epochs(Purpose.SUBJECT):
            if held.state is KeyState.DECRYPT:
                self._keyring.destroy(Purpose.SUBJECT, held.epoch)
