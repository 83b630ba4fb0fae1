"""Doors of the staff and of shops, on a house with fields."""

from tests.integration.api_v5.conftest import http, keys, shop
from tests.integration.web.conftest import door

__all__ = ["door", "http", "keys", "shop"]
