"""A shop as a fake: pages that answer as a test says."""

from dataclasses import dataclass, field

import httpx


@dataclass
class Shop:
    """Pages of a shop.

    Attributes:
        statuses: path → status of its next answers; 0 is no answer at all, 200 where none is set.
        opened: paths in the order they were opened.
    """

    statuses: dict[str, int] = field(default_factory=dict[str, int])
    opened: list[str] = field(default_factory=list[str])

    def transport(self) -> httpx.MockTransport:
        """For the plugin's client."""
        return httpx.MockTransport(self._answer)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.opened.append(request.url.path)
        status = self.statuses.get(request.url.path, 200)
        if not status:
            raise httpx.ConnectError("refused")
        return httpx.Response(status, content=b"<html>" + b"x" * 1000)
