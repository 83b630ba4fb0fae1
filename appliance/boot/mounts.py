"""Disks by the ids of their file systems: where each is mounted now, wherever it was plugged in."""

import os
import re
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Final

USB: Final = "usb:"

MOUNTS: Final = Path("/proc/self/mountinfo")
UDEV: Final = Path("/run/udev/data")
BY_ID: Final = Path("/dev/disk/by-uuid")


def folder_of(text: str) -> Path | None:
    """The folder that `usb:ID/folder` names; None while that disk is not there."""
    identity, _, folder = text.removeprefix(USB).partition("/")
    for device, point in mounted():
        if identity in ids_of(device):
            return Path(point) / folder
    return None


def mounted() -> Iterable[tuple[str, str]]:
    """Device as `major:minor`, mount point; proc(5): the point has spaces as octal escapes."""
    for line in MOUNTS.read_text(encoding="utf-8").splitlines():
        fields = line.split(" ")
        point = re.sub(r"\\([0-7]{3})", lambda found: chr(int(found[1], 8)), fields[4])
        yield fields[2], point


def ids_of(device: str) -> set[str]:
    """Ids of the file system on a device, as udev keeps them; else as /dev names them."""
    ids: set[str] = set()
    with suppress(OSError):
        for line in (UDEV / f"b{device}").read_text(encoding="utf-8").splitlines():
            if line.startswith("E:ID_FS_UUID="):
                ids.add(line.partition("=")[2])
    with suppress(OSError):
        for path in BY_ID.iterdir():
            number = path.stat().st_rdev
            if f"{os.major(number)}:{os.minor(number)}" == device:
                ids.add(path.name)
    return ids
