"""Who works here, and how they get in."""

from piccolo.columns import UUID, BigInt, Boolean, Bytea, Integer, Text, Timestamptz, Varchar
from piccolo.table import Table

from appliance.domain.ids import uuid7
from appliance.storage.tables.columns import sealed


class BranchRow(Table, tablename="branch"):
    """A branch; its departments, shops and warehouses carry its id, and drive `Scope.BRANCH`."""

    id = UUID(primary_key=True, default=uuid7)
    code = Varchar(length=64)
    name = Varchar(length=200)


class DepartmentRow(Table, tablename="department"):
    """A department; drives `Scope.DEPARTMENT`."""

    id = UUID(primary_key=True, default=uuid7)
    code = Varchar(length=64)
    name = Varchar(length=200)
    branch_id = UUID(null=True, default=None)


class RoleRow(Table, tablename="role"):
    """A role as data: `grants` is JSON, permission → {scope, fields}."""

    code = Varchar(length=64, primary_key=True)
    name = Varchar(length=200)
    preset = Boolean(default=True)
    grants = Text()
    most_discount_milli = BigInt(null=True, default=None)  # percent; NULL: as roles.MOST_DISCOUNT


class UserRow(Table, tablename="users"):
    """A colleague. `profile` is sealed under the house's secret: name, phone, e-mail."""

    id = UUID(primary_key=True, default=uuid7)
    number = BigInt()
    login = Varchar(length=100)
    profile = sealed()
    password_hash = Text(default="", secret=True)
    password_changed_at = Timestamptz()
    must_change_password = Boolean(default=False)
    totp_secret = sealed()
    totp_last_step = BigInt(default=0)
    recovery_hashes = Text(default="[]", secret=True)
    roles = Text(default="")  # codes, comma separated
    department_id = UUID(null=True, default=None)
    active = Boolean(default=True)
    language = Varchar(length=5, default="ru")
    theme = Varchar(length=10, default="system")
    density = Varchar(length=10, default="normal")
    created_at = Timestamptz()


class SessionRow(Table, tablename="session"):
    """One signed-in browser. The cookie is never stored, only its SHA-256."""

    id = UUID(primary_key=True, default=uuid7)
    token_hash = Bytea(secret=True)
    user_id = UUID()
    created_at = Timestamptz()
    last_seen_at = Timestamptz()
    expires_at = Timestamptz()
    step_up_at = Timestamptz(null=True, default=None)
    device = Varchar(length=120, default="")  # browser and system, cut from the User-Agent
    origin = Varchar(length=10, default="lan")
    mark = Varchar(length=64, default="")  # of the browser, as in known_device


class KnownDeviceRow(Table, tablename="known_device"):
    """A browser that signed in before: has its own bucket of guesses."""

    id = UUID(primary_key=True, default=uuid7)
    token_hash = Bytea(secret=True)
    user_id = UUID()
    created_at = Timestamptz()
    # Hash of the first cookie this browser got from us: the same for all who signed in from it.
    mark = Varchar(length=64, default="")


class GuessRow(Table, tablename="guess"):
    """Wrong tries of one bucket (account and device, account, address), by keyed hash."""

    bucket = Bytea(primary_key=True, secret=True)
    tries = Integer(default=0)
    window_at = Timestamptz()
    next_at = Timestamptz()


class RevealRow(Table, tablename="reveal"):
    """One contact shown in full: budgets count distinct clients per user and day."""

    id = UUID(primary_key=True, default=uuid7)
    user_id = UUID()
    customer_id = UUID()
    kind = Varchar(length=16)  # reveal, or owner (asked who leads a client)
    at = Timestamptz()


class ApiKeyRow(Table, tablename="api_key"):
    """A program's key: 32 characters, stored as SHA-256; bound to one shop."""

    id = UUID(primary_key=True, default=uuid7)
    number = BigInt()
    name = Varchar(length=200)
    key_hash = Bytea(secret=True)
    shop = Varchar(length=64, default="")
    scopes = Text(default="")  # codes, comma separated
    hide_own = Boolean(default=False)  # leave its own changes out of the history it reads
    role = Varchar(length=64, default="")  # acts with this role's rights as well
    fields = Text(default="")  # personal fields it may see at most, comma separated; "": all
    people_a_day = BigInt(default=0)  # how many people it may read within a day; 0: any number
    created_at = Timestamptz()
    expires_at = Timestamptz(null=True, default=None)
    revoked_at = Timestamptz(null=True, default=None)
    used_at = Timestamptz(null=True, default=None)  # to the minute
