"""The box itself: health, mail, queues, copies."""

from typing import Final

from appliance.actions import backups, buyers, desk, mail, message_setup, policies, upkeep
from appliance.api.v1.operation import Operation, group

op = group("box")
OPERATIONS: Final[tuple[Operation, ...]] = (
    op("GET", "/health", desk.health),
    op("GET", "/mail/account", mail.account),
    op("PUT", "/mail/account", mail.set_account),
    op("GET", "/mail/groups", mail.groups),
    op("GET", "/mail/templates", mail.templates),
    op("PUT", "/mail/templates", mail.put_template),
    op("DELETE", "/mail/templates/{code}", mail.reset_template),
    op("PUT", "/mail/rules", mail.set_rules),
    op("GET", "/messages/templates", message_setup.templates),
    op("PUT", "/messages/templates", message_setup.put_template),
    op("DELETE", "/messages/templates/{code}", message_setup.drop_template),
    op("GET", "/messages/rules", message_setup.rules),
    op("PUT", "/messages/rules", message_setup.set_rules),
    op("GET", "/buyer-pages", buyers.rules),
    op("GET", "/policies", policies.read),
    op("GET", "/queues", upkeep.look),
    op("GET", "/queues/dead", upkeep.list_dead),
    op("POST", "/queues/dead/{delivery_id}/retry", upkeep.retry),
    op("DELETE", "/queues/dead/{delivery_id}", upkeep.drop),
    op("POST", "/chores/{kind}/hasten", upkeep.hasten),
    op("GET", "/backups", backups.journal),
    op("POST", "/backups", backups.begin, made=True),
    op("DELETE", "/backups/running", backups.cancel),
)  # fmt: skip
