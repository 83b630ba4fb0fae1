"""Permissions and the preset roles, as data. Who holds which role lives in the database."""

from collections.abc import Iterable, Mapping
from enum import StrEnum

from appliance.domain.grants import Access, Grant, Scope, join


class Permission(StrEnum):
    """What can be allowed, as object.action. `open.*` needs no role (signed in is enough)."""

    ORDER_VIEW = "order.view"
    ORDER_CREATE = "order.create"
    ORDER_EDIT = "order.edit"
    ORDER_STATUS = "order.status"
    ORDER_ASSIGN = "order.assign"
    ORDER_TAKE = "order.take"
    ORDER_RULES = "assignment.edit"
    ORDER_PAY = "order.pay"
    PAYMENT_CARRY = "payment.carry"  # plugins of acquirers: what they are asked for and report
    PAYMENT_RECONCILE = "payment.reconcile"  # statements of banks: money of all orders
    ORDER_SHIP = "order.ship"  # shipments on a card; the warehouse's board is DISPATCH
    PARCEL_BOOK = "parcel.book"  # compare carriers on a card, ask one, print its label
    PARCEL_CARRY = "parcel.carry"  # plugins of carriers: what they are asked for and report
    ORDER_MARGIN = "order.margin"
    ORDER_DISCOUNT = "order.discount"
    COUPON_EDIT = "coupon.edit"
    CUSTOMER_VIEW = "customer.view"
    CUSTOMER_CREATE = "customer.create"
    CUSTOMER_EDIT = "customer.edit"
    CUSTOMER_REVEAL = "customer.reveal"
    CUSTOMER_FIND_OWNER = "customer.find_owner"
    CUSTOMER_TAKE = "customer.take"
    CUSTOMER_CREDIT = "customer.credit"
    CUSTOMER_DOSSIER = "customer.dossier"
    DEAL_VIEW = "deal.view"
    DEAL_CREATE = "deal.create"
    DEAL_EDIT = "deal.edit"
    DEAL_ASSIGN = "deal.assign"
    PIPELINE_EDIT = "pipeline.edit"
    CUSTOMER_MERGE = "customer.merge"
    CALL_TAKE = "call.take"
    CALL_REPORT = "call.report"  # an exchange says who rings whom
    CALL_ASK = "call.ask"  # an exchange asks whose phone it is
    TIMELINE_WRITE = "timeline.write"
    TIMELINE_PRIVATE = "timeline.private"
    FILE_READ = "file.read"
    QUALITY_MANAGE = "quality.manage"
    PRODUCT_VIEW = "product.view"
    PRODUCT_EDIT = "product.edit"
    PRODUCT_COST = "product.cost"
    STOCK_EDIT = "stock.edit"
    PAPER_MAKE = "paper.make"
    PAPER_SETUP = "paper.setup"
    DISPATCH = "stock.dispatch"
    COURIER_RUN = "courier.run"
    FEED_MANAGE = "feed.manage"
    REFERENCE_VIEW = "reference.view"
    REFERENCE_EDIT = "reference.edit"
    FIELD_MANAGE = "field.manage"
    FEED_READ = "feed.read"
    TASK_VIEW = "task.view"
    TASK_EDIT = "task.edit"
    TASK_REPORT = "task.report"
    PLAN_EDIT = "plan.edit"
    VIEW_SHARE = "view.share"
    DATA_IMPORT = "data.import"
    DATA_EXPORT = "data.export"
    REPORT_VIEW = "report.view"
    REPORT_EXPORT = "report.export"
    USER_MANAGE = "user.manage"
    ROLE_MANAGE = "role.manage"
    KEY_MANAGE = "key.manage"
    PRIVACY_EDIT = "privacy.edit"
    SUBJECT_REQUEST = "subject.request"  # write down what people ask about their data, block, hold
    SUBJECT_APPROVE = "subject.approve"  # agree to a destruction
    AUDIT_VIEW = "audit.view"
    EVIDENCE_READ = "evidence.read"  # who answers for personal data, and nobody else
    BOX_MANAGE = "box.manage"
    PLUGIN_MANAGE = "plugin.manage"  # install, approve, set up and switch plugins
    LETTER_SEND = "letter.send"
    MESSAGE_SEND = "message.send"  # text messages to clients: each costs money
    MESSAGE_CARRY = "message.carry"  # services of text messages: what to send, what came of it
    MAIL_MANAGE = "mail.manage"
    SELF = "open.self"
    SIGN_IN = "open.sign_in"
    PLUGIN_ENTER = "plugin.enter"  # programs: the addresses of plugins that take a key
    PLUGIN = "open.plugin"  # every plugin that runs: its own rows, journal, words on an order
    FULFILMENT_REPORT = "fulfilment.report"  # plugins of operators: what became of an order there
    HOUSE = "house.upkeep"


