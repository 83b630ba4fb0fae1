"""Looks for the data of the box, its keys and its memory; changes and deletes what it can."""

import os
import stat
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from appliance.plugin_api.core import Core
from appliance.plugin_api.hooks import RouteReply, RouteRequest, Routes, hookimpl


@hookimpl
def register_routes(route: Routes) -> None:
    route("go", go)


async def go(request: RouteRequest, core: Core) -> RouteReply:
    data = str(core.settings["target"])
    box = f"/proc/{os.getppid()}"
    tries: dict[str, Callable[[], object]] = {
        "read": lambda: Path(data, "main.db").read_bytes(),
        "list": lambda: os.listdir(data),
        "write": lambda: Path(data, "main.db").write_bytes(b""),
        "delete": lambda: os.unlink(f"{data}/main.db"),
        "rename": lambda: os.rename(f"{data}/main.db", f"{data}/gone.db"),
        "truncate": lambda: os.truncate(f"{data}/main.db", 0),
        "chmod": lambda: os.chmod(data, 0),
        "link": lambda: os.symlink(f"{data}/main.db", "/tmp/main.db"),
        "memory": lambda: open(f"{box}/mem", "rb").read(1),
        "environment": lambda: open(f"{box}/environ", "rb").read(),
        "descriptors": lambda: os.listdir(f"{box}/fd"),
        "users": lambda: Path("/etc/passwd").read_bytes(),
        "home": lambda: os.listdir("/root"),
        "neighbour": lambda: os.listdir(Path(__file__).parents[1]),
        "tmp": lambda: Path("/tmp/korobka-was-here").write_bytes(b"x"),
        "own": lambda: Path(__file__).with_name("left.txt").write_bytes(b"x"),
        "inherited": inherited,
    }
    done = []
    for name, one in tries.items():
        with suppress(OSError):
            one()
            done.append(name)
    return RouteReply(body=" ".join(done).encode())


def inherited() -> None:
    """Reads from any descriptor that is a file: none may have been left open."""
    for number in range(3, 256):
        with suppress(OSError):
            if stat.S_ISREG(os.fstat(number).st_mode):
                return
    raise PermissionError
