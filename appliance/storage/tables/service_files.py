"""Files that services made about an order: labels, acts, waybills, receipts."""

from piccolo.columns import UUID, BigInt, Timestamptz, Varchar
from piccolo.table import Table

from appliance.domain.ids import uuid7


class ServiceFileRow(Table, tablename="service_file"):
    """A file that a plugin brought; its bytes and name are a file under the buyer's key."""

    id = UUID(primary_key=True, default=uuid7)
    number = BigInt()
    plugin = Varchar(length=41)
    key = Varchar(length=120)  # the plugin's own name for it: the same one is kept once
    kind = Varchar(length=16)  # domain.service_files.FileKind
    order_id = UUID()
    file_id = UUID()
    created_at = Timestamptz()
