"""Pictures of products: no personal data, so they lie in the open and are served as they are."""

from uuid import UUID

from appliance.domain.ids import uuid7
from appliance.domain.images import Picture
from appliance.errors import Invalid, NotFound
from appliance.storage import goods_marks
from appliance.storage.statements import execute, fetch_one, fetch_value, insert
from appliance.storage.tables import PictureRow
from appliance.storage.tx import Tx

MOST = 12
"""Pictures of one product."""


async def add(tx: Tx, product_id: UUID, picture: Picture) -> UUID:
    """Keep a checked picture as the product's last one.

    Raises:
        Invalid: `pictures_too_many`.
    """
    row = await fetch_one(
        "SELECT COUNT(*), COALESCE(MAX(position), 0) FROM picture WHERE product_id = {}", product_id
    )
    count, last = (0, 0) if row is None else (row[0], row[1])
    if count >= MOST:
        raise Invalid("pictures_too_many", most=MOST)
    picture_id = uuid7()
    await insert(
        PictureRow,
        id=picture_id,
        product_id=product_id,
        position=last + 1,
        kind=picture.kind,
        width=picture.width,
        height=picture.height,
        content=picture.content,
        created_at=tx.now,
    )
    await goods_marks.changed([product_id])
    return picture_id


async def remove(product_id: UUID, picture_id: UUID) -> None:
    """Take a picture off a product; one that is gone stays gone."""
    await execute("DELETE FROM picture WHERE id = {} AND product_id = {}", picture_id, product_id)
    await goods_marks.changed([product_id])


async def put_first(product_id: UUID, picture_id: UUID) -> None:
    """Make a picture the one that lists show."""
    first = await fetch_value("SELECT MIN(position) FROM picture WHERE product_id = {}", product_id)
    await execute(
        "UPDATE picture SET position = {} WHERE id = {} AND product_id = {}",
        (first or 0) - 1,
        picture_id,
        product_id,
    )
    await goods_marks.changed([product_id])


async def content(picture_id: UUID) -> tuple[str, bytes]:
    """Kind and bytes.

    Raises:
        NotFound: `picture_not_found`.
    """
    row = await fetch_one("SELECT kind, content FROM picture WHERE id = {}", picture_id)
    if row is None:
        raise NotFound("picture_not_found")
    return row[0], bytes(row[1])


async def named(name: str) -> tuple[str, bytes]:
    """Kind and bytes, by the id as an address writes it.

    Raises:
        NotFound: `picture_not_found`.
    """
    try:
        return await content(UUID(name))
    except ValueError:
        raise NotFound("picture_not_found") from None
