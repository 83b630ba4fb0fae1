"""Clients: cards, ties, money, dates, doubles, consents."""

from typing import Final

from appliance.actions import (
    accounts,
    client_dates,
    client_groups,
    client_ties,
    clients,
    customers,
    desk,
    duplicates,
    history,
    privacy,
    supplier_prices,
)
from appliance.api.v1.operation import Operation, group

FROM_THE_START: Final = {"seen": 0}
"""How deep a page has been scrolled: programs go on by cursor as deep as they like."""

op = group("clients")
doubles = group("duplicates")
OPERATIONS: Final[tuple[Operation, ...]] = (
    op("GET", "/clients", desk.clients, following="after", fixed=FROM_THE_START),
    op("POST", "/clients/search", desk.clients, following="after", fixed=FROM_THE_START),
    op("POST", "/clients/find", customers.search),
    op("POST", "/clients/owner", customers.find_owner),
    op("POST", "/clients", clients.add, made=True, covers=("clients.add", "customers.create")),
    op("GET", "/clients/groups/{by}", client_groups.screen,
       choices={"by": ("manager", "region")}),
    op("PUT", "/clients/external-ids", customers.fix_external_ids, gives="changed"),
    op("POST", "/clients/handover-requests", client_ties.ask_for, made=True),
    op("POST", "/clients/contacts/{contact_id}/reveal", customers.reveal),
    op("GET", "/clients/{number}", customers.open_by_number,
       covers=("customers.open_by_number", "customers.open_card", "customers.get")),
    op("GET", "/clients/{number}/screen", desk.client),
    op("PATCH", "/clients/{number}", clients.change,
       covers=("clients.change", "customers.edit")),
    op("GET", "/clients/{number}/history", history.client),
    op("GET", "/clients/{number}/account", accounts.ledger, names={"number": "customer_number"}),
    op("POST", "/clients/{number}/account", accounts.top_up, names={"number": "customer_number"},
       gives="balance_kopecks", made=True),
    op("POST", "/clients/{number}/dates", client_dates.add, made=True),
    op("DELETE", "/clients/{number}/dates/{date_id}", client_dates.drop),
    op("POST", "/clients/{number}/people", client_ties.put_person, names={"number": "company"},
       made=True),
    op("DELETE", "/clients/{number}/people/{tie_id}", client_ties.drop_person,
       names={"number": "company"}),
    op("POST", "/clients/{number}/people/{tie_id}/main", client_ties.main_person,
       names={"number": "company"}),
    op("PUT", "/clients/{number}/credit", client_ties.set_credit),
    op("POST", "/clients/{number}/take-over", client_ties.take_over),
    op("POST", "/clients/{number}/handover-requests/{request_id}", client_ties.answer),
    op("POST", "/clients/{number}/supplier-prices", supplier_prices.put),
    op("DELETE", "/clients/{number}/supplier-prices/{variant}", supplier_prices.drop),
    op("POST", "/clients/consents", privacy.give),
    op("POST", "/clients/consents/withdraw", privacy.withdraw, gives="withdrawn"),
    op("GET", "/consent-texts", privacy.list_texts),
    op("POST", "/consent-texts", privacy.add_text, made=True),
    doubles("GET", "/duplicates", duplicates.desk, following="after"),
    doubles("POST", "/duplicates/suggest", duplicates.suggest),
    doubles("POST", "/duplicates/scan", duplicates.ask_scan),
    doubles("GET", "/duplicates/compare/{survivor}/{other}", duplicates.compare),
    doubles("POST", "/duplicates/merge/{survivor}/{other}", duplicates.merge),
    doubles("POST", "/duplicates/{pair_id}/dismiss", duplicates.dismiss),
    doubles("POST", "/duplicates/{pair_id}/reopen", duplicates.reopen),
    doubles("GET", "/merges/{merge_id}", duplicates.look_back),
    doubles("POST", "/merges/{merge_id}/undo", duplicates.unmerge),
)  # fmt: skip
