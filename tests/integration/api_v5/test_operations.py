"""Every operation of tiers 1 to 3 of the reference is answered by this door."""

from typing import Final

from appliance.api.v5.routes import make_routes

PLAIN: Final = """
GET credentials | GET api-versions | GET system-info | GET settings | GET statistic/update
GET customers | GET customers/* | GET customers/history | GET customers/notes
POST customers/create | POST customers/*/edit | POST customers/upload
POST customers/fix-external-ids | POST customers/combine | POST customers/notes/create
POST customers/notes/*/delete
GET customers-corporate | GET customers-corporate/* | GET customers-corporate/history
GET customers-corporate/notes | POST customers-corporate/notes/create
POST customers-corporate/notes/*/delete | POST customers-corporate/create
POST customers-corporate/*/edit | POST customers-corporate/upload
POST customers-corporate/fix-external-ids | GET customers-corporate/*/addresses
POST customers-corporate/*/addresses/create | POST customers-corporate/*/addresses/*/edit
GET customers-corporate/*/companies | POST customers-corporate/*/companies/create
POST customers-corporate/*/companies/*/edit | GET customers-corporate/*/contacts
POST customers-corporate/*/contacts/create | POST customers-corporate/*/contacts/*/edit
GET orders | GET orders/* | GET orders/history | GET orders/statuses
POST orders/create | POST orders/*/edit | POST orders/upload | POST orders/fix-external-ids
POST orders/payments/create | POST orders/payments/*/edit | POST orders/payments/*/delete
POST orders/combine | POST orders/links/create | POST orders/loyalty/apply
POST orders/loyalty/cancel-bonus-operations
GET reference/sites | GET reference/statuses | GET reference/status-groups
GET reference/delivery-types | GET reference/delivery-services | GET reference/payment-types
GET reference/payment-statuses | GET reference/order-methods | GET reference/order-types
GET reference/product-statuses | GET reference/units | GET reference/stores
GET reference/price-types | GET reference/countries
POST reference/sites/*/edit | POST reference/price-types/*/edit
POST reference/delivery-types/*/edit | POST reference/delivery-services/*/edit
POST reference/payment-types/*/edit
GET store/inventories | POST store/inventories/upload | POST store/prices/upload
GET store/products | GET store/offers | GET store/product-groups | GET store/products/properties
GET custom-fields | POST custom-fields/*/create | GET custom-fields/*/*
POST custom-fields/*/*/edit
GET customer-interaction/*/cart/* | POST customer-interaction/*/cart/set
POST customer-interaction/*/cart/clear
POST loyalty/account/create | GET loyalty/account/* | POST loyalty/account/*/activate
GET loyalty/accounts | GET loyalty/account/*/bonus/operations
GET loyalty/account/*/bonus/*/details | POST loyalty/calculate | GET loyalty/loyalties
GET loyalty/loyalties/* | POST verification/sms/confirm | GET verification/sms/*/status
POST integration-modules/*/edit | GET integration-modules/*
GET users | GET users/* | GET user-groups | GET segments
GET tasks | GET tasks/* | POST tasks/create | POST tasks/*/edit
"""
BESIDES: Final = """
GET telephony/manager | POST telephony/call/event | POST telephony/calls/upload
GET files | GET files/* | POST files/upload | POST files/*/edit | POST files/*/delete
GET files/*/download | GET tasks/history | GET tasks/*/comments | GET features/check
GET custom-fields/dictionaries | GET custom-fields/dictionaries/*
"""
"""Of tier 4, what the box has besides."""


def _named(text: str) -> set[str]:
    return {one.strip() for line in text.strip().splitlines() for one in line.split("|")}


def test_every_operation_of_the_first_three_tiers_is_answered() -> None:
    answered = {
        f"{method} {'/'.join(pattern[1:] if pattern[0] == 'v5' else pattern)}"
        for method, pattern in make_routes()
    }
    wanted = _named(PLAIN)
    assert len(wanted) >= 104
    assert sorted((wanted | _named(BESIDES)) - answered) == []
