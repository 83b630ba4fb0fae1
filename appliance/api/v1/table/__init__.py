"""The table of operations, by noun: every action of the pages and the address it has here."""

from typing import Final

from appliance.api.v1.operation import Operation
from appliance.api.v1.table import (
    box,
    catalogue,
    clients,
    deals,
    exchange,
    orders,
    people,
    references,
    shipping,
    stream,
    work,
)

OPERATIONS: Final[tuple[Operation, ...]] = (
    *orders.OPERATIONS,
    *shipping.OPERATIONS,
    *clients.OPERATIONS,
    *deals.OPERATIONS,
    *stream.OPERATIONS,
    *work.OPERATIONS,
    *catalogue.OPERATIONS,
    *references.OPERATIONS,
    *exchange.OPERATIONS,
    *people.OPERATIONS,
    *box.OPERATIONS,
)
