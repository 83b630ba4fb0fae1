"""What an incoming order is checked against before anything is written."""

from collections.abc import Mapping, Sequence

from appliance.domain.access import ActorKind
from appliance.domain.orders import (
    UNSET,
    DeliveryDraft,
    LineDraft,
    OrderChange,
    OrderDraft,
    PaymentDraft,
    Unset,
)
from appliance.domain.references import ReferenceKind
from appliance.errors import Denied, Invalid, NotFound
from appliance.roles import Permission
from appliance.storage import links
from appliance.storage.references import Lists
from appliance.storage.tx import Tx

Fields = dict[str, str]


def check_shop(tx: Tx, shop: str) -> None:
    """Keep a program to the shop its key is bound to.

    Raises:
        Denied: `shop_foreign`.
    """
    if tx.actor.shop not in ("", shop):
        raise Denied("shop_foreign", "a key of another shop")


async def check_reach(tx: Tx, customer: int) -> None:
    """Let a person name only clients within his reach: an order shows its client's name.

    A program names clients by its own rules, see `storage.customers.find_by_ref`.

    Raises:
        NotFound: `customer_not_found`: the same answer as for nobody.
    """
    if tx.actor.kind is ActorKind.USER and await links.customer_id(tx, customer) is None:
        raise NotFound("customer_not_found")


def also_needs(tx: Tx, permission: Permission) -> None:
    """Ask for a second right: the feed's own is given with either of two scopes of a key.

    Raises:
        Denied: the actor has not got it.
    """
    if permission not in tx.actor.grants:
        raise Denied(message=f"needs {permission} too")


def check_draft(draft: OrderDraft, lists: Lists) -> None:
    """Refuse codes that no list knows, all at once.

    Raises:
        Invalid: `code_unknown`; `fields` names each as the API spells it.
    """
    fields: Fields = {}
    if draft.shop not in lists.shops:
        fields["site"] = "code_unknown"
    _check_heads(draft, lists, fields)
    _check_delivery(draft.delivery, lists, fields)
    for place, payment in enumerate(draft.payments):
        check_payment(payment, lists, fields, f"payments[{place}].")
    _check_lines(draft.lines, fields)
    _check_amounts(
        {
            "discountManualAmount": draft.discount_amount,
            "discountManualPercent": draft.discount_percent_milli,
        },
        fields,
    )
    refuse(fields)


def check_change(change: OrderChange, lists: Lists) -> None:
    """The same for an edit; what is not given is not checked.

    Raises:
        Invalid: `code_unknown` with fields.
    """
    fields: Fields = {}
    _check_heads(change, lists, fields)
    _check_delivery(change.delivery, lists, fields)
    if change.lines is not UNSET:
        _check_lines(change.lines, fields)
    _check_amounts(
        {
            "discountManualAmount": change.discount_amount,
            "discountManualPercent": change.discount_percent_milli,
        },
        fields,
    )
    refuse(fields)


def refuse(fields: Mapping[str, str]) -> None:
    """Raise if anything was found."""
    if fields:
        raise Invalid("code_unknown" if "code_unknown" in fields.values() else None, fields=fields)


def _check_heads(order: OrderDraft | OrderChange, lists: Lists, fields: Fields) -> None:
    _known(order.status, lists.statuses, "status", fields)
    _known(order.order_type, lists.of(ReferenceKind.ORDER_TYPE), "orderType", fields)
    _known(order.order_method, lists.of(ReferenceKind.ORDER_METHOD), "orderMethod", fields)
    _known(order.shipment_store or UNSET, lists.warehouses, "shipmentStore", fields)


def _known(code: str | Unset, known: Mapping[str, object], field: str, fields: Fields) -> None:
    if code is not UNSET and code not in known:
        fields[field] = "code_unknown"


def _check_delivery(delivery: DeliveryDraft | None, lists: Lists, fields: Fields) -> None:
    if delivery is None:
        return
    if delivery.type:
        _known(delivery.type, lists.of(ReferenceKind.DELIVERY_TYPE), "delivery.code", fields)
    _check_amounts({"delivery.cost": delivery.cost, "delivery.netCost": delivery.net_cost}, fields)


def check_payment(payment: PaymentDraft, lists: Lists, fields: Fields, prefix: str = "") -> None:
    """Note unknown codes of a payment; a negative amount is a refund and allowed."""
    _known(payment.type, lists.of(ReferenceKind.PAYMENT_TYPE), f"{prefix}type", fields)
    _known(payment.status, lists.of(ReferenceKind.PAYMENT_STATUS), f"{prefix}status", fields)


def _check_lines(lines: Sequence[LineDraft], fields: Fields) -> None:
    for place, line in enumerate(lines):
        _check_amounts(
            {
                f"items[{place}].quantity": line.quantity_milli,
                f"items[{place}].initialPrice": line.price,
                f"items[{place}].purchasePrice": line.purchase_price,
                f"items[{place}].discountManualAmount": line.discount_amount,
                f"items[{place}].discountManualPercent": line.discount_percent_milli,
            },
            fields,
        )


MOST = 10**14
"""A trillion roubles, or a hundred billion pieces: what passes adds up within 64 bits."""


def _check_amounts(amounts: Mapping[str, int | Unset], fields: Fields) -> None:
    for name, amount in amounts.items():
        if amount is not UNSET and not 0 <= amount <= MOST:
            fields[name] = "amount_out_of_range"
