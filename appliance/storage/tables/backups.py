"""Copies: what was made and proven, when and by whom."""

from piccolo.columns import UUID, BigInt, Integer, Timestamptz, Varchar
from piccolo.table import Table

from appliance.domain.ids import uuid7


class CopyRunRow(Table, tablename="copy_run"):
    """One making or proving of a copy. The copies themselves lie on their targets."""

    id = UUID(primary_key=True, default=uuid7)
    number = BigInt()
    kind = Varchar(length=8)  # domain.backups.CopyKind
    state = Varchar(length=8)  # domain.backups.CopyState
    stamp = Varchar(length=16, default="")
    by_number = BigInt(default=0)  # 0: the box itself
    began_at = Timestamptz()
    ended_at = Timestamptz(null=True, default=None)
    size = BigInt(default=0)  # bytes of the containers
    targets = Integer(default=0)
    failed_targets = Integer(default=0)
    code = Varchar(length=64, default="")
