"""The update file: a signed tar (see `signed_tar`) with everything of a release.

Standard library only: install.sh reads it before anything of the product is installed.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final

from updates import signed_tar
from updates.signed_tar import BadBundle, Form, Part

FORMAT: Final = 1
CONTEXT: Final = b"korobka update 1\n"
"""Goes before the manifest into the signature: nothing else that is signed begins so."""
PUBLIC_KEY_BYTES: Final = 32

Verify = Callable[[bytes, bytes, bytes], bool]
"""Public key, message, signature: is it good?"""


@dataclass(frozen=True)
class Manifest:
    """What the signature speaks of.

    Attributes:
        version: of the release, `1.5.0`.
        made: when, ISO 8601 UTC: of the commit, so that a second build makes the same file.
        schema: number of the last migration that it knows.
        pythons: minor versions it has packages for, `3.11`.
        machine: `x86_64`, as `os.uname` says.
        news: what changes for people, by language.
        parts: the rest of the file, in order.
    """

    version: str
    made: str
    schema: int
    pythons: Sequence[str]
    machine: str
    news: Mapping[str, str]
    parts: Sequence[Part]

    @property
    def size(self) -> int:
        """Bytes of all parts."""
        return sum(part.size for part in self.parts)

    def encoded(self) -> bytes:
        """The same bytes for the same contents."""
        body = {
            "format": FORMAT,
            "product": "korobka",
            **{name: getattr(self, name) for name in ("version", "made", "schema", "machine")},
            "pythons": list(self.pythons),
            "news": dict(self.news),
            "parts": signed_tar.rows_of(self.parts),
        }
        return json.dumps(body, ensure_ascii=False, indent=1, sort_keys=True).encode() + b"\n"


def version_key(version: str) -> tuple[int, ...]:
    """Versions in their order: `1.10.0` comes after `1.9.3`.

    Raises:
        BadBundle: `update_not_file`: it is no version.
    """
    if not re.fullmatch(r"\d{1,6}(\.\d{1,6}){0,3}", version, re.ASCII):
        raise BadBundle("update_not_file", "version")
    return tuple(int(one) for one in version.split("."))


def write(out: BinaryIO, manifest: Manifest, sign: Callable[[bytes], bytes], home: Path) -> None:
    """Write an update file; its parts are read from `home`."""
    body = manifest.encoded()
    signed_tar.write(out, body, sign(CONTEXT + body), manifest.parts, home)


def look(path: Path, keys: Sequence[bytes], verify: Verify) -> Manifest:
    """Read the whole file and compare every byte; nothing is written.

    Raises:
        BadBundle: all of them.
        OSError: it cannot be read.
    """
    return _read(path, keys, verify, None)


def unpack(path: Path, keys: Sequence[bytes], verify: Verify, into: Path) -> Manifest:
    """As `look`, in one go with writing the parts into an empty folder; each is on the disk then.

    Raises:
        BadBundle: what was written by then is not to be used.
        OSError: it cannot be read, or there is no room.
    """
    return _read(path, keys, verify, into)


def _read(path: Path, keys: Sequence[bytes], verify: Verify, into: Path | None) -> Manifest:
    if not keys:
        raise BadBundle("update_no_key")

    def check(body: bytes, signature: bytes) -> None:
        if not any(verify(key, CONTEXT + body, signature) for key in keys):
            raise BadBundle("update_signature")

    with path.open("rb") as file:
        return signed_tar.read(file, Form("update", _decoded, check), into)


def _decoded(body: bytes) -> Manifest:
    """The manifest; it is signed, so what is wrong here is the maker's fault or another format.

    Raises:
        BadBundle: `update_not_file`.
    """
    try:
        raw: dict[str, Any] = json.loads(body)
        if raw["format"] != FORMAT or raw["product"] != "korobka":
            raise BadBundle("update_not_file", "format")
        manifest = Manifest(
            version=str(raw["version"]),
            made=str(raw["made"]),
            schema=int(raw["schema"]),
            pythons=tuple(str(one) for one in raw["pythons"]),
            machine=str(raw["machine"]),
            news={str(key): str(text) for key, text in raw["news"].items()},
            parts=tuple(signed_tar.parts_of(raw["parts"])),
        )
        version_key(manifest.version)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadBundle("update_not_file", signed_tar.MANIFEST) from error
    return manifest


def read_keys(*files: Path) -> list[bytes]:
    """Makers' public keys: a line each of 64 hex digits; `#` begins a remark. Missing files: none.

    Raises:
        BadBundle: `update_no_key`: a line is something else.
    """
    found: list[bytes] = []
    for path in files:
        try:
            lines = path.read_text(encoding="ascii").splitlines()
        except FileNotFoundError:
            continue
        except (OSError, UnicodeDecodeError) as error:
            raise BadBundle("update_no_key", path.name) from error
        for line in lines:
            text = line.partition("#")[0].strip()
            if text:
                found.append(_key(text, path.name))
    return found


def _key(text: str, name: str) -> bytes:
    try:
        key = bytes.fromhex(text)
    except ValueError as error:
        raise BadBundle("update_no_key", name) from error
    if len(key) != PUBLIC_KEY_BYTES:
        raise BadBundle("update_no_key", name)
    return key
