"""Connections to fulfilment operators: which warehouse is theirs, what their statuses mean.

They are read with the other lists (`references.lists`): every change of an order asks for them.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec

from appliance.domain.fulfilments import Operator
from appliance.storage.statements import fetch, insert, update_row
from appliance.storage.tables import OperatorRow


async def read(warehouses: Mapping[UUID, str]) -> tuple[Operator, ...]:
    """All connections, by plugin and account.

    Args:
        warehouses: id → code.
    """
    rows = await fetch(
        "SELECT id, plugin, account, warehouse_id, send_on, statuses, stages, active "
        "FROM fulfilment_operator ORDER BY plugin, account"
    )
    return tuple(_of(row, warehouses) for row in rows)


def _of(row: Sequence[Any], codes: Mapping[UUID, str]) -> Operator:
    stages = msgspec.json.decode(row[6], type=dict[str, tuple[str, str]])
    return Operator(
        id=row[0],
        plugin=row[1],
        account=row[2],
        warehouse=codes.get(row[3], "") if row[3] is not None else "",
        send_on=row[4],
        statuses=msgspec.json.decode(row[5], type=dict[str, str]),
        stages={code: stage for code, (stage, _) in stages.items()},
        names={code: name for code, (_, name) in stages.items()},
        active=bool(row[7]),
    )


def find(known: Sequence[Operator], plugin: str, account: str) -> Operator | None:
    """A plugin's connection; None: it was never set up."""
    return next((one for one in known if (one.plugin, one.account) == (plugin, account)), None)


async def keep(known: Operator | None, wanted: Operator, warehouse: UUID | None) -> None:
    """Write a connection; the caller touches the lists.

    Args:
        known: as it stood; None: it is new.
        wanted: as it is to be.
        warehouse: id of the operator's warehouse.
    """
    stages = {code: (stage, wanted.names.get(code, "")) for code, stage in wanted.stages.items()}
    values = {
        "warehouse_id": warehouse,
        "send_on": wanted.send_on,
        "statuses": msgspec.json.encode(wanted.statuses).decode(),
        "stages": msgspec.json.encode(stages).decode(),
        "active": wanted.active,
    }
    if known is not None:
        await update_row(OperatorRow, known.id, **values)
        return
    await insert(OperatorRow, id=wanted.id, plugin=wanted.plugin, account=wanted.account, **values)
