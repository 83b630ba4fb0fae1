"""Which delivery an exchange of a plugin was about: it can be repeated from its line."""

from appliance.storage.migrations.operations import Migration
from appliance.storage.tables import PluginJournalRow


async def up(m: Migration) -> None:
    """Add the column; lines written before cannot tell."""
    await m.add_column(PluginJournalRow, "delivery_id")
