"""Where sealed cells and blind tokens stand, for bringing all of them under new keys.

House tests compare both lists with the tables: a new sealed column or blind index that nobody
listed fails them.
"""

from collections.abc import Callable
from typing import Any, Final, NamedTuple
from uuid import UUID

from appliance.domain import phones, taxids
from appliance.domain.client_dates import DateWords, index_of
from appliance.domain.customers import ContactKind, ContactValue, RequisitesParts
from appliance.storage import contacts
from appliance.storage.owned import OWNED
from appliance.vault.blind import BlindField
from appliance.vault.vault import Vault

START: Final = {"id": str(UUID(int=0)), "number": "0"}
"""Before the first row, by name of the key."""


class Cells(NamedTuple):
    """Cells of one table, all of a row under one person's key.

    Attributes:
        key: primary key; cells are bound to `id` whatever it is.
        owner: column with the person; of `parent` where the row names none itself.
        parent: table and column that lead to it: the row's order.
    """

    table: str
    cells: tuple[str, ...]
    key: str = "id"
    owner: str = "subject_id"
    parent: tuple[str, str] = ("", "")

    @property
    def select(self) -> str:
        """Rows behind a key, in order: key, id, person, cells."""
        cells = ", ".join(f"k.{name}" for name in self.cells)
        table, by = self.parent
        owner = f"p.{self.owner}" if table else f"k.{self.owner}"
        join = f'JOIN "{table}" p ON p.id = k.{by} ' if table else ""
        return (
            f"SELECT k.{self.key}, k.id, {owner}, {cells} "
            f'FROM "{self.table}" k {join}WHERE k.{self.key} > {{}} '
            f"ORDER BY k.{self.key} LIMIT {{}}"
        )


def _sealed() -> tuple[Cells, ...]:
    found = [
        Cells(one.name, one.cells, key=one.key)
        if one.subject
        else Cells(one.name, one.cells, parent=("orders", one.follows[0]))
        for one in OWNED
        if one.cells
    ]
    return (
        Cells("customer", ("person", "wishes")),
        *found,
        Cells("client_merge", ("before",), owner="survivor_subject"),
    )


SEALED: Final = _sealed()
"""Every cell that is under a person's key."""


class Tokens(NamedTuple):
    """Blind tokens of one table and the cell they follow from.

    Attributes:
        select: rows behind an id, in order: id, person, table and id of the cell, the cell, and
            what `make` needs besides.
        columns: of the tokens.
        make: opened blob, the rest of the row → tokens, in the order of `columns`.
    """

    table: str
    cell: tuple[str, str]
    select: str
    columns: tuple[str, ...]
    kind: type[Any]
    make: Callable[[Vault, Any, tuple[Any, ...]], tuple[bytes | None, ...]]


def _contact(vault: Vault, value: ContactValue, rest: tuple[Any, ...]) -> tuple[bytes | None, ...]:
    kind = ContactKind(rest[0])
    tail = ""
    if kind is ContactKind.PHONE:
        tail = phones.digits_of(value.normal)[-phones.TAIL_DIGITS :] or phones.tail_of(value.typed)
    read = contacts.Read(kind, value.typed, value.normal, tail)
    return contacts.index_of(vault, read), contacts.tail_of(vault, read)


def _requisites(vault: Vault, parts: RequisitesParts, _: Any) -> tuple[bytes | None, ...]:
    inn = taxids.normalise_inn(parts.inn)
    return (vault.blind(BlindField.TAX_ID, inn) if inn else None,)


def _date(vault: Vault, words: DateWords, _: Any) -> tuple[bytes | None, ...]:
    return (vault.blind(BlindField.DAY, index_of(words.month, words.day)),)


TOKENS: Final = (
    Tokens(
        "contact",
        ("contact", "value"),
        "SELECT id, subject_id, id, value, kind FROM contact WHERE id > {} ORDER BY id LIMIT {}",
        ("value_index", "tail_index"),
        ContactValue,
        _contact,
    ),
    Tokens(
        "requisites",
        ("requisites", "parts"),
        "SELECT id, subject_id, id, parts FROM requisites WHERE id > {} ORDER BY id LIMIT {}",
        ("inn_index",),
        RequisitesParts,
        _requisites,
    ),
    Tokens(
        "customer_date",
        ("customer_date", "value"),
        "SELECT id, subject_id, id, value FROM customer_date WHERE id > {} ORDER BY id LIMIT {}",
        ("day_index",),
        DateWords,
        _date,
    ),
)
"""Every blind index but those of own fields, which need the fields: see `key_walks`."""

CUSTOM: Final = (
    "SELECT t.id, c.subject_id, c.id, c.personal, t.field_id FROM custom_token t "
    "JOIN custom_cell c ON c.entity_id = t.entity_id AND c.home_id = t.home_id "
    "WHERE t.id > {} ORDER BY t.id LIMIT {}"
)
CUSTOM_TABLE: Final = "custom_token"
