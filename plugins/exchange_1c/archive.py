"""Archives of exchange files, read as a stream; whatever they claim is checked before and counted.

Nothing is unpacked to a path: an entry is read piece by piece and its name is only a key. The
standard library's reader would build half a kilobyte for every entry an archive claims to have,
before anybody could count them; this one counts first.
"""

import struct
import zlib
from collections.abc import Iterator
from itertools import pairwise
from stat import S_IFDIR, S_IFMT, S_IFREG
from typing import Any, BinaryIO, NamedTuple, Protocol

import msgspec

from plugins.exchange_1c import names
from plugins.exchange_1c.refusals import Refused

PIECE = 65536
MIB = 1024 * 1024
GIB = 1024 * MIB

_END = struct.Struct("<4s4H2LH")
_END64_PLACE = struct.Struct("<4sLQL")
_END64 = struct.Struct("<4sQ2H2L4Q")
_LISTED = struct.Struct("<4s4x2H4x3L3H4xLL")
_LOCAL = struct.Struct("<4s22x2H")
_ENCRYPTED = 0x1
_UTF8 = 0x800
_STORED, _DEFLATED = 0, 8
_FULL = 0xFFFFFFFF


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What an archive may be (reference 13). Genuine exports compress up to 58 to 1.

    Attributes:
        directory: bytes of the list of entries, asked before it is read.
        ratio: to one, asked for beyond `ratio_from` bytes of an entry.
        total: bytes of all entries, unpacked.
    """

    entries: int = 200_000
    directory: int = 64 * MIB
    ratio: int = 250
    ratio_from: int = 50 * MIB
    total: int = 4 * GIB


class Entry(NamedTuple):
    """A file of an archive.

    Attributes:
        name: clean.
        size: unpacked, as claimed.
        packed: bytes in the archive.
        place: of its local header.
    """

    name: str
    size: int
    packed: int
    place: int
    method: int
    crc: int


class Archive:
    """An archive whose directory was found sound.

    Raises:
        Refused: `zip_cut` (what arrived has no end), `zip_many`, `zip_encrypted`, `zip_link`,
            `zip_nested`, `zip_double`, `zip_overlap`, `zip_method`, `zip_bomb`, `zip_broken`;
            `name_bad` for a name that climbs out.
    """

    def __init__(self, file: BinaryIO, limits: Limits | None = None) -> None:
        self._file = file
        self._limits = limits or Limits()
        begin, end = _directory(file, self._limits)
        self.entries = tuple(_listed(file, begin, end, self._limits))
        _check_together(self.entries, begin, self._limits)

    def pieces(self, entry: Entry) -> Iterator[bytes]:
        """The bytes of an entry; they are counted, the directory is not believed.

        Raises:
            Refused: `zip_bomb`, `zip_broken`.
        """
        limits, taken, crc = self._limits, 0, 0
        for piece in self._inflated(entry):
            taken += len(piece)
            if taken > limits.total or taken > entry.size:
                raise Refused("zip_bomb", most=limits.total // MIB)
            if taken > limits.ratio_from and taken > max(entry.packed, 1) * limits.ratio:
                raise Refused("zip_bomb", most=limits.ratio)
            crc = zlib.crc32(piece, crc)
            yield piece
        if taken != entry.size or crc != entry.crc:
            raise Refused("zip_broken")

    def _inflated(self, entry: Entry) -> Iterator[bytes]:
        place = self._begin(entry)
        end = place + entry.packed
        opened = zlib.decompressobj(-zlib.MAX_WBITS) if entry.method == _DEFLATED else None
        while place < end:
            # Somebody else may have read elsewhere between two pieces.
            self._file.seek(place)
            packed = self._file.read(min(PIECE, end - place))
            if not packed:
                raise Refused("zip_broken")
            place += len(packed)
            if opened is None:
                yield packed
            else:
                yield from _opened(opened, packed)
        if opened is not None and not opened.eof:
            raise Refused("zip_broken")

    def _begin(self, entry: Entry) -> int:
        """Where the entry's bytes begin."""
        self._file.seek(entry.place)
        head = self._file.read(_LOCAL.size)
        if len(head) < _LOCAL.size or not head.startswith(b"PK\x03\x04"):
            raise Refused("zip_broken")
        _, name, extra = _LOCAL.unpack(head)
        return entry.place + _LOCAL.size + name + extra


class _Opened(Protocol):
    """What `zlib.decompressobj` makes."""

    @property
    def eof(self) -> bool: ...
    @property
    def unconsumed_tail(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int, /) -> bytes: ...


def _opened(opened: _Opened, packed: bytes) -> Iterator[bytes]:
    """Unpack without ever making more than a piece at once."""
    while packed:
        try:
            made = opened.decompress(packed, PIECE)
        except zlib.error as error:
            raise Refused("zip_broken") from error
        if made:
            yield made
        elif opened.eof or not opened.unconsumed_tail:
            return
        packed = opened.unconsumed_tail


