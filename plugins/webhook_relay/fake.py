"""The other side as a fake: checks the signature and answers as a test says."""

import hmac
from dataclasses import dataclass, field
from typing import Any

import httpx
import msgspec

from plugins.webhook_relay.client import signed


@dataclass
class Receiver:
    """An address that takes events.

    Attributes:
        secret: shared with the plugin.
        answers: statuses to come, then 204; 0 is no answer at all.
        taken: delivery id → event, of the requests with a good signature.
    """

    secret: str
    answers: list[int] = field(default_factory=list[int])
    retry_after: str = ""
    taken: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    requests: int = 0

    def transport(self) -> httpx.MockTransport:
        """For the plugin's client."""
        return httpx.MockTransport(self._answer)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.requests += 1
        status = self.answers.pop(0) if self.answers else 204
        if not status:
            raise httpx.ConnectError("refused")
        headers = {"retry-after": self.retry_after} if self.retry_after else {}
        wanted = signed(self.secret, request.headers["x-korobka-time"], request.content)
        if not hmac.compare_digest(wanted, request.headers["x-korobka-signature"]):
            return httpx.Response(401)
        if status < 300:
            told = msgspec.json.decode(request.content)
            self.taken[request.headers["x-korobka-delivery"]] = told
        return httpx.Response(status, headers=headers)
