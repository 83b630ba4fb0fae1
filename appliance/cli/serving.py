"""The verb that is the server; apart, because it loads every door."""

import os
import sys
from datetime import UTC, datetime

from appliance.boot import serve as server
from appliance.cli import refusal
from appliance.cli.answers import Common
from appliance.config import checks
from appliance.errors import HouseError

DEFAULTS = Common()


def serve(*, common: Common = DEFAULTS) -> None:
    """Run the box in this process until it is told to end."""
    config = common.load()
    os.umask(0o077)
    try:
        checks.refuse_unfit(config, datetime.now(UTC))
        refusal.forget(config)
        again = server.serve(config)
    except HouseError as error:
        if error.code != "E018":  # another one serves here, and well
            refusal.keep(config, error)
        raise
    if again:
        # The same process number: whoever looks after the box need not notice.
        os.execv(sys.executable, [sys.executable, "-P", "-m", "appliance.cli", *sys.argv[1:]])  # noqa: S606 - our own interpreter
