"""Landlock: what the plugin may open (`linux/landlock.h`; the numbers are the kernel's)."""

import ctypes
import os
import stat
from collections.abc import Iterable
from contextlib import suppress
from typing import Any, Final

CREATE_RULESET: Final = 444
ADD_RULE: Final = 445
RESTRICT_SELF: Final = 446
"""System calls; the same numbers on every architecture."""

_VERSION: Final = 1
_PATH_BENEATH: Final = 1

_WRITE_FILE: Final = 1 << 1
_READ_FILE: Final = 1 << 2
_READ_DIR: Final = 1 << 3
_REMOVE_DIR: Final = 1 << 4
_REMOVE_FILE: Final = 1 << 5
_MAKE_DIR: Final = 1 << 7
_MAKE_REG: Final = 1 << 8
_REFER: Final = 1 << 13
_TRUNCATE: Final = 1 << 14

_FIRST: Final = (1 << 13) - 1
_LATER: Final = {2: 1 << 13, 3: 1 << 14, 5: 1 << 15}
"""Rights over files of level 1, and what each later level adds (REFER, TRUNCATE, IOCTL_DEV)."""

_TCP: Final = 0b11
"""bind and connect, from level 4."""

_SCOPED: Final = 0b11
"""Abstract sockets and signals to the outside, from level 6."""

_READING: Final = _READ_FILE | _READ_DIR
_WRITING: Final = (
    _READING | _WRITE_FILE | _REMOVE_DIR | _REMOVE_FILE | _MAKE_DIR | _MAKE_REG | _REFER | _TRUNCATE
)
_OF_FILES: Final = _READ_FILE | _WRITE_FILE | _TRUNCATE
"""Rights that make sense of what is not a folder; the kernel refuses the others there."""


class _Ruleset(ctypes.Structure):
    _fields_ = (("fs", ctypes.c_uint64), ("net", ctypes.c_uint64), ("scoped", ctypes.c_uint64))


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32))


def level(libc: Any) -> int:
    """Which level of Landlock the kernel speaks; 0 when it has none or has it turned off."""
    return max(0, libc.syscall(CREATE_RULESET, None, ctypes.c_size_t(0), _VERSION))


def stand(libc: Any, readable: Iterable[str], spool: str) -> bool:
    """Let this process open nothing but these, for good; False when the kernel cannot.

    Args:
        libc: the C library.
        readable: files and folders; what does not exist is passed over.
        spool: the folder that may be written to; empty for none.
    """
    spoken = level(libc)
    if not spoken:
        return False
    handled = _FIRST | sum(bit for since, bit in _LATER.items() if spoken >= since)
    rules = _Ruleset(handled, _TCP if spoken >= 4 else 0, _SCOPED if spoken >= 6 else 0)
    size = 24 if spoken >= 6 else 16 if spoken >= 4 else 8
    ruleset = libc.syscall(CREATE_RULESET, ctypes.byref(rules), ctypes.c_size_t(size), 0)
    if ruleset < 0:
        return False
    try:
        for path in readable:
            _allow(libc, ruleset, path, _READING & handled)
        if spool:
            _allow(libc, ruleset, spool, _WRITING & handled)
        _allow(libc, ruleset, "/dev/null", (_READ_FILE | _WRITE_FILE) & handled)
        return libc.syscall(RESTRICT_SELF, ruleset, 0) == 0
    finally:
        os.close(ruleset)


def _allow(libc: Any, ruleset: int, path: str, rights: int) -> None:
    with suppress(FileNotFoundError, PermissionError):
        beneath = os.open(path, os.O_PATH | os.O_CLOEXEC)
        try:
            if not stat.S_ISDIR(os.fstat(beneath).st_mode):
                rights &= _OF_FILES
            rule = _Beneath(rights, beneath)
            libc.syscall(ADD_RULE, ruleset, _PATH_BENEATH, ctypes.byref(rule), 0)
        finally:
            os.close(beneath)
