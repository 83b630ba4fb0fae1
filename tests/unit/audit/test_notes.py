import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from appliance.audit.notes import Checkpoint, key_id, origin_of, read_note, write_note
from appliance.errors import Damaged
from tests.unit.audit.fakes import FakeVault


def test_a_checkpoint_reads_back_and_its_text_is_what_was_signed() -> None:
    vault = FakeVault()
    said = Checkpoint(origin_of("0194c3f2"), 42, bytes(range(32)))
    note = write_note(said, vault.checkpoint_public_key(), vault.sign_checkpoint)
    assert read_note(note) == said
    text, _, line = note.partition("\n\n")
    assert text.split("\n")[:2] == ["korobka/0194c3f2/audit", "42"]
    dash, name, encoded = line.rstrip("\n").split(" ")
    signature = base64.b64decode(encoded)
    assert (dash, name, len(signature)) == ("—", said.origin, 68)
    assert signature[:4] == key_id(name, vault.checkpoint_public_key())
    key = Ed25519PublicKey.from_public_bytes(vault.checkpoint_public_key())
    key.verify(signature[4:], (text + "\n").encode())


def test_the_key_id_is_the_one_of_the_go_checksum_database() -> None:
    # Its published verifier key is `name+ident+base64(type | public key)`.
    name, ident = "sum.golang.org", "033de0ae"
    encoded = "Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8"
    assert key_id(name, base64.b64decode(encoded)[1:]).hex() == ident


@pytest.mark.parametrize(
    "note",
    ["", "a\n1\n", "a\nx\nAAAA\n\n— a b\n", "a\n01\n" + "A" * 43 + "=\n\n", "a\n1\nAAAA\n\n"],
)
def test_what_is_no_checkpoint_is_refused(note: str) -> None:
    with pytest.raises(Damaged) as refused:
        read_note(note)
    assert refused.value.code == "audit_note_damaged"
