"""The log's business in the main database: what was kept of it outside the box."""

from piccolo.columns import UUID, BigInt, Timestamptz, Varchar
from piccolo.table import Table

from appliance.domain.ids import uuid7


class AnchorRow(Table, tablename="anchor"):
    """One keeping of a checkpoint of the log. The checkpoint itself stands in audit.db."""

    id = UUID(primary_key=True, default=uuid7)
    number = BigInt()
    kind = Varchar(length=8)  # domain.anchors.AnchorKind
    state = Varchar(length=8)  # domain.anchors.AnchorState
    place = Varchar(length=255, default="")
    size = BigInt()
    code = Varchar(length=64, default="")
    by_number = BigInt(default=0)  # 0: the box itself
    made_at = Timestamptz()
    done_at = Timestamptz(null=True, default=None)
    letter_id = UUID(null=True, default=None)  # of kind mail: its state is the letter's
