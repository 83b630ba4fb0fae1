"""Writes a person's name and phone wherever words can be written."""

import logging
import sys

from appliance.plugin_api.core import Core
from appliance.plugin_api.hooks import RouteReply, RouteRequest, Routes, hookimpl


@hookimpl
def register_routes(route: Routes) -> None:
    route("go", go)


async def go(request: RouteRequest, core: Core) -> RouteReply:
    print("Анна Орлова", file=sys.stderr)
    print("Анна Орлова")
    logging.getLogger("tells").error("Анна Орлова")
    logging.getLogger("tells").error("order of %s", "Анна Орлова")
    core.log("Анна Орлова", 40, phone=79161234567, **{"Анна": 1})
    core.log("tel.79161234567", 40)
    raise ValueError("Анна Орлова")
