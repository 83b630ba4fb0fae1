"""Keys of the log: the paper starts the chain, each step erases the one before."""

import hmac

import pyrage
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from appliance.errors import Unavailable
from appliance.vault.recovery import identity_of
from tests.unit.vault.boxes import Box


def after(key: bytes) -> bytes:
    """K_{e+1}, as somebody without this program would compute it (RFC 5869)."""
    extracted = hmac.digest(bytes(32), key, "sha256")
    return hmac.digest(extracted, b"audit-epoch\x01", "sha256")


def test_the_chain_starts_with_the_key_on_the_paper(box: Box) -> None:
    start = identity_of(box.code).chain_start_key
    assert box.vault.audit_epoch_key() == (0, start)
    assert box.vault.audit_chain_starts() == [0]


def test_each_epochs_key_follows_from_the_one_before_over_restarts(box: Box) -> None:
    key = identity_of(box.code).chain_start_key
    for epoch in range(1, 5):
        box.vault.advance_audit_epoch()
        key = after(key)
        assert box.reload().audit_epoch_key() == (epoch, key)


def test_an_old_epochs_key_leaves_the_file_and_its_journal(box: Box) -> None:
    (wrapped,) = box.sql("SELECT wrapped FROM keyring WHERE purpose = 'audit.mac'")[0]
    box.vault.advance_audit_epoch()
    assert box.sql("SELECT epoch FROM keyring WHERE purpose = 'audit.mac'") == [(1,)]
    for path in box.folder.iterdir():
        assert wrapped not in path.read_bytes(), path.name


def test_an_epoch_that_cannot_be_written_stays(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    before = box.vault.audit_epoch_key()

    def full(*_: object) -> None:
        raise Unavailable("keystore_unwritable")

    with monkeypatch.context() as patch:
        patch.setattr("appliance.vault.keystore.Keystore.set_meta", full)
        with pytest.raises(Unavailable):
            box.vault.advance_audit_epoch()
    assert box.vault.audit_epoch_key() == before
    box.vault.advance_audit_epoch()
    assert box.vault.audit_epoch_key() == (1, after(before[1]))


def test_a_checkpoint_is_signed_by_a_key_that_stays(box: Box) -> None:
    signature, public = box.vault.sign_checkpoint(b"note"), box.vault.checkpoint_public_key()
    assert box.reload().checkpoint_public_key() == public
    Ed25519PublicKey.from_public_bytes(public).verify(signature, b"note")
    with pytest.raises(InvalidSignature):
        Ed25519PublicKey.from_public_bytes(public).verify(signature, b"notes")


def test_the_nightly_drill_opens_what_is_encrypted_to_it(box: Box) -> None:
    identity, recipient = box.vault.drill_identity()
    sealed = pyrage.encrypt(b"backup", [pyrage.x25519.Recipient.from_str(recipient)])
    assert pyrage.decrypt(sealed, [pyrage.x25519.Identity.from_str(identity)]) == b"backup"
    assert recipient != box.vault.age_recipient()


def test_backups_can_be_encrypted_while_the_box_is_sealed(box: Box) -> None:
    vault = box.reload(unlock=False)
    assert vault.age_recipient() == vault.recovery_identity(box.code.text).age_recipient
