"""What the vault refuses, each with its own code.

A message carries names of tables and columns, row ids and numbers; never a value, and never the
id of a person: a cell is found by its row.
"""

from uuid import UUID

from appliance.errors import Damaged, Denied, Destroyed, NotFound


class WrongSecret(Denied):
    """The code, passphrase or key file opens none of the slots of its kind."""

    default_code = "unlock_secret_wrong"


class SlotMissing(NotFound):
    """There is no slot of that kind, or none with that number."""

    default_code = "unlock_slot_missing"


class CellDamaged(Damaged):
    """A cell does not authenticate where it was found: changed, moved, or under a wrong key."""

    default_code = "cell_damaged"

    def __init__(self, table: str, column: str, row: UUID) -> None:
        super().__init__(
            message=f"{table}.{column} of {row}", table=table, column=column, row=str(row)
        )


class KeyRowDamaged(Damaged):
    """A person's row in keys.db does not authenticate: it was changed or swapped."""

    default_code = "key_row_damaged"


class KeyringDamaged(Damaged):
    """The keyring in keys.db is not the one that was written last."""

    default_code = "keyring_damaged"


class KeystoreDamaged(Damaged):
    """keys.db is not a key store, is unfinished, or SQLite cannot read it."""

    default_code = "keystore_damaged"


class SubjectKeyMissing(Damaged):
    """A person's key is gone and no act of destruction explains it: an incident."""

    default_code = "subject_key_missing"


class SubjectDestroyed(Destroyed):
    """The person's key was destroyed; the erasure ledger says when and why."""

    default_code = "subject_destroyed"


class SubjectBlocked(Destroyed):
    """The person waits for destruction: nothing of theirs is opened or written any more."""

    default_code = "subject_pending_destroy"
