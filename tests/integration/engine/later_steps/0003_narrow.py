from piccolo.columns import UUID, BigInt, Varchar
from piccolo.table import Table

from appliance.storage.engine.rows import ENGINE
from appliance.storage.migrations.operations import Migration


class ShelfRow(Table, tablename="shelf", db=ENGINE):
    id = UUID(primary_key=True)
    number = BigInt(unique=True)
    room = Varchar(index=True)
    width = BigInt(null=True, default=None)


async def up(m: Migration) -> None:
    await m.rebuild(ShelfRow)
