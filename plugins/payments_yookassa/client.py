"""YooKassa's interface, version 3: the calls that the box needs."""

from base64 import b64encode
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, cast
from uuid import UUID

from appliance.plugin_api.core import Core
from appliance.plugin_api.messages import Account
from appliance.plugin_api.outcomes import Permanent, Retry
from appliance.plugin_api.pace import Pace
from appliance.plugin_api.vendor import Reply, Vendor

if TYPE_CHECKING:
    import httpx

BAD: Final = 400
NOT_FOUND: Final = 404
PAGE: Final = 100
Body = Mapping[str, Any]

pace = Pace(10, 1.0)
"""The vendor names no figure; so many a second are far below what it is known to refuse."""


class Refused(Permanent):
    """YooKassa takes the request for wrong: asking again is no use.

    Attributes:
        parameter: the field it names.
    """

    def __init__(self, parameter: str) -> None:
        super().__init__("refused")
        self.parameter = parameter


class Shop:
    """One shop at YooKassa."""

    def __init__(
        self, account: Account, transport: "httpx.AsyncBaseTransport | None" = None
    ) -> None:
        self.account = account
        self.shop_id = str(account.settings.get("shop_id") or "")
        key = f"{self.shop_id}:{account.settings.get('secret') or ''}"
        self._vendor = Vendor(
            str(account.settings.get("address") or ""),
            {"authorization": f"Basic {b64encode(key.encode()).decode()}"},
            pace,
            account.code,
            transport=transport,
        )

    async def create(self, core: Core, key: UUID, body: Body) -> Body:
        """Make a payment; the same key gives the same one. Raises: Refused."""
        return await self._post(core, "payments", str(key), body)

    async def capture(self, core: Core, payment: str, key: UUID) -> Body:
        """Take money that is held. Raises: Refused."""
        return await self._post(core, f"payments/{payment}/capture", f"{key}:capture", {})

    async def cancel(self, core: Core, payment: str, key: UUID) -> Body:
        """Let money that is held go back. Raises: Refused."""
        return await self._post(core, f"payments/{payment}/cancel", f"{key}:cancel", None)

    async def refund(self, core: Core, key: UUID, body: Body) -> Body:
        """Give money back. Raises: Refused."""
        return await self._post(core, "refunds", str(key), body)

    async def receipt(self, core: Core, key: UUID, body: Body) -> Body:
        """Make a receipt. Raises: Refused."""
        return await self._post(core, "receipts", str(key), body)

    async def payment(self, core: Core, payment: str) -> Body | None:
        """Read a payment; None: it is not this shop's."""
        return await self._get(core, f"payments/{payment}")

    async def read_refund(self, core: Core, refund: str) -> Body | None:
        """Read a refund."""
        return await self._get(core, f"refunds/{refund}")

    async def read_receipt(self, core: Core, receipt: str) -> Body | None:
        """Read a receipt."""
        return await self._get(core, f"receipts/{receipt}")

    async def payments(self, core: Core, since: str, pages: int = 10) -> list[Body]:
        """Payments made since a moment (ISO 8601), the newest first."""
        found: list[Body] = []
        cursor = ""
        for _ in range(pages):
            query: dict[str, str | int] = {"created_at.gte": since, "limit": PAGE}
            if cursor:
                query["cursor"] = cursor
            page = _read(await self._vendor.ask(core, "GET", "payments", query=query))
            found += cast("list[Body]", page.get("items") or [])
            cursor = str(page.get("next_cursor") or "")
            if not cursor:
                break
        return found

    async def me(self, core: Core) -> Body:
        """The shop's own state."""
        return _read(await self._vendor.ask(core, "GET", "me"))

    async def _post(self, core: Core, path: str, key: str, body: Body | None) -> Body:
        reply = await self._vendor.ask(
            core, "POST", path, json=body, headers={"Idempotence-Key": key}
        )
        return _read(reply)

    async def _get(self, core: Core, path: str) -> Body | None:
        reply = await self._vendor.ask(core, "GET", path)
        return None if reply.status == NOT_FOUND else _read(reply)


def _read(reply: Reply) -> Body:
    """The object of an answer.

    Raises:
        Refused: 400: the request is wrong, and will be.
        Retry: `answer_garbled`: no object, or an error under a good status.
        Permanent: `refused`: another status of 4xx.
    """
    data = cast("Body", reply.data) if isinstance(reply.data, dict) else None
    if reply.status == BAD:
        raise Refused("" if data is None else str(data.get("parameter") or ""))
    if not reply.is_good:
        raise Permanent("refused")
    if data is None or data.get("type") == "error":
        raise Retry("answer_garbled")
    return data
