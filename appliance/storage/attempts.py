"""A part of a deed that may be refused without the rest: one row of a batch."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any, Final

from appliance.storage.statements import savepoint
from appliance.storage.tx import Tx

_KEPT: Final = (
    "events",
    "held",
    "subjects",
    "topics",
    "cells",
    "payload",
    "object_type",
    "object_id",
    "drawn",
)
"""What a deed notes of itself besides its rows."""


@asynccontextmanager
async def attempt(tx: Tx) -> AsyncGenerator[None]:
    """Do something that leaves nothing behind when it fails: neither rows nor events.

    A person's key that was drawn meanwhile stays: a key without data opens nothing.
    """
    was = _noted(tx)
    try:
        async with savepoint():
            yield
    except BaseException:
        for name, value in was.items():
            setattr(tx, name, value)
        raise


def _noted(tx: Tx) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in _KEPT:
        value = getattr(tx, name)
        if name == "subjects":
            value = {subject: set(fields) for subject, fields in value.items()}
        elif isinstance(value, dict | list | set):
            value = value.copy()  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType]
        found[name] = value
    return found
