"""Where a client's rows stand: what moves with him when two turn out to be one.

A house test compares this list with the tables: a sealed column, a `subject_id` or a `customer_id`
that nobody listed fails it. Cells are opened and sealed as bytes; nobody here knows what is in
them.
"""

from typing import Final, NamedTuple

from piccolo.table import Table

from appliance.storage.engine.shapes import name_of
from appliance.storage.tables import (
    AccountEntryRow,
    AddressRow,
    CallRow,
    CartRow,
    ChangeEntryRow,
    CompanyContactRow,
    ConsentRow,
    ContactRow,
    CorporatePartRow,
    CouponUseRow,
    CustomCellRow,
    CustomerDateRow,
    CustomTokenRow,
    CustomValueRow,
    DealRow,
    FileRow,
    LetterRow,
    MessageRow,
    OrderLineRow,
    OrderLinkRow,
    OrderRow,
    OwnerRequestRow,
    PaymentRow,
    PluginRowRow,
    PurposeRow,
    RequisitesRow,
    StockDocumentRow,
    SupplierPriceRow,
    TagRow,
    TaskRow,
    TimelineEntryRow,
)


class Owned(NamedTuple):
    """Rows of one table that belong to a client.

    Attributes:
        cells: sealed columns, all under the key of `subject` (or of the parent's).
        client: column with the client's id; empty where the rows name none.
        subject: column with the person's id, NULL where nothing is sealed; empty for no column.
        by: the one of the two that is indexed, by which a client's rows are found.
        follows: columns with the id of an order or a deal: who has that, has this row, too.
        key: primary key; the row id of the cells is always `id`.
    """

    table: type[Table]
    cells: tuple[str, ...] = ()
    client: str = "customer_id"
    subject: str = "subject_id"
    by: str = ""
    follows: tuple[str, ...] = ()
    key: str = "id"

    @property
    def name(self) -> str:
        """The table in the database."""
        return name_of(self.table)

    @property
    def part(self) -> str:
        """What a merge notes of its rows by."""
        return f"{self.name}.{self.client or self.subject or self.follows[0]}"

    @property
    def stands_alone(self) -> bool:
        """Whether its rows name their owner themselves."""
        return bool(self.client or self.subject)


OWNED: Final[tuple[Owned, ...]] = (
    Owned(ContactRow, ("value",)),
    Owned(AddressRow, ("parts",), client="owner_id", by="subject_id", follows=("owner_id",)),
    Owned(RequisitesRow, ("parts",)),
    Owned(CorporatePartRow, ("content",)),
    Owned(CartRow, ("link",)),
    Owned(ConsentRow, ("evidence",)),
    Owned(CustomerDateRow, ("value",)),
    Owned(OwnerRequestRow, ("reason",)),
    Owned(SupplierPriceRow, client="supplier_id", subject=""),
    Owned(StockDocumentRow, client="supplier_id", subject=""),
    Owned(PurposeRow, subject=""),
    Owned(TagRow, subject=""),
    Owned(CompanyContactRow, client="company_id", subject=""),
    Owned(CompanyContactRow, client="customer_id", subject=""),
    Owned(OrderRow, ("contact", "reach", "comments")),
    Owned(OrderRow, client="payer_id", subject=""),
    Owned(DealRow, ("texts",)),
    Owned(DealRow, client="company_id", subject=""),
    Owned(OrderLineRow, ("comment",), client="", subject="", follows=("order_id",)),
    Owned(OrderLinkRow, ("comment",), client="", subject="", follows=("order_id",)),
    Owned(PaymentRow, ("comment", "payer"), client="", subject="", follows=("order_id",)),
    Owned(CouponUseRow, subject="", follows=("order_id",)),
    Owned(AccountEntryRow, subject=""),
    Owned(TaskRow, ("words", "outcome"), follows=("order_id", "deal_id")),
    Owned(TimelineEntryRow, ("text",), follows=("order_id", "deal_id")),
    Owned(CallRow, ("phone",)),
    Owned(FileRow, ("name",), client=""),
    Owned(LetterRow, ("content",), follows=("order_id", "deal_id")),
    Owned(MessageRow, ("content",), follows=("order_id",)),
    Owned(
        CustomCellRow, ("personal",), client="entity_id", by="subject_id", follows=("entity_id",)
    ),
    Owned(PluginRowRow, ("personal",)),
    Owned(CustomTokenRow, client="entity_id", by="subject_id", follows=("entity_id",)),
    Owned(CustomValueRow, client="entity_id", subject=""),
    Owned(ChangeEntryRow, ("personal",), client="", key="number"),
)
"""In the order in which they move: orders and deals before what follows them."""

STAYS: Final[frozenset[tuple[str, str]]] = frozenset(
    {
        ("customer", "wishes"),
        ("customer", "person"),  # the other's own record is what an undo goes back to
        ("client_merge", "before"),  # undo data, under the key of whom they speak
    }
)
"""Cells under a person's key that no merge moves."""

OF_THE_HOUSE: Final[frozenset[tuple[str, str]]] = frozenset(
    {
        ("users", "profile"),
        ("users", "totp_secret"),
        ("project", "name"),
        ("saved_view", "name"),
        ("data_import", "name"),
        ("data_import", "sample"),
        ("import_piece", "content"),
        ("import_chunk", "content"),  # emptied of all but wrong rows once they are in
        ("data_export", "asked"),
        ("export_piece", "content"),
        ("legal_entity", "parts"),
        ("legal_entity_picture", "content"),
        ("subject_request", "about"),  # under the evidence key: it outlives the person on purpose
        ("plugin_setting", "value"),
        ("plugin_account", "value"),
        ("bank_document", "words"),  # until it is known whose money it is
        ("form_draft", "body"),  # belongs to no client yet; gone within days
    }
)
"""Cells under the house's own secret: colleagues', not clients'."""

NOT_MOVED: Final[frozenset[tuple[str, str]]] = frozenset(
    {
        ("legal_hold", "customer_id"),  # found over all cards of a person
        ("subject_request", "customer_id"),  # what was asked of that card stays
        ("subject_request", "subject_id"),
        ("subject_part", "customer_id"),
        ("subject_part", "subject_id"),
        ("account", "customer_id"),  # a kept sum: added up anew
        ("customer", "subject_id"),  # a record's own key
        ("reveal", "customer_id"),  # whom a colleague was shown: counts of his budget
        ("search_change", "customer_id"),  # a feed
        ("disclosure", "customer_id"),  # what went out about that card stays said of it
    }
)
"""Columns with a client's or person's id that a merge leaves alone."""
