"""`korobka completion bash`: what the shell needs to complete verbs and options by Tab."""

from typing import Literal

from appliance.cli.answers import Common

DEFAULTS = Common()


def completion(shell: Literal["bash", "zsh"] = "bash", /, *, common: Common = DEFAULTS) -> None:
    """Print the script: `korobka completion bash > /etc/bash_completion.d/korobka`."""
    from appliance.cli.commands import build  # noqa: PLC0415 - it lists this verb too

    script = build().generate_completion(shell=shell)
    common.answer({"script": script}, script)
