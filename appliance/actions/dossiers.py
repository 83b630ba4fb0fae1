"""A client's dossier for a period: signed, so that it stands in a dispute."""

from datetime import datetime

import msgspec

from appliance.actions._actors import needs_step_up
from appliance.actions._gate import action
from appliance.domain.dossiers import pack, pem_of
from appliance.domain.personal import reveal_or_none
from appliance.errors import Invalid
from appliance.roles import Permission
from appliance.storage import customer_views, dossiers
from appliance.storage.tx import Tx

HEAD = "korobka-dossier"


class Dossier(msgspec.Struct, frozen=True, kw_only=True):
    """A record and what proves that this box made it.

    Attributes:
        archive: a ZIP of `dossier.json`, `dossier.sig` (Ed25519 over its bytes) and `box.pem`, the
            key that the audit log's checkpoints are checked by, too.
    """

    number: int
    archive: bytes


@action(Permission.CUSTOMER_DOSSIER, slow=True)
async def make(tx: Tx, number: int, start: datetime, end: datetime) -> Dossier:
    """Gather what happened with a client from `start` to `end` (not included), and sign it.

    Raises:
        NotFound: `customer_not_found`.
        Denied: `step_up_needed`.
        Invalid: `period_reversed`.
    """
    needs_step_up(tx)
    if end <= start:
        raise Invalid("period_reversed", fields={"end": "period_reversed"})
    row = await customer_views.find_visible(tx, "c.number = {}", number)
    tx.about("customer", row[0])
    tx.purpose = "dossier"
    view = await customer_views.view_of(tx, row)
    shown = [(one.kind.value, reveal_or_none(one.shown)) for one in view.contacts]
    record = {
        # First, so that a signed dossier can never be read as a checkpoint of the log.
        HEAD: 1,
        "client": {
            "number": view.number,
            "kind": view.kind.value,
            "name": reveal_or_none(view.name),
            "contacts": [{"kind": kind, "value": value} for kind, value in shown],
        },
        "from": start.isoformat(),
        "to": end.isoformat(),
        "made_at": tx.now.isoformat(),
        "made_by": tx.actor.number,
        "orders": await dossiers.orders(view.id, start, end),
        "events": await dossiers.entries(tx, view.id, start, end),
    }
    body = msgspec.json.format(msgspec.json.encode(record), indent=1)
    archive = pack(
        {
            "dossier.json": body,
            "dossier.sig": tx.vault.sign_document(body),
            "box.pem": pem_of(tx.vault.checkpoint_public_key()),
        },
        tx.now,
    )
    return Dossier(number=view.number, archive=archive)
