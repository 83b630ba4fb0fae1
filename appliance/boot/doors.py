"""The three applications of a box: staff, outer and console."""

import ssl
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from litestar import Litestar
from litestar.types import Scope

from appliance import __version__
from appliance.actions.sign_in import Door as From
from appliance.api.v5.routes import make_v5_handlers
from appliance.boot.house import OpenHouse
from appliance.boot.unlocking import Unlocker
from appliance.domain.personal import Personal
from appliance.http.admin import make_admin_handlers
from appliance.http.app import Parts, make_app
from appliance.http.origin import peer_uid
from appliance.http.static import static_handlers
from appliance.web import answers, pages
from appliance.web.answers import Site
from appliance.web.rendering import Pages, read_assets
from appliance.web.shell import Door


@dataclass(frozen=True)
class Doors:
    """One application per listener; they share nothing but the house."""

    staff: Litestar
    outer: Litestar
    admin: Litestar
