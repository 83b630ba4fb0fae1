"""Our checkpoints are what the public format says: read by a parser that knows only that text.

Rules of c2sp.org/signed-note and c2sp.org/tlog-checkpoint, written down here anew.
"""

import base64
import hashlib
import re
from typing import NamedTuple

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from appliance.audit.notes import Checkpoint, origin_of, write_note
from appliance.audit.verify import notes_in
from tests.unit.audit.fakes import FakeVault

PUBLISHED = (
    "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
    "— example.com/behind-the-sofa "
    "Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
)
"""The example of the specification of checkpoints."""


class Read(NamedTuple):
    origin: str
    size: int
    root: bytes
    text: bytes
    signatures: list[tuple[str, bytes, bytes]]


def parse(note: str) -> Read:
    """A checkpoint by the letter of the specification."""
    assert not re.search(r"[\x00-\x09\x0b-\x1f]", note), "no control characters but the newline"
    text, parted, tail = note.rpartition("\n\n")
    assert parted and tail.endswith("\n")
    text += "\n"
    lines = text.split("\n")[:-1]
    assert len(lines) >= 3 and all(lines), "at least three lines, none of them empty"
    assert re.fullmatch(r"0|[1-9][0-9]*", lines[1]), "no leading zeroes"
    signatures: list[tuple[str, bytes, bytes]] = []
    for line in tail.split("\n")[:-1]:
        dash, name, encoded = line.split(" ")
        assert (dash, bool(name)) == ("\u2014", True) and "+" not in name
        raw = base64.b64decode(encoded, validate=True)
        signatures.append((name, raw[:4], raw[4:]))
    assert signatures
    root = base64.b64decode(lines[2], validate=True)
    assert len(root) == 32
    return Read(lines[0], int(lines[1]), root, text.encode(), signatures)


def test_the_published_example_is_read_by_both() -> None:
    seen = parse(PUBLISHED)
    assert (seen.origin, seen.size) == ("example.com/behind-the-sofa", 20_852_163)
    assert notes_in(f"Dear colleague,\n\n{PUBLISHED}\nbye") == [PUBLISHED]


@pytest.mark.parametrize("size", [0, 1, 9, 1000, 2**40])
def test_a_checkpoint_of_the_box_is_one_by_the_letter_and_its_key_is_found_by_name_and_id(
    size: int,
) -> None:
    vault = FakeVault()
    public = vault.checkpoint_public_key()
    said = Checkpoint(origin_of("0194c3f2"), size, hashlib.sha256(b"%d" % size).digest())
    note = write_note(said, public, vault.sign_checkpoint)
    seen = parse(note)
    assert (seen.origin, seen.size, seen.root) == said
    ((name, key_id, signature),) = seen.signatures
    assert name == seen.origin
    assert key_id == hashlib.sha256(name.encode() + b"\n" + b"\x01" + public).digest()[:4]
    key = Ed25519PublicKey.from_public_bytes(public)
    key.verify(signature, seen.text)
    with pytest.raises(InvalidSignature):
        key.verify(signature, seen.text.replace(b"audit", b"Audit"))
    assert notes_in(note) == [note]
