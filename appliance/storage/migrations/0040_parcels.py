"""Parcels that carriers carry, their steps, and the carriers' points."""

from appliance.storage.migrations.operations import Migration
from appliance.storage.tables import CarrierTownRow, ParcelRow, ParcelStepRow
from appliance.storage.tables.indexes import PARCEL_INDEXES


async def up(m: Migration) -> None:
    """Make them; no carrier was asked for anything before."""
    await m.create_tables(ParcelRow, ParcelStepRow, CarrierTownRow)
    for index in PARCEL_INDEXES:
        await m.create_index(index.table, *index.columns, unique=index.unique, where=index.where)
