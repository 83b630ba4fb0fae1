"""What accounting bases say of goods besides."""

from appliance.storage.migrations.operations import Migration
from appliance.storage.tables import ProductFactsRow


async def up(m: Migration) -> None:
    """Make the table; goods that are there already get their facts at the next exchange."""
    await m.create_tables(ProductFactsRow)
