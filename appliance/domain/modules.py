"""Shop modules that told the box who they are."""

from typing import Final

import msgspec

MOST_TEXT: Final = 500
MOST_ACTIONS: Final = 50
WITHOUT_FILTER: Final = "opencart-"
"""Modules that apply their own changes again when a feed shows them those."""


class ShopModule(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A module as it described itself; empty `code`: nobody of that name has come yet."""

    code: str = ""
    integration_code: str = ""
    name: str = ""
    active: bool = True
    client_id: str = ""
    base_url: str = ""
    account_url: str = ""
    actions: dict[str, str] = {}
    countries: tuple[str, ...] = ()
