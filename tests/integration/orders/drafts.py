"""Invented orders."""

from typing import Any

from appliance.domain.customers import ContactDraft, ContactKind, CustomerDraft
from appliance.domain.orders import DeliveryDraft, LineDraft, OrderContact, OrderDraft
from appliance.domain.personal import Personal

PHONE = "8 (912) 000-12-34"
LAMP = LineDraft(offer_external_id="L-1", product_name="Лампа", quantity_milli=2000, price=120_000)
CORD = LineDraft(offer_xml_id="C-1", product_name="Шнур", quantity_milli=1000, price=30_050)
FREE = LineDraft(product_name="Подарочная упаковка", quantity_milli=1000, price=0)


def draft(external_id: str | None = "1044", *, phone: str = PHONE, **changes: Any) -> OrderDraft:
    """An order of Anna Sukhova as a shop sends it."""
    contact = OrderContact(
        first_name="Анна",
        last_name="Сухова",
        phone=phone,
        email="anna@example.ru",
        customer_comment="Позвоните за час",
    )
    contacts = [ContactDraft(kind=ContactKind.EMAIL, value=Personal(contact.email))]
    if phone:
        contacts.append(ContactDraft(kind=ContactKind.PHONE, value=Personal(phone)))
    values: dict[str, Any] = {
        "shop": "main",
        "external_id": external_id,
        "customer": CustomerDraft(
            first_name=Personal("Анна"),
            last_name=Personal("Сухова"),
            contacts=tuple(contacts),
        ),
        "contact": Personal(contact),
        "lines": (LAMP, CORD, FREE),
        "delivery": DeliveryDraft(
            type="courier", cost=30_000, address=Personal({"city": "Тверь", "text": "Садовая, 1"})
        ),
    }
    return OrderDraft(**(values | changes))
