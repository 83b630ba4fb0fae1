"""An order whose operator told the marking code of a piece that he packed."""

from uuid import UUID, uuid4

from appliance.domain.ids import uuid7
from appliance.storage.statements import fetch_value, insert
from appliance.storage.tables import FulfilmentCodeRow, FulfilmentRow
from tests.house_fixture import TestHouse


async def told(house: TestHouse, order_id: UUID, code: str) -> None:
    """He told this code of a piece of the order's first position."""

    async def body() -> None:
        line = await fetch_value(
            "SELECT id FROM order_line WHERE order_id = {} ORDER BY position LIMIT 1", order_id
        )
        fulfilment, now = uuid7(), house.clock()
        await insert(
            FulfilmentRow,
            id=fulfilment,
            order_id=order_id,
            operator_id=uuid4(),
            order_no="1",
            created_at=now,
            updated_at=now,
        )
        await insert(
            FulfilmentCodeRow, id=uuid7(), fulfilment_id=fulfilment, line_id=line, code=code
        )

    await house.write(body)
