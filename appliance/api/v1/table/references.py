"""Dictionaries, statuses, shops, warehouses, custom fields, rules, templates."""

from typing import Final

from appliance.actions import (
    assignment,
    desk,
    dictionaries,
    fields,
    legal_entities,
    print_templates,
    references,
    vat,
)
from appliance.api.v1.operation import Operation, group

op = group("references")
own = group("fields")
rules = group("assignment")
papers = group("documents")
OPERATIONS: Final[tuple[Operation, ...]] = (
    op("GET", "/references/names", desk.names),
    op("GET", "/shops", references.list_shops),
    op("POST", "/shops", references.add_shop, made=True),
    op("PUT", "/shops", references.edit_shop),
    op("GET", "/statuses", references.list_statuses,
       covers=("references.list_statuses", "references.statuses_for_edit")),
    op("PUT", "/statuses", references.edit_status, gives="created"),
    op("GET", "/status-groups", references.list_groups),
    op("PUT", "/status-groups", references.edit_group, gives="created"),
    op("GET", "/warehouses", references.list_warehouses),
    op("PUT", "/warehouses", references.edit_warehouse, gives="created"),
    op("GET", "/references/{kind}", references.list_entries),
    op("PUT", "/references/{kind}", references.edit_entry, gives="created"),
    op("GET", "/dictionaries/{kind}", dictionaries.screen),
    op("PUT", "/dictionaries/{kind}/{code}", dictionaries.put, gives="code"),
    op("POST", "/dictionaries/{kind}/{code}/move", dictionaries.move),
    op("GET", "/status-rules", dictionaries.rules),
    op("PUT", "/status-rules", dictionaries.put_rules),
    op("GET", "/discount-limits", dictionaries.limits),
    op("PUT", "/discount-limits", dictionaries.put_limits),
    op("GET", "/vat-rates", vat.list_all),
    op("PUT", "/vat-rates", vat.put),
    op("DELETE", "/vat-rates/{code}/{since}", vat.drop),
    rules("GET", "/assignment", assignment.screen),
    rules("PUT", "/assignment", assignment.set_others),
    rules("PUT", "/assignment/way", references.set_assignment),
    rules("POST", "/assignment/rules", assignment.put_rule),
    rules("GET", "/assignment/trial", assignment.dry_run),
    rules("POST", "/assignment/rules/{number}/move", assignment.move_rule),
    rules("DELETE", "/assignment/rules/{number}", assignment.remove_rule),
    own("GET", "/fields", fields.definitions, covers=("fields.definitions", "fields.offered")),
    own("PUT", "/fields", fields.put, gives="created"),
    own("POST", "/fields/{owner}/{code}/move", fields.move),
    own("GET", "/card-tabs", fields.tabs),
    own("PUT", "/card-tabs", fields.put_tabs),
    papers("GET", "/legal-entities", legal_entities.screen),
    papers("POST", "/legal-entities", legal_entities.put, fixed={"number": 0}, made=True),
    papers("PUT", "/legal-entities/{number}", legal_entities.put),
    papers("GET", "/legal-entities/{number}/pictures/{role}", legal_entities.picture),
    papers("PUT", "/legal-entities/{number}/pictures/{role}", legal_entities.set_picture),
    papers("GET", "/print-templates/{kind}", print_templates.screen),
    papers("PUT", "/print-templates/{kind}", print_templates.keep, gives="version"),
    papers("POST", "/print-templates/{kind}/sample", print_templates.sample),
)  # fmt: skip
