"""Keeps the process's memory to itself."""

import ctypes
import resource
from typing import Final

_PR_SET_DUMPABLE: Final = 4
"""From `linux/prctl.h`."""


def harden_process() -> bool:
    """Forbids core dumps and other processes of the same user to look into this one.

    Called by the server before anything is unlocked, and by whatever unlocks a vault. Swap is the
    host's matter: it has to be encrypted or off. Python cannot wipe memory reliably.

    Returns:
        whether both could be set; elsewhere than on Linux only the first can.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        prctl = ctypes.CDLL(None, use_errno=True).prctl
    except (OSError, AttributeError):
        return False
    return prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0) == 0
