"""One server per data folder."""

import fcntl
import os
from pathlib import Path
from types import TracebackType
from typing import Self

from appliance.errors import Unavailable


class DataLock:
    """An advisory lock on the data folder; the kernel drops it when the process dies."""

    def __init__(self, folder: Path) -> None:
        """Take the lock.

        Raises:
            Unavailable: `data_folder_in_use`, or `data_folder_unwritable`.
        """
        try:
            self._handle = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise Unavailable("data_folder_unwritable", f"errno {error.errno}") from error
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(self._handle)
            raise Unavailable("data_folder_in_use") from error

    def release(self) -> None:
        """Let another process in."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()
