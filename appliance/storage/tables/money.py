"""Money that came by the bank: statements that were uploaded and the documents in them."""

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
