"""The `korobka` command: each verb is one action of the box, asked for over its admin socket.

Only where no box can be running (`init`, `serve`, migrations, verification of the log) does a verb
open the house itself. Every verb takes `--json`; exit codes are in `appliance.cli.answers`.
"""


def main() -> None:
    """Run one command line; never returns."""
    from appliance.cli.answers import guarded  # noqa: PLC0415 - the background process needs none
    from appliance.cli.commands import build  # noqa: PLC0415 - of this

    guarded(build())
