"""What `korobka doctor` says of copies: from their state file alone, also when the box is down."""

from contextlib import suppress
from datetime import UTC, datetime

import msgspec

from appliance.boot import disks
from appliance.config import Config
from appliance.config.checks import Problem
from appliance.domain.backups import PROVEN_WITHIN, is_late

STATE_FILE = "state.json"


class _Proven(msgspec.Struct):
    proven_at: str


class _State(msgspec.Struct):
    proven: _Proven | None = None


def problems(config: Config, now: datetime) -> list[Problem]:
    """Copies that nobody proved, and copies that would burn with the box.

    A box is left in peace for its first day and a half: there was no night to prove one in.
    """
    born = _born(config)
    if not config.backup.every_minutes or born is None or now - born < PROVEN_WITHIN:
        return []
    state = _State()
    with suppress(OSError, msgspec.DecodeError):
        state = msgspec.json.decode((config.backups / STATE_FILE).read_bytes(), type=_State)
    found: list[Problem] = []
    proven_at = datetime.fromisoformat(state.proven.proven_at) if state.proven else None
    if is_late(proven_at, now):
        found.append(Problem("backup_late"))
    if not _is_elsewhere(config):
        found.append(Problem("backup_same_disk"))
    return found


def _born(config: Config) -> datetime | None:
    """When the box was made, by a file that is written once."""
    with suppress(OSError):
        return datetime.fromtimestamp((config.data / "audit.pub").stat().st_mtime, UTC)
    return None


def _is_elsewhere(config: Config) -> bool:
    """Whether one target is on another disk."""
    places = (*config.backup.targets, *config.backup.data_targets)
    return any(disks.is_off_box(place, config.data) for place in places)