def _directory(file: BinaryIO, limits: Limits) -> tuple[int, int]:
    """Begin and end of the list of entries, its claimed count and size checked."""
    size = file.seek(0, 2)
    tail_at = max(0, size - _END.size - 65535)
    file.seek(tail_at)
    tail = file.read()
    place = tail.rfind(b"PK\x05\x06")
    if place < 0 or len(tail) - place < _END.size:
        raise Refused("zip_cut", received=size)
    found = _END.unpack_from(tail, place)
    count, length, end = found[4], found[5], tail_at + place
    if count == 0xFFFF or _FULL in (length, found[6]):
        count, length, end = _directory64(file, end) or (count, length, end)
    if count > limits.entries or length > limits.directory:
        raise Refused("zip_many", most=limits.entries)
    if length > end:
        raise Refused("zip_broken")
    return end - length, end


def _directory64(file: BinaryIO, end: int) -> tuple[int, int, int] | None:
    """Count, size and end of the list in a large archive."""
    if end < _END64_PLACE.size:
        return None
    file.seek(end - _END64_PLACE.size)
    mark, _, place, _ = _END64_PLACE.unpack(file.read(_END64_PLACE.size))
    if mark != b"PK\x06\x07":
        return None
    file.seek(min(place, end))
    raw = file.read(_END64.size)
    if len(raw) < _END64.size or not raw.startswith(b"PK\x06\x06"):
        raise Refused("zip_broken")
    found = _END64.unpack(raw)
    return found[7], found[8], place


def _listed(file: BinaryIO, place: int, end: int, limits: Limits) -> Iterator[Entry]:
    """The entries that are files; the list is walked, its count is not believed."""
    file.seek(place)
    raw = file.read(end - place)
    at = count = 0
    while at < len(raw):
        count += 1
        if count > limits.entries:
            raise Refused("zip_many", most=limits.entries)
        if len(raw) - at < _LISTED.size or raw[at : at + 4] != b"PK\x01\x02":
            raise Refused("zip_broken")
        one = _LISTED.unpack_from(raw, at)
        at += _LISTED.size
        name, extra = raw[at : at + one[6]], raw[at + one[6] : at + one[6] + one[7]]
        at += one[6] + one[7] + one[8]
        if not name.endswith((b"/", b"\\")):
            yield _entry(one, name, extra)


def _entry(one: tuple[Any, ...], raw_name: bytes, extra: bytes) -> Entry:
    _, flags, method, crc, packed, size, *_, attributes, place = one
    if flags & _ENCRYPTED:
        raise Refused("zip_encrypted")
    if S_IFMT(attributes >> 16) not in (0, S_IFREG, S_IFDIR):
        raise Refused("zip_link")
    if method not in (_STORED, _DEFLATED):
        raise Refused("zip_method")
    size, packed, place = _wide(extra, size, packed, place)
    name = _name(raw_name, utf8=bool(flags & _UTF8))
    return Entry(name, size, packed, place, method, crc)


def _wide(extra: bytes, *figures: int) -> tuple[int, int, int]:
    """Figures that stand in the extra field, because they are larger than four bytes."""
    wide = list(figures)
    at = 0
    while at + 4 <= len(extra):
        kind, length = struct.unpack_from("<2H", extra, at)
        if kind == 1:
            given = iter(struct.iter_unpack("<Q", extra[at + 4 : at + 4 + length // 8 * 8]))
            wide = [next(given, (one,))[0] if one == _FULL else one for one in wide]
        at += 4 + length
    return wide[0], wide[1], wide[2]


def _name(raw: bytes, *, utf8: bool) -> str:
    """A clean name; without the mark for UTF-8 it is in the encoding of DOS."""
    try:
        name = raw.decode("utf-8" if utf8 else "cp866")
    except UnicodeDecodeError as error:
        raise Refused("name_bad") from error
    name = name.replace("\\", "/")
    if "\0" in name or name.startswith("/") or name[1:2] == ":":
        raise Refused("name_bad")
    name = names.clean(name)
    if names.extension(name) in names.NESTED:
        raise Refused("zip_nested")
    return name


def _check_together(entries: tuple[Entry, ...], begin: int, limits: Limits) -> None:
    """What no entry shows alone: doubles, the sum, bytes that several share."""
    if len({one.name.casefold() for one in entries}) < len(entries):
        raise Refused("zip_double")
    if sum(one.size for one in entries) > limits.total:
        raise Refused("zip_bomb", most=limits.total // MIB)
    places = [(one.place, one.place + _LOCAL.size + one.packed) for one in entries]
    for (_, ends), (begins, _) in pairwise((*sorted(places), (begin, begin))):
        if ends > begins:
            raise Refused("zip_overlap")
