"""What the search index holds of a client, and how it is laid out for SQLite's FTS5.

The index has a column for the owner's token and one for each piece of the client's haystack, so
that no trigram runs across two pieces (about a sixth of the index would be such trigrams). Which
column a trigram stands in is not kept (`detail=none`), so more columns cost nothing.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple
from uuid import UUID

from appliance.domain.folding import haystack, pieces

PIECE_COLUMNS = 9
"""Three names, the number, two phones, two mailboxes, and one for whatever is more."""

OWNER_COLUMN = "owner"
COLUMNS = (OWNER_COLUMN, *(f"piece{i}" for i in range(1, PIECE_COLUMNS + 1)))

# Owner tokens are one trigram of three private-use characters, which folded text never has.
OWNER_MARK = "\uf8ff"
_PRIVATE_USE = 0xE000


class SearchEntry(NamedTuple):
    """The searchable plaintext of one client. Never logged: it is personal data.

    Attributes:
        record: the client's id.
        number: the number people see; 0 for none.
        owner: number of the user who leads the client; 0 for nobody.
        names: surname, name, patronymic, company, in any order, as written.
        digits: phones (`folding.phone_digits`) and tax numbers.
        mails: e-mail addresses as written.
    """

    record: UUID
    number: int
    owner: int
    names: str
    digits: tuple[str, ...] = ()
    mails: tuple[str, ...] = ()

    def __repr__(self) -> str:
        """Show the id only; a traceback must not carry a name."""
        return f"SearchEntry(record={self.record})"

    def haystack(self) -> str:
        """Join the folded text against which a find is verified."""
        return haystack(self.names, self.number, self.digits, self.mails)


def columns(entry: SearchEntry) -> list[str | None]:
    """Lay an entry out in the index's columns, in the order of :data:`COLUMNS`.

    A piece of one letter gets a closing space: shorter than a trigram it would not be indexed.
    """
    cut = [
        piece if len(piece) > 2 else piece + " "
        for piece in pieces(entry.names, entry.number, entry.digits, entry.mails)
    ]
    if len(cut) > PIECE_COLUMNS:
        cut[PIECE_COLUMNS - 1 :] = ["\n".join(cut[PIECE_COLUMNS - 1 :])]
    return [owner_token(entry.owner), *cut, *[None] * (PIECE_COLUMNS - len(cut))]


def owner_token(owner: int) -> str:
    """Name an owner in one trigram; exact below 2^24, above that merely a wider net."""
    high, low = chr(_PRIVATE_USE + (owner >> 12) % 4096), chr(_PRIVATE_USE + owner % 4096)
    return OWNER_MARK + high + low


def words(row: Iterable[str | None]) -> Iterator[str]:
    """Yield the words of names in a row of columns: what typing errors are mended against."""
    for column in row:
        for piece in column.split("\n") if column else ():
            if piece.startswith(" ") and not piece.endswith("$"):
                yield piece.strip()
