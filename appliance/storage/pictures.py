"""Pictures of products: no personal data, so they lie in the open and are served as they are."""

import hashlib
from collections.abc import Sequence
from uuid import UUID

from appliance.domain.ids import uuid7
from appliance.domain.images import Picture
from appliance.errors import Invalid, NotFound
from appliance.storage import goods_marks
from appliance.storage.statements import (
    execute,
    fetch,
    fetch_one,
    fetch_value,
    insert,
    update_row,
)
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


async def bring(
    tx: Tx, product_id: UUID, source: str, given: Sequence[Picture], *, fill: bool
) -> int:
    """Make these the pictures that a source gave a product, in their order; how many it has then.

    One that is there already, by its content, is not written again. People's pictures stay, and
    count towards the most; with `fill` nothing is brought where there are any.
    """
    rows = await fetch(
        "SELECT id, source, digest, position FROM picture WHERE product_id = {} ORDER BY position",
        product_id,
    )
    others = [row for row in rows if row[1] != source]
    if fill and others:
        return 0
    known = {row[2]: (row[0], row[3]) for row in rows if row[1] == source}
    wanted = {hashlib.sha256(one.content).hexdigest(): one for one in given}
    wanted = dict(list(wanted.items())[: max(MOST - len(others), 0)])
    if list(known) == list(wanted):
        return len(wanted)
    for digest in known.keys() - wanted.keys():
        await execute("DELETE FROM picture WHERE id = {}", known[digest][0])
    # Behind the last picture there is, so that one that people put first stays first.
    start = max((row[3] for row in rows), default=0) + 1
    for place, (digest, picture) in enumerate(wanted.items(), start):
        if digest in known:
            await update_row(PictureRow, known[digest][0], position=place)
            continue
        await insert(
            PictureRow,
            id=uuid7(),
            product_id=product_id,
            position=place,
            kind=picture.kind,
            width=picture.width,
            height=picture.height,
            content=picture.content,
            created_at=tx.now,
            source=source,
            digest=digest,
        )
    await goods_marks.changed([product_id])
    return len(wanted)


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
