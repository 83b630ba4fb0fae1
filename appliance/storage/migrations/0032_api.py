"""Answers to repeated requests; what a program's key may see and how much of it."""

from appliance.storage.migrations.operations import Migration
from appliance.storage.tables import ApiKeyRow, RequestRepeatRow
from appliance.storage.tables.indexes import API_INDEXES


async def up(m: Migration) -> None:
    """Make them; keys of before keep what they could do."""
    await m.create_tables(RequestRepeatRow)
    for index in API_INDEXES:
        await m.create_index(index.table, *index.columns, unique=index.unique, where=index.where)
    await m.add_column(ApiKeyRow, "role", default="")
    await m.add_column(ApiKeyRow, "fields", default="")
    await m.add_column(ApiKeyRow, "people_a_day", default=0)
