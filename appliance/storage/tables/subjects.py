"""Requests of people about their data, who agreed to destroy, and laws that forbid it for now."""

from piccolo.columns import UUID, BigInt, Boolean, Date, Integer, Text, Timestamptz, Varchar
from piccolo.table import Table

from appliance.domain.ids import uuid7
from appliance.storage.tables.columns import sealed


class SubjectRequestRow(Table, tablename="subject_request"):
    """One request. No personal data but `about`, which is under the evidence key."""

    id = UUID(primary_key=True, default=uuid7)
    number = BigInt()
    kind = Varchar(length=16)  # domain.subjects.RequestKind
    state = Varchar(length=16)  # domain.subjects.RequestState
    customer_id = UUID()
    customer_number = BigInt()
    subject_id = UUID()
    about = sealed()  # of domain.subjects.Who
    channel = Varchar(length=32, default="")
    received_on = Date()
    due_on = Date()
    extended = Integer(default=0)  # working days granted by a letter with reasons
    asked_by = UUID()
    asked_number = BigInt(default=0)
    asked_session = Varchar(length=40, default="")
    asked_device = Varchar(length=64, default="")  # hash of the browser's mark
    asked_at = Timestamptz()
    found = Text(default="{}")  # JSON of domain.subjects.Found: counts only
    pause_hours = Integer(default=0)  # as it held when the last approval came
    # Time by the clock nobody can set: what the machine has run since the block.
    steady_boot = Varchar(length=40, default="")
    steady_ms = BigInt(default=0)  # last reading
    served_ms = BigInt(default=0)  # added up
    cooling_from_ms = BigInt(null=True, default=None)  # of served_ms; NULL: not counted yet
    approved_by = UUID(null=True, default=None)  # the last who agreed
    ledger = BigInt(default=0)
    blocked_at = Timestamptz(null=True, default=None)
    approved_at = Timestamptz(null=True, default=None)
    erased_at = Timestamptz(null=True, default=None)
    closed_at = Timestamptz(null=True, default=None)
    wiped = Boolean(default=False)  # rows are gone; index, snapshot and log file follow


class SubjectPartRow(Table, tablename="subject_part"):
    """A card of the person of a request, as it was before the block."""

    id = UUID(primary_key=True, default=uuid7)
    request_id = UUID()
    customer_id = UUID()
    subject_id = UUID()
    state = Varchar(length=16)  # customer.state before
    shop = Varchar(length=64, default="")
    external_id = Varchar(length=255, null=True, default=None)  # taken off while blocked
    erased = Boolean(default=False)


class SubjectApprovalRow(Table, tablename="subject_approval"):
    """Somebody agreed to destroy."""

    id = UUID(primary_key=True, default=uuid7)
    request_id = UUID()
    user_id = UUID()
    user_number = BigInt()
    session = Varchar(length=40, default="")
    device = Varchar(length=64, default="")
    by_code = Boolean(default=False)  # by the recovery code, in place of a second person
    at = Timestamptz()
    served_ms = BigInt()  # of the request, when it was given
    stands = Boolean(default=True)


class LegalHoldRow(Table, tablename="legal_hold"):
    """A law keeps a person's data until a day, for one purpose."""

    id = UUID(primary_key=True, default=uuid7)
    customer_id = UUID()
    purpose = Varchar(length=32)  # domain.privacy.PurposeCode
    law = Varchar(length=200)
    until = Date()
    set_by = BigInt()  # number of the colleague
    set_at = Timestamptz()
    lifted_by = BigInt(default=0)
    lifted_at = Timestamptz(null=True, default=None)
