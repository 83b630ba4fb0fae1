"""The verb that is the server; apart, because it loads every door."""

import os
from datetime import UTC, datetime

from appliance.boot import serve as server
from appliance.cli.answers import Common
from appliance.config import checks

DEFAULTS = Common()


def serve(*, common: Common = DEFAULTS) -> None:
    """Run the box in this process until it is told to end."""
    config = common.load()
    os.umask(0o077)
    checks.refuse_unfit(config, datetime.now(UTC))
    server.serve(config)
