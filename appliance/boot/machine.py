"""What the process sees around itself: disk, memory, certificate, files of the box."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

from appliance.boot import disks, releases
from appliance.boot.house import MAIN_FILE, OpenHouse
from appliance.config import Config
from appliance.domain.health import Machine
from appliance.errors import HouseError, Sealed
from appliance.vault import certificates

MEMORY = Path("/proc/meminfo")


def look_around(opened: OpenHouse, since: datetime) -> Machine:
    """Gather the figures of an open box; a few milliseconds of small reads.

    Args:
        opened: the house.
        since: when this process began to serve.

    Raises:
        Sealed: the log is closed with the vault.
    """
    config, log = opened.config, opened.log
    if log is None:
        raise Sealed
    disk = shutil.disk_usage(config.data)
    memory = _memory()
    until, own = _certificate(config.tls)
    main = config.data / MAIN_FILE
    return Machine(
        since=since,
        disk_total=disk.total,
        disk_free=disk.free,
        memory_total=memory.get("MemTotal", 0),
        memory_free=memory.get("MemAvailable", 0),
        certificate_until=until,
        certificate_own=own,
        database=opened.database.dialect,
        database_bytes=main.stat().st_size if main.exists() else 0,
        index_names=opened.house.index.stats().entries,
        index_building=opened.index.building,
        log_size=log.size,
        log_at=datetime.fromtimestamp(log.sealed_at / 1000, UTC),
        anchored_at=_newest_anchor(config.data / "anchors"),
        log_began=datetime.fromtimestamp(log.started / 1000, UTC),
        keys_apart=_keys_apart(config),
        release=releases.look(releases.etc_here()),
    )


def _keys_apart(config: Config) -> bool:
    """Whether keys of copies also go where the loss of this disk does not reach."""
    places = [*config.backup.targets, *([config.backup.guard] if config.backup.guard else [])]
    return any(disks.is_off_box(place, config.data) for place in places)


def _memory() -> dict[str, int]:
    """Names and bytes of /proc/meminfo (its unit is the KiB); nothing where it is not there."""
    try:
        lines = MEMORY.read_text(encoding="ascii").splitlines()
    except OSError:
        return {}
    pairs = (line.partition(":") for line in lines)
    return {name: int(rest.split()[0]) * 1024 for name, _, rest in pairs if rest.strip()}


def _certificate(folder: Path) -> tuple[datetime | None, bool]:
    try:
        shown = certificates.inspect(folder)
    except HouseError:
        return None, False
    return shown.expires_at, shown.is_own


def _newest_anchor(place: Path) -> datetime | None:
    """When a checkpoint from outside was last laid beside the log."""
    if not place.is_dir():
        return None
    times = [path.stat().st_mtime for path in place.glob("*.note")]
    return datetime.fromtimestamp(max(times), UTC) if times else None
