"""Bringing tables in: kinds, states, what a row became."""

from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Final
from uuid import UUID

import msgspec

from appliance.domain.fields import CustomField
from appliance.domain.personal import Personal
from appliance.domain.privacy import LegalBasis, PurposeCode

CHUNK: Final = 250
"""Rows of one step: a step is one transaction, so nobody waits long for the writer."""

MOST_WRONG_SHOWN: Final = 20
KEPT_DAYS: Final = 90
"""How long an import can be taken back; then its rows are forgotten."""


class ImportKind(StrEnum):
    """What the rows are."""

    CLIENTS = "clients"
    COMPANIES = "companies"
    PRODUCTS = "products"
    STOCK = "stock"
    ORDERS = "orders"
    DEALS = "deals"
    TASKS = "tasks"


PEOPLE: Final = frozenset(
    {ImportKind.CLIENTS, ImportKind.COMPANIES, ImportKind.ORDERS, ImportKind.DEALS}
)
"""Kinds that may bring people who were not known: basis and source are asked for."""


class ImportState(StrEnum):
    """Where an import stands."""

    NEW = "new"
    """The file is kept; columns wait for their fields."""
    READING = "reading"
    CHECKING = "checking"
    CHECKED = "checked"
    RUNNING = "running"
    PAUSED = "paused"
    DONE = "done"
    UNDOING = "undoing"
    UNDONE = "undone"
    FAILED = "failed"


WORKING: Final = frozenset(
    {ImportState.READING, ImportState.CHECKING, ImportState.RUNNING, ImportState.UNDOING}
)
"""States in which the house has something to do."""


class Match(StrEnum):
    """What to do with a row about somebody who is known."""

    UPDATE = "update"
    SKIP = "skip"
    CREATE = "create"


class Outcome(IntEnum):
    """What became of a row."""

    WAITING = 0
    CREATED = 1
    UPDATED = 2
    SAME = 3
    """Known, and nothing differs."""
    SKIPPED = 4
    WRONG = 5
    TAKEN_BACK = 6
    KEPT = 7
    """Could not be taken back: something hangs on it, or somebody changed it since."""


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """How a file is read: column → field, and what goes for all its rows.

    Attributes:
        columns: field of each column by its place; empty: the column is left out.
        basis, purpose: of people who were not known.
        source: where the people come from, in words; not personal.
        manager: number of the colleague who leads the new ones; 0: nobody.
        shop: code the rows belong to; warehouse: for stock; pipeline: for deals.
    """

    columns: tuple[str, ...] = ()
    match: Match = Match.UPDATE
    basis: LegalBasis | None = None
    purpose: PurposeCode = PurposeCode.ORDER
    source: str = ""
    manager: int = 0
    shop: str = ""
    warehouse: str = ""
    price_type: str = "base"
    pipeline: str = ""


class Tally(msgspec.Struct, frozen=True, kw_only=True):
    """Counts of rows; of a check what would become of them, of a run what did."""

    created: int = 0
    updated: int = 0
    same: int = 0
    skipped: int = 0
    wrong: int = 0
    by_phone: int = 0
    by_email: int = 0
    by_inn: int = 0
    by_code: int = 0
    in_file: int = 0
    """Rows that say again what a row above says."""
    taken_back: int = 0
    kept: int = 0

    def plus(self, other: "Tally") -> "Tally":
        """Both together."""
        return Tally(
            **{name: getattr(self, name) + getattr(other, name) for name in self.__struct_fields__}
        )


class WrongCell(msgspec.Struct, frozen=True):
    """Why a row cannot be taken in: an error's code, and the field it stands at."""

    row: int
    field: str
    code: str


class Sample(msgspec.Struct, frozen=True, kw_only=True):
    """Head and first rows of a file, for the page that pairs columns with fields."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


class ImportView(msgspec.Struct, frozen=True, kw_only=True):
    """An import, without its rows.

    Attributes:
        done, total: rows dealt with in this state, and rows in the file.
        begun_at: when the work of this state began.
    """

    id: UUID
    number: int
    kind: ImportKind
    state: ImportState
    name: str
    made_by: int
    made_at: datetime
    plan: Plan
    done: int
    total: int
    tally: Tally
    error: str
    begun_at: datetime | None
    finished_at: datetime | None
    workbook: bool
    wrong: tuple[WrongCell, ...] = ()


class ImportPage(msgspec.Struct, frozen=True, kw_only=True):
    """An import with what its page shows; the sample only while columns are paired.

    Attributes:
        made: fields of the house's own making that its columns may be.
    """

    view: ImportView
    sample: Personal[Sample] | None = None
    made: tuple[CustomField, ...] = ()
