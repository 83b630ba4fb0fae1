"""What this door answers, and the handlers that hang it into an application."""

from typing import Any, Final
from zoneinfo import ZoneInfo

from litestar import Litestar, asgi
from litestar.handlers import ASGIRouteHandler
from litestar.types import Receive, Scope, Send

from appliance.api.v5 import orders
from appliance.api.v5.call import Settings
from appliance.api.v5.door import Door, Routes
from appliance.http.app import VENDOR_ALIAS
from appliance.http.authentication import OWN_DOOR
from appliance.http.frame import Frame

ROUTES: Final[Routes] = {
    ("GET", ("v5", "orders")): orders.index,
    ("GET", ("v5", "orders", "statuses")): orders.statuses,
    ("GET", ("v5", "orders", "*")): orders.show,
    ("POST", ("v5", "orders", "create")): orders.create,
    ("POST", ("v5", "orders", "upload")): orders.upload,
    ("POST", ("v5", "orders", "fix-external-ids")): orders.fix_external_ids,
    ("POST", ("v5", "orders", "*", "edit")): orders.edit,
    ("POST", ("v5", "orders", "payments", "create")): orders.payment_create,
    ("POST", ("v5", "orders", "payments", "*", "edit")): orders.payment_edit,
    ("POST", ("v5", "orders", "payments", "*", "delete")): orders.payment_delete,
}

MOUNTS: Final = ("/api/v5", "/api/v4", "/api/v3")
PLAIN: Final = ("/api/api-versions", "/api/credentials", "/api/system-info")


def make_v5_handlers(
    zone: str = "Europe/Moscow", *, public_url: str = "", version: str = ""
) -> list[ASGIRouteHandler]:
    """Handlers for the staff door and for the outer one.

    They admit callers by key themselves (`own_door`), so the door's sign-in leaves them alone.

    Args:
        zone: IANA name of the box's zone.
        public_url: where the box is reached from outside.
        version: of the box.
    """
    door = Door(ROUTES, Settings(ZoneInfo(zone), public_url, version))

    def hang(path: str, *, is_mount: bool) -> ASGIRouteHandler:
        @asgi([path, VENDOR_ALIAS + path], is_mount=is_mount, opt={OWN_DOOR: True}, copy_scope=False)
        async def v5(scope: Scope, receive: Receive, send: Send) -> None:
            await door(scope, receive, send)

        return v5

    return [
        *(hang(path, is_mount=True) for path in MOUNTS),
        *(hang(path, is_mount=False) for path in PLAIN),
    ]


def make_v5_app(zone: str = "Europe/Moscow", **named: Any) -> Litestar:
    """This door alone, for tests and measurements."""
    app = Litestar(
        route_handlers=make_v5_handlers(zone, **named), openapi_config=None, logging_config=None
    )
    app.asgi_handler = Frame(app.asgi_handler)
    return app
