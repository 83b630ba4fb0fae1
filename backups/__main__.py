"""The copying process: `python -m backups`, one order on standard input, then it ends."""

import os
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from appliance.errors import HouseError
from appliance.vault.hardening import harden_process
from backups import inside, places
from backups.drill import drill
from backups.guard import guard
from backups.make import Tell, make
from backups.orders import (
    CheckOrder,
    DrillOrder,
    GoBackOrder,
    GuardOrder,
    Line,
    ListOrder,
    MakeOrder,
    Order,
    PlaceOrder,
    PrepareOrder,
)

NICENESS = 15
"""The desk is served first; on an idle machine it costs nothing."""


def _say(line: Line) -> None:
    sys.stdout.buffer.write(msgspec.json.encode(line) + b"\n")
    sys.stdout.buffer.flush()


def _sign(record: str) -> str:
    _say(Line(sign=record))
    return sys.stdin.readline().strip()


class _Teller:
    """Says where it is, in steps that a person can see."""

    def __init__(self) -> None:
        self._said = ("", -1)

    def __call__(self, step: str, done: int, total: int) -> None:
        here = (step, done * 100 // max(total, 1))
        if here != self._said:
            self._said = here
            _say(Line(step=step, done=min(done, total), total=total))


def _path(kind: type, value: object) -> object:
    if kind is Path and isinstance(value, str):
        return Path(value)
    raise NotImplementedError  # how a hook of msgspec says that the value is not its own


def _place(error: BaseException) -> str:
    """Kind and line: what is raised could quote a person, where it was raised cannot."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} {Path(frame.filename).name}:{frame.lineno}"


def _carried_out(order: Order) -> object:
    tell = _Teller()
    if isinstance(order, MakeOrder):
        return make(order, _sign, tell)
    if isinstance(order, GuardOrder):
        return guard(order, _sign, tell)
    return _WAYS[type(order)](order, tell)


_WAYS: dict[type[Order], Callable[[Any, Tell], object]] = {
    DrillOrder: drill,
    PrepareOrder: inside.prepare,
    PlaceOrder: inside.place,
    GoBackOrder: lambda order, _: inside.go_back(order),
    ListOrder: lambda order, _: inside.listed(order),
    CheckOrder: lambda order, _: places.checked(order),
}


def main() -> int:
    """Carry one order out."""
    harden_process()
    os.umask(0o077)
    os.nice(NICENESS)
    order: Order = msgspec.json.decode(sys.stdin.readline(), type=Order, dec_hook=_path)
    try:
        result = _carried_out(order)
    except HouseError as error:
        _say(Line(code=error.code, params=dict(error.params)))
        return 1
    except Exception as error:  # noqa: BLE001 - told to the box by kind and line, then it ends
        _say(Line(code="backup_failed", params={"problem": _place(error)}))
        return 1
    _say(Line(result=msgspec.to_builtins(result)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
