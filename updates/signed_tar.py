"""A plain tar whose every byte is foretold by a signed list or hashed in it.

Standard library only: install.sh reads update files with it before anything of the product is
installed, and the host of plugins reads theirs. The file is `manifest.json`, `manifest.sig`, then
the parts in the order of the manifest; `tar -tf` lists it. Headers and padding are compared with
what they must be, so no flipped byte anywhere goes unseen, and nothing but plain files with plain
names can be in it: no links, no devices, no way out of the folder, nothing that unfolds.
"""

import hashlib
import io
import os
import re
import tarfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final, Generic, Protocol, TypeVar, cast

MANIFEST, SIGNATURE = "manifest.json", "manifest.sig"
BLOCK: Final = 512
CHUNK: Final = 1 << 20
LONGEST_MANIFEST: Final = 1 << 20

_NAME: Final = re.compile(r"[\w+-][\w.+-]*(/[\w+-][\w.+-]*)*", re.ASCII)


class BadBundle(Exception):
    """The file is refused; nothing of it was used.

    Attributes:
        code: the form's name with `_not_file`, `_damaged`, `_signature` or `_no_key`.
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


class Listed(Protocol):
    """A manifest: it lists the parts."""

    @property
    def parts(self) -> Sequence[Part]: ...


M = TypeVar("M", bound=Listed)


@dataclass(frozen=True)
class Form(Generic[M]):
    """A kind of such files.

    Attributes:
        name: how its codes begin: `update`.
        decode: bytes of a manifest → the manifest; raises BadBundle.
        check: refuses a manifest (its bytes, its signature) that nobody trusted signed.
    """

    name: str
    decode: Callable[[bytes], M]
    check: Callable[[bytes, bytes], None]


def write(out: BinaryIO, body: bytes, signature: bytes, parts: Sequence[Part], home: Path) -> None:
    """Write a file out of a manifest, its signature and its parts, which are read from `home`."""
    line = signature.hex().encode() + b"\n"
    for name, content in ((MANIFEST, body), (SIGNATURE, line)):
        out.write(_header(name, len(content), run=False) + content + _padding(len(content)))
    for part in parts:
        out.write(_header(part.name, part.size, run=part.run))
        with (home / part.name).open("rb") as file:
            while chunk := file.read(CHUNK):
                out.write(chunk)
        out.write(_padding(part.size))
    out.write(bytes(2 * BLOCK))


def read(file: BinaryIO, form: Form[M], into: Path | None) -> M:
    """Read a file whole and compare every byte, in one go with writing the parts into a folder.

    Args:
        file: from its beginning.
        form: which kind it must be of.
        into: an empty folder; each part is on the disk then. None: nothing is written.

    Raises:
        BadBundle: what was written by then is not to be used.
        OSError: it cannot be read, or there is no room.
    """
    body = _small(file, form, MANIFEST, "not_file")
    if not body.startswith(b"{"):
        raise BadBundle(f"{form.name}_not_file")
    form.check(body, _signature(_small(file, form, SIGNATURE, "damaged"), form))
    manifest = form.decode(body)
    for part in manifest.parts:
        _exactly(file, _header(part.name, part.size, run=part.run), form, part.name)
        _part(file, form, part, into)
        _exactly(file, _padding(part.size), form, part.name)
    _exactly(file, bytes(2 * BLOCK), form, "end")
    if file.read(1):
        raise BadBundle(f"{form.name}_damaged", "end")
    return manifest


def parts_of(rows: Sequence[Mapping[str, Any]]) -> Iterator[Part]:
    """Parts out of a manifest's rows.

    Raises:
        ValueError: a name that leads out of the folder, or twice the same.
        KeyError, TypeError: something else is no part.
    """
    seen: set[str] = set()
    for row in rows:
        name = str(row["name"])
        if not _NAME.fullmatch(name) or name in seen or name in (MANIFEST, SIGNATURE):
            raise ValueError(name)
        seen.add(name)
        yield Part(name, int(row["size"]), str(row["sha256"]), run=bool(row["run"]))


def rows_of(parts: Sequence[Part]) -> list[dict[str, Any]]:
    """The other way round."""
    return [{"name": p.name, "size": p.size, "sha256": p.sha256, "run": p.run} for p in parts]


def _small(file: BinaryIO, form: Form[Any], name: str, problem: str) -> bytes:
    """One of the first two files: small, its size in its own header."""
    header, code = file.read(BLOCK), f"{form.name}_{problem}"
    try:
        found = tarfile.TarInfo.frombuf(header, "ascii", "strict")
    except (tarfile.HeaderError, UnicodeDecodeError, ValueError) as error:
        raise BadBundle(code, name) from error
    if found.name != name or not 0 < found.size <= LONGEST_MANIFEST:
        raise BadBundle(code, name)
    if header != _header(name, found.size, run=False):
        raise BadBundle(f"{form.name}_damaged", name)
    body = file.read(found.size)
    if len(body) != found.size:
        raise BadBundle(f"{form.name}_damaged", name)
    _exactly(file, _padding(found.size), form, name)
    return body


def _signature(line: bytes, form: Form[Any]) -> bytes:
    try:
        signature = bytes.fromhex(line.decode("ascii"))
    except (UnicodeDecodeError, ValueError) as error:
        raise BadBundle(f"{form.name}_damaged", SIGNATURE) from error
    if line != signature.hex().encode() + b"\n":
        raise BadBundle(f"{form.name}_damaged", SIGNATURE)
    return signature


def _part(file: BinaryIO, form: Form[Any], part: Part, into: Path | None) -> None:
    digest, left = hashlib.sha256(), part.size
    with _place(into, part) as out:
        while left:
            chunk = file.read(min(CHUNK, left))
            if not chunk:
                raise BadBundle(f"{form.name}_damaged", part.name)
            digest.update(chunk)
            out.write(chunk)
            left -= len(chunk)
        if digest.hexdigest() != part.sha256:
            raise BadBundle(f"{form.name}_damaged", part.name)
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


def _exactly(file: BinaryIO, expected: bytes, form: Form[Any], name: str) -> None:
    if file.read(len(expected)) != expected:
        raise BadBundle(f"{form.name}_damaged", name)


def _header(name: str, size: int, *, run: bool) -> bytes:
    """The one header that a file of this name and size has: no owner, no time."""
    info = tarfile.TarInfo(name)
    info.size, info.mode = size, 0o755 if run else 0o644
    return info.tobuf(tarfile.USTAR_FORMAT, "ascii", "strict")


def _padding(size: int) -> bytes:
    return bytes(-size % BLOCK)
