"""A host of plugins with the hints of DaData's fake alone, called in this process."""

from typing import Any, Final

import msgspec
import pytest

from appliance.plugin_api.fakes import transport
from appliance.plugin_api.outcomes import Pause, Permanent, Retry
from appliance.plugin_api.testing import Box
from appliance.plugin_host.questions import Heard
from plugins import hints_dadata
from plugins.hints_dadata.client import Client
from plugins.hints_dadata.fake import KEY, Fake

ANSWERS: Final[dict[str, Any]] = {
    "hints.party": hints_dadata.party,
    "hints.bank": hints_dadata.bank,
    "hints.address": hints_dadata.address,
}


class Desk:
    """Calls the plugin's functions in this process and tells troubles as the host does."""

    def __init__(self) -> None:
        self.box = Box({"key": KEY, "address": "https://suggestions.dadata.ru"})

    def asked_by(self, name: str) -> tuple[str, ...]:
        return ("hints_dadata",) if name in ANSWERS else ()

    async def ask_all(self, name: str, asked: msgspec.Struct) -> list[Heard]:
        try:
            answer = await self.box.ask(ANSWERS[name], name, asked)
        except (Pause, Permanent, Retry):
            return [Heard(plugin="hints_dadata", refusal="plugin_refused")]
        return [Heard(plugin="hints_dadata", answer=answer)]


def hinting(monkeypatch: pytest.MonkeyPatch) -> Fake:
    """Lead the plugin's client to a fake, and give it."""
    fake = Fake()
    monkeypatch.setattr(hints_dadata, "client", Client(transport(fake)))
    return fake
