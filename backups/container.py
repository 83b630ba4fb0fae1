"""A container: a tar in the age format, written and read in one pass each.

Parts are hashed on the way in; the manifest with their hashes comes last, so nothing is read
twice. The plain `age` and `tar` of any system open it with the printed identity.
"""

import os
import tarfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from hashlib import sha256
from importlib import import_module
from pathlib import Path
from typing import Any, BinaryIO, Final, NamedTuple

from appliance.errors import Damaged, Denied
from backups.records import Part

CHUNK: Final = 1 << 20
BLOCK: Final = 512
MANIFEST: Final = "manifest.json"
MOST_MANIFEST: Final = 64 << 20
"""Bytes; a ledger of a hundred thousand people fits many times over."""

Told = Callable[[int], None]
_age: Any = import_module("pyrage")  # the binding tells no types


class Source(NamedTuple):
    """A part to be written: from a file, or from memory (keys never touch a disk in the clear).

    Attributes:
        stream: pieces that come as they are asked for; `length` bytes in all.
    """

    name: str
    path: Path | None = None
    body: bytes = b""
    stream: Iterator[bytes] | None = None
    length: int = 0

    @property
    def size(self) -> int:
        """Bytes."""
        if self.stream is not None:
            return self.length
        return len(self.body) if self.path is None else self.path.stat().st_size


def seal(
    target: BinaryIO,
    sources: Iterable[Source],
    recipients: Sequence[str],
    finish: Callable[[list[Part]], bytes],
    told: Told,
) -> Part:
    """Write a container; return its size and hash (its name is the caller's matter).

    Args:
        target: an open file.
        sources: asked for one by one, so that each may be made when it is its turn.
        recipients: `age1…`.
        finish: gives the signed manifest, once all parts are hashed.
        told: bytes gone through so far.

    Raises:
        OSError: the target cannot be written; whatever a source raises.
    """
    reader = _Reader(_tar(sources, finish), told)
    writer = _Hashed(target)
    keys = [_age.x25519.Recipient.from_str(one) for one in recipients]
    try:
        _age.encrypt_io(reader, writer, keys)
    except (_age.EncryptError, OSError):
        # The library keeps only the words of what was raised inside.
        raise reader.failed or writer.failed or OSError("age") from None
    return Part("", writer.size, writer.digest.hexdigest())


def open_sealed(source: BinaryIO, identity: str, unpacker: "Unpacker", told: Told) -> None:
    """Read a container into an unpacker.

    Raises:
        Denied: `backup_identity_wrong`: encrypted to somebody else.
        Damaged: `backup_damaged`: a byte was changed, or its end is missing.
    """
    key = _age.x25519.Identity.from_str(identity)
    try:
        _age.decrypt_io(_Counted(source, told), unpacker, [key])
    except (_age.DecryptError, OSError) as error:
        if unpacker.failed is not None:
            raise unpacker.failed from None
        if "No matching keys" in str(error):
            raise Denied("backup_identity_wrong") from None
        raise Damaged("backup_damaged", part="container") from None
    unpacker.end()


def _tar(sources: Iterable[Source], finish: Callable[[list[Part]], bytes]) -> Iterator[bytes]:
    parts: list[Part] = []
    for one in sources:
        digest, size = sha256(), 0
        length = one.size
        yield _header(one.name, length)
        for chunk in _chunks(one):
            digest.update(chunk)
            size += len(chunk)
            yield chunk
        if size != length:
            raise OSError(f"{one.name} changed while it was copied")
        yield _padding(length)
        parts.append(Part(one.name, length, digest.hexdigest()))
    last = finish(parts)
    yield _header(MANIFEST, len(last)) + last + _padding(len(last)) + bytes(2 * BLOCK)


def _chunks(one: Source) -> Iterator[bytes]:
    if one.stream is not None:
        yield from one.stream
        return
    if one.path is None:
        yield one.body
        return
    with one.path.open("rb") as file:
        while chunk := file.read(CHUNK):
            yield chunk


def _header(name: str, size: int) -> bytes:
    info = tarfile.TarInfo(name)
    info.size, info.mode = size, 0o600
    return info.tobuf(tarfile.GNU_FORMAT)


def _padding(size: int) -> bytes:
    return bytes(-size % BLOCK)


