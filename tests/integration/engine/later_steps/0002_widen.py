from piccolo.columns import UUID, BigInt, Varchar
from piccolo.table import Table

from appliance.storage.engine.rows import ENGINE
from appliance.storage.migrations.operations import Migration
from appliance.storage.statements import execute


class ShelfRow(Table, tablename="shelf", db=ENGINE):
    id = UUID(primary_key=True)
    number = BigInt(unique=True)
    label = Varchar()
    room = Varchar(index=True)
    width = BigInt(null=True, default=None)


async def up(m: Migration) -> None:
    await m.add_column(ShelfRow, "room", default="it's the hall")
    await m.add_column(ShelfRow, "width")
    await m.data(lambda: execute("UPDATE shelf SET width = number * {}", 10))
    await m.sql(
        sqlite="CREATE TRIGGER note AFTER UPDATE ON shelf BEGIN SELECT 1; END",
        postgres="COMMENT ON TABLE shelf IS 'note'",
    )
