"""Every route of the staff door, in one list."""

from typing import Any

from appliance.web import door, me


def make_web_handlers(*, development: bool) -> list[Any]:
    """Routes for people; `development` adds `/_kit`."""
    return [*door.HANDLERS, *me.HANDLERS]
