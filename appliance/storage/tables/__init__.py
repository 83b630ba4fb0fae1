"""The tables. Nothing that names a client stands here in the clear.

Each class is one table; only `appliance.storage` opens their sealed columns, and rows never
leave it. Singular names, but `orders` and `users`, whose singulars SQL keeps for itself.
"""

from piccolo.table import Table

from appliance.storage.tables.customers import (
    AddressRow,
    CompanyContactRow,
    ConsentRow,
    ConsentTextRow,
    ContactRow,
    CustomerRow,
    PurposeRow,
    RequisitesRow,
    TagRow,
)
from appliance.storage.tables.deals import (
    DealLineRow,
    DealMoveRow,
    DealRow,
    DealTallyRow,
    LossReasonRow,
    PipelineRow,
    StageRow,
)
from appliance.storage.tables.goods import (
    PriceRow,
    ProductRow,
    StockMovementRow,
    StockRow,
    VariantRow,
    WarehouseRow,
)
from appliance.storage.tables.house import (
    AuditOutboxRow,
    ChangeEntryRow,
    CounterRow,
    EventDeliveryRow,
    JobRow,
    SearchChangeRow,
    SettingRow,
)
from appliance.storage.tables.orders import (
    OrderLineRow,
    OrderRow,
    OrderStatusRow,
    OrderTallyRow,
    PaymentRow,
    ReferenceRow,
    ShopRow,
    StatusGroupRow,
)
from appliance.storage.tables.people import (
    ApiKeyRow,
    DepartmentRow,
    GuessRow,
    KnownDeviceRow,
    RevealRow,
    RoleRow,
    SessionRow,
    UserRow,
)
from appliance.storage.tables.timeline import FileRow, TimelineEntryRow
from appliance.storage.tables.work import (
    CalendarDayRow,
    NoticeChoiceRow,
    NoticeRow,
    PlanRow,
    ProjectMemberRow,
    ProjectRow,
    TaskMemberRow,
    TaskRow,
)

TABLES: tuple[type[Table], ...] = (
    DepartmentRow,
    RoleRow,
    UserRow,
    SessionRow,
    KnownDeviceRow,
    GuessRow,
    RevealRow,
    ApiKeyRow,
    CustomerRow,
    ContactRow,
    AddressRow,
    RequisitesRow,
    CompanyContactRow,
    PurposeRow,
    ConsentTextRow,
    ConsentRow,
    TagRow,
    ProductRow,
    VariantRow,
    PriceRow,
    WarehouseRow,
    StockRow,
    StockMovementRow,
    ShopRow,
    StatusGroupRow,
    OrderStatusRow,
    ReferenceRow,
    OrderRow,
    OrderLineRow,
    PaymentRow,
    OrderTallyRow,
    TaskRow,
    TaskMemberRow,
    ProjectRow,
    ProjectMemberRow,
    NoticeRow,
    NoticeChoiceRow,
    PlanRow,
    CalendarDayRow,
    PipelineRow,
    StageRow,
    LossReasonRow,
    DealRow,
    DealLineRow,
    DealMoveRow,
    DealTallyRow,
    ChangeEntryRow,
    TimelineEntryRow,
    FileRow,
    EventDeliveryRow,
    JobRow,
    AuditOutboxRow,
    SearchChangeRow,
    CounterRow,
    SettingRow,
)
