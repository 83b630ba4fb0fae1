"""Kept views of lists, and what each colleague chose for his own lists."""

from piccolo.columns import UUID, Integer, Text, Timestamptz, Varchar
from piccolo.table import Table

from appliance.domain.ids import uuid7
from appliance.storage.tables.columns import sealed


class SavedViewRow(Table, tablename="saved_view"):
    """A filter of a list under a name. The filter is codes, dates and sums, as in an address."""

    id = UUID(primary_key=True, default=uuid7)
    owner_id = UUID()
    section = Varchar(length=16)  # domain.views.SECTIONS
    name = sealed()  # under the box's secret: people's names get into it
    query = Text()
    roles = Text(default="")  # codes of roles it is shared with, comma separated; «*»: everybody
    position = Integer(default=0)
    created_at = Timestamptz()


class ListChoiceRow(Table, tablename="list_choice"):
    """What a colleague chose for one list: the view it opens with, and its columns."""

    id = UUID(primary_key=True, default=uuid7)
    user_id = UUID()
    section = Varchar(length=16)
    view_id = UUID(null=True, default=None)
    columns = Text(default="")  # codes in their order, comma separated; empty: as delivered
