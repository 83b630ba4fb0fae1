"""Accounts of services: several shops on one marketplace, several contracts with one carrier."""

from piccolo.columns import UUID, Boolean, Timestamptz, Varchar
from piccolo.table import Table

from appliance.domain.ids import uuid7
from appliance.storage.tables.columns import sealed


class PluginAccountRow(Table, tablename="plugin_account"):
    """One account of a plugin's service; records name its code: it stays while the plugin does."""

    id = UUID(primary_key=True, default=uuid7)
    plugin = Varchar(length=41)
    code = Varchar(length=32)
    value = sealed()  # msgpack of storage.plugin_accounts.Typed, under the house's secret
    is_active = Boolean(default=True)
    created_at = Timestamptz()
    changed_at = Timestamptz()
