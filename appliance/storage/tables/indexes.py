"""The indexes of the first schema. Names are made of table and columns."""

from typing import NamedTuple

from piccolo.table import Table

from appliance.storage.tables import (
    AddressRow,
    ApiKeyRow,
    ChangeEntryRow,
    CompanyContactRow,
    ConsentRow,
    ConsentTextRow,
    ContactRow,
    CustomerRow,
    DealLineRow,
    DealMoveRow,
    DealRow,
    DealTallyRow,
    DepartmentRow,
    EventDeliveryRow,
    FileRow,
    JobRow,
    KnownDeviceRow,
    LossReasonRow,
    NoticeRow,
    OrderLineRow,
    OrderRow,
    OrderTallyRow,
    PaymentRow,
    PipelineRow,
    PlanRow,
    PriceRow,
    ProductRow,
    ProjectMemberRow,
    ProjectRow,
    PurposeRow,
    ReferenceRow,
    RequisitesRow,
    RevealRow,
    SessionRow,
    ShopRow,
    StageRow,
    StockMovementRow,
    StockRow,
    TagRow,
    TaskMemberRow,
    TaskRow,
    TimelineEntryRow,
    UserRow,
    VariantRow,
    WarehouseRow,
)


class Index(NamedTuple):
    """One index; `where` makes it partial and must read the same on both databases."""

    table: type[Table]
    columns: tuple[str, ...]
    unique: bool = False
    where: str | None = None


def _unique(table: type[Table], *columns: str) -> Index:
    return Index(table, columns, unique=True)


def _when_given(table: type[Table], *columns: str, unique: bool = False) -> Index:
    """Over the rows in which the last column is not NULL."""
    return Index(table, columns, unique, f'"{columns[-1]}" IS NOT NULL')


WORK_INDEXES: tuple[Index, ...] = (
    _unique(TaskRow, "number"),
    Index(TaskRow, ("performer_id", "state", "due_at", "id")),
    Index(TaskRow, ("setter_id", "state", "due_at", "id")),
    Index(TaskRow, ("state", "due_at", "id")),
    _when_given(TaskRow, "customer_id"),
    _when_given(TaskRow, "order_id"),
    _when_given(TaskRow, "deal_id"),
    _when_given(TaskRow, "project_id"),
    _when_given(TaskRow, "occurrence", "series_id", unique=True),
    # What the chores look for, and nothing else.
    Index(
        TaskRow,
        ("remind_at",),
        where='"state" = \'open\' AND "remind_at" IS NOT NULL AND "reminded_at" IS NULL',
    ),
    Index(
        TaskRow,
        ("due_at", "overdue_told_at"),
        where='"state" = \'open\' AND "overdue_told_at" IS NULL',
    ),
    Index(TaskRow, ("due_at", "repeat"), where='"repeat" <> \'\' AND NOT "followed"'),
    Index(TaskRow, ("performer_id", "closed_at"), where='"closed_at" IS NOT NULL'),
    _unique(TaskMemberRow, "task_id", "user_id"),
    Index(TaskMemberRow, ("user_id",)),
    _unique(ProjectRow, "number"),
    _unique(ProjectMemberRow, "project_id", "user_id"),
    Index(ProjectMemberRow, ("user_id",)),
    Index(NoticeRow, ("user_id", "show_at"), where='"read_at" IS NULL'),
    Index(NoticeRow, ("user_id", "number")),
    _unique(PlanRow, "month", "holder_id"),
    # The month's sales of everybody are read off the index alone.
    Index(OrderRow, ("created_at", "manager_id", "status", "total")),
)

