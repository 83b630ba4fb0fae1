"""Documents drawn outside of transactions, each by a program of its own that ends with it."""

import asyncio
import base64
import sys
from pathlib import Path
from typing import Final, Literal
from weakref import WeakKeyDictionary

import msgspec

from appliance.domain.papers import Sheet
from appliance.errors import Invalid, Unavailable

AT_ONCE: Final = 2
"""Drawings at a time; the others wait, so memory is bounded."""
PATIENCE: Final = 30
"""Seconds that a drawing may take by the clock."""
MOST_SECONDS: Final = 15
"""Seconds of a processor that it may take; the system kills it then."""

_CHILD: Final = Path(__file__).with_name("_typeset_child.py")
_gates: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = WeakKeyDictionary()
_ENVIRONMENT: Final = {
    "PATH": "/usr/bin:/bin",
    "LANG": "C.UTF-8",
    # Nothing is ever fetched from outside, whatever a template says.
    "HTTPS_PROXY": "http://127.0.0.1:9",
    "HTTP_PROXY": "http://127.0.0.1:9",
    "RAYON_NUM_THREADS": "1",
}


class _Wrong(msgspec.Struct):
    message: str = ""
    line: int = 0


async def drawn(sheet: Sheet, form: Literal["pdf", "png"] = "pdf", ppi: int = 96) -> bytes:
    """Draw a document; of a picture, its first page.

    Raises:
        Invalid: `template_wrong` with `line` (0: not known) and `reason`.
        Unavailable: `printing_failed`: the program died or took too long.
    """
    asked = msgspec.json.encode(
        {
            "template": sheet.template,
            "fields": sheet.fields.reveal(),
            "pictures": {
                name: base64.b64encode(body).decode() for name, body in sheet.pictures.items()
            },
            "format": form,
            "ppi": ppi,
        }
    )
    loop = asyncio.get_running_loop()
    async with _gates.setdefault(loop, asyncio.Semaphore(AT_ONCE)):
        answer = await _run(asked)
    if answer[:1] == b"+":
        return answer[1:]
    if answer[:1] == b"-":
        wrong = msgspec.json.decode(answer[1:], type=_Wrong)
        raise Invalid(
            "template_wrong",
            fields={"text": "template_wrong"},
            line=wrong.line,
            reason=wrong.message,
        )
    raise Unavailable("printing_failed")


async def _run(asked: bytes) -> bytes:
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-I",
        str(_CHILD),
        str(MOST_SECONDS),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,  # a traceback could quote a person
        env=dict(_ENVIRONMENT),
    )
    try:
        answer, _ = await asyncio.wait_for(child.communicate(asked), PATIENCE)
    except TimeoutError:
        return b""
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    return answer