FIELDS = ("name", "phone", "email", "address", "comment", "tax_id", "birthday")
"""Personal fields that a role can hide, mask or show."""


def _all(access: Access, **other: Access) -> Mapping[str, Access]:
    return {name: other.get(name, access) for name in FIELDS}


_MASKED = _all(Access.VISIBLE, phone=Access.MASKED, email=Access.MASKED, tax_id=Access.MASKED)
_PICKER = _all(Access.HIDDEN, name=Access.VISIBLE, comment=Access.VISIBLE)
_COURIER = _all(
    Access.HIDDEN,
    name=Access.VISIBLE,
    phone=Access.MASKED,
    address=Access.VISIBLE,
    comment=Access.VISIBLE,
)
# Who packs needs what stands on the parcel.
_PARCEL = _all(
    Access.HIDDEN,
    name=Access.VISIBLE,
    phone=Access.MASKED,
    address=Access.VISIBLE,
    comment=Access.VISIBLE,
)
# Who takes goods in says whose they are.
_SUPPLIER = _all(Access.HIDDEN, name=Access.VISIBLE)
_MONEY = _all(Access.HIDDEN, name=Access.VISIBLE, tax_id=Access.VISIBLE)
_OPEN = _all(Access.VISIBLE)
_NONE: Mapping[str, Access] = {}
# Whoever has to do a task reads it; he who runs the box only reads tasks that name no client.
_NAMED_WORDS = _all(Access.HIDDEN, comment=Access.VISIBLE, name=Access.VISIBLE)

Grants = Mapping[str, Grant]


def _row(scope: Scope, fields: Mapping[str, Access], *permissions: Permission) -> Grants:
    return {permission.value: Grant(scope, fields) for permission in permissions}


_P = Permission
_EVERYBODY = _row(Scope.ALL, _NONE, _P.SELF, _P.REFERENCE_VIEW, _P.PRODUCT_VIEW)
_TASKS = _row(Scope.OWN, _NONE, _P.TASK_VIEW, _P.TASK_EDIT)
_CLIENT_TASKS = _row(Scope.OWN, _NAMED_WORDS, _P.TASK_VIEW, _P.TASK_EDIT)

_BRANCH_HEAD: Grants = {
    **_EVERYBODY,
    **_row(Scope.OWN, _MASKED, _P.CALL_TAKE),
    **_row(Scope.BRANCH, _NAMED_WORDS, _P.TASK_VIEW, _P.TASK_EDIT),
    **_row(Scope.BRANCH, _NONE, _P.TASK_REPORT, _P.STOCK_EDIT),
    **_row(
        Scope.BRANCH,
        _MASKED,
        _P.ORDER_VIEW,
        _P.ORDER_EDIT,
        _P.ORDER_STATUS,
        _P.ORDER_ASSIGN,
        _P.ORDER_PAY,
        _P.ORDER_SHIP,
        _P.PARCEL_BOOK,
        _P.ORDER_DISCOUNT,
        _P.CUSTOMER_VIEW,
        _P.CUSTOMER_EDIT,
        _P.CUSTOMER_REVEAL,
        _P.CUSTOMER_TAKE,
        _P.DEAL_VIEW,
        _P.DEAL_EDIT,
        _P.DEAL_ASSIGN,
        _P.TIMELINE_WRITE,
        _P.FILE_READ,
        _P.PAPER_MAKE,
        _P.LETTER_SEND,
        _P.MESSAGE_SEND,
        _P.QUALITY_MANAGE,
        _P.DISPATCH,
        _P.REPORT_VIEW,
    ),
    **_row(Scope.ALL, _MASKED, _P.ORDER_CREATE, _P.CUSTOMER_CREATE, _P.CUSTOMER_FIND_OWNER),
    **_row(Scope.ALL, _MASKED, _P.DEAL_CREATE, _P.ORDER_TAKE),
}
"""Leads one branch: its people's clients and orders, its queue; the head sees all of them,
and alone what is earned on them."""

