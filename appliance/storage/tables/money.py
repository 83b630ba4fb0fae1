"""Money that came: statements of banks, attempts by link, refunds, fiscal receipts."""

from piccolo.columns import UUID, BigInt, Boolean, Date, Integer, Text, Timestamptz, Varchar
from piccolo.table import Table

from appliance.domain.ids import uuid7
from appliance.storage.tables.columns import sealed


class BankStatementRow(Table, tablename="bank_statement"):
    """A file of a bank that somebody uploaded."""

    id = UUID(primary_key=True, default=uuid7)
    number = BigInt()
    state = Varchar(length=16)  # domain.reconciling.StatementState
    documents = Integer(default=0)  # in the file, outgoing ones too
    incoming = Integer(default=0)
    known = Integer(default=0)  # of those incoming, uploaded before
    amount = BigInt(default=0)  # kopecks of what is new
    first_day = Date(null=True, default=None)
    last_day = Date(null=True, default=None)
    problems = Text(default="[]")  # JSON of (line, code); no word of the file
    foreign = Boolean(default=False)  # an account that is nobody's of ours
    error = Varchar(length=64, default="")
    made_by = UUID()
    made_by_number = BigInt(default=0)
    made_at = Timestamptz()


class BankDocumentRow(Table, tablename="bank_document"):
    """Money that came by the bank.

    What the bank says of the payer is sealed under the house's secret until it is known whose
    order it pays: then it goes to the payment, under the buyer's key, and is gone from here.
    """

    id = UUID(primary_key=True, default=uuid7)
    statement_id = UUID()
    position = Integer()
    mark = Varchar(length=64)  # keyed hash of accounts, number, day and sum: the same is one
    day = Date()
    amount = BigInt()  # kopecks
    words = sealed()  # of domain.reconciling.BankWords
    state = Varchar(length=16)  # domain.reconciling.DocumentState
    basis = Varchar(length=16, default="")  # domain.reconciling.Basis
    order_id = UUID(null=True, default=None)
    payment_id = UUID(null=True, default=None)
    made = Boolean(default=False)  # the payment was written down by this, not only found
    was_kind = Varchar(length=64, default="")  # of a payment that waited and was settled by this
    was_status = Varchar(length=64, default="")
    was_amount = BigInt(default=0)
    settled_at = Timestamptz(null=True, default=None)
    settled_by = BigInt(default=0)  # number of a colleague


class PayAttemptRow(Table, tablename="pay_attempt"):
    """One attempt to be paid through an acquirer's plugin; its id is the key over there."""

    id = UUID(primary_key=True, default=uuid7)
    number = BigInt()
    order_id = UUID()
    plugin = Varchar(length=64)
    account = Varchar(length=64, default="")
    state = Varchar(length=16)  # domain.paying.AttemptState
    wished = Varchar(length=16, default="")  # domain.paying.Deed that is still to be done
    amount = BigInt()
    paid = BigInt(default=0)
    refunded = BigInt(default=0)
    two_stage = Boolean(default=False)
    url = Text(default="")
    vendor_id = Varchar(length=64, default="")
    raw_state = Varchar(length=64, default="")  # the acquirer's own word
    reason = Varchar(length=64, default="")
    test = Boolean(default=False)
    expires_at = Timestamptz(null=True, default=None)
    capture_by = Timestamptz(null=True, default=None)
    warned = Boolean(default=False)  # that the hold ends soon
    payment_id = UUID(null=True, default=None)
    made_by = BigInt(default=0)
    created_at = Timestamptz()
    changed_at = Timestamptz()


class PayRefundRow(Table, tablename="pay_refund"):
    """Money on its way back through the acquirer."""

    id = UUID(primary_key=True, default=uuid7)
    attempt_id = UUID()
    order_id = UUID()
    state = Varchar(length=16)  # domain.paying.RefundState
    amount = BigInt()
    vendor_id = Varchar(length=64, default="")
    reason = Varchar(length=64, default="")
    payment_id = UUID(null=True, default=None)
    made_by = BigInt(default=0)
    created_at = Timestamptz()


class ReceiptRow(Table, tablename="receipt"):
    """A fiscal receipt: a plugin's, or an own till's whose number was typed in."""

    id = UUID(primary_key=True, default=uuid7)
    order_id = UUID()
    payment_id = UUID(null=True, default=None)
    attempt_id = UUID(null=True, default=None)
    refund_id = UUID(null=True, default=None)
    kind = Varchar(length=16)  # domain.receipts.ReceiptKind
    state = Varchar(length=16)  # domain.receipts.ReceiptState
    plugin = Varchar(length=64, default="")
    lines = Text(default="[]")  # JSON of domain.receipts.ReceiptLine; goods, no person
    total = BigInt(default=0)
    told = Varchar(length=64, default="")
    vendor_id = Varchar(length=64, default="")
    reason = Varchar(length=64, default="")
    made_by = BigInt(default=0)
    at = Timestamptz()