INDEXES: tuple[Index, ...] = (
    *WORK_INDEXES,
    _unique(DepartmentRow, "code"),
    _unique(UserRow, "number"),
    _unique(UserRow, "login"),
    _unique(SessionRow, "token_hash"),
    Index(SessionRow, ("user_id",)),
    _unique(KnownDeviceRow, "token_hash"),
    Index(KnownDeviceRow, ("user_id",)),
    Index(RevealRow, ("user_id", "at")),
    _unique(ApiKeyRow, "number"),
    _unique(ApiKeyRow, "key_hash"),
    _unique(CustomerRow, "number"),
    _unique(CustomerRow, "subject_id"),
    _when_given(CustomerRow, "shop", "external_id", unique=True),
    Index(CustomerRow, ("owner_id", "number")),
    Index(ContactRow, ("customer_id",)),
    _when_given(ContactRow, "value_index"),
    _when_given(ContactRow, "tail_index"),
    _unique(AddressRow, "owner_id"),
    Index(RequisitesRow, ("customer_id",)),
    _when_given(RequisitesRow, "inn_index"),
    _unique(CompanyContactRow, "company_id", "customer_id"),
    Index(CompanyContactRow, ("customer_id",)),
    Index(PurposeRow, ("customer_id",)),
    _unique(ConsentTextRow, "code", "version"),
    Index(ConsentRow, ("customer_id",)),
    _unique(TagRow, "customer_id", "name"),
    Index(TagRow, ("name",)),
    _unique(ProductRow, "number"),
    _when_given(ProductRow, "shop", "external_id", unique=True),
    Index(ProductRow, ("shop", "name")),
    _unique(VariantRow, "number"),
    Index(VariantRow, ("product_id",)),
    _when_given(VariantRow, "shop", "external_id", unique=True),
    # Not unique: shops put an article that several of their offers share into xmlId.
    _when_given(VariantRow, "shop", "xml_id"),
    Index(VariantRow, ("sku",)),
    Index(VariantRow, ("barcode",)),
    Index(PriceRow, ("variant_id", "price_type", "since")),
    _unique(WarehouseRow, "code"),
    _unique(StockRow, "variant_id", "warehouse_id"),
    Index(StockMovementRow, ("variant_id", "at")),
    _when_given(StockMovementRow, "cause_id"),
    _unique(ShopRow, "number"),
    _unique(ReferenceRow, "kind", "code"),
    _unique(OrderRow, "number"),
    _when_given(OrderRow, "shop", "external_id", unique=True),
    # One per way a list is walked: equality first, then the key it is paged by.
    Index(OrderRow, ("status", "number")),
    Index(OrderRow, ("manager_id", "number")),
    Index(OrderRow, ("manager_id", "status", "number")),
    Index(OrderRow, ("customer_id", "number")),
    _unique(OrderLineRow, "number"),
    Index(OrderLineRow, ("order_id", "position")),
    _when_given(OrderLineRow, "variant_id"),
    _unique(PaymentRow, "number"),
    Index(PaymentRow, ("order_id",)),
    _when_given(PaymentRow, "shop", "external_id", unique=True),
    _unique(OrderTallyRow, "status", "manager_id", "shop"),
    _unique(PipelineRow, "code"),
    _unique(StageRow, "number"),
    Index(StageRow, ("pipeline_id", "position")),
    _unique(LossReasonRow, "number"),
    _unique(DealRow, "number"),
    # A column of the board is walked by the time at the stage; a list by number.
    Index(DealRow, ("stage_id", "stage_at")),
    Index(DealRow, ("manager_id", "stage_id", "stage_at")),
    Index(DealRow, ("state", "number")),
    Index(DealRow, ("customer_id", "number")),
    _when_given(DealRow, "order_id", unique=True),
    Index(DealLineRow, ("deal_id", "position")),
    Index(DealMoveRow, ("deal_id", "at")),
    Index(DealMoveRow, ("pipeline_id", "at")),
    _unique(DealTallyRow, "stage_id", "manager_id"),
    Index(ChangeEntryRow, ("entity", "number")),
    Index(ChangeEntryRow, ("entity_id", "number")),
    Index(ChangeEntryRow, ("entity", "at")),
    # A stream is walked by (at, id) within one client, order or deal.
    Index(TimelineEntryRow, ("customer_id", "at", "id")),
    Index(TimelineEntryRow, ("order_id", "at", "id"), where='"order_id" IS NOT NULL'),
    Index(TimelineEntryRow, ("deal_id", "at", "id"), where='"deal_id" IS NOT NULL'),
    _when_given(TimelineEntryRow, "customer_id", "planned_at"),
    Index(TimelineEntryRow, ("concerns", "at"), where='"concerns" <> 0'),
    _when_given(TimelineEntryRow, "ref_id"),
    Index(FileRow, ("subject_id",)),
    Index(FileRow, ("hash",)),
    Index(EventDeliveryRow, ("state", "due_at")),
    Index(EventDeliveryRow, ("subscriber", "lane", "state")),
    Index(JobRow, ("state", "run_at")),
    Index(JobRow, ("kind", "dedupe_key"), unique=True, where="\"dedupe_key\" <> ''"),
)