PRESETS: Mapping[str, Grants] = {
    "branch_head": _BRANCH_HEAD,
    "seller": {
        **_EVERYBODY,
        **_row(Scope.OWN, _MASKED, _P.CALL_TAKE),
        **_CLIENT_TASKS,
        **_row(
            Scope.OWN,
            _MASKED,
            _P.ORDER_VIEW,
            _P.ORDER_EDIT,
            _P.ORDER_STATUS,
            _P.ORDER_PAY,
            _P.PARCEL_BOOK,
            _P.ORDER_DISCOUNT,
            _P.CUSTOMER_VIEW,
            _P.CUSTOMER_EDIT,
            _P.CUSTOMER_REVEAL,
            _P.DEAL_VIEW,
            _P.DEAL_EDIT,
            _P.TIMELINE_WRITE,
            _P.FILE_READ,
            _P.PAPER_MAKE,
            _P.LETTER_SEND,
            _P.MESSAGE_SEND,
            _P.REPORT_VIEW,
        ),
        **_row(Scope.ALL, _MASKED, _P.ORDER_CREATE, _P.CUSTOMER_CREATE, _P.CUSTOMER_FIND_OWNER),
        **_row(Scope.ALL, _MASKED, _P.DEAL_CREATE, _P.ORDER_TAKE),
    },
    "operator": {
        **_EVERYBODY,
        **_row(Scope.OWN, _MASKED, _P.CALL_TAKE),
        **_row(Scope.DEPARTMENT, _NAMED_WORDS, _P.TASK_VIEW, _P.TASK_EDIT),
        **_row(
            Scope.DEPARTMENT,
            _MASKED,
            _P.ORDER_VIEW,
            _P.ORDER_EDIT,
            _P.ORDER_STATUS,
            _P.ORDER_SHIP,
            _P.PARCEL_BOOK,
            _P.ORDER_DISCOUNT,
            _P.CUSTOMER_VIEW,
            _P.CUSTOMER_EDIT,
            _P.CUSTOMER_REVEAL,
            _P.TIMELINE_WRITE,
            _P.FILE_READ,
            _P.PAPER_MAKE,
            _P.LETTER_SEND,
            _P.MESSAGE_SEND,
            _P.CUSTOMER_TAKE,
            _P.ORDER_ASSIGN,
            _P.DEAL_VIEW,
            _P.DEAL_EDIT,
            _P.DEAL_ASSIGN,
            _P.REPORT_VIEW,
        ),
        **_row(Scope.ALL, _MASKED, _P.ORDER_CREATE, _P.CUSTOMER_CREATE, _P.CUSTOMER_FIND_OWNER),
        **_row(Scope.ALL, _MASKED, _P.DEAL_CREATE, _P.ORDER_TAKE),
    },
    "storekeeper": {
        **_EVERYBODY,
        **_CLIENT_TASKS,
        **_row(Scope.ALL, _PICKER, _P.ORDER_VIEW, _P.ORDER_STATUS, _P.DISPATCH, _P.ORDER_SHIP),
        **_row(Scope.ALL, _PICKER, _P.PARCEL_BOOK),
        **_row(Scope.ALL, _SUPPLIER, _P.STOCK_EDIT),
        **_row(Scope.ALL, _NONE, _P.PRODUCT_COST),
        **_row(Scope.ALL, _PICKER, _P.TIMELINE_WRITE),
        **_row(Scope.ALL, _PARCEL, _P.PAPER_MAKE),
    },
    "courier": {
        **_EVERYBODY,
        **_CLIENT_TASKS,
        **_row(Scope.OWN, _COURIER, _P.ORDER_VIEW, _P.ORDER_STATUS, _P.CUSTOMER_REVEAL),
        **_row(Scope.OWN, _COURIER, _P.COURIER_RUN),
        **_row(Scope.OWN, _COURIER, _P.TIMELINE_WRITE),
    },
    "accountant": {
        **_EVERYBODY,
        **_CLIENT_TASKS,
        **_row(
            Scope.ALL,
            _MONEY,
            _P.ORDER_VIEW,
            _P.ORDER_PAY,
            _P.PAYMENT_RECONCILE,
            _P.ORDER_MARGIN,
            _P.PAPER_MAKE,
            _P.CUSTOMER_VIEW,
            _P.CUSTOMER_CREDIT,
            _P.REPORT_VIEW,
            _P.REPORT_EXPORT,
        ),
        **_row(Scope.ALL, _NONE, _P.PRODUCT_COST),
    },
    "head": {
        **_EVERYBODY,
        **_row(Scope.ALL, _NAMED_WORDS, _P.TASK_VIEW, _P.TASK_EDIT),
        **_row(Scope.ALL, _NONE, _P.TASK_REPORT, _P.PLAN_EDIT, _P.VIEW_SHARE),
        **_row(Scope.ALL, _NONE, _P.SUBJECT_REQUEST, _P.SUBJECT_APPROVE),
        **_row(Scope.ALL, _MONEY, _P.PAYMENT_RECONCILE),
        **_row(Scope.OWN, _MASKED, _P.CALL_TAKE),
        **_row(
            Scope.ALL,
            _MASKED,
            _P.ORDER_VIEW,
            _P.ORDER_CREATE,
            _P.ORDER_EDIT,
            _P.ORDER_STATUS,
            _P.ORDER_ASSIGN,
            _P.ORDER_TAKE,
            _P.ORDER_RULES,
            _P.ORDER_PAY,
            _P.ORDER_SHIP,
            _P.PARCEL_BOOK,
            _P.ORDER_MARGIN,
            _P.ORDER_DISCOUNT,
            _P.COUPON_EDIT,
            _P.CUSTOMER_VIEW,
            _P.CUSTOMER_CREATE,
            _P.CUSTOMER_EDIT,
            _P.CUSTOMER_REVEAL,
            _P.CUSTOMER_FIND_OWNER,
            _P.CUSTOMER_TAKE,
            _P.CUSTOMER_CREDIT,
            _P.CUSTOMER_DOSSIER,
            _P.DEAL_VIEW,
            _P.DEAL_CREATE,
            _P.DEAL_EDIT,
            _P.DEAL_ASSIGN,
            _P.PIPELINE_EDIT,
            _P.CUSTOMER_MERGE,
            _P.TIMELINE_WRITE,
            _P.TIMELINE_PRIVATE,
            _P.FILE_READ,
            _P.PAPER_MAKE,
            _P.PAPER_SETUP,
            _P.LETTER_SEND,
            _P.MESSAGE_SEND,
            _P.MAIL_MANAGE,
            _P.QUALITY_MANAGE,
            _P.PRODUCT_EDIT,
            _P.PRODUCT_COST,
            _P.STOCK_EDIT,
            _P.DISPATCH,
            _P.COURIER_RUN,
            _P.FEED_MANAGE,
            _P.REFERENCE_EDIT,
            _P.FIELD_MANAGE,
            _P.AUDIT_VIEW,
            _P.DATA_IMPORT,
            _P.DATA_EXPORT,
            _P.REPORT_VIEW,
            _P.REPORT_EXPORT,
        ),
    },
    # Runs the box and its people, and for that needs no client's name.
    "administrator": {
        **_EVERYBODY,
        **_TASKS,
        **_row(
            Scope.ALL,
            _NONE,
            _P.SUBJECT_REQUEST,
            _P.SUBJECT_APPROVE,
            _P.USER_MANAGE,
            _P.ROLE_MANAGE,
            _P.KEY_MANAGE,
            _P.AUDIT_VIEW,
            _P.BOX_MANAGE,
            _P.PLUGIN_MANAGE,
            _P.MAIL_MANAGE,
            _P.REFERENCE_EDIT,
            _P.FIELD_MANAGE,
            _P.PIPELINE_EDIT,
            _P.PRODUCT_EDIT,
            _P.FEED_MANAGE,
            _P.VIEW_SHARE,
            _P.PAPER_SETUP,
            _P.ORDER_RULES,
        ),
    },
    "data_officer": {
        **_EVERYBODY,
        **_CLIENT_TASKS,
        **_row(Scope.ALL, _NONE, _P.PRIVACY_EDIT, _P.SUBJECT_REQUEST, _P.SUBJECT_APPROVE),
        **_row(Scope.ALL, _OPEN, _P.EVIDENCE_READ),
        **_row(
            Scope.ALL,
            _MASKED,
            _P.CUSTOMER_VIEW,
            _P.CUSTOMER_REVEAL,
            _P.CUSTOMER_DOSSIER,
            _P.ORDER_VIEW,
            _P.AUDIT_VIEW,
        ),
    },
}
"""Role code → permission → grant: what a new box starts with."""

