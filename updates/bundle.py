"""The update file: a plain tar whose every byte is foretold by a signed list or hashed in it.

Standard library only: install.sh reads it before anything of the product is installed. The file is
`manifest.json`, `manifest.sig`, then the parts in the order of the manifest; `tar -tf` lists it.
Headers and padding are compared with what they must be, so no flipped byte anywhere goes unseen.
"""

import hashlib
import io
import json
import os
import re
import tarfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final, cast

FORMAT: Final = 1
MANIFEST, SIGNATURE = "manifest.json", "manifest.sig"
CONTEXT: Final = b"korobka update 1\n"
"""Goes before the manifest into the signature: nothing else that is signed begins so."""
BLOCK: Final = 512
CHUNK: Final = 1 << 20
LONGEST_MANIFEST: Final = 1 << 20
PUBLIC_KEY_BYTES: Final = 32

_NAME: Final = re.compile(r"[\w+-][\w.+-]*(/[\w+-][\w.+-]*)*", re.ASCII)
Verify = Callable[[bytes, bytes, bytes], bool]
"""Public key, message, signature: is it good?"""


class BadBundle(Exception):
    """The file is refused; nothing of it was used.

    Attributes:
        code: `update_not_file`, `update_damaged`, `update_signature`, `update_no_key`.
        part: which part; empty where that says nothing.
    """

    def __init__(self, code: str, part: str = "") -> None:
        super().__init__(f"{code} {part}".strip())
        self.code, self.part = code, part


@dataclass(frozen=True)
class Part:
    """A file inside: its name, size in bytes, SHA-256 as hex, and whether it may be run."""

    name: str
    size: int
    sha256: str
    run: bool = False


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
            "parts": [
                {"name": p.name, "size": p.size, "sha256": p.sha256, "run": p.run}
                for p in self.parts
            ],
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
    signature = sign(CONTEXT + body).hex().encode() + b"\n"
    for name, content in ((MANIFEST, body), (SIGNATURE, signature)):
        out.write(_header(name, len(content), run=False) + content + _padding(len(content)))
    for part in manifest.parts:
        out.write(_header(part.name, part.size, run=part.run))
        with (home / part.name).open("rb") as file:
            while chunk := file.read(CHUNK):
                out.write(chunk)
        out.write(_padding(part.size))
    out.write(bytes(2 * BLOCK))


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
    with path.open("rb") as file:
        body = _small(file, MANIFEST, "update_not_file")
        if not body.startswith(b"{"):
            raise BadBundle("update_not_file")
        signature = _small(file, SIGNATURE, "update_damaged")
        _must_be_signed(body, signature, keys, verify)
        manifest = _decoded(body)
        for part in manifest.parts:
            _exactly(file, _header(part.name, part.size, run=part.run), part.name)
            _part(file, part, into)
            _exactly(file, _padding(part.size), part.name)
        _exactly(file, bytes(2 * BLOCK), "end")
        if file.read(1):
            raise BadBundle("update_damaged", "end")
    return manifest


def _small(file: BinaryIO, name: str, code: str) -> bytes:
    """One of the first two files: small, its size in its own header."""
    header = file.read(BLOCK)
    try:
        found = tarfile.TarInfo.frombuf(header, "ascii", "strict")
    except (tarfile.HeaderError, UnicodeDecodeError, ValueError) as error:
        raise BadBundle(code, name) from error
    if found.name != name or not 0 < found.size <= LONGEST_MANIFEST:
        raise BadBundle(code, name)
    if header != _header(name, found.size, run=False):
        raise BadBundle("update_damaged", name)
    body = file.read(found.size)
    if len(body) != found.size:
        raise BadBundle("update_damaged", name)
    _exactly(file, _padding(found.size), name)
    return body


def _must_be_signed(body: bytes, line: bytes, keys: Sequence[bytes], verify: Verify) -> None:
    try:
        signature = bytes.fromhex(line.decode("ascii"))
    except (UnicodeDecodeError, ValueError) as error:
        raise BadBundle("update_damaged", SIGNATURE) from error
    if line != signature.hex().encode() + b"\n":
        raise BadBundle("update_damaged", SIGNATURE)
    if not any(verify(key, CONTEXT + body, signature) for key in keys):
        raise BadBundle("update_signature")


def _part(file: BinaryIO, part: Part, into: Path | None) -> None:
    digest, left = hashlib.sha256(), part.size
    with _place(into, part) as out:
        while left:
            chunk = file.read(min(CHUNK, left))
            if not chunk:
                raise BadBundle("update_damaged", part.name)
            digest.update(chunk)
            out.write(chunk)
            left -= len(chunk)
        if digest.hexdigest() != part.sha256:
            raise BadBundle("update_damaged", part.name)
        out.flush()
        if into is not None:
            os.fsync(out.fileno())


def _place(into: Path | None, part: Part) -> BinaryIO:
    if into is None:
        return cast("BinaryIO", _Nowhere())
    path = into / part.name
    path.parent.mkdir(parents=True, exist_ok=True)
    mode = 0o755 if part.run else 0o644
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb")


class _Nowhere(io.RawIOBase):
    """Takes everything and keeps nothing."""

    def write(self, data: Any) -> int:  # pyright: ignore[reportIncompatibleMethodOverride]  any buffer
        return len(data)


def _exactly(file: BinaryIO, expected: bytes, name: str) -> None:
    if file.read(len(expected)) != expected:
        raise BadBundle("update_damaged", name)


def _header(name: str, size: int, *, run: bool) -> bytes:
    """The one header that a file of this name and size has: no owner, no time."""
    info = tarfile.TarInfo(name)
    info.size, info.mode = size, 0o755 if run else 0o644
    return info.tobuf(tarfile.USTAR_FORMAT, "ascii", "strict")


def _padding(size: int) -> bytes:
    return bytes(-size % BLOCK)


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
            parts=tuple(_parts(raw["parts"])),
        )
        version_key(manifest.version)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadBundle("update_not_file", MANIFEST) from error
    return manifest


def _parts(rows: Sequence[Mapping[str, Any]]) -> Iterator[Part]:
    seen: set[str] = set()
    for row in rows:
        name = str(row["name"])
        if not _NAME.fullmatch(name) or name in seen or name in (MANIFEST, SIGNATURE):
            raise ValueError(name)
        seen.add(name)
        yield Part(name, int(row["size"]), str(row["sha256"]), run=bool(row["run"]))


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
