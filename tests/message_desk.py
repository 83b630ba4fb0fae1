"""A host in which a service of text messages runs, without a process behind it."""

from typing import Any

from appliance.errors import Unavailable
from appliance.plugin_api.client_messages import Cost, CostAsked

NAME = "texter"
PRICE = 380
"""Kopecks of one part."""


class Shelf:
    """Stands for the host's shelf of a box without plugins' files."""

    def lying(self, name: str) -> None:
        return None

    def folder(self, name: str) -> None:
        return None


class MessageDesk:
    """Answers what a message costs.

    Attributes:
        asked: the questions that came.
        silent: the service does not answer.
    """

    shelf = Shelf()
    carriers = type("Carriers", (), {"names": ()})()

    def __init__(self) -> None:
        self.asked: list[CostAsked] = []
        self.silent = False

    def providing(self, what: str) -> list[str]:
        return [NAME] if what == "messages" else []

    def asked_by(self, name: str) -> tuple[str, ...]:
        return (NAME,) if name == "messages.cost" else ()

    def title_of(self, name: str, language: str) -> str:
        return "СМС-служба"

    async def ask(self, plugin: str, name: str, asked: Any) -> Cost:
        assert (plugin, name) == (NAME, "messages.cost")
        if self.silent:
            raise Unavailable("plugin_silent", plugin=plugin)
        self.asked.append(asked)
        return Cost(price=asked.parts * PRICE, sender="TEPLYDOM")
