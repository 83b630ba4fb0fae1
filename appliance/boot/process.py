"""One order carried out by the copying process: its lines of JSON, and nothing of its code."""

import asyncio
import os
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, Final

import msgspec

LONGEST_LINE: Final = 64 << 20
"""Bytes of one line: a manifest with the whole erasure ledger is one."""


class Line(msgspec.Struct):
    """What the process says: where it is, what it wants signed, or how it ended."""

    step: str = ""
    done: int = 0
    total: int = 0
    sign: str = ""
    result: dict[str, Any] | None = None
    code: str = ""
    params: dict[str, str | int] = {}


def _unseen(_: Line) -> None:
    """Nobody looks."""


def _unsigned(_: str) -> bytes:
    raise RuntimeError("asked to sign what nothing was ordered of")


async def carried_out(
    order: Mapping[str, object],
    seen: Callable[[Line], None] = _unseen,
    sign: Callable[[str], bytes] = _unsigned,
) -> Line:
    """Start the process with an order; its last line. Cancelled, the process ends too.

    Args:
        order: keys go over its standard input; they are in no file, argument or environment.
        seen: hears where it is.
        sign: gives the signature of a record, in hex.
    """
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-P",
        "-m",
        "backups",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,  # a traceback could quote a person
        env=surroundings(),
        limit=LONGEST_LINE,
    )
    if child.stdin is None or child.stdout is None:
        raise RuntimeError("a child without pipes")
    try:
        child.stdin.write(msgspec.json.encode(order, enc_hook=str) + b"\n")
        while text := await child.stdout.readline():
            line = msgspec.json.decode(text, type=Line)
            if line.sign:
                child.stdin.write(sign(line.sign) + b"\n")
            elif line.result is not None or line.code:
                return line
            else:
                seen(line)
        return Line(code="backup_failed", params={"problem": "process"})
    finally:
        if child.returncode is None:
            with suppress(ProcessLookupError):
                child.terminate()
        await child.wait()


def surroundings() -> dict[str, str]:
    """What a Python of this installation needs to find its packages, and no more."""
    kept = ("PATH", "LANG", "PYTHONPATH", "PYTHONUTF8", "VIRTUAL_ENV")
    return {name: os.environ[name] for name in kept if name in os.environ}
