"""МойСклад's own description, with what it leaves out: filters, `positions` as a list, reports."""

from typing import Any, Final
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

import httpx
import msgspec

from appliance.plugin_api.fakes import transport
from plugins.warehouse_moysklad.fake import Fake
from tests.vendors.contract import JSON, checked, description

UNSAID: Final = {"filter", "order"}
"""Parameters of every list that its manual has and its description lacks."""


class StockRow(msgspec.Struct, forbid_unknown_fields=True):
    """A row of `/report/stock/bystore/current` by section 1.7: the value is named by its kind."""

    assortmentId: UUID  # noqa: N815 - its name there
    storeId: UUID | None = None  # noqa: N815 - the same
    freeStock: float | None = None  # noqa: N815 - the same


class Described:
    """What traffic is held against."""

    def __init__(self) -> None:
        self._there = description("moysklad.json", "/api/remap/1.2")

    def check_request(
        self, method: str, path: str, body: bytes = b"", query: str = "", kind: str = JSON
    ) -> None:
        """Raises: AssertionError: with the place that differs."""
        if "/report/" in path:
            known = {"stockType", "filter", "changedSince", "include"}
            assert {name for name, _ in parse_qsl(query)} <= known
            return
        kept = [(name, value) for name, value in parse_qsl(query) if name not in UNSAID]
        self._there.check_request(method, path, _listed(body), urlencode(kept), JSON)

    def check_answer(
        self, method: str, path: str, status: int, body: bytes, kind: str = JSON
    ) -> None:
        """Raises: AssertionError: with the place that differs."""
        if "/report/" in path:
            if status == 200:
                msgspec.json.decode(body, type=list[StockRow])
            return
        self._there.check_answer(method, path, status, body, kind)


def _listed(body: bytes) -> bytes:
    """Positions are written as a list and read as a page of rows; it describes the page alone."""
    if not body:
        return body
    said: Any = msgspec.json.decode(body)
    if isinstance(said, dict) and isinstance(said.get("positions"), list):
        said["positions"] = {"rows": said["positions"]}
    return msgspec.json.encode(said)


def described(fake: Fake) -> httpx.AsyncBaseTransport:
    """The fake, every request and answer held against the description."""
    return checked(transport(fake), Described())
