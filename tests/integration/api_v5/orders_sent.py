"""Invented orders as modules send them."""

from typing import Any

SHIRT: dict[str, Any] = {
    "productName": "Футболка",
    "initialPrice": 1200.0,
    "quantity": 2.0,
    "discountManualAmount": 0,
    "offer": {"externalId": 55},
    "externalIds": [{"code": "woocomerce", "value": "55_12"}],
}
MUG: dict[str, Any] = {
    "productName": "Кружка",
    "initialPrice": "501.0000",
    "quantity": "1",
    "offer": {"externalId": "40#220-17"},
    "properties": [{"code": "colour", "name": "Цвет", "value": "белый"}],
}
WRAPPING: dict[str, Any] = {"productName": "Упаковка", "initialPrice": 50, "quantity": 1}


def order(external_id: Any = 1044, **changes: Any) -> dict[str, Any]:
    """The order of Anna Sukhova, as WooCommerce's module writes it."""
    return {
        "number": str(external_id),
        "externalId": external_id,
        "createdAt": "2026-02-01 12:30:00",
        "status": "new",
        "orderMethod": "shopping-cart",
        "isFromCart": True,
        "firstName": "Анна",
        "lastName": "Сухова",
        "phone": "89051112233",
        "email": "anna@example.ru",
        "countryIso": "RU",
        "customerComment": "звонить",
        "contragent": {"contragentType": "individual"},
        "customFields": [],
        "delivery": {
            "code": "courier",
            "cost": 300,
            "address": {
                "index": "101000",
                "countryIso": "RU",
                "region": "Москва",
                "city": "Москва",
                "text": "ул. Ленина, 1 || кв. 2",
            },
        },
        "items": [SHIRT, MUG, WRAPPING],
        "payments": [
            {
                "externalId": f"{external_id}-65c0d",
                "order": {"externalId": external_id},
                "amount": 2700.0,
                "type": "cash",
            }
        ],
    } | changes


CUSTOMER: dict[str, Any] = {
    "externalId": 17,
    "firstName": "Пётр",
    "lastName": "Ветров",
    "email": "petr@example.ru",
    "phones": [{"number": "+7 (900) 123-45-67"}],
    "birthday": "1990-05-06",
    "sex": "male",
    "address": {"city": "Тверь", "street": "Садовая", "building": "3"},
    "tags": ["опт"],
    "contragent": {"contragentType": "individual"},
    "ordersCount": 5,
    "segments": [],
    "customFields": [],
}
