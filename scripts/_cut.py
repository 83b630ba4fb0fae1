"""Dropping an ext4 at once, as a power cut does; small, as the processes that do it die often."""

import fcntl
import os
import struct
from pathlib import Path

EXT4_IOC_SHUTDOWN, NOTHING_FLUSHED = 0x8004587D, struct.pack("I", 2)
"""`_IOR('X', 125, __u32)` and EXT4_GOING_FLAGS_NOLOGFLUSH of fs/ext4/ext4.h."""


def cut(home: Path) -> None:
    """Cut a mounted ext4 off, with everything that was not synced."""
    handle = os.open(home, os.O_RDONLY)
    try:
        fcntl.ioctl(handle, EXT4_IOC_SHUTDOWN, NOTHING_FLUSHED)
    finally:
        os.close(handle)
