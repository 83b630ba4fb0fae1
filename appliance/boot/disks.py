"""Disks on which copies could lie: what is mounted, and whether it is another disk at all."""

import os
from pathlib import Path
from typing import Any, Final

BY_ID: Final = Path("/dev/disk/by-id")
PLACES: Final = ("/media/", "/mnt/", "/run/media/", "/srv/")
"""Where people and systems mount what is plugged in."""

LEAST_FREE: Final = 1 << 28
"""Bytes: not even the copies of an empty box would fit for long."""


def is_elsewhere(path: Path, data: Path) -> bool:
    """Whether a folder lies on another file system than the data."""
    try:
        return path.stat().st_dev != data.stat().st_dev
    except OSError:
        return False


def is_off_box(place: str, data: Path) -> bool:
    """Whether a place for copies is not the disk of the data; what is no folder never is."""
    return not place.startswith("/") or is_elsewhere(Path(place), data)


def found(data: Path) -> list[dict[str, Any]]:
    """Mounted places for copies: `path`, `device`, `id` (of a USB disk), `free` in bytes."""
    try:
        lines = Path("/proc/mounts").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []
    ids = _ids()
    listed: list[dict[str, Any]] = []
    for line in lines:
        device, place, _kind, options, *_rest = line.split()
        place = place.replace("\\040", " ")
        path = Path(place)
        if "ro" in options.split(",") or not place.startswith(PLACES):
            continue
        if not is_elsewhere(path, data):
            continue
        try:
            room = os.statvfs(path)
        except OSError:
            continue
        if room.f_bavail * room.f_frsize < LEAST_FREE:
            continue
        listed.append(
            {
                "path": place,
                "device": device,
                "id": ids.get(device, ""),
                "free": room.f_bavail * room.f_frsize,
            }
        )
    return listed


def _ids() -> dict[str, str]:
    """Device → name by which the system knows the disk wherever it is plugged in."""
    try:
        links = sorted(BY_ID.iterdir())
    except OSError:
        return {}
    return {str(link.resolve()): link.name for link in links if link.name.startswith("usb-")}
