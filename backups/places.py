"""From a target's spelling in the settings to the place itself.

/mnt/nas/korobka                          a folder
usb:1A2B-3C4D/korobka                     a folder on the disk with this file system's id
sftp://box@host:22/copies#SHA256:…        an account behind SSH; the host is known by its key
s3://KEYID@host/bucket/folder             an object store; the secret of the key is asked apart
"""

import re
import shutil
import tempfile
from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Final, NamedTuple, cast
from urllib.parse import unquote, urlsplit

from appliance.boot import mounts
from appliance.boot.disks import is_off_box
from appliance.boot.mounts import USB
from appliance.errors import Denied, HouseError, Invalid, Unavailable
from backups import buckets
from backups.orders import Checked, CheckOrder
from backups.stores import Store
from backups.targets import Folder, Target, free_bytes

SFTP: Final = "sftp://"
KEY_FILE: Final = "id_ed25519"
"""In the folder of copies, and in none of them: who steals a copy must not reach the rest."""

_USB: Final = re.compile(r"usb:([0-9A-Za-z-]{4,40})(/[^\0]*)?")


class Far(NamedTuple):
    """An SFTP account.

    Attributes:
        fingerprint: `SHA256:…` of the host's key; empty: not known yet.
    """

    user: str
    host: str
    port: int
    folder: str
    fingerprint: str


def far_of(text: str) -> Far:
    """Read an `sftp://` address.

    Raises:
        Invalid: `backup_target_spelling`.
    """
    try:
        parts = urlsplit(text)
        port = parts.port or 22
    except ValueError as error:
        raise Invalid("backup_target_spelling", path=text) from error
    if parts.scheme != "sftp" or not parts.hostname or not parts.username or parts.password:
        raise Invalid("backup_target_spelling", path=text)
    folder = unquote(parts.path) or "/"
    return Far(unquote(parts.username), parts.hostname, port, folder, parts.fragment)


def must_be_spelled(text: str) -> None:
    """Refuse what names no place.

    Raises:
        Invalid: `backup_target_spelling`.
    """
    if text.startswith(SFTP):
        far_of(text)
    elif buckets.is_bucket(text):
        buckets.bucket_of(text)
    elif not text.startswith("/") and not _USB.fullmatch(text):
        raise Invalid("backup_target_spelling", path=text)


def target_of(
    text: str, home: Path, cache: Path, *, takes_keys: bool = True, secret: str = ""
) -> Target:
    """The place that a setting names.

    Args:
        text: as in the settings.
        home: the box's folder of copies, where its SSH key is.
        cache: for parts of far copies.
        takes_keys: False: data only, and nothing there can be deleted.
        secret: of a key to an object store; empty: the one that was kept.

    Raises:
        Invalid: `backup_target_spelling`, `backup_target_secret`.
        Denied: `backup_target_secret_none`.
        Unavailable: `backup_target_lost`: no disk with this id is mounted.
    """
    must_be_spelled(text)
    if text.startswith(SFTP):
        # Loaded by who needs it: the library takes longer to import than a small copy takes.
        store = import_module("backups.sftp").SftpStore(
            text, far_of(text), home / KEY_FILE, forgets=takes_keys
        )
        return Target(cast("Store", store), cache, takes_keys=takes_keys)
    if buckets.is_bucket(text):
        bucket = buckets.bucket_of(text)
        secret = secret or buckets.secret_of(home, bucket, text)
        store = import_module("backups.s3").S3Store(text, bucket, secret, forgets=takes_keys)
        return Target(cast("Store", store), cache, takes_keys=takes_keys)
    if text.startswith(USB):
        return Folder(_of_disk(text), text, takes_keys=takes_keys)
    return Folder(Path(text), takes_keys=takes_keys)


@contextmanager
def opened(
    names: Iterable[str | Path],
    home: Path,
    data_names: Iterable[str | Path] = (),
    secret: str = "",
) -> Generator[tuple[list[Target], list[tuple[str, HouseError]]]]:
    """The places of the settings that can be spoken of, and those that are not there.

    Raises:
        Invalid: `backup_target_spelling`.
    """
    found: list[Target] = []
    lost: list[tuple[str, HouseError]] = []
    cache = Path(tempfile.mkdtemp(prefix=".work-far-", dir=home if home.is_dir() else None))
    try:
        for takes_keys, listed in ((True, names), (False, data_names)):
            for name in listed:
                try:
                    place = target_of(str(name), home, cache, takes_keys=takes_keys, secret=secret)
                except (Unavailable, Denied) as error:
                    lost.append((str(name), error))
                else:
                    found.append(place)
        yield found, lost
    finally:
        for one in found:
            one.store.close()
        shutil.rmtree(cache, ignore_errors=True)


def checked(order: CheckOrder) -> Checked:
    """Try a place before it gets into the settings: it is there, and it takes a file.

    Raises:
        Invalid: `backup_target_spelling`.
        Denied: `backup_host_unknown` with the fingerprint to compare, `backup_host_changed`,
            `backup_target_secret_none`.
        Unavailable: `backup_target_lost`, `backup_target_refused`, `backup_target_full`,
            `backup_target_clock`, `backup_target_keeps`.
    """
    must_be_spelled(order.target)
    home = order.data / "backups"
    key = ""
    if order.target.startswith(SFTP):
        key = import_module("backups.sftp").make_key(home / KEY_FILE)
    named = ((order.target,), ()) if order.takes_keys else ((), (order.target,))
    try:
        with opened(named[0], home, named[1], order.secret) as (targets, lost):
            for _, error in lost:
                raise error
            for one in targets:
                one.must_be_there(known=False)
                if order.secret and buckets.is_bucket(order.target):
                    buckets.keep_secret(home, buckets.bucket_of(order.target), order.secret)
                free = free_bytes(one.path) if isinstance(one, Folder) else 0
                return Checked(free=free, ssh_key=key, disk=is_off_box(order.target, order.data))
    except Unavailable as error:
        if key and error.code == "backup_target_refused":
            raise Unavailable("backup_target_key", path=order.target, key=key) from error
        raise
    raise Unavailable("backup_target_lost", path=order.target)


def _of_disk(text: str) -> Path:
    found = mounts.folder_of(text)
    if found is None:
        raise Unavailable("backup_target_lost", path=text)
    return found


def disks() -> Sequence[tuple[str, str]]:
    """Mounted disks that have an id of their own: `usb:…` and where each is mounted."""
    found: dict[str, str] = {}
    for device, point in mounts.mounted():
        for one in mounts.ids_of(device):
            found.setdefault(f"{USB}{one}", point)
    return sorted(found.items())
