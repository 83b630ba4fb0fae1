"""Settings of the box: JSON by key, decoded into the struct that knows the defaults."""

from typing import TypeVar

import msgspec

from appliance.errors import Conflict
from appliance.storage.statements import any_of, fetch, fetch_value, upsert
from appliance.storage.tables import SettingRow

S = TypeVar("S", bound=msgspec.Struct)
T = TypeVar("T", bound=msgspec.Struct)


async def get(key: str, kind: type[S]) -> S:
    """The setting, or the struct's defaults where nothing was set."""
    text = await fetch_value("SELECT value FROM setting WHERE key = {}", key)
    return kind() if text is None else msgspec.json.decode(text, type=kind)


async def both(key: str, kind: type[S], other_key: str, other: type[T]) -> tuple[S, T]:
    """Two settings by one statement, for what is read with every card."""
    rows = await fetch("SELECT key, value FROM setting WHERE key IN {}", any_of([key, other_key]))
    texts: dict[str, str] = dict(rows)
    return (
        msgspec.json.decode(texts[key], type=kind) if key in texts else kind(),
        msgspec.json.decode(texts[other_key], type=other) if other_key in texts else other(),
    )


async def put(key: str, value: msgspec.Struct) -> None:
    """Set it.

    Raises:
        Conflict: `setting_locked`: the configuration file holds it.
    """
    locked = await fetch_value("SELECT locked FROM setting WHERE key = {}", key)
    if locked:
        raise Conflict("setting_locked")
    text = msgspec.json.encode(value).decode()
    await upsert(SettingRow, ("key",), key=key, value=text)
