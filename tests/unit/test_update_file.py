"""An update file is believed whole or not at all."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from appliance.errors import Conflict
from appliance.vault.signatures import is_signed
from updates import bundle
from updates.bundle import Manifest
from updates.cli import must_follow
from updates.signed_tar import BadBundle, Part

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
KEYS = [KEY.public_key().public_bytes_raw()]
CONTENTS = {"install.sh": b"#!/bin/sh\n", "wheels/a-1.whl": bytes(600), "wheels/b-1.whl": b"\xff"}


def manifest(contents: dict[str, bytes], version: str = "1.5.0") -> Manifest:
    parts = tuple(
        Part(name, len(body), hashlib.sha256(body).hexdigest(), run=name == "install.sh")
        for name, body in contents.items()
    )
    return Manifest(version, "2026-02-01T10:00:00Z", 24, ("3.11",), "x86_64", {"en": "–"}, parts)


def written(
    folder: Path,
    contents: dict[str, bytes],
    sign: Callable[[bytes], bytes] = KEY.sign,
    version: str = "1.5.0",
) -> Path:
    for name, body in contents.items():
        place = folder / "parts" / name.replace("..", "dots").lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(body)
    path = folder / "korobka.kup"
    with path.open("wb") as file:
        bundle.write(file, manifest(contents, version), sign, folder / "parts")
    return path


def refusal(path: Path, keys: list[bytes] = KEYS) -> str:
    with pytest.raises(BadBundle) as told:
        bundle.look(path, keys, is_signed)
    return told.value.code


def test_what_was_packed_is_unpacked(tmp_path: Path) -> None:
    path = written(tmp_path, CONTENTS)
    into = tmp_path / "into"
    into.mkdir()
    assert bundle.unpack(path, KEYS, is_signed, into) == manifest(CONTENTS)
    assert {
        one.relative_to(into).as_posix(): one.read_bytes() for one in into.rglob("*.*")
    } == CONTENTS
    assert (into / "install.sh").stat().st_mode & 0o111


@pytest.mark.checklist(192)
def test_no_flipped_byte_anywhere_goes_unseen(tmp_path: Path) -> None:
    body = bytearray(written(tmp_path, CONTENTS).read_bytes())
    path, unseen = tmp_path / "flipped.kup", list[int]()
    for place in range(len(body)):
        body[place] ^= 0x20
        path.write_bytes(body)
        body[place] ^= 0x20
        try:
            bundle.look(path, KEYS, is_signed)
        except BadBundle:
            continue
        unseen.append(place)
    assert unseen == []


def test_a_file_cut_off_anywhere_or_grown_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, CONTENTS)
    body = path.read_bytes()
    for length in range(0, len(body), 256):
        path.write_bytes(body[:length])
        refusal(path)
    path.write_bytes(body + b"\0")
    assert refusal(path) == "update_damaged"


@pytest.mark.checklist(192)
def test_another_makers_file_is_refused(tmp_path: Path) -> None:
    stranger = Ed25519PrivateKey.from_private_bytes(bytes(32))
    assert refusal(written(tmp_path, CONTENTS, stranger.sign)) == "update_signature"
    assert refusal(written(tmp_path, CONTENTS), []) == "update_no_key"
    both = [stranger.public_key().public_bytes_raw(), *KEYS]
    assert bundle.look(written(tmp_path, CONTENTS), both, is_signed).version == "1.5.0"


def test_a_signature_over_something_else_is_none_over_a_release(tmp_path: Path) -> None:
    def plain(message: bytes) -> bytes:
        return KEY.sign(message.removeprefix(bundle.CONTEXT))

    assert refusal(written(tmp_path, CONTENTS, plain)) == "update_signature"


class Hostile(Manifest):
    """Names one of its parts otherwise."""

    name = ""

    def encoded(self) -> bytes:
        return super().encoded().replace(b"install.sh", self.name.encode())


@pytest.mark.parametrize(
    "name", ["../evil", "/etc/passwd", "a/../../b", ".hidden", "manifest.json"]
)
def test_no_part_is_written_outside_of_its_folder(tmp_path: Path, name: str) -> None:
    path, honest = written(tmp_path, CONTENTS), manifest(CONTENTS)
    hostile = Hostile(**{field: getattr(honest, field) for field in honest.__dataclass_fields__})
    object.__setattr__(hostile, "name", name)
    with path.open("wb") as file:
        bundle.write(file, hostile, KEY.sign, tmp_path / "parts")
    assert refusal(path) == "update_not_file"


def test_something_else_is_no_update_file(tmp_path: Path) -> None:
    for body in (b"", b"PK\x03\x04" + bytes(2000), bytes(4096)):
        (tmp_path / "f").write_bytes(body)
        assert refusal(tmp_path / "f") == "update_not_file"


def test_older_releases_never_replace_newer_ones() -> None:
    must_follow("1.10.0", "1.9.3")
    must_follow("3.0.0", "1.0.0")
    must_follow("1.5.0", "1.5.0", same=True)
    with pytest.raises(Conflict, match="update_older"):
        must_follow("1.9.9", "1.10.0")
    with pytest.raises(Conflict, match="update_same"):
        must_follow("1.5.0", "1.5.0")
    with pytest.raises(Conflict, match="update_older"):
        must_follow("newest", "1.0.0")


def test_keys_are_lines_of_hex_with_remarks(tmp_path: Path) -> None:
    file = tmp_path / "maker.pub"
    file.write_text(f"# ours\n{KEYS[0].hex()}  # since 2026\n\n")
    assert bundle.read_keys(tmp_path / "nowhere", file) == KEYS
    file.write_text("abc")
    with pytest.raises(BadBundle, match="update_no_key"):
        bundle.read_keys(file)
