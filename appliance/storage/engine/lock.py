"""One server per data folder: a lock that the kernel lets go when its holder dies."""

import fcntl
import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from appliance.errors import Unavailable
from appliance.storage.engine.failures import storage_failure

LOCK_NAME = "server.lock"


@contextmanager
def locked_folder(folder: Path) -> Generator[None]:
    """Hold `folder` for this process; the file stays behind, holding nothing but a process id.

    Raises:
        Unavailable: `data_folder_in_use` (`params["process"]` is the holder's id, 0 if unknown),
            `read_only_storage`, `disk_full`, `storage_failed`.
    """
    descriptor = _open(folder / LOCK_NAME)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(descriptor, 20, 0)
            process = int(holder) if holder.isdigit() else 0
            raise Unavailable(
                "data_folder_in_use", f"held by process {process}", process=process
            ) from None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        yield
    finally:
        os.close(descriptor)


def _open(path: Path) -> int:
    try:
        # Not inherited: a child that outlives the server must not keep the folder.
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as failure:
        raise storage_failure(failure) from None
