"""Colleagues and what people ask about their data."""

from typing import Final

from appliance.actions import acts, branches, privacy, roles_admin, subjects, users
from appliance.api.v1.operation import Operation, group

op = group("colleagues")
data = group("data requests")
OPERATIONS: Final[tuple[Operation, ...]] = (
    op("GET", "/users", users.list_all),
    op("GET", "/users/{number}", users.show),
    op("GET", "/departments", users.list_departments),
    op("GET", "/branches", branches.screen),
    op("GET", "/roles", roles_admin.list_all),
    data("GET", "/subject-requests", subjects.list_requests),
    data("POST", "/subject-requests", subjects.request, made=True),
    data("GET", "/subject-requests/to-agree", subjects.to_agree),
    data("GET", "/subject-requests/of-client/{number}", subjects.find,
         names={"number": "customer_number"}),
    data("GET", "/subject-requests/{number}", subjects.show),
    data("POST", "/subject-requests/{number}/answer", subjects.answer),
    data("POST", "/subject-requests/{number}/extend", subjects.extend),
    data("POST", "/subject-requests/{number}/refuse", subjects.refuse),
    data("POST", "/subject-requests/{number}/block", subjects.block),
    data("POST", "/legal-holds", subjects.hold, made=True),
    data("DELETE", "/legal-holds/{hold_id}", subjects.release),
    data("GET", "/subject-rules", subjects.rules),
    data("GET", "/disclosures", privacy.disclosed),
    data("GET", "/acts", acts.list_all),
    data("GET", "/act-rules", acts.rules),
)  # fmt: skip
