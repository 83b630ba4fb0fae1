"""Verifies or exports the log in a process of its own: `python -m appliance.audit.child`.

An order as one line of JSON on standard input; lines of JSON on standard output: how far it is,
then the result or a code. The log is checked at a hundred thousand entries a second, all of it
computing: beside the server it would hold up every page.
"""

import os
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import msgspec

from appliance.audit import bundle, verify
from appliance.errors import HouseError

EVERY_SECONDS: Final = 0.2


class VerifyOrder(msgspec.Struct, frozen=True, tag="verify"):
    """Verify; `public_key` in hex."""

    path: Path
    public_key: str = ""
    anchors: tuple[str, ...] = ()


class ExportOrder(msgspec.Struct, frozen=True, tag="export"):
    """Write the archive for an outsider; `lost` are anchors that were given up."""

    path: Path
    out: Path
    public_key: str = ""
    anchors: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()


class Line(msgspec.Struct, omit_defaults=True):
    """One line of the answer: how far, or the end."""

    done: int = 0
    total: int = 0
    result: dict[str, Any] | None = None
    code: str = ""
    params: dict[str, str | int] = {}


def _path(kind: type, value: object) -> object:
    if kind is Path and isinstance(value, str):
        return Path(value)
    raise NotImplementedError


def say(line: Line) -> None:
    """Write a line."""
    sys.stdout.buffer.write(msgspec.json.encode(line) + b"\n")
    sys.stdout.buffer.flush()


def _teller() -> Callable[[int, int], None]:
    last = 0.0

    def told(done: int, total: int) -> None:
        nonlocal last
        if (now := time.monotonic()) - last >= EVERY_SECONDS:
            last = now
            say(Line(done=done, total=total))

    return told


def carry_out(order: VerifyOrder | ExportOrder) -> dict[str, Any]:
    """Do it.

    Raises:
        HouseError: the export cannot be written.
    """
    if isinstance(order, VerifyOrder):
        public = bytes.fromhex(order.public_key) or None
        trust = verify.Trust(public_key=public, anchors=order.anchors, told=_teller())
        return asdict(verify.verify(order.path, trust))
    extras = bundle.Extras(order.public_key, order.anchors, order.lost)
    count = bundle.write(order.path, order.out, extras, _teller())
    return {"out": str(order.out), "events": count, "size": order.out.stat().st_size}


def main() -> int:
    """Read the order, carry it out, say the end."""
    os.nice(10)
    order = msgspec.json.decode(
        sys.stdin.buffer.readline(), type=VerifyOrder | ExportOrder, dec_hook=_path
    )
    try:
        say(Line(result=carry_out(order)))
    except HouseError as error:
        say(Line(code=error.code, params=dict(error.params)))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