NAMES: Mapping[str, str] = {
    "seller": "Продавец",
    "operator": "Оператор",
    "storekeeper": "Кладовщик",
    "courier": "Курьер",
    "accountant": "Бухгалтер",
    "branch_head": "Руководитель филиала",
    "head": "Руководитель",
    "administrator": "Администратор",
    "data_officer": "Ответственный за данные",
}
"""What a new box calls its roles; they are data and may be renamed."""

MOST_DISCOUNT: Mapping[str, int] = {
    "seller": 10_000,
    "operator": 10_000,
    "branch_head": 30_000,
    "head": 100_000,
}
"""Preset role → the most it may take off by hand, thousandths of a percent; others: nothing."""

API_SCOPES: Mapping[str, Grants] = {
    "order_read": _row(Scope.ALL, _OPEN, _P.ORDER_VIEW, _P.FEED_READ),
    "order_write": _row(
        Scope.ALL,
        _OPEN,
        _P.ORDER_CREATE,
        _P.ORDER_EDIT,
        _P.ORDER_STATUS,
        _P.ORDER_PAY,
        _P.PARCEL_BOOK,
    ),
    "customer_read": _row(Scope.ALL, _OPEN, _P.CUSTOMER_VIEW, _P.FEED_READ),
    "customer_write": _row(
        Scope.ALL,
        _OPEN,
        _P.CUSTOMER_CREATE,
        _P.CUSTOMER_EDIT,
        _P.CUSTOMER_MERGE,
        _P.TIMELINE_WRITE,
    ),
    "store_read": _row(Scope.ALL, _NONE, _P.PRODUCT_VIEW),
    "store_write": _row(Scope.ALL, _NONE, _P.PRODUCT_EDIT, _P.STOCK_EDIT, _P.PRODUCT_COST),
    "task_read": _row(Scope.ALL, _OPEN, _P.TASK_VIEW),
    "task_write": _row(Scope.ALL, _OPEN, _P.TASK_EDIT),
    "reference_read": _row(Scope.ALL, _NONE, _P.REFERENCE_VIEW),
    "reference_write": _row(Scope.ALL, _NONE, _P.REFERENCE_EDIT, _P.FIELD_MANAGE),
    "telephony_read": _row(Scope.ALL, _OPEN, _P.CALL_ASK),
    "telephony_write": _row(Scope.ALL, _OPEN, _P.CALL_REPORT),
    "file_read": _row(Scope.ALL, _OPEN, _P.FILE_READ),
    "file_write": _row(Scope.ALL, _OPEN, _P.TIMELINE_WRITE),
    "plugin_enter": _row(Scope.ALL, _NONE, _P.PLUGIN_ENTER),
}
"""Scope of an API key → permission → grant."""

FIRST_SCOPES: tuple[str, ...] = (
    "order_read",
    "order_write",
    "customer_read",
    "customer_write",
    "store_read",
    "store_write",
    "task_read",
    "task_write",
    "reference_read",
    "reference_write",
)
"""What a shop's key needs; one that holds these shows modules every scope they insist on."""

HOUSE_GRANTS: Grants = _row(Scope.ALL, _OPEN, *Permission)
"""What the house itself may do: first start, timetable, rescue."""


def join_all(parts: Iterable[Grants]) -> Grants:
    """Several roles (or scopes) of one holder, joined permission by permission."""
    joined: dict[str, Grant] = {}
    for part in parts:
        for permission, grant in part.items():
            known = joined.get(permission)
            joined[permission] = grant if known is None else join(known, grant)
    return joined
