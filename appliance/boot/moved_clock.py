"""A clock that a test moves forward: for boxes of invented people, on a source checkout only.

Three things must come together, and a box that works for people has none of them: the program runs
out of its sources (an installed release has no tests beside it), the folder was made by a first
start in development, which signed it with the box's own key, and the variable is set. Both clocks
move together, wall and steady, so that nothing is ever due that would not be due then: the floors
of `domain.subjects` hold on the moved clock as on any other.
"""

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import appliance
from appliance.boot.steady import steady
from appliance.config import Config
from appliance.domain.subjects import Steady
from appliance.errors import ConfigError, HouseError
from appliance.vault.signatures import is_signed
from appliance.vault.vault import Vault

VARIABLE: Final = "KOROBKA_MOVED_CLOCK"
"""Hours forward."""

MARK: Final = "development.json"
MOST_HOURS: Final = 24 * 366


def is_checkout() -> bool:
    """Whether this program runs out of its sources."""
    root = Path(appliance.__file__).parents[1]
    return (root / "pyproject.toml").is_file() and (root / "tests" / "house").is_dir()


def is_wanted(config: Config) -> bool:
    """Whether a new box is to be one of invented people: by settings or surroundings."""
    return config.server.development or os.environ.get("KOROBKA_DEVELOPMENT") == "true"


def mark(config: Config, vault: Vault) -> None:
    """Sign a new folder as one of invented people; a folder that is there already gets no mark.

    Raises:
        ConfigError: `E022`: not in an installed release.
    """
    if not is_checkout():
        raise ConfigError("E022")
    record = json.dumps({"development": True, "key": vault.checkpoint_public_key().hex()})
    signed = {"record": record, "signature": vault.sign_document(record.encode()).hex()}
    (config.data / MARK).write_text(json.dumps(signed), encoding="ascii")


def moved(config: Config) -> timedelta:
    """How far the clock is asked to be moved; nothing where nobody asks.

    Raises:
        ConfigError: `E022`: this box works for people, or is a release, or that is no number.
    """
    text = os.environ.get(VARIABLE, "")
    if not text:
        return timedelta()
    if not is_checkout() or not (config.data / MARK).is_file():
        raise ConfigError("E022")
    if not text.isascii() or not text.isdigit() or int(text) > MOST_HOURS:
        raise ConfigError("E022")
    return timedelta(hours=int(text))


def must_be_marked(config: Config, vault: Vault) -> None:
    """Refuse a mark that this box's own key did not sign: one that was put there by hand.

    Raises:
        ConfigError: `E022`.
    """
    try:
        found = json.loads((config.data / MARK).read_text(encoding="ascii"))
        record, signature = str(found["record"]), bytes.fromhex(found["signature"])
        own = json.loads(record)["key"] == vault.checkpoint_public_key().hex()
    except (OSError, ValueError, KeyError, TypeError, HouseError) as error:
        raise ConfigError("E022") from error
    if not own or not is_signed(vault.checkpoint_public_key(), record.encode(), signature):
        raise ConfigError("E022")


class MovedClock:
    """Wall and steady clock, the same time ahead."""

    def __init__(self, ahead: timedelta) -> None:
        self.ahead = ahead

    def now(self) -> datetime:
        """The time, UTC."""
        return datetime.now(UTC) + self.ahead

    def steady(self) -> Steady:
        """How long the machine has been on, it says."""
        found = steady()
        return Steady(found.boot, found.ms + self.ahead // timedelta(milliseconds=1))