def _own(path: Path) -> BinaryIO:
    """A new file for its owner alone, whatever the shell's habit is."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


class _Reader:
    """What age reads from: gives out a stream of chunks in the pieces it asks for."""

    def __init__(self, chunks: Iterator[bytes], told: Told) -> None:
        self._chunks = chunks
        self._left = memoryview(b"")
        self._told = told
        self._done = 0
        self.failed: BaseException | None = None

    def read(self, size: int = -1) -> bytes:
        try:
            while not self._left:
                chunk = next(self._chunks, None)
                if chunk is None:
                    return b""
                self._done += len(chunk)
                self._told(self._done)
                self._left = memoryview(chunk)
        except BaseException as error:
            self.failed = error
            raise
        size = len(self._left) if size < 0 else size
        given, self._left = self._left[:size], self._left[size:]
        return bytes(given)


class _Hashed:
    """What age writes to: a file, hashed on the way."""

    def __init__(self, target: BinaryIO) -> None:
        self._target = target
        self.digest = sha256()
        self.size = 0
        self.failed: OSError | None = None

    def write(self, data: bytes) -> int:
        try:
            self._target.write(data)
        except OSError as error:
            self.failed = error
            raise
        self.digest.update(data)
        self.size += len(data)
        return len(data)

    def flush(self) -> None:
        self._target.flush()


class _Counted:
    """What age reads a container from."""

    def __init__(self, source: BinaryIO, told: Told) -> None:
        self._source = source
        self._told = told
        self._done = 0

    def read(self, size: int = -1) -> bytes:
        data = self._source.read(size)
        self._done += len(data)
        self._told(self._done)
        return data


class Unpacker:
    """Takes a tar apart as it streams by.

    Attributes:
        parts: what was found, but for the manifest.
        manifest: the manifest's bytes, signed.
    """

    def __init__(self, place: Callable[[str], Path | None]) -> None:
        """`place` says where a part goes; None: it is only hashed."""
        self._place = place
        self._head = bytearray()
        self._left = self._pad = 0
        self._name = ""
        self._out: BinaryIO | None = None
        self._digest: Any = sha256()
        self._size = 0
        self._ended = False
        self.parts: list[Part] = []
        self.manifest = bytearray()
        self.failed: Exception | None = None

    def write(self, data: bytes) -> int:
        try:
            self._take(memoryview(data))
        except Exception as error:
            self.failed = error
            raise
        return len(data)

    def flush(self) -> None:
        """Files are flushed when they are closed."""

    def end(self) -> None:
        """Say that nothing more comes.

        Raises:
            Damaged: `backup_damaged`: it ended in the middle.
        """
        if self._left or not self._ended or not self.manifest:
            self.close()
            raise Damaged("backup_damaged", part="container")

    def close(self) -> None:
        """Let go of a part that was cut off."""
        if self._out is not None:
            self._out.close()
            self._out = None

    def _take(self, data: memoryview) -> None:
        while data and not self._ended:
            if self._pad:
                skip = min(self._pad, len(data))
                self._pad -= skip
                data = data[skip:]
            elif self._left:
                data = self._body(data)
            else:
                need = BLOCK - len(self._head)
                self._head += data[:need]
                data = data[need:]
                if len(self._head) == BLOCK:
                    self._begin(bytes(self._head))
                    self._head.clear()

    def _begin(self, head: bytes) -> None:
        if head == bytes(BLOCK):
            self._ended = True
            return
        try:
            info = tarfile.TarInfo.frombuf(head, "utf-8", "strict")
        except tarfile.HeaderError as error:
            raise Damaged("backup_damaged", part="container") from error
        self._name, self._left, self._size = info.name, info.size, info.size
        self._pad = 0
        self._digest = sha256()
        if info.name == MANIFEST:
            if info.size > MOST_MANIFEST:
                raise Damaged("backup_damaged", part=MANIFEST)
        else:
            path = self._place(info.name)
            self._out = None if path is None else _own(path)
        if not self._left:
            self._finish()

    def _body(self, data: memoryview) -> memoryview:
        chunk, rest = data[: self._left], data[self._left :]
        if self._name == MANIFEST:
            self.manifest += chunk
        else:
            self._digest.update(chunk)
            if self._out is not None:
                self._out.write(chunk)
        self._left -= len(chunk)
        if not self._left:
            self._finish()
        return rest

    def _finish(self) -> None:
        self._pad = -self._size % BLOCK
        if self._name != MANIFEST:
            self.parts.append(Part(self._name, self._size, self._digest.hexdigest()))
        self.close()
