"""Keeps the search index over a restart: one sealed file beside the database.

The file is a cache. If it is missing, damaged, sealed under a destroyed key or of another version,
the index is built anew; nobody is told more than that names are being indexed.
"""

import logging
import os
from collections.abc import Callable
from pathlib import Path

from cryptography.exceptions import InvalidTag

from appliance.errors import HouseError
from appliance.vault.search import SearchIndex

_log = logging.getLogger(__name__)


def write(path: Path, sealed: Callable[[bytes], bytes], index: SearchIndex) -> None:
    """Write the index, sealed, in place of the former file: wholly or not at all.

    Args:
        path: the file; it becomes readable to its owner only.
        sealed: encrypts the serialised index; best under a new key each time.
        index: may be changed by other threads meanwhile.

    Raises:
        OSError: the disk is full or read-only; the former file is still there.
    """
    content = sealed(index.serialize())
    draft = path.with_name(path.name + ".tmp")
    try:
        draft.unlink(missing_ok=True)
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:  # noqa: PTH123 - Path.open cannot create with a mode
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
        _sync_folder(path.parent)
    except OSError:
        draft.unlink(missing_ok=True)
        raise


def read(path: Path, opened: Callable[[bytes], bytes]) -> SearchIndex | None:
    """Read the index back.

    Args:
        path: the file.
        opened: decrypts what `sealed` encrypted; may raise `HouseError`, `InvalidTag` or
            `ValueError`.

    Returns:
        The index, to be brought up to date from its `revision`; None: build it anew.
    """
    try:
        return SearchIndex.load(opened(path.read_bytes()))
    except FileNotFoundError:
        return None
    except (HouseError, InvalidTag, ValueError, OSError) as error:
        _log.warning("search snapshot not usable (%s), rebuilding", type(error).__name__)
        return None


def _sync_folder(folder: Path) -> None:
    """Make the renaming last: the name of a file is kept in its folder."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
