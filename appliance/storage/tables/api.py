"""What programs' doors keep."""

from piccolo.columns import UUID, Bytea, Timestamptz
from piccolo.table import Table


class RequestRepeatRow(Table, tablename="request_repeat"):
    """The answer to a request under an idempotency key; sealed, kept for a day."""

    id = UUID(primary_key=True)
    actor_id = UUID()
    key_hash = Bytea(secret=True)
    digest = Bytea()
    answer = Bytea(secret=True)
    at = Timestamptz()
