"""Every operation of tiers 1 to 3 of the reference is answered by this door."""

from pathlib import Path
from typing import Final

from appliance.api.v5.routes import make_routes
from tests.integration.api_v5.conftest import Caller

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
POST custom-fields/dictionaries/*/edit | POST customers-corporate/combine
GET reference/couriers | GET reference/currencies | GET reference/legal-entities
GET reference/cost-groups | GET reference/cost-items | GET reference/mg-channels
GET reference/subscriptions | GET store/products/properties/values
POST reference/statuses/*/edit | POST reference/stores/*/edit
POST reference/order-methods/*/edit | POST reference/order-types/*/edit
POST reference/payment-statuses/*/edit | POST reference/product-statuses/*/edit
POST reference/units/*/edit | POST loyalty/account/*/edit | GET loyalty/bonus/operations
"""
"""Of tier 4, what the box has besides."""

ABSENT: Final = """
POST customers/*/subscriptions | POST orders/*/delivery/cancel | GET orders/*/plates/*/print
GET orders/packs | POST orders/packs/create | GET orders/packs/* | POST orders/packs/*/edit
POST orders/packs/*/delete | GET orders/packs/history
POST reference/couriers/create | POST reference/couriers/*/edit
POST reference/currencies/create | POST reference/currencies/*/edit
POST reference/cost-groups/*/edit | POST reference/cost-items/*/edit
POST reference/legal-entities/*/edit | POST reference/subscriptions/*/*/edit
GET reference/mg-channels/templates | POST reference/mg-channels/templates/*/edit
POST store/product-groups/create | POST store/product-groups/*/edit
POST store/products/batch/create | POST store/products/batch/edit
POST custom-fields/dictionaries/create
GET customer-interaction/*/favorites/* | POST customer-interaction/*/favorites/*/add
POST customer-interaction/*/favorites/*/remove
POST loyalty/account/*/bonus/charge | POST loyalty/account/*/bonus/credit
POST integration-modules/*/update-scopes | POST users/*/status | POST notifications/send
GET costs | GET costs/* | POST costs/create | POST costs/*/edit | POST costs/*/delete
POST costs/delete | POST costs/upload
POST delivery/calculate | POST delivery/generic/*/tracking | GET delivery/shipments
GET delivery/shipments/* | POST delivery/shipments/create | POST delivery/shipments/*/edit
POST payment/check | POST payment/create-invoice | POST payment/update-invoice
POST payment/invoice/import | GET payment/invoice/*
POST web-analytics/client-ids/upload | POST web-analytics/sources/upload
POST web-analytics/visits/upload
"""
"""Of tier 4, what answers 404 `API method not found`; `docs/api.md` lists them for people."""

HIDDEN: Final = frozenset({"GET orders/packs", "POST custom-fields/dictionaries/create"})
"""Their names stand where another call has the name of an order or of a kind of record."""


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


BOOK: Final = Path(__file__).resolve().parents[3] / "docs" / "api.md"


def test_what_the_box_does_not_have_is_listed_for_people() -> None:
    book = BOOK.read_text(encoding="utf-8")
    assert [one for one in sorted(_named(ABSENT)) if f"`{one.partition(' ')[2]}`" not in book] == []


async def test_what_the_box_does_not_have_says_so(shop: Caller) -> None:
    """A module that meets a 404 goes on; one that is told of success would wait for an effect."""
    for one in sorted(_named(ABSENT)):
        method, _, path = one.partition(" ")
        asked = "/".join("7" if part == "*" else part for part in path.split("/"))
        answer = await (shop.get(asked) if method == "GET" else shop.post(asked))
        assert (shop.status, answer["success"]) == (404, False), one
        assert answer["errorMsg"] == "API method not found" or one in HIDDEN, one
