"""What the installation's own files tell of updates: read here, written by `korobka update`.

An update stops the box, so it writes its steps down beside the installation; the box, once it is
open, brings them into its log.
"""

import fcntl
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec

from appliance import __version__
from appliance.actions import releases
from appliance.boot.index import HOUSE_ACTOR
from appliance.domain.releases import Release, UpdateNote

NOTE: Final = "update.json"
PAST: Final = "updates.json"
LOCK: Final = "update.lock"
CONF: Final = "install.conf"


def etc_here() -> Path | None:
    """The installation's own folder; None: the program runs out of its sources."""
    home = Path(sys.prefix).parent
    etc = home.parent.parent / "etc"
    return etc if home.parent.name == "releases" and (etc / CONF).is_file() else None


def look(etc: Path | None) -> Release:
    """Read them; what cannot be read is left out, as it must keep nobody from working."""
    if etc is None:
        return Release(version=__version__)
    note: UpdateNote | None = None
    past: tuple[UpdateNote, ...] = ()
    with suppress(OSError, msgspec.DecodeError):
        note = msgspec.json.decode((etc / NOTE).read_bytes(), type=UpdateNote)
    with suppress(OSError, msgspec.DecodeError):
        past = msgspec.json.decode((etc / PAST).read_bytes(), type=tuple[UpdateNote, ...])
    return Release(version=__version__, note=note, is_alive=_is_held(etc), past=past)


async def note_down(etc: Path | None = None) -> None:
    """Bring into the log what it lacks; `etc`: as `etc_here` finds it."""
    found = look(etc or etc_here())
    if found.note is None and not found.past:
        return
    for note, is_end in found.unnoted(await releases.noted(HOUSE_ACTOR)):
        await (releases.ended if is_end else releases.begun)(HOUSE_ACTOR, note)


def _is_held(etc: Path) -> bool:
    """Whether an update is alive: it holds its lock for as long."""
    try:
        handle = os.open(etc / LOCK, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False
