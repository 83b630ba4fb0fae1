"""What became, or would become, of some rows of an import."""

from typing import NamedTuple

from appliance.domain.imports import Outcome, Tally, WrongCell
from appliance.errors import Invalid
from appliance.storage.imports import Done


class Brought(NamedTuple):
    """What became of some rows.

    Attributes:
        first, last: change entries they wrote: of clients and companies only those about known
            records; zeros for none.
    """

    outcomes: list[Done]
    tally: Tally
    first: int = 0
    last: int = 0


class Looked(NamedTuple):
    """What would become of some rows.

    Attributes:
        met: by what the rows are known, for telling rows that a file says twice.
    """

    tally: Tally
    wrong: tuple[WrongCell, ...]
    met: frozenset[object]
    rows: int


def refused(error: Invalid) -> Done:
    """The outcome of a row that cannot be taken in."""
    field, code = next(iter(error.fields.items()), ("", error.code))
    return Done(Outcome.WRONG, field=field, code=code)
