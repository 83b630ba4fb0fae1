"""What an order of a known client starts with."""

import msgspec

from appliance.domain.customers import Wishes
from appliance.domain.orders import UNSET, DeliveryDraft, OrderDraft, PaymentDraft
from appliance.domain.personal import Personal


def starting_with(draft: OrderDraft, wishes: Wishes) -> OrderDraft:
    """The draft with the client's standing wishes where nothing else was said.

    What a person or a shop gave always stands; a wish only fills what was left open. The note is
    put before the manager's own, so that whoever packs and delivers reads it.
    """
    delivery = draft.delivery
    if wishes.delivery_type and (delivery is None or delivery.type in (UNSET, "")):
        delivery = msgspec.structs.replace(delivery or DeliveryDraft(), type=wishes.delivery_type)
    payments = draft.payments
    if wishes.payment_type and not payments:
        payments = (PaymentDraft(type=wishes.payment_type),)
    contact = draft.contact.reveal()
    if wishes.note and wishes.note not in contact.manager_comment:
        both = ". ".join(one for one in (wishes.note, contact.manager_comment) if one)
        contact = msgspec.structs.replace(contact, manager_comment=both)
    return msgspec.structs.replace(
        draft, delivery=delivery, payments=payments, contact=Personal(contact)
    )
