"""Fields that an administrator made, their values, and the tabs of cards by role."""

from piccolo.columns import UUID, BigInt, Boolean, Integer, Text, Timestamptz, Varchar
from piccolo.table import Table

from appliance.domain.ids import uuid7
from appliance.storage.tables.columns import blind_index, sealed


class CustomFieldRow(Table, tablename="custom_field"):
    """A field. Its code, owner, type and whether it is personal never change."""

    id = UUID(primary_key=True, default=uuid7)
    owner = Varchar(length=10)
    code = Varchar(length=40)
    name = Varchar(length=100)
    type = Varchar(length=24)
    hint = Varchar(length=255, default="")
    options = Text(default="[]")
    required = Boolean(default=False)
    default_value = Text(default="null")  # JSON of a kept value
    personal = Boolean(default=False)
    access = Varchar(length=16, default="comment")
    exact = Boolean(default=False)
    in_list = Boolean(default=False)
    in_filter = Boolean(default=False)
    position = Integer(default=0)
    active = Boolean(default=True)
    basis = Varchar(length=16, default="")
    keep_months = Integer(default=0)
    created_at = Timestamptz()


class CustomValueRow(Table, tablename="custom_value"):
    """A value that is not personal; of several choices, one row each.

    `home_id` is the record it was given for: after a merge the survivor's own value counts first.
    """

    id = UUID(primary_key=True, default=uuid7)
    owner = Varchar(length=10)
    entity_id = UUID()
    home_id = UUID()
    field_id = UUID()
    text_value = Varchar(length=255, null=True, default=None)
    long_value = Text(null=True, default=None)
    number_value = BigInt(null=True, default=None)
    at_value = Timestamptz(null=True, default=None)


class CustomCellRow(Table, tablename="custom_cell"):
    """All personal values of one record, sealed together."""

    id = UUID(primary_key=True, default=uuid7)
    owner = Varchar(length=10)
    entity_id = UUID()
    home_id = UUID()
    subject_id = UUID()
    personal = sealed()


class CustomTokenRow(Table, tablename="custom_token"):
    """Finds a personal value by the whole of it, where its field asks for that."""

    id = UUID(primary_key=True, default=uuid7)
    entity_id = UUID()
    home_id = UUID()
    subject_id = UUID()
    field_id = UUID()
    value_index = blind_index()


class CardTabRow(Table, tablename="card_tab"):
    """Tabs of a card for one role, in order; a role without a row has all of them."""

    id = UUID(primary_key=True, default=uuid7)
    role = Varchar(length=40)
    card = Varchar(length=10)
    tabs = Varchar(length=255, default="")  # codes, comma separated
