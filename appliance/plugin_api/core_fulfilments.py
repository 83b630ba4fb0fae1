"""The part of `Core` that plugins of fulfilment operators use."""

from abc import abstractmethod
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from appliance.plugin_api.fulfilments import (
    Fulfilment,
    FulfilmentAsked,
    FulfilmentLabel,
    FulfilmentReport,
    FulfilmentsAsked,
    FulfilmentsFound,
    FulfilmentTaken,
    StockGiven,
    StockRow,
    StockTaken,
)


class FulfilmentCalls:
    """Orders at operators, and their stock."""

    @abstractmethod
    async def _call(self, name: str, message: msgspec.Struct) -> Any: ...

    async def fulfilment(self, fulfilment_id: UUID) -> Fulfilment:
        """What is to be at the operator, by the id of a wish of kind `fulfilment`."""
        return await self._call("fulfilment", FulfilmentAsked(id=fulfilment_id))

    async def fulfilment_label(self, fulfilment_id: UUID) -> FulfilmentLabel:
        """The parcel's label, as a carrier or a marketplace made it; handed over like a person."""
        return await self._call("fulfilment_label", FulfilmentAsked(id=fulfilment_id))

    async def fulfilments_open(
        self, account: str, after: UUID | None = None, limit: int = 100
    ) -> FulfilmentsFound:
        """Orders the operator of an account still works on, behind an id."""
        asked = FulfilmentsAsked(account=account, after=after, limit=limit)
        return await self._call("fulfilments_open", asked)

    async def fulfilment_report(self, told: FulfilmentReport) -> FulfilmentTaken:
        """Say what an operator told; repeating is safe: `ref` is taken once."""
        return await self._call("fulfilment_report", told)

    async def stock_put(
        self, account: str, as_of: datetime, rows: Sequence[StockRow]
    ) -> StockTaken:
        """Say what an operator has free, at most 1 000 goods; repeating is safe."""
        return await self._call(
            "stock_put", StockGiven(account=account, as_of=as_of, rows=tuple(rows))
        )
