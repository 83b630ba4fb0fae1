"""The clock nobody can set: how long this machine has been on since its start."""

import time
from pathlib import Path
from typing import Final

from appliance.domain.subjects import Steady

BOOT_ID: Final = Path("/proc/sys/kernel/random/boot_id")


def steady() -> Steady:
    """Read it. Setting the wall clock changes nothing; a new start of the machine is another one.

    A machine that does not tell its starts apart gets one name for this process: after a restart
    of the box nothing is credited for the time between.
    """
    try:
        boot = BOOT_ID.read_text(encoding="ascii").strip()[:36]
    except OSError:
        boot = f"process-{_PROCESS}"
    return Steady(boot, time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1_000_000)


_PROCESS: Final = time.time_ns()
