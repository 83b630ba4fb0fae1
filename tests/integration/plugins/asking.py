"""A plugin that asks the box without a process between them."""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from appliance.domain.plugin_rows import Shape
from appliance.errors import HouseError
from appliance.plugin_api.core import Core, Refused
from appliance.plugin_api.messages import Account, Hello
from appliance.plugin_host.asked import Desk, Standing, code_of

EVERY = (
    "orders.read", "orders.place", "orders.edit", "customers.read", "tasks.write",
)  # fmt: skip


def plugin(
    name: str = "courier_hand",
    *,
    permissions: tuple[str, ...] = EVERY,
    personal: tuple[tuple[str, str], ...] = (),
    tables: Mapping[str, Shape] | None = None,
    settings: Mapping[str, Any] | None = None,
    accounts: tuple[Account, ...] | None = None,
    folder: str = "",
) -> Core:
    """What a handler of this plugin would hold."""
    desk = Desk()
    desk.admit(
        name, Standing(permissions=permissions, personal=personal, tables=dict(tables or {}))
    )

    async def line(call: str, body: bytes) -> bytes:
        try:
            return await desk.asked(name, call, body)
        except HouseError as error:
            raise Refused(code_of(error)) from None

    hello = Hello(
        plugin=name,
        version="1.0.0",
        api=1,
        settings=dict(settings or {}),
        accounts=accounts,
        folder=folder,
    )
    return Core(line, hello, lambda *_: None, uuid4())
