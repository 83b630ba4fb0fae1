"""The file of a plugin, `name-version.korobka-plugin`: read, believed or not, laid out on the disk.

A signed tar, as update files are (`updates.signed_tar`): plain files with plain names, every byte
foretold or hashed, nothing packed, so there are no links, no bombs and no way out of the folder.
The manifest names the maker's public key and is signed with it; whether that maker is trusted is
for the box to say.
"""

import hashlib
import io
import json
import os
import shutil
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final

from appliance.domain.plugins import FoundPlugin, Rights, Source, rights
from appliance.errors import Invalid
from appliance.plugin_api.calls import PERMISSIONS, PERSONAL_FIELDS, PURPOSES
from appliance.plugin_api.manifest import Manifest, ManifestError, read_manifest
from updates import signed_tar
from updates.signed_tar import BadBundle, Form, Part

FORMAT: Final = 1
CONTEXT: Final = b"korobka plugin 1\n"
"""Goes before the manifest into the signature: nothing else that is signed begins so."""

ENDING: Final = ".korobka-plugin"
TOML: Final = "plugin.toml"
LARGEST: Final = 24 << 20
"""Bytes of a file: a plugin brings its own code, and the box everything heavy."""

MOST_PARTS: Final = 2000

Verify = Callable[[bytes, bytes, bytes], bool]
"""Public key, message, signature: is it good?"""


@dataclass(frozen=True)
class Contents:
    """What the signed list of a file says.

    Attributes:
        maker: public key, hex; empty where nobody signed.
    """

    name: str
    version: str
    maker: str
    parts: Sequence[Part]

    def encoded(self) -> bytes:
        """The same bytes for the same contents."""
        body = {
            "format": FORMAT,
            "product": "korobka-plugin",
            "name": self.name,
            "version": self.version,
            "maker": self.maker,
            "parts": signed_tar.rows_of(self.parts),
        }
        return json.dumps(body, ensure_ascii=False, indent=1, sort_keys=True).encode() + b"\n"


@dataclass(frozen=True)
class Package:
    """A file that is whole, with what it holds.

    Attributes:
        trusted: a maker the box trusts signed it.
    """

    found: FoundPlugin
    manifest: Manifest
    trusted: bool
    size: int


def write(out: BinaryIO, contents: Contents, sign: Callable[[bytes], bytes], home: Path) -> None:
    """Write a file; its parts are read from `home`. Nobody's (`maker` empty) is signed by none."""
    body = contents.encoded()
    signature = sign(CONTEXT + body) if contents.maker else bytes(64)
    signed_tar.write(out, body, signature, contents.parts, home)


def unpack(body: bytes, verify: Verify, makers: Collection[str], into: Path) -> Package:
    """Check a file, byte for byte, and lay its parts out in an empty folder.

    Args:
        body: the file.
        verify: of Ed25519.
        makers: public keys that are trusted, hex.
        into: what was written there is not to be used after a refusal.

    Raises:
        Invalid: `plugin_file_large`, `plugin_file_not_file`, `plugin_file_damaged`,
            `plugin_file_signature`, `plugin_file_differs`, or as `read_manifest`.
        OSError: there is no room.
    """
    if len(body) > LARGEST:
        raise Invalid("plugin_file_large", most=LARGEST >> 20)
    signed: list[bool] = []

    def check(listed: bytes, signature: bytes) -> None:
        maker = _decoded(listed).maker
        if maker and not verify(bytes.fromhex(maker), CONTEXT + listed, signature):
            raise BadBundle("plugin_file_signature")
        signed.append(bool(maker))

    try:
        contents = signed_tar.read(io.BytesIO(body), Form("plugin_file", _decoded, check), into)
    except BadBundle as error:
        raise Invalid(error.code, part=error.part or "—") from error
    manifest, text = look_into(into)
    if (manifest.name, manifest.version) != (contents.name, contents.version):
        raise Invalid("plugin_file_differs", part=TOML)
    found = FoundPlugin(
        name=manifest.name,
        version=manifest.version,
        source=Source.ADDED,
        manifest=text,
        digest=hashlib.sha256(body).hexdigest(),
        signer=contents.maker,
        asked=asked_by(manifest),
    )
    return Package(found, manifest, contents.maker in makers and all(signed), len(body))


