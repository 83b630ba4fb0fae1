"""Plugins: what is installed, what was approved, how it is set up."""

from piccolo.columns import UUID, BigInt, Bytea, Integer, Text, Timestamptz, Varchar
from piccolo.table import Table

from appliance.domain.ids import uuid7
from appliance.storage.tables.columns import sealed


class PluginRow(Table, tablename="plugin"):
    """A plugin the box knows; gone with its removal."""

    id = UUID(primary_key=True, default=uuid7)
    name = Varchar(length=41)
    version = Varchar(length=40)
    source = Varchar(length=8)  # domain.plugins.Source
    manifest = Text()  # plugin.toml as it stands
    digest = Varchar(length=64, default="")  # of the package, hex SHA-256
    signer = Varchar(length=64, default="")  # public key, hex; "box": came with the release
    asked = Text()  # JSON of domain.plugins.Rights
    state = Varchar(length=20)  # domain.plugins.PluginState
    reason = Varchar(length=40, default="")
    by_number = BigInt(default=0)  # of the last change of state; 0: the box
    installed_at = Timestamptz()
    changed_at = Timestamptz()


class PluginGrantRow(Table, tablename="plugin_grant"):
    """An approval. Never deleted: who gave what to whom is asked years later."""

    id = UUID(primary_key=True, default=uuid7)
    plugin = Varchar(length=41)
    version = Varchar(length=40)
    rights = Text()  # JSON of domain.plugins.Rights
    by_number = BigInt(default=0)
    at = Timestamptz()
    until = Timestamptz(null=True, default=None)  # replaced or taken back


class PluginSettingRow(Table, tablename="plugin_setting"):
    """One setting, under the house's secret: plain ones too, for people write names into them."""

    id = UUID(primary_key=True, default=uuid7)
    plugin = Varchar(length=41)
    name = Varchar(length=64)
    value = sealed()
    changed_at = Timestamptz()


class PluginPieceRow(Table, tablename="plugin_piece"):
    """A piece of the package of an added plugin: the folder on the disk is laid out from these.

    In the database, so that a plugin comes and goes in one transaction with its row, and every copy
    of the box holds it.
    """

    id = UUID(primary_key=True, default=uuid7)
    plugin = Varchar(length=41)
    position = Integer()
    content = Bytea(secret=True)
