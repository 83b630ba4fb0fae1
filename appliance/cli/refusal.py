"""Why the server last refused to start: kept for whoever looks later, by `start` or `doctor`."""

from contextlib import suppress
from pathlib import Path

import msgspec

from appliance.config import Config
from appliance.errors import ConfigError, HouseError


class _Kept(msgspec.Struct):
    code: str
    params: dict[str, str | int]


def _place(config: Config) -> Path:
    return config.run / "refusal.json"


def keep(config: Config, error: HouseError) -> None:
    """Write it down where that is possible; a folder that cannot be written is seen anyway."""
    with suppress(OSError):
        _place(config).write_bytes(msgspec.json.encode(_Kept(error.code, dict(error.params))))


def forget(config: Config) -> None:
    """A new try begins."""
    with suppress(OSError):
        _place(config).unlink(missing_ok=True)


def last(config: Config) -> ConfigError | None:
    """What the last try ended with; None when it began to serve."""
    try:
        kept = msgspec.json.decode(_place(config).read_bytes(), type=_Kept)
    except (OSError, msgspec.DecodeError):
        return None
    return ConfigError(kept.code, "", **kept.params)
