"""Whether somebody may have hints: who types company details or addresses."""

from appliance.actions._gate import action
from appliance.roles import Permission
from appliance.storage.tx import Tx


@action(Permission.CUSTOMER_CREATE, reads=True, quiet=True)
async def allow(tx: Tx) -> None:
    """Refuse whoever types no clients; what is typed is nobody's record and is not noted."""
