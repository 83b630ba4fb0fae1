"""Files that services made about orders: their rows; the bytes are files under the buyer's key."""

from typing import Final
from uuid import UUID

from appliance.domain.ids import uuid7
from appliance.domain.service_files import FileKind, ServiceFile
from appliance.errors import NotFound
from appliance.storage import counters, files
from appliance.storage.engine.connections import Values
from appliance.storage.orders import Order
from appliance.storage.statements import fetch, fetch_one, fetch_value, insert
from appliance.storage.tables import ServiceFileRow
from appliance.storage.tx import Tx
from appliance.storage.visible import in_shop, visible_order

MOST_SHOWN: Final = 50
_COLUMNS: Final = "s.number, s.plugin, s.kind, f.media, f.size, s.order_id, s.file_id, s.created_at"
_FROM: Final = "FROM service_file s JOIN file f ON f.id = s.file_id"


def _file(row: Values) -> ServiceFile:
    return ServiceFile(
        number=row[0],
        plugin=row[1],
        kind=row[2],
        media=row[3],
        size=row[4],
        order_id=row[5],
        file_id=row[6],
        at=row[7],
    )


async def known(plugin: str, key: str) -> int:
    """Number of the file that the plugin brought under this key; 0: none."""
    number = await fetch_value(
        "SELECT number FROM service_file WHERE plugin = {} AND key = {}", plugin, key
    )
    return int(number or 0)


async def keep(
    tx: Tx, order: Order, plugin: str, key: str, kind: FileKind, name: str, body: bytes
) -> tuple[int, UUID]:
    """Seal a file under the buyer's key; its number and the id of its bytes.

    Raises:
        Invalid, Unavailable, Destroyed, Sealed: see `files.keep`.
    """
    file_id = await files.keep(tx, order.subject_id, name, body, media_of(body))
    number = await counters.draw("service_file")
    await insert(
        ServiceFileRow,
        id=uuid7(),
        number=number,
        plugin=plugin,
        key=key,
        kind=kind,
        order_id=order.id,
        file_id=file_id,
        created_at=tx.now,
    )
    return number, file_id


def media_of(body: bytes) -> str:
    """What a browser may show by itself; anything else is only saved.

    >>> media_of(b"%PDF-1.7"), media_of(b"<html>")
    ('application/pdf', 'application/octet-stream')
    """
    if body.startswith(b"%PDF-"):
        return "application/pdf"
    return "image/png" if body.startswith(b"\x89PNG\r\n\x1a\n") else "application/octet-stream"


async def of_order(order_id: UUID) -> tuple[ServiceFile, ...]:
    """Files of an order that the actor was shown, the newest first."""
    rows = await fetch(
        f"SELECT {_COLUMNS} {_FROM} WHERE s.order_id = {{}} ORDER BY s.number DESC LIMIT {{}}",
        order_id,
        MOST_SHOWN,
    )
    return tuple(_file(row) for row in rows)


async def label_of(order_id: UUID) -> UUID | None:
    """The newest label of an order's parcel, a carrier's before others'; None: there is none."""
    carried = await fetch_value(
        "SELECT label FROM parcel WHERE order_id = {} AND label IS NOT NULL "
        "ORDER BY number DESC LIMIT 1",
        order_id,
    )
    if carried is not None:
        return carried
    return await fetch_value(
        "SELECT file_id FROM service_file WHERE order_id = {} AND kind = 'label' "
        "ORDER BY number DESC LIMIT 1",
        order_id,
    )


async def get(tx: Tx, number: int) -> ServiceFile:
    """A file of an order that the grant lets through.

    Raises:
        NotFound: `attachment_not_found`.
    """
    scope, args = visible_order(tx)
    shop, shop_args = in_shop(tx, "o.shop")
    row = await fetch_one(
        f"SELECT {_COLUMNS} {_FROM} JOIN orders o ON o.id = s.order_id "
        f"WHERE s.number = {{}} AND {scope} AND {shop}",
        number,
        *args,
        *shop_args,
    )
    if row is None:
        raise NotFound("attachment_not_found")
    return _file(row)
