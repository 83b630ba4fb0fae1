"""Room for files about people on their way in or out: nothing of them lies on a disk to be read.

A table that goes out, or one that comes in, may be too large for memory. What does not fit goes to
a file without a name, under a key that exists only as long as the object: whoever gets the disk,
or looks into the folder of temporary files after a power cut, has noise.
"""

import io
import os
import tempfile
from typing import IO, Any, Final

from cryptography.hazmat.primitives.ciphers import Cipher, CipherContext
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CTR

IN_MEMORY: Final = 4 * 1024 * 1024
"""Bytes that are kept in memory; what is larger goes to the disk."""

_BLOCK: Final = 16
_BUFFER: Final = 64 * 1024


class SealedFile(io.RawIOBase):
    """An unnamed temporary file whose bytes on the disk are AES-256-CTR (SP 800-38A, 6.5).

    The counter is the place in the file, so it can be read and written anywhere. A key is used
    for one file, which is written once from its beginning to its end: only an archive's own
    headers are written over, and those say nothing of anybody. Nothing is authenticated: whoever
    can change an open file without a name can change the process, too.
    """

    def __init__(self) -> None:
        super().__init__()
        self._file: IO[bytes] = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 - closed with this
        self._key = AES(os.urandom(32))
        self._at = 0

    def _turned(self, data: bytes) -> bytes:
        """These bytes as they lie at the present place, or the other way round."""
        counter = (self._at // _BLOCK).to_bytes(_BLOCK, "big")
        context: CipherContext = Cipher(self._key, CTR(counter)).encryptor()
        context.update(bytes(self._at % _BLOCK))
        return context.update(data)

    def readable(self) -> bool:
        """It is."""
        return True

    def writable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read on into a buffer; how many bytes."""
        data = self._turned(self._file.read(len(buffer)))
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)

    def write(self, data: Any) -> int:
        """Write on; how many bytes the disk took."""
        taken = self._file.write(self._turned(bytes(data)))
        self._at += taken
        return taken

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place."""
        self._at = self._file.seek(offset, whence)
        return self._at

    def tell(self) -> int:
        """The place."""
        return self._at

    def truncate(self, size: int | None = None) -> int:
        """Cut the file off."""
        return self._file.truncate(self._at if size is None else size)

    def close(self) -> None:
        """Give the room and the key back."""
        if not self.closed:
            self._file.close()
        super().close()


class SealedSpool(tempfile.SpooledTemporaryFile[bytes]):
    """A file in memory that goes on in a `SealedFile` when it grows."""

    def __init__(self, max_size: int = IN_MEMORY) -> None:
        super().__init__(max_size=max_size)

    def rollover(self) -> None:
        """Move what is in memory to the disk, sealed."""
        if self._rolled:
            return
        held: io.BytesIO = self._file  # pyright: ignore[reportAssignmentType] - before it has rolled
        sealed = io.BufferedRandom(SealedFile(), _BUFFER)
        place = held.tell()
        sealed.write(held.getbuffer())
        sealed.seek(place)
        self._file = sealed  # pyright: ignore[reportAttributeAccessIssue] - the standard library's own
        self._rolled = True
