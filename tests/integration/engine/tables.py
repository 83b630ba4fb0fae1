"""Tables of the engine's own tests; the product's tables are none of their business."""

from piccolo.columns import UUID, BigInt, Boolean, Bytea, Date, ForeignKey, Timestamptz, Varchar
from piccolo.columns.base import OnDelete
from piccolo.table import Table

from appliance.domain.ids import uuid7
from appliance.storage.engine.rows import ENGINE


class ShelfRow(Table, tablename="shelf", db=ENGINE):
    id = UUID(primary_key=True, default=uuid7)
    number = BigInt(unique=True)
    label = Varchar(length=None)


class BookRow(Table, tablename="book", db=ENGINE):
    id = UUID(primary_key=True, default=uuid7)
    shelf = ForeignKey(ShelfRow, null=True, on_delete=OnDelete.restrict)
    number = BigInt(index=True)
    bought_at = Timestamptz()
    bought_on = Date(null=True, default=None)
    lent = Boolean(default=False)
    cover = Bytea(null=True, default=None)
    title = Varchar(length=None, default="untitled")
