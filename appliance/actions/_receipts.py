"""Steps about fiscal receipts that several screens share."""

from appliance.domain.health import BareMoney
from appliance.domain.references import ReferenceKind
from appliance.storage import receipts, references, settings
from appliance.storage.receipts import SETTING, ReceiptRules
from appliance.storage.tx import Tx


async def missing(tx: Tx) -> BareMoney:
    """Payments that need a receipt and have none for an hour."""
    rules = await settings.get(SETTING, ReceiptRules)
    if rules.since is None:
        return BareMoney()
    lists = await references.lists()
    settled = [code for code in lists.of(ReferenceKind.PAYMENT_STATUS) if lists.settles(code)]
    return await receipts.missing(rules, settled, tx.now)
