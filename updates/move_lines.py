"""What `korobka move --json` says while it works, and in the end; read by whoever began it."""

from collections.abc import Mapping
from typing import Any, cast

import msgspec

from appliance.errors import HouseError


class Progress(msgspec.Struct):
    """A line on standard error, for programs; `seconds`: how long the step has lasted."""

    step: str
    done: int
    total: int
    seconds: int = 0


def progress_of(line: str) -> Progress | None:
    """What a line on standard error says; None: it is of something else."""
    try:
        return msgspec.json.decode(line, type=Progress)
    except msgspec.DecodeError:
        return None


def answer_of(said: str) -> Mapping[str, Any]:
    """What the command answered in JSON.

    Raises:
        HouseError: what it refused with; `move_died`.
    """
    try:
        answer = msgspec.json.decode((said.strip().splitlines() or [""])[-1])
    except msgspec.DecodeError as error:
        raise HouseError("move_died") from error
    facts = cast("dict[str, Any]", answer)
    if "error" in facts:
        raise HouseError(facts["error"]["code"], "", **facts["error"]["params"])
    return facts
