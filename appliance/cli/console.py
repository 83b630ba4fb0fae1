"""`korobka console`: hand this process over to the full-screen program.

The program stands above the command line (it asks the same door), so it is not imported: this
process becomes it, with a terminal and a language that are sure to fit.
"""

import os
import sys
from typing import Annotated

from appliance.cli.answers import Common, about
from appliance.errors import HouseError

DEFAULTS = Common()


def console(
    *,
    setup: Annotated[bool, about("открыть мастер первого запуска", negative=())] = False,
    common: Common = DEFAULTS,
) -> None:
    """Open the console; ends when it is left.

    Raises:
        HouseError: `no_terminal`: nobody could see it.
    """
    if common.json or not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise HouseError("no_terminal")
    place = common.socket()
    # Without UTF-8 the screen would be full of escapes; many servers speak C.
    surroundings = {
        "TERM": "xterm-256color",
        **os.environ,
        "PYTHONUTF8": "1",
        "LC_ALL": "C.UTF-8",
    }
    words = [sys.executable, "-P", "-m", "tui", str(place), *(["--setup"] if setup else [])]
    os.execve(sys.executable, words, surroundings)  # noqa: S606 - our own interpreter, no shell
