"""Every route of the staff door, in one list."""

from typing import Any

from appliance.web import clients, door, kit_pages, me, orders, palette, today


def make_web_handlers(*, development: bool) -> list[Any]:
    """Routes for people; `development` adds `/_kit`."""
    return [
        *door.HANDLERS,
        *me.HANDLERS,
        today.first_page,
        orders.OrderPages,
        clients.ClientPages,
        palette.find,
        *(kit_pages.HANDLERS if development else ()),
    ]
