"""Starts processes and meddles with the box's."""

import os
import resource
import subprocess
import sys
import threading
from collections.abc import Callable

from appliance.plugin_api.core import Core
from appliance.plugin_api.hooks import RouteReply, RouteRequest, Routes, hookimpl


@hookimpl
def register_routes(route: Routes) -> None:
    route("go", go)


async def go(request: RouteRequest, core: Core) -> RouteReply:
    box = os.getppid()
    tries: dict[str, Callable[[], object]] = {
        "fork": os.fork,
        "spawn": lambda: os.posix_spawn("/bin/true", ["true"], {}),
        "run": lambda: subprocess.run(["/bin/true"], check=False),
        "exec": lambda: os.execv(sys.executable, ["python"]),
        "kill": lambda: os.kill(box, 0),
        "stop": lambda: os.pidfd_open(box),
        "nice": lambda: os.setpriority(os.PRIO_PROCESS, box, 19),
        "limits": lambda: resource.prlimit(box, resource.RLIMIT_NOFILE, (16, 16)),
        "more": lambda: resource.setrlimit(resource.RLIMIT_DATA, (1 << 40, 1 << 40)),
        "root": lambda: os.setuid(0),
        "threads": threads,
    }
    done = []
    for name, one in tries.items():
        try:
            one()
        except (OSError, RuntimeError, ValueError):
            continue
        done.append(name)
    return RouteReply(body=" ".join(done).encode())


def threads() -> None:
    """As many threads as there can be: memory bounds them."""
    hold = threading.Event()
    started = 0
    try:
        for _ in range(10_000):
            threading.Thread(target=hold.wait, daemon=True).start()
            started += 1
    finally:
        hold.set()
