"""Does an operator keep our contract? For the operator to run against its own sandbox.

`python -m plugins.fulfillment_http.conformance URL KEY SECRET [--listen PORT --hook URL]`

One line a rule: `ok`, `FAIL` and what was wrong, or `skip` and why. It ends with 0 when every rule
holds, with 1 when one does not, with 2 when the operator cannot be reached, and with 3 when
nothing failed but something could not be checked (no sandbox, no pushes).
"""

import argparse
import sys
from collections.abc import Callable
from typing import Any, Final
from uuid import uuid4

import httpx

from plugins.fulfillment_http.probing import Probe, Skip, Wrong
from plugins.fulfillment_http.probing_pushes import Listener
from plugins.fulfillment_http.rules import RULES

OK: Final = 0
FAILED: Final = 1
UNREACHABLE: Final = 2
UNCHECKED: Final = 3
Say = Callable[[str], None]


def run(http: httpx.Client, key: str, say: Say, listener: Listener | None = None) -> int:
    """Check every rule, one after another; the exit code.

    Args:
        http: with the operator's base address.
        key: of the account.
        say: takes each line.
        listener: where pushes of the operator arrive; None: they are not checked.
    """
    probe = Probe(http, key, run=uuid4().hex[:10], listener=listener)
    failed = skipped = 0
    for rule in RULES:
        title = (rule.__doc__ or rule.__name__).removesuffix(".")
        try:
            rule(probe)
        except Wrong as wrong:
            failed += 1
            say(f"FAIL  {title}\n      {wrong}")
        except Skip as why:
            skipped += 1
            say(f"skip  {title}: {why}")
        except httpx.HTTPError as error:
            say(f"FAIL  {title}\n      no answer: {type(error).__name__}")
            return UNREACHABLE
        else:
            say(f"ok    {title}")
    kept = len(RULES) - failed - skipped
    say(f"{kept} of {len(RULES)} rules hold, {failed} broken, {skipped} not checked")
    if failed:
        return FAILED
    return UNCHECKED if skipped else OK


def main(arguments: list[str] | None = None) -> int:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(prog="fulfillment_http.conformance", description=__doc__)
    parser.add_argument("url", help="base address, as https://api.operator.example/v1")
    parser.add_argument("key")
    parser.add_argument("secret", help="pushes are signed with it")
    parser.add_argument("--listen", type=int, default=0, help="port to take pushes at")
    asked = parser.parse_args(arguments)
    listener = Listener(asked.listen, asked.secret) if asked.listen else None
    options: dict[str, Any] = {"base_url": asked.url, "timeout": 20.0}
    try:
        with httpx.Client(**options) as http:
            return run(http, asked.key, _print, listener)
    finally:
        if listener is not None:
            listener.close()


def _print(line: str) -> None:
    sys.stdout.write(line + "\n")


if __name__ == "__main__":
    raise SystemExit(main())