def look_into(folder: Path) -> tuple[Manifest, str]:
    """The manifest of a plugin's folder, with its text.

    Raises:
        ManifestError: see `read_manifest`; `manifest_missing`.
    """
    try:
        body = (folder / TOML).read_bytes()
    except OSError as error:
        raise ManifestError("manifest_missing") from error
    manifest = manifest_of(body)
    return manifest, body.decode()


def manifest_of(body: bytes) -> Manifest:
    """A manifest that asks for nothing that no plugin may have.

    Raises:
        ManifestError: see `read_manifest`.
    """
    found = read_manifest(body, permissions=PERMISSIONS, fields=PERSONAL_FIELDS)
    for number, one in enumerate(found.personal):
        if one.purpose not in PURPOSES:
            raise ManifestError("manifest_unknown", f"$.personal[{number}].purpose")
    return found


def asked_by(manifest: Manifest) -> Rights:
    """The rights a manifest asks for."""
    return rights(
        manifest.permissions,
        manifest.events,
        manifest.hosts,
        [(one.field, one.purpose) for one in manifest.personal],
    )


def is_whole(body: bytes, folder: Path) -> bool:
    """Whether a folder holds exactly the parts of a file that was believed when it came."""
    try:
        contents = signed_tar.read(io.BytesIO(body), Form("plugin_file", _decoded, _any), None)
        there = {
            path.relative_to(folder).as_posix()
            for path in folder.rglob("*")
            if path.is_symlink() or not path.is_dir()
        }
        return there == {part.name for part in contents.parts} and all(
            _same(folder / part.name, part) for part in contents.parts
        )
    except (BadBundle, OSError):
        return False


def seal(folder: Path) -> None:
    """Have a folder read-only and on the disk: names too."""
    for path in sorted(folder.rglob("*"), reverse=True):
        path.chmod(0o555 if path.is_dir() or path.stat().st_mode & 0o100 else 0o444)
    for path in (*(one for one in folder.rglob("*") if one.is_dir()), folder):
        handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def discard(folder: Path) -> None:
    """Delete a folder, read-only ones too; one that is not there is gone already."""
    if not folder.is_dir():
        return
    for path in (folder, *folder.rglob("*")):
        if path.is_dir() and not path.is_symlink():
            path.chmod(0o755)
    shutil.rmtree(folder, ignore_errors=True)


def _same(path: Path, part: Part) -> bool:
    if path.is_symlink() or path.stat().st_size != part.size:
        return False
    return hashlib.sha256(path.read_bytes()).hexdigest() == part.sha256


def _any(listed: bytes, signature: bytes) -> None:
    """For files whose hash is known from when they came."""


def _decoded(body: bytes) -> Contents:
    """The list.

    Raises:
        BadBundle: `plugin_file_not_file`.
    """
    try:
        raw: dict[str, Any] = json.loads(body)
        if raw["format"] != FORMAT or raw["product"] != "korobka-plugin":
            raise BadBundle("plugin_file_not_file", "format")
        maker = str(raw["maker"])
        if maker and len(bytes.fromhex(maker)) != 32:
            raise BadBundle("plugin_file_not_file", "maker")
        parts = tuple(signed_tar.parts_of(raw["parts"]))
        if len(parts) > MOST_PARTS or any(part.size > LARGEST for part in parts):
            raise BadBundle("plugin_file_damaged", "parts")
        return Contents(str(raw["name"]), str(raw["version"]), maker.lower(), parts)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise BadBundle("plugin_file_not_file", signed_tar.MANIFEST) from error
