"""Links for buyers, letters on their way out, and their templates."""

from piccolo.columns import UUID, BigInt, Bytea, Integer, Text, Timestamptz, Varchar
from piccolo.table import Table

from appliance.domain.ids import uuid7
from appliance.storage.tables.columns import sealed


class StatusLinkRow(Table, tablename="status_link"):
    """A buyer's way to the page of his order. Only the hash of the token is kept."""

    id = UUID(primary_key=True, default=uuid7)
    order_id = UUID()
    token_hash = Bytea(secret=True)
    made_by = BigInt(default=0)  # number of the colleague; 0: the box
    created_at = Timestamptz()
    expires_at = Timestamptz()
    revoked_at = Timestamptz(null=True, default=None)
    opened_at = Timestamptz(null=True, default=None)  # last time, a quarter of an hour exact


class LetterRow(Table, tablename="letter"):
    """A letter. `content` is sealed under the client's key, of a colleague's under the house's."""

    id = UUID(primary_key=True, default=uuid7)
    number = BigInt()
    kind = Varchar(length=24)  # code of its template
    state = Varchar(length=12)  # domain.letters.LetterState
    reason = Varchar(length=40, default="")  # a code, never what the other side wrote
    subject_id = UUID(null=True, default=None)
    customer_id = UUID(null=True, default=None)
    order_id = UUID(null=True, default=None)
    deal_id = UUID(null=True, default=None)
    user_id = UUID(null=True, default=None)  # of a colleague's
    link_id = UUID(null=True, default=None)  # the link that is in it
    content = sealed()
    files = Text(default="[]")  # JSON: ids of attachments
    author_number = BigInt(default=0)
    attempts = Integer(default=0)
    form = UUID(null=True, default=None)  # of the form or delivery it was made by
    created_at = Timestamptz()
    settled_at = Timestamptz(null=True, default=None)


class LetterTemplateRow(Table, tablename="letter_template"):
    """A template that somebody changed; the others are as this release brought them."""

    code = Varchar(length=24, primary_key=True)
    subject = Text()
    body = Text()
    changed_by = BigInt(default=0)
    changed_at = Timestamptz()
