"""The indexes of the first schema. Names are made of table and columns."""

from typing import NamedTuple

from piccolo.table import Table

from appliance.storage.tables import (
    AccountEntryRow,
    AddressRow,
    AnchorRow,
    ApiKeyRow,
    AssignmentRuleRow,
    BankDocumentRow,
    BankStatementRow,
    BarcodeRow,
    BookEntryRow,
    BranchRow,
    BulkEditRow,
    CallRow,
    CardTabRow,
    CarrierTownRow,
    CartRow,
    CatalogueNoteRow,
    CatalogueRunRow,
    CategoryRow,
    ChangeEntryRow,
    CompanyContactRow,
    ConsentRow,
    ConsentTextRow,
    ContactRow,
    CopyRunRow,
    CorporatePartRow,
    CouponRow,
    CouponUseRow,
    CourierRunRow,
    CustomCellRow,
    CustomerDateRow,
    CustomerRow,
    CustomFieldRow,
    CustomTokenRow,
    CustomValueRow,
    DealLineRow,
    DealMoveRow,
    DealRow,
    DealTallyRow,
    DepartmentRow,
    DisclosureRow,
    DuplicatePairRow,
    EventDeliveryRow,
    ExportPieceRow,
    ExportRow,
    FileRow,
    FormDraftRow,
    FormTokenRow,
    FulfilmentCodeRow,
    FulfilmentLineRow,
    FulfilmentRow,
    FulfilmentStepRow,
    GoodsFeedRow,
    ImportChunkRow,
    ImportPieceRow,
    ImportRow,
    JobRow,
    KnownDeviceRow,
    LegalEntityPictureRow,
    LegalEntityPlaceRow,
    LegalEntityRow,
    LegalHoldRow,
    LetterRow,
    ListChoiceRow,
    LossReasonRow,
    MarketAccountRow,
    MarketOfferRow,
    MergedRowRow,
    MergeRow,
    MessageRow,
    NoticeRow,
    OperatorRow,
    OrderAlarmRow,
    OrderLineRow,
    OrderLinkRow,
    OrderRow,
    OrderTallyRow,
    OwnerRequestRow,
    PaperRow,
    ParcelRow,
    ParcelStepRow,
    PayAttemptRow,
    PaymentRow,
    PayRefundRow,
    PickMarkRow,
    PictureRow,
    PipelineRow,
    PlanRow,
    PluginAccountRow,
    PluginBadgeRow,
    PluginGrantRow,
    PluginJournalRow,
    PluginPieceRow,
    PluginRow,
    PluginRowRow,
    PluginSettingRow,
    PluginStandingRow,
    PostingLineRow,
    PostingRow,
    PriceRow,
    PrintTemplateRow,
    ProductRow,
    ProjectMemberRow,
    ProjectRow,
    PurposeRow,
    ReceiptRow,
    ReferenceRow,
    ReportCellRow,
    ReportDayRow,
    ReportGoodsRow,
    RequestRepeatRow,
    RequisitesRow,
    RevealRow,
    SavedViewRow,
    ServiceFileRow,
    SessionRow,
    ShipmentLineRow,
    ShipmentRow,
    ShopRow,
    SnoozeRow,
    StageRow,
    StatusLinkRow,
    StockDocumentLineRow,
    StockDocumentRow,
    StockMovementRow,
    StockRow,
    SubjectApprovalRow,
    SubjectPartRow,
    SubjectRequestRow,
    SupplierPriceRow,
    TagRow,
    TaskMemberRow,
    TaskRow,
    TimelineEntryRow,
    UndoRangeRow,
    UndoSetRow,
    UserRow,
    VariantRow,
    VatRateRow,
    WarehouseRow,
    WebhookRow,
    WebhookTryRow,
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


def _open_tasks_of(column: str) -> Index:
    """What is to be done about one record, the next first.

    Without the state a planner that knows no figures walks every open task of the box instead.
    """
    return Index(TaskRow, (column, "state", "due_at", "id"), where=f'"{column}" IS NOT NULL')


MARKET_INDEXES: tuple[Index, ...] = (
    _unique(MarketAccountRow, "plugin", "code"),
    _unique(MarketAccountRow, "number"),
    # A posting is an order once, whichever way it comes in.
    _unique(PostingRow, "account_id", "posting"),
    _unique(PostingRow, "order_id"),
    Index(PostingRow, ("account_id", "group_key"), where="\"group_key\" <> ''"),
    Index(PostingRow, ("state", "deadline")),
    Index(PostingLineRow, ("posting_id",)),
    Index(PostingLineRow, ("offer_id",)),
    _unique(MarketOfferRow, "account_id", "article"),
    _when_given(MarketOfferRow, "variant_id"),
    # What waits to be sent is few of many.
    Index(MarketOfferRow, ("account_id", "id"), where='"changed" > "sent"'),
)

ASSIGNMENT_INDEXES: tuple[Index, ...] = (
    _unique(AssignmentRuleRow, "number"),
    _unique(OrderAlarmRow, "order_id", "kind"),
    # Who takes the next order of the queue walks this alone.
    Index(OrderRow, ("created_at", "number"), where='"manager_id" IS NULL'),
)

PAPER_INDEXES: tuple[Index, ...] = (
    _unique(LegalEntityRow, "number"),
    Index(LegalEntityPlaceRow, ("entity_id",)),
    _unique(LegalEntityPictureRow, "entity_id", "role"),
    _unique(PrintTemplateRow, "kind", "version"),
    _unique(PaperRow, "number"),
    Index(PaperRow, ("order_id", "number")),
    # No number of a kind is ever given twice under one name.
    Index(PaperRow, ("entity_id", "kind", "shown_number")),
)

CATALOGUE_INDEXES: tuple[Index, ...] = (
    _unique(CatalogueRunRow, "number"),
    Index(CatalogueRunRow, ("shop", "number")),
    Index(CatalogueNoteRow, ("run_id", "place")),
    _when_given(CategoryRow, "shop", "external_id", unique=True),
    Index(VariantRow, ("shop", "number")),
)

FIELD_INDEXES: tuple[Index, ...] = (
    _unique(CustomFieldRow, "owner", "code"),
    Index(CustomValueRow, ("entity_id",)),
    # A list is narrowed by one of these; the kind of value says which.
    _when_given(CustomValueRow, "field_id", "text_value"),
    _when_given(CustomValueRow, "field_id", "number_value"),
    _when_given(CustomValueRow, "field_id", "at_value"),
    Index(CustomCellRow, ("entity_id",)),
    Index(CustomCellRow, ("subject_id",)),
    Index(CustomTokenRow, ("field_id", "value_index")),
    Index(CustomTokenRow, ("entity_id",)),
    Index(CustomTokenRow, ("subject_id",)),
    _unique(CardTabRow, "role", "card"),
)

WORK_INDEXES: tuple[Index, ...] = (
    _unique(TaskRow, "number"),
    Index(TaskRow, ("performer_id", "state", "due_at", "id")),
    Index(TaskRow, ("setter_id", "state", "due_at", "id")),
    Index(TaskRow, ("state", "due_at", "id")),
    *(_open_tasks_of(column) for column in ("customer_id", "order_id", "deal_id")),
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
    # The month's sales of everybody, and who bought most, are read off the index alone.
    Index(OrderRow, ("created_at", "manager_id", "status", "total", "shop", "customer_id")),
)

SNOOZE_INDEX = _unique(SnoozeRow, "user_id", "order_id")

MAIL_INDEXES: tuple[Index, ...] = (
    _unique(StatusLinkRow, "token_hash"),
    Index(StatusLinkRow, ("order_id",)),
    _unique(LetterRow, "number"),
    _when_given(LetterRow, "form", unique=True),
    _when_given(LetterRow, "customer_id"),
    _when_given(LetterRow, "order_id"),
    _when_given(LetterRow, "deal_id"),
)

MESSAGE_INDEXES: tuple[Index, ...] = (
    _unique(MessageRow, "number"),
    _when_given(MessageRow, "form", unique=True),
    _when_given(MessageRow, "once", unique=True),
    Index(MessageRow, ("customer_id", "created_at")),
    _when_given(MessageRow, "taken_at"),
    _when_given(MessageRow, "order_id"),
    Index(MessageRow, ("subject_id",)),
    # What the service is still asked about.
    Index(MessageRow, ("plugin", "number"), where="\"state\" IN ('queued', 'sent')"),
)

FULFILMENT_INDEXES: tuple[Index, ...] = (
    _unique(OperatorRow, "plugin", "account"),
    Index(FulfilmentRow, ("order_id", "id")),
    _unique(FulfilmentRow, "operator_id", "order_no"),
    # What is still under way at an operator, for its polling; and what needs people.
    Index(
        FulfilmentRow,
        ("operator_id", "id"),
        where="\"stage\" NOT IN ('delivered', 'returned', 'cancelled', 'refused')",
    ),
    Index(FulfilmentRow, ("stage", "order_id")),
    Index(FulfilmentRow, ("order_id",), where="\"trouble\" <> ''"),
    _unique(FulfilmentLineRow, "fulfilment_id", "line_id"),
    Index(FulfilmentLineRow, ("line_id",)),
    _unique(FulfilmentCodeRow, "fulfilment_id", "line_id", "code"),
    _unique(FulfilmentStepRow, "fulfilment_id", "mark"),
)

REPORT_INDEXES: tuple[Index, ...] = (
    Index(ReportCellRow, ("kind", "day")),
    Index(ReportCellRow, ("day",)),
    Index(ReportDayRow, ("until", "since")),
    _when_given(PaymentRow, "paid_at"),
)

SUPPLIER_INDEXES: tuple[Index, ...] = (_when_given(StockDocumentRow, "supplier_id"),)

REPORT_GOODS_INDEXES: tuple[Index, ...] = (
    Index(ReportGoodsRow, ("manager_id", "day")),
    Index(ReportGoodsRow, ("day",)),
)

API_INDEXES: tuple[Index, ...] = (
    _unique(RequestRepeatRow, "actor_id", "key_hash"),
    Index(RequestRepeatRow, ("at",)),
)

WEBHOOK_INDEXES: tuple[Index, ...] = (
    _unique(WebhookRow, "number"),
    Index(WebhookTryRow, ("webhook_id", "id")),
    Index(WebhookTryRow, ("at",)),
)

BOOK_INDEXES: tuple[Index, ...] = (
    _unique(BookEntryRow, "plugin", "key"),
    Index(BookEntryRow, ("order_id", "kind")),
)

PARCEL_INDEXES: tuple[Index, ...] = (
    _unique(ParcelRow, "number"),
    _unique(ParcelRow, "own_number"),
    Index(ParcelRow, ("order_id", "number")),
    Index(ParcelRow, ("plugin", "state", "number")),
    Index(ParcelRow, ("carrier_id",)),
    Index(ParcelRow, ("track",)),
    Index(ParcelRow, ("plugin", "given_at")),
    _unique(ParcelStepRow, "parcel_id", "code", "at"),
    _unique(CarrierTownRow, "plugin", "account", "town"),
)

PAY_INDEXES: tuple[Index, ...] = (
    _unique(PayAttemptRow, "number"),
    Index(PayAttemptRow, ("order_id", "number")),
    Index(PayAttemptRow, ("plugin", "state", "number")),
    Index(PayAttemptRow, ("plugin", "vendor_id"), where="\"vendor_id\" <> ''"),
    Index(PayAttemptRow, ("state", "number")),
    Index(PayRefundRow, ("attempt_id",)),
    Index(PayRefundRow, ("state",)),
    _when_given(ReceiptRow, "payment_id"),
    _when_given(ReceiptRow, "attempt_id"),
    Index(ReceiptRow, ("order_id",)),
    Index(ReceiptRow, ("plugin", "state")),
)

BANK_INDEXES: tuple[Index, ...] = (
    _unique(BankStatementRow, "number"),
    _unique(BankDocumentRow, "mark"),
    Index(BankDocumentRow, ("statement_id", "state", "position")),
    Index(BankDocumentRow, ("state", "id")),
    _when_given(BankDocumentRow, "order_id"),
    _when_given(BankDocumentRow, "payment_id"),
)

COPY_INDEXES: tuple[Index, ...] = (_unique(CopyRunRow, "number"),)

ANCHOR_INDEXES: tuple[Index, ...] = (
    _unique(AnchorRow, "number"),
    Index(AnchorRow, ("kind", "state", "number")),
)

SUBJECT_INDEXES: tuple[Index, ...] = (
    _unique(SubjectRequestRow, "number"),
    Index(SubjectRequestRow, ("state", "due_on", "number")),
    Index(SubjectRequestRow, ("customer_id",)),
    Index(SubjectRequestRow, ("subject_id",)),
    Index(SubjectPartRow, ("request_id",)),
    Index(SubjectPartRow, ("customer_id",)),
    Index(SubjectApprovalRow, ("request_id", "at")),
    Index(LegalHoldRow, ("customer_id", "until")),
)

PLUGIN_INDEXES: tuple[Index, ...] = (
    _unique(PluginRow, "name"),
    Index(PluginGrantRow, ("plugin", "at")),
    _unique(PluginSettingRow, "plugin", "name"),
    _unique(PluginPieceRow, "plugin", "position"),
)

PLUGIN_ACCOUNT_INDEXES: tuple[Index, ...] = (_unique(PluginAccountRow, "plugin", "code"),)

SERVICE_FILE_INDEXES: tuple[Index, ...] = (
    _unique(ServiceFileRow, "number"),
    _unique(ServiceFileRow, "plugin", "key"),
    Index(ServiceFileRow, ("order_id", "number")),
)

PLUGIN_STANDING_INDEXES: tuple[Index, ...] = (_unique(PluginStandingRow, "plugin", "account"),)

PLUGIN_DOING_INDEXES: tuple[Index, ...] = (
    Index(DisclosureRow, ("customer_id", "at")),
    Index(DisclosureRow, ("plugin", "at")),
    _unique(PluginJournalRow, "number"),
    Index(PluginJournalRow, ("plugin", "number")),
    Index(PluginJournalRow, ("object_number", "kind", "number"), where='"object_number" <> 0'),
    Index(PluginJournalRow, ("at",)),
    _unique(PluginRowRow, "plugin", "place", "key"),
    _when_given(PluginRowRow, "customer_id"),
    _when_given(PluginRowRow, "subject_id"),
    _unique(PluginBadgeRow, "order_id", "plugin"),
)

CORPORATE_INDEXES: tuple[Index, ...] = (
    Index(CorporatePartRow, ("customer_id", "kind", "number")),
    Index(CorporatePartRow, ("subject_id",)),
    Index(CartRow, ("customer_id", "shop")),
    Index(CartRow, ("subject_id",)),
    Index(CustomerRow, ("shop",), where="\"kind\" = 'company'"),
)

LINK_INDEXES: tuple[Index, ...] = (
    _unique(OrderLinkRow, "order_id", "other_id"),
    Index(OrderLinkRow, ("other_id",)),
    Index(TimelineEntryRow, ("id",), where="\"kind\" = 'note'"),
)

INDEXES: tuple[Index, ...] = (
    *LINK_INDEXES,
    *CORPORATE_INDEXES,
    *PLUGIN_DOING_INDEXES,
    *CATALOGUE_INDEXES,
    *ANCHOR_INDEXES,
    *API_INDEXES,
    *BANK_INDEXES,
    *PAY_INDEXES,
    *WEBHOOK_INDEXES,
    *BOOK_INDEXES,
    *PARCEL_INDEXES,
    *MARKET_INDEXES,
    *PLUGIN_INDEXES,
    *PLUGIN_ACCOUNT_INDEXES,
    *PLUGIN_STANDING_INDEXES,
    *SERVICE_FILE_INDEXES,
    *COPY_INDEXES,
    *SUBJECT_INDEXES,
    *MAIL_INDEXES,
    *MESSAGE_INDEXES,
    *FULFILMENT_INDEXES,
    *WORK_INDEXES,
    SNOOZE_INDEX,
    *PAPER_INDEXES,
    *REPORT_INDEXES,
    *REPORT_GOODS_INDEXES,
    *SUPPLIER_INDEXES,
    *FIELD_INDEXES,
    *ASSIGNMENT_INDEXES,
    _unique(BranchRow, "code"),
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
    Index(CustomerRow, ("party", "number"), where="\"party\" <> 'client'"),
    Index(CustomerRow, ("number", "vip"), where='"vip"'),
    Index(CustomerDateRow, ("customer_id",)),
    _when_given(CustomerDateRow, "day_index"),
    Index(OwnerRequestRow, ("customer_id", "at")),
    Index(OwnerRequestRow, ("owner_id", "state")),
    Index(SupplierPriceRow, ("supplier_id", "variant_id", "since")),
    Index(SupplierPriceRow, ("variant_id", "since")),
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
    _when_given(ProductRow, "category_id"),
    Index(ProductRow, ("number", "changed")),
    _unique(CategoryRow, "number"),
    Index(PictureRow, ("product_id", "position")),
    Index(BarcodeRow, ("value",)),
    Index(BarcodeRow, ("variant_id",)),
    _unique(VatRateRow, "code", "since"),
    Index(VariantRow, ("low_milli",), where='"low_milli" > 0'),
    _unique(StockDocumentRow, "number"),
    Index(StockDocumentRow, ("kind", "number")),
    _when_given(StockDocumentRow, "order_id"),
    Index(StockDocumentLineRow, ("document_id", "position")),
    Index(PickMarkRow, ("order_id",)),
    _unique(CourierRunRow, "order_id"),
    Index(CourierRunRow, ("courier_id", "day")),
    Index(CourierRunRow, ("state", "done_at")),
    Index(ShipmentRow, ("delivered_at",)),
    Index(ShipmentRow, ("track_number",), where="\"track_number\" <> ''"),
    Index(OrderRow, ("track_number",), where="\"track_number\" <> ''"),
    _unique(GoodsFeedRow, "number"),
    _unique(GoodsFeedRow, "key_hash"),
    _unique(ImportRow, "number"),
    Index(ImportRow, ("state",)),
    _unique(ImportPieceRow, "import_id", "position"),
    _unique(ImportChunkRow, "import_id", "position"),
    _unique(ExportRow, "number"),
    Index(ExportRow, ("state",)),
    _unique(ExportPieceRow, "export_id", "position"),
    _unique(ShopRow, "number"),
    _unique(ReferenceRow, "kind", "code"),
    _unique(OrderRow, "number"),
    _when_given(OrderRow, "shop", "external_id", unique=True),
    # One per way a list is walked: equality first, then the key it is paged by.
    Index(OrderRow, ("status", "number")),
    Index(OrderRow, ("manager_id", "number")),
    Index(OrderRow, ("manager_id", "status", "number")),
    Index(OrderRow, ("customer_id", "number")),
    Index(OrderRow, ("shown_number",)),
    _unique(OrderLineRow, "number"),
    Index(OrderLineRow, ("order_id", "position")),
    _when_given(OrderLineRow, "variant_id"),
    _unique(PaymentRow, "number"),
    Index(PaymentRow, ("order_id",)),
    _when_given(PaymentRow, "shop", "external_id", unique=True),
    _unique(ShipmentRow, "number"),
    Index(ShipmentRow, ("order_id",)),
    Index(ShipmentLineRow, ("shipment_id",)),
    _unique(CouponRow, "code"),
    _unique(CouponUseRow, "order_id"),
    Index(CouponUseRow, ("coupon_id", "customer_id")),
    Index(AccountEntryRow, ("customer_id", "number")),
    Index(FormTokenRow, ("at",)),
    _unique(FormDraftRow, "user_id", "kind"),
    _when_given(OrderRow, "number", "invoiced_at"),
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
    Index(EventDeliveryRow, ("subscriber", "state", "due_at")),
    Index(JobRow, ("state", "run_at")),
    Index(JobRow, ("kind", "dedupe_key"), unique=True, where="\"dedupe_key\" <> ''"),
    # Whatever is sealed for a person is found by his key: to merge, to hand over, to destroy.
    _when_given(ChangeEntryRow, "subject_id"),
    Index(AddressRow, ("subject_id",)),
    _when_given(CustomerRow, "merged_into"),
    _unique(DuplicatePairRow, "first_id", "second_id"),
    Index(DuplicatePairRow, ("second_id",)),
    Index(DuplicatePairRow, ("state", "confidence", "id")),
    Index(MergeRow, ("survivor_id",)),
    Index(MergeRow, ("other_id",)),
    Index(MergeRow, ("state", "until")),
    Index(MergedRowRow, ("merge_id",)),
    Index(UndoSetRow, ("made_by", "at")),
    Index(UndoRangeRow, ("set_id",)),
    Index(UndoRangeRow, ("last",)),
    _unique(ListChoiceRow, "user_id", "section"),
    Index(ListChoiceRow, ("view_id",)),
    Index(SavedViewRow, ("section", "owner_id")),
    Index(BulkEditRow, ("state", "made_at")),
    _unique(CallRow, "provider_id"),
    Index(CallRow, ("user_id", "started_at")),
    _when_given(CallRow, "customer_id"),
)
