"""All pages of the staff's door, for whoever builds it."""

from collections.abc import Sequence
from pathlib import Path

from litestar.types import ControllerRouterHandler

from appliance.web import clients, door, kit_pages, me, orders, palette, static_files, today
from appliance.web.rendering import DIST


def make_web_handlers(
    *, develop: bool = False, assets: Path = DIST
) -> Sequence[ControllerRouterHandler]:
    """Give the routes of the staff's pages; they find `Site` in `app.state.site`.

    Args:
        develop: with the pages under /_kit, which show every part with invented data.
        assets: folder of built files.
    """
    return [
        *door.HANDLERS,
        *me.HANDLERS,
        today.first_page,
        orders.OrderPages,
        clients.ClientPages,
        palette.find,
        static_files.make_static(assets),
        *(kit_pages.HANDLERS if develop else ()),
    ]
